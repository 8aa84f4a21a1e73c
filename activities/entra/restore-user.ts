import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, type GraphUser, nameOf } from '../kit/graph/users.ts';
import { type Deleted, deletedUser, formerName } from './deleted-users.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: Type.String({ description: 'Object id in the directory, the same as before.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  restored: Type.Boolean({
    description: 'True when this step restored the account, false when it was there already.',
  }),
});

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

  ...ensure<Static<typeof fields.onlyUser>, GraphClient, Found, Static<typeof output>>({
    look: async ({ user }, { client }) => {
      const person = await findUser(client, user, []);
      return person ? { person } : defined({ deleted: await deletedUser(client, user) });
    },
    isDone: ({ person }) => person !== undefined,
    problem: ({ deleted }, { user }) => (deleted ? undefined : nowhere(user)),
    change: async ({ deleted }, _, { client }) => {
      successOf(await client.ask('POST', `/directory/deletedItems/${deleted?.id}/restore`));
    },
    output: ({ did, now: { person, deleted } }, { user }) => ({
      id: (person ?? deleted)?.id ?? user,
      userPrincipalName: person?.userPrincipalName ?? (deleted ? formerName(deleted) : user),
      restored: did,
    }),
    words: {
      done: ({ person }, { user }) => `${person ? nameOf(person) : user} is there already`,
      would: (found, { user }) => `would restore ${found?.deleted ? formerName(found.deleted) : user}`,
    },
  }),
});

interface Found {
  person?: GraphUser;
  /** Only looked for where there is no such person. */
  deleted?: Deleted;
}

function nowhere(user: string): string {
  return `Entra ID has no user ${user}, and none that was deleted within the last 30 days. Create the account anew.`;
}
