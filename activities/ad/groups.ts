/** Groups, and who is in them: directly, through other groups, or by the primary group, which no list of members shows. */
import { PermanentFailure } from '../kit/failures.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import { codes } from './errors.ts';
import { all, groups, is, reaches } from './filters.ts';
import { relativeId, siblingSid } from './names.ts';

/** Plain, as a step remembers it. */
export interface Group {
  id: string;
  dn: string;
  name: string;
}

export const groupAttributes = ['objectGUID', 'cn', 'sAMAccountName', 'groupType', 'objectSid'];

export function groupOf(entry: Entry): Group {
  return { id: entry.id, dn: entry.dn, name: entry.text('sAMAccountName') ?? entry.text('cn') ?? entry.dn };
}

/** Directly; not the primary group. */
export async function groupsWith(directory: Directory, dn: string): Promise<Entry[]> {
  return directory.search({
    base: directory.domain,
    filter: all(groups, is('member', dn)),
    attributes: groupAttributes,
  });
}

/** Directly and through other groups; not the primary group. */
export async function groupsReaching(directory: Directory, dn: string): Promise<Entry[]> {
  const filter = all(groups, reaches('member', dn));
  return directory.search({ base: directory.domain, filter, attributes: groupAttributes });
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
