/** Whom the configuration and the runbooks name. */
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import type { Library } from '../runbooks.ts';

/** The roles that the configuration gives a person. */
export function rolesOf(person: string, { roles }: Pick<Configuration, 'roles'>): string[] {
  return Object.entries(roles)
    .filter(([, role]) => role.people.some((member) => member.toLowerCase() === person))
    .map(([name]) => name);
}

/** Whether the person is in a role, stands in for somebody, owns a runbook, or may start one. */
export function isNamed(
  person: string,
  { configuration, plans }: Pick<Library, 'configuration' | 'plans'>,
): boolean {
  const inRoles = Object.values(configuration.roles).flatMap(
    ({ people, standIns = [], delegates = {}, absences = [] }) => [
      ...people,
      ...standIns,
      ...Object.values(delegates),
      ...absences.map(({ delegate = '' }) => delegate),
    ],
  );
  const inRunbooks = [...plans.values()].flatMap(({ owner, triggers }) => [
    owner,
    ...triggers.flatMap((trigger) => (trigger.type === 'manual' ? trigger.by : [])),
  ]);
  return [...inRoles, ...inRunbooks].some((name) => name.toLowerCase() === person);
}

export function organisationOf({ organisation }: Pick<Configuration, 'organisation'>): string {
  const { name } = organisation ?? {};
  return typeof name === 'string' ? name : 'Countersign';
}
