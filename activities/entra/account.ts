/** Letting a person sign in, or not. */
import type { Static } from 'typebox';
import { ensure } from '../kit/ensure.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { type GraphUser, nameOf, personLooks } from '../kit/graph/users.ts';
import type { onlyUser } from './fields.ts';

type Output<Did extends string> = { id: string; userPrincipalName: string } & Record<Did, boolean>;

/** Microsoft Graph: Update user (accountEnabled). Fails for a person whose account Active Directory decides about. */
export function ensureAccount<Did extends 'enabled' | 'disabled'>(did: Did) {
  const accountEnabled = did === 'enabled';
  const verb = accountEnabled ? 'enable' : 'disable';
  return ensure<Static<typeof onlyUser>, GraphClient, GraphUser, Output<Did>>({
    ...personLooks(['accountEnabled', 'onPremisesSyncEnabled'], (person) => person),
    isDone: (person) => person.accountEnabled === accountEnabled,
    problem: (person) => masteredElsewhere(person, accountEnabled ? 'Enable' : 'Disable'),
    change: async ({ id }, _, { client }) => {
      successOf(await client.ask('PATCH', `/users/${id}`, { body: { accountEnabled } }));
    },
    output: ({ did: changed, now: { id, userPrincipalName } }) =>
      ({ id, userPrincipalName, [did]: changed }) as Output<Did>,
    words: {
      done: (person) => `${nameOf(person)} is ${did} already`,
      would: (person, { user }) =>
        `would ${verb} ${person ? nameOf(person) : `${user} once the account is there`}`,
    },
  });
}

/** `what` is what to do in Active Directory instead, such as `Disable`. */
export function masteredElsewhere(person: GraphUser, what: string): string | undefined {
  if (!person.onPremisesSyncEnabled) return undefined;
  return `${nameOf(person)} comes from on-premises Active Directory, and the cloud may not change it. ${what} the account in Active Directory; the change is synced from there.`;
}
