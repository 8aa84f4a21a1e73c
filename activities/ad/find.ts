/** Finding people, groups and computers by whatever they are called. */
import type { Filter } from 'ldapts';
import { PermanentFailure } from '../kit/failures.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import { all, any, computers, groups, is, people } from './filters.ts';
import { isDn, isGuid } from './names.ts';

export type Kind = 'user' | 'group' | 'computer';

/** Attributes, and what one of them has to be. */
type Called = Record<string, string>;

interface Sort {
  filter: Filter;
  /** What it may be called by, best first: what the first gives counts, if it gives anything. */
  called(name: string): Called[];
}

const sorts: Record<Kind, Sort> = {
  user: {
    filter: people,
    called: (name): Called[] => [
      { sAMAccountName: name, userPrincipalName: name },
      ...(name.includes('@') ? [{ mail: name }] : []),
    ],
  },
  group: {
    filter: groups,
    called: (name): Called[] => [{ sAMAccountName: name }, { cn: name, displayName: name }],
  },
  computer: {
    filter: computers,
    called: (name): Called[] => [
      { sAMAccountName: name.endsWith('$') ? name : `${name}$`, dNSHostName: name },
      { cn: name },
    ],
  },
};

const always = ['objectGUID', 'sAMAccountName', 'userPrincipalName'];

/** Undefined when there is none; rejects when there are several. */
export async function find(
  directory: Directory,
  kind: Kind,
  name: string,
  attributes: readonly string[] = [],
): Promise<Entry | undefined> {
  const { filter, called } = sorts[kind];
  const wanted = [...always, ...attributes];
  if (isGuid(name) || isDn(name)) {
    const base = isGuid(name) ? `<GUID=${name.replace(/[{}]/g, '')}>` : name;
    return (await directory.search({ base, filter, attributes: wanted, scope: 'base' }))[0];
  }
  for (const named of called(name)) {
    const attributes = Object.entries(named);
    const alike = await directory.search({
      base: directory.base,
      filter: all(filter, any(...attributes.map(([attribute, value]) => is(attribute, value)))),
      attributes: [...new Set([...wanted, ...Object.keys(named)])],
    });
    // To Windows jurgen is jürgen, too: somebody else is not taken for who was named.
    const found = alike.filter((entry) =>
      attributes.some(([attribute, value]) =>
        entry.texts(attribute).some((text) => spelled(text) === spelled(value)),
      ),
    );
    if (found.length > 1)
      throw new PermanentFailure(
        `${found.length} ${kind}s are called ${name}: ${found.map(({ dn }) => dn).join('; ')}. Name one by its object id.`,
      );
    if (found[0]) return found[0];
  }
  return undefined;
}

/** Capitals and the number of spaces make no other name. */
function spelled(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();
}

export async function findSurely(
  directory: Directory,
  kind: Kind,
  name: string,
  attributes: readonly string[] = [],
): Promise<Entry> {
  const found = await find(directory, kind, name, attributes);
  if (found) return found;
  throw new PermanentFailure(nobody(directory, kind, name), { status: 404 });
}

export function nobody(directory: Directory, kind: Kind, name: string): string {
  return `Active Directory shows no ${kind} ${name} below ${directory.base}. Check the spelling; what was made on another domain controller moments ago may take a while to come here.`;
}

/** What messages call an entry: people by their sign-in name, since names of people repeat. */
export function nameOf(entry: Entry): string {
  return entry.text('userPrincipalName') ?? entry.text('sAMAccountName') ?? entry.dn;
}
