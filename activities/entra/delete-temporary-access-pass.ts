import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { findUser, nameOf } from '../kit/graph/users.ts';
import { deletePass, passesOf } from './access-passes.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  deleted: Type.Boolean({ description: 'True when this step deleted a pass, false when there was none.' }),
});

export const deleteTemporaryAccessPass = defineAction({
  name: 'entra.deleteTemporaryAccessPass',
  title: 'Delete a Temporary Access Pass',
  description: 'Takes away the pass with which a person can sign in without a password.',
  effect: 'write',
  source: 'Microsoft Graph: Delete temporaryAccessPassAuthenticationMethod',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'Not needed any more', with: { user: 'a.lee@example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, GraphClient, State, Static<typeof output>>({
    look: async ({ user }, { client }) => {
      const person = await findUser(client, user, []);
      return person
        ? { id: person.id, name: nameOf(person), passes: (await passesOf(client, person.id)).length }
        : { name: user, passes: 0 };
    },
    isDone: ({ passes }) => passes === 0,
    change: async ({ id }, _, { client }) => {
      if (id) await deletePass(client, id);
    },
    output: ({ did }) => ({ deleted: did }),
    words: {
      done: ({ name }) => `${name} has no Temporary Access Pass`,
      would: (state, { user }) => `would delete the Temporary Access Pass of ${state?.name ?? user}`,
    },
  }),
});

interface State {
  /** Absent where there is no such account. */
  id?: string;
  name: string;
  passes: number;
}
