import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { lookPatiently } from '../kit/delay.ts';
import { ensure } from '../kit/ensure.ts';
import { deleteIfThere, type GraphClient } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf } from '../kit/graph/users.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  deleted: Type.Boolean({
    description: 'True when this step deleted the account, false when it was gone already.',
  }),
});

export const deleteUser = defineAction({
  name: 'entra.deleteUser',
  title: 'Delete an account',
  description: 'Deletes a person from Entra ID. For 30 days an administrator can restore the account.',
  effect: 'destructive',
  source: 'Microsoft Graph: Delete user',
  input: fields.onlyUser,
  output,
  undo: 'entra.restoreUser',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, GraphClient, { found?: GraphUser }, Static<typeof output>>({
    look: async ({ user }, { client }) => defined({ found: await findUser(client, user, []) }),
    need: async ({ user }, { client }) => defined({ found: await surely(client, user) }),
    isDone: ({ found }) => found === undefined,
    change: async ({ found }, _, { client }) => {
      if (found) await deleteIfThere(client, `/users/${found.id}`);
    },
    output: ({ did }) => ({ deleted: did }),
    words: {
      done: (_, { user }) => `${user} is gone already`,
      would: (state, { user }) => {
        const who = state?.found?.displayName ? ` (${state.found.displayName})` : '';
        return `would delete ${state?.found ? nameOf(state.found) : user}${who}; it can be restored for 30 days`;
      },
    },
  }),
});

/**
 * One look is not enough to call a user gone: undoing a create of moments ago may meet a replica that has not heard of
 * the user yet, and would leave the account behind.
 */
async function surely(client: GraphClient, user: string): Promise<GraphUser | undefined> {
  const found = await findUser(client, user, []);
  if (found || (await isInBin(client, user))) return found;
  return lookPatiently(() => findUser(client, user, []), client.signal, [1_000, 2_000, 4_000]);
}

/** Microsoft Graph: Get deleted item. Known by object id only. */
async function isInBin(client: GraphClient, user: string): Promise<boolean> {
  if (user.includes('@')) return false;
  const path = `/directory/deletedItems/${encodeURIComponent(user)}`;
  const { status } = await client.ask('GET', path, { query: { $select: 'id' } });
  return status === 200;
}
