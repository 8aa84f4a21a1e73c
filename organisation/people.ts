/** Who somebody is: turns `role:NAME` and addresses into people. */
import { ApplicationFailure } from '@temporalio/common';
import type { Role } from '../plan/organisation.ts';

/** Role name -> who is in it, who stands in for whom, and who is away when, as the configuration has them. */
export type Roles = Record<
  string,
  Pick<Role, 'people' | 'delegates' | 'absences' | 'records' | 'recordedBy' | 'entraGroup'>
>;

/**
 * Resolves approvers or recipients to lower-case e-mail addresses, each once.
 * Fails for good when a role is unknown, has nobody in it, or a name is neither a role nor an address.
 */
export function resolvePeople(names: string[], roles: Roles): string[] {
  const people = names.flatMap((name) =>
    name.startsWith('role:') ? roleMembers(name.slice(5), roles) : [address(name)],
  );
  return [...new Set(people.map((person) => person.toLowerCase()))];
}

function roleMembers(role: string, roles: Roles): string[] {
  const members = roles[role]?.people;
  if (!members) {
    throw ApplicationFailure.nonRetryable(
      `Role "${role}" is not in countersign.yaml. Add it under roles:, then retry this step.`,
      'PermanentFailure',
    );
  }
  if (members.length === 0) {
    throw ApplicationFailure.nonRetryable(
      `Role "${role}" has nobody in it. Add people to it in countersign.yaml, then retry this step.`,
      'PermanentFailure',
    );
  }
  return members;
}

function address(name: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(name)) return name;
  throw ApplicationFailure.nonRetryable(
    `"${name}" is neither an e-mail address nor a role (role:NAME), so nobody can be asked.`,
    'PermanentFailure',
  );
}

export interface Presence {
  people: string[];
  /** Who is asked instead of whom, since they are away. */
  standIns: Record<string, string>;
}

/**
 * Whom to ask on a day (2026-01-31): whoever is away is replaced by their delegate, and left out where others are asked
 * too. Where nobody would be left, the absent are asked all the same, since somebody must be.
 */
export function presentOn(day: string, people: string[], roles: Roles): Presence {
  const standIns: Record<string, string> = {};
  const present = people.flatMap((person) => {
    const delegate = standInFor(person, day, roles, new Set());
    if (delegate === person) return [person];
    if (delegate === undefined) return [];
    standIns[delegate] = person;
    return [delegate];
  });
  return present.length > 0 ? { people: [...new Set(present)], standIns } : { people, standIns: {} };
}

/** The person, whoever stands in for them, or nobody. A delegate may be away too. */
function standInFor(person: string, day: string, roles: Roles, seen: Set<string>): string | undefined {
  if (seen.has(person)) return undefined;
  seen.add(person);
  const all = Object.values(roles);
  const is = (other: string | undefined) => other?.toLowerCase() === person;
  const absence = all
    .flatMap(({ absences = [] }) => absences)
    .find((each) => is(each.person) && each.from <= day && day <= each.to);
  if (!absence) return person;
  const standing = all.flatMap(({ delegates = {} }) => Object.entries(delegates)).find(([who]) => is(who));
  const delegate = absence.delegate ?? standing?.[1];
  return delegate && standInFor(delegate.toLowerCase(), day, roles, seen);
}
