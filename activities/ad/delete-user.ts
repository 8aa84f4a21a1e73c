import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Account, accountAttributes, accountOf, isDisabled, setDisabled } from './account.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { find } from './find.ts';
import { groupOf, groupsWith } from './groups.ts';

const output = Type.Object({
  deleted: Type.Boolean({
    description: 'True when this step deleted the account, false when it was gone already.',
  }),
  id: Type.Optional(fields.id),
  userPrincipalName: Type.Optional(
    Type.String({ description: 'Name with which the person signed in, which a restored account has lost.' }),
  ),
  groups: Type.Array(Type.String(), {
    description: 'Names of the groups that the person was in, which a restored account has lost.',
  }),
});

interface Found {
  account?: Account;
  userPrincipalName?: string;
  groups: string[];
}

export const deleteUser = defineAction({
  name: 'ad.deleteUser',
  title: 'Delete an account',
  description:
    'Disables a person’s account and deletes it. An administrator can restore it for as long as the domain keeps what is deleted. Without the recycle bin it then lacks its password, its groups and most attributes: its undo gets the sign-in name and the groups from what this step gives.',
  effect: 'destructive',
  source: 'MS-ADTS: Delete Operation',
  input: fields.onlyUser,
  output,
  undo: 'ad.restoreUser',
  examples: [{ title: 'Long after a leaver', with: { user: 'a.lee@corp.example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, AdClient, Found, Static<typeof output>>({
    look: ({ user }, { client }) =>
      client.session(async (directory) => {
        const entry = await find(directory, 'user', user, accountAttributes);
        if (!entry) return { groups: [] };
        const groups = (await groupsWith(directory, entry.dn)).map((group) => groupOf(group).name);
        const userPrincipalName = entry.text('userPrincipalName');
        return { account: accountOf(entry), groups, ...defined({ userPrincipalName }) };
      }),
    isDone: ({ account }) => account === undefined,
    change: ({ account }, _, { client }) =>
      client.session(async (directory) => {
        if (!account) return;
        // Restored, an account is enabled again if it was so when it was deleted.
        if (!isDisabled(account)) await setDisabled(directory, account, true);
        await directory.delete(account.dn);
      }),
    output: ({ did, before: { account, userPrincipalName, groups } }) => ({
      deleted: did,
      ...defined({ id: account?.id, userPrincipalName }),
      groups,
    }),
    words: {
      done: (_, { user }) => `${user} is gone already`,
      would: (state, { user }) =>
        `would disable and delete ${state?.account?.name ?? user}${state?.groups.length ? `, who is in ${state.groups.join(', ')}` : ''}`,
    },
  }),
});
