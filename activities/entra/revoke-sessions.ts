import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  at: Type.String({
    format: 'date-time',
    description: 'When Entra ID took it on. Apps notice within minutes, and within an hour at most.',
  }),
});

type Context = ActionContext<GraphClient>;

export const revokeSessions = defineAction({
  name: 'entra.revokeSessions',
  title: 'End all sessions',
  description:
    'Makes a person sign in again everywhere. Apps notice when they next renew their access, which may take an hour; disable the account first, so that nobody signs in again.',
  effect: 'write',
  delivery: 'at least once',
  source: 'Microsoft Graph: user: revokeSignInSessions',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  // To revoke twice does no harm: sessions since the first time are the only ones that it ends.
  async run({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    successOf(await client.ask('POST', `/users/${person.id}/revokeSignInSessions`));
    return { at: new Date().toISOString() };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    return { summary: `would end all sessions of ${person ? nameOf(person) : user}` };
  },
});
