/**
 * Stand-ins whom people named themselves, for one role and for a time. The configuration stays above them: whom it no longer lets stand in
 * does not, whatever is on record.
 */
import { type Roles, resolvePeople } from './people.ts';
import { readOnlyRoleNamed } from './read-only.ts';

export interface Delegation {
  /** Number of its record. */
  id: number;
  /** Whose signatures they are; lower-case addresses, both. */
  person: string;
  delegate: string;
  role: string;
  /** First and last day, in the organisation's time zone. */
  from: string;
  to: string;
}

/** Whom a member of the role may name: the other members, and whom the configuration lets stand in there. Who only looks signs nothing. */
export function nameable(person: string, role: string, roles: Roles): string[] {
  const { people = [], standIns = [], delegates = {}, absences = [] } = roles[role] ?? {};
  const named = [
    ...people,
    ...standIns.flatMap((name) => membersOf(name, roles)),
    ...Object.values(delegates),
    ...absences.flatMap(({ delegate }) => delegate ?? []),
  ];
  return [...new Set(named.map((name) => name.toLowerCase()))].filter(
    (name) => name !== person && readOnlyRoleNamed(name, roles) === undefined,
  );
}

/** The roles as they are, with who stands in by what people said themselves: of members of today, by those who may. */
export function withDelegations(roles: Roles, delegations: readonly Delegation[]): Roles {
  if (delegations.length === 0) return roles;
  return Object.fromEntries(
    Object.entries(roles).map(([name, role]) => {
      const given = delegations.filter(
        ({ role: of, person, delegate }) =>
          of === name &&
          role.people.some((member) => member.toLowerCase() === person) &&
          nameable(person, name, roles).includes(delegate),
      );
      return [name, given.length > 0 ? { ...role, given } : role];
    }),
  );
}

function membersOf(name: string, roles: Roles): string[] {
  try {
    return resolvePeople([name], roles);
  } catch {
    // A role that nobody is in yet: then nobody of it can be named.
    return [];
  }
}
