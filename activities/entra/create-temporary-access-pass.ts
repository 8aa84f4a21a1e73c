import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import { type AccessPass, deletePass, passesOf, passesPath } from './access-passes.ts';
import * as fields from './fields.ts';

const input = Type.Object(
  {
    user: fields.user,
    startsAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When the pass begins to work. At once, unless given or when the time has passed.',
      }),
    ),
    lifetimeMinutes: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 43_200,
        description:
          'How long the pass works, in minutes, within what the policy of the organisation allows. Unless given, as long as that policy says.',
      }),
    ),
    usableOnce: Type.Optional(
      Type.Boolean({
        description:
          'Whether the pass works one time only. Unless given, as the policy of the organisation says.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  pass: Type.String({ description: 'The pass, to be typed instead of a password. Sealed.' }),
  startsAt: Type.String({ format: 'date-time', description: 'When it begins to work.' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When it stops working.' }),
});

type Context = ActionContext<GraphClient>;

export const createTemporaryAccessPass = defineAction({
  name: 'entra.createTemporaryAccessPass',
  title: 'Create a Temporary Access Pass',
  description:
    'Gives a person a pass with which they can sign in without a password and set up their own methods. A person has one pass at most, and nobody can read it again, so that one that is there already, from a try of which the answer was lost or from somebody else, is replaced by a new one.',
  effect: 'write',
  delivery: 'at least once',
  source: 'Microsoft Graph: Create temporaryAccessPassMethod',
  input,
  output,
  sensitive: ['pass'],
  undo: 'entra.deleteTemporaryAccessPass',
  examples: [
    {
      title: 'For the first day',
      with: {
        user: 'a.lee@example.com',
        startsAt: '2026-12-01T08:00:00Z',
        lifetimeMinutes: 480,
        usableOnce: true,
      },
    },
  ],

  async run(input, { client, conceal }: Context) {
    const person = await userThatMustExist(client, input.user, []);
    await deletePass(client, person.id);
    const answer = await client.ask<AccessPass>('POST', passesPath(person.id), {
      body: bodyOf(input),
    });
    if (answer.status === 400 && /already exist/i.test(answer.error?.message ?? ''))
      throw new RetryableFailure(
        `Entra ID still has the pass of ${nameOf(person)} that was deleted just now. The next try will create a new one.`,
        { status: 400 },
      );
    const created = successOf(answer);
    const pass = created.temporaryAccessPass;
    if (!pass)
      throw new PermanentFailure(
        `Entra ID created a Temporary Access Pass for ${nameOf(person)} and did not say what it is. Retry this step to replace it.`,
      );
    conceal(pass);
    const starts = new Date(created.startDateTime ?? Date.now());
    const expires = new Date(starts.getTime() + (created.lifetimeInMinutes ?? 60) * 60_000);
    return { pass, startsAt: starts.toISOString(), expiresAt: expires.toISOString() };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    if (!person)
      return { summary: `would create a Temporary Access Pass for ${user} once the account is there` };
    const isThere = (await passesOf(client, person.id)).length > 0;
    return {
      summary: isThere
        ? `would replace the Temporary Access Pass of ${nameOf(person)} by a new one`
        : `would create a Temporary Access Pass for ${nameOf(person)}`,
    };
  },

  async verify({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    return (await passesOf(client, person.id)).length > 0;
  },
});

function bodyOf({ startsAt, lifetimeMinutes, usableOnce }: Static<typeof input>): Record<string, unknown> {
  // Graph refuses a time that has passed: a run may have waited for somebody.
  const isAhead = startsAt !== undefined && Date.parse(startsAt) > Date.now();
  return {
    ...defined({
      startDateTime: isAhead ? new Date(startsAt).toISOString() : undefined,
      lifetimeInMinutes: lifetimeMinutes,
      isUsableOnce: usableOnce,
    }),
  };
}
