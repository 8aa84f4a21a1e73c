/** Who signs an approval: those whom it names, whoever stands in for them in that role, and who may enter their votes. */
import { ApplicationFailure } from '@temporalio/common';
import { type Roles, resolvePeople } from './people.ts';

export interface SignersAsked {
  /** E-mail addresses and `role:NAME`. */
  from: string[];
  /** A date such as 2026-01-31: who is away is asked for that day. */
  day: string;
  roles: Roles;
  /** Who may not sign, whatever their role. */
  barred: readonly string[];
}

export interface Signers {
  /** Who is asked: those who are here, and who stands in for the others. */
  people: string[];
  /** Stand-in -> for whom. */
  standIns: Record<string, string>;
}

/**
 * A delegate stands in for the role under which they were named, and for no other. Where nobody would be left, those who are away are
 * asked all the same, since somebody must be.
 */
export function signersOf({ from, day, roles, barred }: SignersAsked): Signers {
  const standIns: Record<string, string> = {};
  const here: string[] = [];
  const may = (person: string) => !barred.includes(person);
  for (const name of from) {
    const role = name.startsWith('role:') ? name.slice(5) : undefined;
    for (const person of resolvePeople([name], roles)) {
      const present = standInFor(person, { role, day, roles }, new Set());
      if (present === undefined || !may(present) || !may(person)) continue;
      if (present !== person) standIns[present] = person;
      here.push(present);
    }
  }
  const people = [...new Set(here)];
  if (people.length > 0) return { people, standIns };
  return { people: resolvePeople(from, roles).filter(may), standIns: {} };
}

/**
 * Stand-ins who are asked for nobody's sake but that of whom they stand in for: the two have one vote together. A member who stands in for
 * another has their own.
 */
export function seatsOf(
  standIns: Record<string, string>,
  from: readonly string[],
  roles: Roles,
): Record<string, string> {
  const own = new Set(from.flatMap((name) => lenient(name, roles)));
  return Object.fromEntries(Object.entries(standIns).filter(([standIn]) => !own.has(standIn)));
}

/** Everybody who could be asked by these names: members and delegates, here or away. */
export function eligibleBy(names: readonly string[], roles: Roles): string[] {
  const all = names.flatMap((name) => {
    const members = lenient(name, roles);
    const role = name.startsWith('role:') ? roles[name.slice(5)] : undefined;
    const delegates = [
      ...Object.values(role?.delegates ?? {}),
      ...(role?.absences ?? []).flatMap(({ delegate }) => (delegate ? [delegate] : [])),
      ...(role?.given ?? []).map(({ delegate }) => delegate),
    ];
    return [...members, ...delegates.map((person) => person.toLowerCase())];
  });
  return [...new Set(all)];
}

/** Who may enter whose vote, given in a meeting: by the role whose member it is. */
export function recordersOf(
  people: readonly string[],
  from: readonly string[],
  roles: Roles,
): Record<string, string[]> {
  const everywhere = Object.values(roles).flatMap((role) => (role.records ? role.people : []));
  const recorders: Record<string, string[]> = {};
  for (const person of people) {
    const own = from
      .filter((name) => name.startsWith('role:') && eligibleBy([name], roles).includes(person))
      .flatMap((name) => roles[name.slice(5)]?.recordedBy ?? [])
      .flatMap((name) => lenient(name, roles));
    const all = [...new Set([...own, ...everywhere.map((each) => each.toLowerCase())])];
    if (all.length > 0) recorders[person] = all;
  }
  return recorders;
}

/**
 * How many must approve, of the people as they are configured: whoever is away and has nobody standing in counts as not having voted.
 * Fails for good when there could never be so many.
 */
export function neededOf(
  quorum: number | 'majority' | 'all',
  configured: readonly string[],
  { title, mayEscalate }: { title: string; mayEscalate: boolean },
): number {
  if (quorum === 'all') return Math.max(1, configured.length);
  if (quorum === 'majority') return Math.floor(configured.length / 2) + 1;
  if (quorum <= configured.length || mayEscalate) return quorum;
  throw ApplicationFailure.nonRetryable(
    `"${title}" needs ${quorum} signatures and only ${configured.length} people may sign: ${configured.join(', ')}.`,
    'PermanentFailure',
  );
}

function lenient(name: string, roles: Roles): string[] {
  try {
    return resolvePeople([name], roles);
  } catch {
    // Named for later, where nobody may be in the role yet: whoever is asked then finds that out.
    return [];
  }
}

interface Standing {
  /** In which role they are asked; a person named by address has no delegate. */
  role: string | undefined;
  day: string;
  roles: Roles;
}

/** The person, whoever stands in for them, or nobody. A delegate may be away too. */
function standInFor(person: string, { role, day, roles }: Standing, seen: Set<string>): string | undefined {
  if (seen.has(person)) return undefined;
  seen.add(person);
  const is = (other: string | undefined) => other?.toLowerCase() === person;
  // Whom somebody named themselves stands in for that role alone, and they are away from no other.
  const given = (role === undefined ? undefined : roles[role])?.given?.find(
    (each) => is(each.person) && each.from <= day && day <= each.to,
  );
  if (given) return standInFor(given.delegate, { role, day, roles }, seen);
  const away = (name: string) =>
    (roles[name]?.absences ?? []).find((each) => is(each.person) && each.from <= day && day <= each.to);
  const here = role === undefined ? undefined : away(role);
  const absence =
    here ??
    Object.keys(roles)
      .map(away)
      .find((found) => found !== undefined);
  if (!absence) return person;
  const standing = Object.entries((role && roles[role]?.delegates) || {}).find(([who]) => is(who));
  const delegate = here?.delegate ?? standing?.[1];
  return delegate && standInFor(delegate.toLowerCase(), { role, day, roles }, seen);
}
