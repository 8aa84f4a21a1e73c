/** Whether one person is in one group, as adding and removing them looks at it. */
import { defined } from '../../plan/defined.ts';
import type { ActionContext } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import { find, nameOf, nobody } from './find.ts';
import { type Group, groupAttributes, groupOf, isMember, isPrimary } from './groups.ts';

export interface Membership {
  group: Group;
  /** Absent while there is no account. */
  person?: { dn: string; name: string };
  /** Directly. */
  isIn: boolean;
  /** It is the primary group, which no member leaves. */
  isPrimary: boolean;
}

interface Input {
  user: string;
  group: string;
}

export const membershipLooks = {
  look: (input: Input, { client }: ActionContext<AdClient>) =>
    client.session((directory) => membershipOf(directory, input)),
  need: (input: Input, { client }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const membership = await membershipOf(directory, input);
      if (!membership.person)
        throw new PermanentFailure(nobody(directory, 'user', input.user), { status: 404 });
      return membership;
    }),
};

async function membershipOf(directory: Directory, { user, group: wanted }: Input): Promise<Membership> {
  const entry = await find(directory, 'group', wanted, groupAttributes);
  if (!entry) throw new PermanentFailure(nobody(directory, 'group', wanted), { status: 404 });
  const person = await find(directory, 'user', user, ['primaryGroupID']);
  const primary = person !== undefined && isPrimary(person, entry);
  return {
    group: groupOf(entry),
    ...defined({ person: person && { dn: person.dn, name: nameOf(person) } }),
    isIn: primary || (person !== undefined && (await isMember(directory, entry.dn, person.dn))),
    isPrimary: primary,
  };
}
