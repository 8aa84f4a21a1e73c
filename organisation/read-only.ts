/** Roles whose people, such as auditors, look at everything and do nothing. */
import type { Role } from '../plan/organisation.ts';

/** The role because of which somebody may only look: whoever is in one does nothing, whatever other roles they have. */
export function readOnlyRoleOf(
  { roles: held }: { roles: readonly string[] },
  roles: Readonly<Record<string, Pick<Role, 'readOnly'>>>,
): string | undefined {
  return held.find((name) => Object.hasOwn(roles, name) && roles[name]?.readOnly);
}

/** The same of whom a runbook or the configuration names: `role:NAME`, or an e-mail address. */
export function readOnlyRoleNamed(
  named: string,
  roles: Readonly<Record<string, Partial<Pick<Role, 'readOnly' | 'people'>>>>,
): string | undefined {
  const isIn = (name: string, { people = [] }: Partial<Pick<Role, 'people'>>) =>
    named === `role:${name}` || people.some((member) => member.toLowerCase() === named.toLowerCase());
  return Object.entries(roles).find(([name, role]) => role.readOnly && isIn(name, role))?.[0];
}
