import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { deleteIfThere, type GraphClient } from '../kit/graph/client.ts';
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

  ...ensure<Static<typeof input>, GraphClient, Sharing, Static<typeof output>>({
    look: async (input, { client }) => {
      const person = await findUser(client, input.user, []);
      return person ? sharingOf(person, input, client) : { name: input.user, paths: [] };
    },
    need: async (input, { client }) =>
      sharingOf(await userThatMustExist(client, input.user, []), input, client),
    isDone: ({ paths }) => paths.length === 0,
    change: async ({ paths }, _, { client }) => {
      for (const path of paths) await deleteIfThere(client, path);
    },
    output: ({ did }) => ({ revoked: did }),
    words: {
      done: ({ name }, { to }) => `the files of ${name} are not shared with ${to}`,
      would: (sharing, { user, to }) => `would stop sharing the files of ${sharing?.name ?? user} with ${to}`,
    },
  }),
});

interface Sharing {
  name: string;
  /** Where the permissions are that can be taken away: not those of an owner. */
  paths: string[];
}

async function sharingOf(
  person: GraphUser,
  { to }: Static<typeof input>,
  client: GraphClient,
): Promise<Sharing> {
  const receiver = await receiverOf(client, to);
  const root = await rootOf(client, person);
  const all = root ? await permissionsOf(client, root, receiver) : [];
  const paths = all
    .filter(({ roles }) => !roles.includes('owner'))
    .map(({ id }) => `${root?.path}/permissions/${encodeURIComponent(id)}`);
  return { name: nameOf(person), paths };
}
