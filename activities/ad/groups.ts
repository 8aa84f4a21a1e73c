/** Groups, and who is in them: directly, through other groups, or by the primary group, which no list of members shows. */
import { PermanentFailure } from '../kit/failures.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import { codes } from './errors.ts';
import { is } from './filters.ts';
import { relativeId, siblingSid } from './names.ts';

/** Plain, as a step remembers it. */
export interface Group {
  id: string;
  dn: string;
  name: string;
}

export const groupAttributes = ['objectGUID', 'cn', 'sAMAccountName', 'groupType', 'objectSid'];

/** Reads that are under way at the same time. */
const atOnce = 20;

export function groupOf(entry: Entry): Group {
  return { id: entry.id, dn: entry.dn, name: entry.text('sAMAccountName') ?? entry.text('cn') ?? entry.dn };
}

/** Directly; not the primary group. */
export async function groupsWith(directory: Directory, dn: string): Promise<Entry[]> {
  const entry = await directory.read(dn, ['memberOf']);
  return entry === undefined ? [] : readGroups(directory, await directory.listOf(entry, 'memberOf'));
}

/**
 * Directly and through other groups; not the primary group. Level by level: the rule by which the server would follow them looks at every
 * group of the domain.
 */
export async function groupsReaching(
  directory: Directory,
  dn: string,
  /** Those that it is in directly, where they were read already. */
  direct?: readonly Entry[],
): Promise<Entry[]> {
  const reached = new Map<string, Entry>();
  for (let level = direct ?? (await groupsWith(directory, dn)); level.length > 0; ) {
    for (const group of level) reached.set(group.dn.toLowerCase(), group);
    const above = await Promise.all(level.map((group) => directory.listOf(group, 'memberOf')));
    level = await readGroups(
      directory,
      [...new Set(above.flat())].filter((each) => !reached.has(each.toLowerCase())),
    );
  }
  return [...reached.values()];
}

/** Some at once, on the one connection. One that is gone meanwhile is left out. */
async function readGroups(directory: Directory, dns: readonly string[]): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let from = 0; from < dns.length; from += atOnce) {
    const some = dns.slice(from, from + atOnce);
    const read = await Promise.all(some.map((dn) => directory.read(dn, [...groupAttributes, 'memberOf'])));
    found.push(...read.filter((entry) => entry !== undefined));
  }
  return found;
}

/** `account` was read with objectSid and primaryGroupID. Undefined where the account that asks may not see it. */
export async function primaryGroupOf(directory: Directory, account: Entry): Promise<Entry | undefined> {
  const [sid] = account.bytes('objectSid');
  const last = account.number('primaryGroupID');
  if (sid === undefined || last === undefined) return undefined;
  const filter = is('objectSid', siblingSid(sid, last));
  return (await directory.search({ base: directory.domain, filter, attributes: groupAttributes }))[0];
}

/** Whether it is the primary group of the account. */
export function isPrimary(account: Entry, group: Entry): boolean {
  const [sid] = group.bytes('objectSid');
  return sid !== undefined && relativeId(sid) === account.number('primaryGroupID');
}

/** Directly. Asked of the server: the list itself may be long. */
export async function isMember(directory: Directory, group: string, dn: string): Promise<boolean> {
  const found = await directory.search({
    base: group,
    scope: 'base',
    filter: is('member', dn),
    attributes: ['objectGUID'],
  });
  return found.length > 0;
}

/** Does nothing where it is a member already: the server refuses a second membership, which a look then explains. */
export async function join(directory: Directory, group: Group, dn: string): Promise<void> {
  const edit = { operation: 'add', attribute: 'member', values: dn } as const;
  await unlessSo(
    () => directory.modify(group.dn, [edit]),
    [codes.exists, codes.valueExists],
    async () => await isMember(directory, group.dn, dn),
  );
}

/** Does nothing where it is no member any more. */
export async function leave(directory: Directory, group: Group, dn: string): Promise<void> {
  const edit = { operation: 'delete', attribute: 'member', values: dn } as const;
  await unlessSo(
    () => directory.modify(group.dn, [edit]),
    [codes.unwilling, codes.noSuchAttribute],
    async () => !(await isMember(directory, group.dn, dn)),
  );
}

/** Two steps may do the same at once: a refusal that says so is believed only after a look. */
async function unlessSo(
  write: () => Promise<void>,
  refusals: number[],
  isSo: () => Promise<boolean>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { status } = (error as Partial<PermanentFailure>).details ?? {};
    if (status === undefined || !refusals.includes(status) || !(await isSo())) throw error;
  }
}

/** Why a group of many was not changed, where that stands in no other's way. Undefined for what ends the step. */
export function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof PermanentFailure)) return undefined;
  const { status } = error.details;
  if (status === codes.insufficientAccess) return 'the account of the connector may not change it.';
  return status === codes.unwilling ? error.message : undefined;
}
