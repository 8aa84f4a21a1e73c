import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { lookPatiently } from '../kit/delay.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf } from '../kit/graph/users.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  deleted: Type.Boolean({
    description: 'True when this step deleted the account, false when it was gone already.',
  }),
});

type Context = ActionContext<GraphClient>;

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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const found = await surely(client, user);
    const deleted = await rememberBeforeWrite(async () => found !== undefined);
    if (!found) return { deleted };
    const answer = await client.ask('DELETE', `/users/${found.id}`);
    if (answer.status !== 404) successOf(answer);
    return { deleted };
  },

  async preview({ user }, { client }: Context) {
    const found = await findUser(client, user, []);
    if (!found) return { summary: `${user} is gone already`, nothingToDo: true };
    const who = found.displayName ? ` (${found.displayName})` : '';
    return { summary: `would delete ${nameOf(found)}${who}; it can be restored for 30 days` };
  },

  async verify({ user }, { client }: Context) {
    return (await findUser(client, user, [])) === undefined;
  },
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
