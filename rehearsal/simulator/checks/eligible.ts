/** Who is in a role, and who could sign for it: read from the directory alone. */
import type { Roles } from '../../../organisation/people.ts';

/** Members, here or away. */
export function configuredBy(names: readonly string[], roles: Roles): string[] {
  const people = names.flatMap((name) =>
    name.startsWith('role:') ? (roles[name.slice(5)]?.people ?? []) : name === '' ? [] : [name],
  );
  return [...new Set(people)];
}

/** Members, and whoever stands in for one of them in that very role. */
export function eligibleBy(names: readonly string[], roles: Roles): string[] {
  const standIns = names.flatMap((name) => {
    const { delegates = {}, absences = [] } = roles[name.replace(/^role:/, '')] ?? {};
    return [...Object.values(delegates), ...absences.flatMap(({ delegate }) => delegate ?? [])];
  });
  return [...new Set([...configuredBy(names, roles), ...standIns])];
}
