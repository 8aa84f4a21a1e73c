/** Who somebody is: turns `role:NAME` and addresses into people. */
import { ApplicationFailure } from '@temporalio/common';
import type { Role } from '../plan/organisation.ts';

/** Role name -> who is in it, who stands in for whom, and who is away when, as the configuration has them. */
export type Roles = Record<
  string,
  Pick<Role, 'people' | 'standIns' | 'delegates' | 'absences' | 'records' | 'recordedBy' | 'entraGroup'> & {
    /** Whom members named themselves to stand in for them, from and to which day. */
    given?: readonly { person: string; delegate: string; from: string; to: string }[];
  }
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
