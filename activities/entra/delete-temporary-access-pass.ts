import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { findUser, nameOf } from '../kit/graph/users.ts';
import { deletePass, passesOf } from './access-passes.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  deleted: Type.Boolean({ description: 'True when this step deleted a pass, false when there was none.' }),
});

type Context = ActionContext<GraphClient>;

export const deleteTemporaryAccessPass = defineAction({
  name: 'entra.deleteTemporaryAccessPass',
  title: 'Delete a Temporary Access Pass',
  description: 'Takes away the pass with which a person can sign in without a password.',
  effect: 'write',
  source: 'Microsoft Graph: Delete temporaryAccessPassAuthenticationMethod',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'Not needed any more', with: { user: 'a.lee@example.com' } }],

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await findUser(client, user, []);
    if (!person) return { deleted: false };
    const deleted = await rememberBeforeWrite(async () => (await passesOf(client, person.id)).length > 0);
    await deletePass(client, person.id);
    return { deleted };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    if (!person || (await passesOf(client, person.id)).length === 0)
      return { summary: `${person ? nameOf(person) : user} has no Temporary Access Pass`, nothingToDo: true };
    return { summary: `would delete the Temporary Access Pass of ${nameOf(person)}` };
  },

  async verify({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    return !person || (await passesOf(client, person.id)).length === 0;
  },
});
