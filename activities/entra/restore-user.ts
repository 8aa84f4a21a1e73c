import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf } from '../kit/graph/users.ts';
import { deletedUser, formerName } from './deleted-users.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: Type.String({ description: 'Object id in the directory, the same as before.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  restored: Type.Boolean({
    description: 'True when this step restored the account, false when it was there already.',
  }),
});

type Context = ActionContext<GraphClient>;

export const restoreUser = defineAction({
  name: 'entra.restoreUser',
  title: 'Restore a deleted account',
  description:
    'Brings back a person who was deleted within the last 30 days, with their groups and licences. When several accounts had the name, the one deleted last is restored.',
  effect: 'write',
  source: 'Microsoft Graph: Restore deleted item',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'Deleted by mistake', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const found = await findUser(client, user, []);
    const restored = await rememberBeforeWrite(async () => found === undefined);
    if (found) return { id: found.id, userPrincipalName: found.userPrincipalName, restored };
    const deleted = await deletedUser(client, user);
    if (!deleted) throw new PermanentFailure(nowhere(user), { status: 404 });
    successOf(await client.ask('POST', `/directory/deletedItems/${deleted.id}/restore`));
    return { id: deleted.id, userPrincipalName: formerName(deleted), restored };
  },

  async preview({ user }, { client }: Context) {
    const found = await findUser(client, user, []);
    if (found) return { summary: `${nameOf(found)} is there already`, nothingToDo: true };
    const deleted = await deletedUser(client, user);
    if (deleted) return { summary: `would restore ${formerName(deleted)}` };
    return { summary: `would restore ${user}`, problems: [nowhere(user)] };
  },

  async verify({ user }, { client }: Context) {
    return (await findUser(client, user, [])) !== undefined;
  },
});

function nowhere(user: string): string {
  return `Entra ID has no user ${user}, and none that was deleted within the last 30 days. Create the account anew.`;
}
