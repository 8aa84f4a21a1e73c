import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { permissionsOf, receiverOf, rootOf, userField } from './drive.ts';

const input = Type.Object(
  {
    user: userField,
    to: Type.String({
      minLength: 1,
      description: 'Whoever may no longer use the files: sign-in name, e-mail address or object id.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  revoked: Type.Boolean({ description: 'True when this step ended it, false when nothing was shared.' }),
});

type Context = ActionContext<GraphClient>;

export const unshare = defineAction({
  name: 'onedrive.unshare',
  title: 'Stop sharing the files of a person',
  description: 'Ends the access of somebody to all files in the OneDrive of another person.',
  effect: 'write',
  source: 'Microsoft Graph: Delete a sharing permission from a file or folder',
  input,
  output,
  undo: 'onedrive.share',
  examples: [{ title: 'After the hand-over', with: { user: 'a.lee@example.com', to: 'm.roth@example.com' } }],

  async run({ user, to }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const shared = await sharedWith(client, person, to);
    const revoked = await rememberBeforeWrite(async () => shared.length > 0);
    for (const path of shared) {
      const answer = await client.ask('DELETE', path);
      if (answer.status !== 404) successOf(answer);
    }
    return { revoked };
  },

  async preview({ user, to }, { client }: Context) {
    const person = await findUser(client, user, []);
    const shared = person ? await sharedWith(client, person, to) : [];
    const name = person ? nameOf(person) : user;
    if (shared.length === 0)
      return { summary: `the files of ${name} are not shared with ${to}`, nothingToDo: true };
    return { summary: `would stop sharing the files of ${name} with ${to}` };
  },

  async verify({ user, to }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    return (await sharedWith(client, person, to)).length === 0;
  },
});

/** Paths of the permissions that can be taken away: not those of an owner. */
async function sharedWith(client: GraphClient, person: GraphUser, to: string): Promise<string[]> {
  const receiver = await receiverOf(client, to);
  const root = await rootOf(client, person);
  if (!root) return [];
  const all = await permissionsOf(client, root, receiver);
  return all
    .filter(({ roles }) => !roles.includes('owner'))
    .map(({ id }) => `${root.path}/permissions/${encodeURIComponent(id)}`);
}
