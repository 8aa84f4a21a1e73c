/** Whether one of those who are asked may look at a sealed value. */
import { roleOf } from '../../plan/lexical.ts';
import type { Template } from '../../plan/plan.ts';

/** The roles of the configuration, as far as they say who is in them. */
export type RoleNames = Readonly<Record<string, unknown>>;

interface Members {
  people: ReadonlySet<string>;
  /** Others may be in it, whom only a directory knows. */
  more: boolean;
}

/** False only where it is certain that none of them may. */
export function maySee(
  asked: readonly Template[],
  visibleTo: readonly string[],
  roles: RoleNames | undefined,
): boolean {
  if (visibleTo.length === 0) return false;
  return asked.some((person) => {
    // An expression gives somebody whom nobody knows before the run.
    if (typeof person !== 'string' || visibleTo.includes(person)) return true;
    const own = membersOf(person, roles);
    return visibleTo.some((other) => meet(own, membersOf(other, roles)));
  });
}

function meet(a: Members, b: Members): boolean {
  return a.more || b.more || [...a.people].some((person) => b.people.has(person));
}

function membersOf(person: string, roles: RoleNames | undefined): Members {
  const name = roleOf(person);
  if (name === undefined) return { people: new Set([person.toLowerCase()]), more: false };
  const role = roles?.[name] as { people?: unknown; entraGroup?: unknown } | undefined;
  if (!role) return { people: new Set(), more: true };
  const people = Array.isArray(role.people) ? role.people.filter((each) => typeof each === 'string') : [];
  return { people: new Set(people.map((each) => each.toLowerCase())), more: role.entraGroup !== undefined };
}
