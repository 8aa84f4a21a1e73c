/** Roles that an Entra group's members have too: looked up when somebody is asked, as everything else of a role is. */
import type { Roles } from '../../organisation/people.ts';
import { roleOf } from '../../plan/lexical.ts';
import type { Json } from '../../plan/plan.ts';

/** The addresses of a group's people. Rejects when they cannot be found out now. */
export type MembersOf = (group: string) => Promise<string[]>;

/** The roles that this input names, with their groups' members; the others as they are configured. */
export async function rolesWithGroups(
  roles: Roles,
  input: Json,
  membersOf: MembersOf | undefined,
): Promise<Roles> {
  if (!membersOf) return roles;
  const found = { ...roles };
  for (const name of rolesNamedIn(input)) {
    const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
    if (!role?.entraGroup) continue;
    found[name] = { ...role, people: [...role.people, ...(await membersOf(role.entraGroup))] };
  }
  return found;
}

function rolesNamedIn(input: Json): Set<string> {
  if (typeof input === 'string') {
    const role = roleOf(input);
    return new Set(role === undefined ? [] : [role]);
  }
  if (input === null || typeof input !== 'object') return new Set();
  return new Set(Object.values(input).flatMap((value) => [...rolesNamedIn(value ?? null)]));
}

/** Asks once within this time for each group: a gate, its reminder and its mails need not each ask. */
export function remembering(membersOf: MembersOf, ms = 60_000, now: () => number = Date.now): MembersOf {
  const known = new Map<string, { at: number; people: Promise<string[]> }>();
  return (group) => {
    const last = known.get(group);
    if (last && now() - last.at < ms) return last.people;
    const people = membersOf(group);
    known.set(group, { at: now(), people });
    // What could not be found out is asked again at once.
    people.catch(() => known.delete(group));
    return people;
  };
}
