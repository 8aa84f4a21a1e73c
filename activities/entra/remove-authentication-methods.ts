import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { type GraphUser, nameOf, personLooks } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { isPassword, methodsOf, pathOf, plainName, type SignInMethod } from './sign-in-methods.ts';

const output = Type.Object({
  removed: Type.Array(Type.String(), { description: 'Methods that this step removed.' }),
  kept: Type.Array(
    Type.Object({
      method: Type.String({ description: 'The method.' }),
      reason: Type.String({ description: 'Why it is still there.' }),
    }),
    { description: 'Methods that are still there, and why.' },
  ),
});

interface Split {
  id: string;
  name: string;
  toRemove: SignInMethod[];
  kept: { method: string; reason: string }[];
}

export const removeAuthenticationMethods = defineAction({
  name: 'entra.removeAuthenticationMethods',
  title: 'Remove sign-in methods',
  description:
    'Removes the phones, apps, keys and passes with which a person proves who they are. The password stays, since every account has one: reset it.',
  effect: 'destructive',
  source: 'Microsoft Graph: Delete phoneAuthenticationMethod, and its like for the other methods',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, GraphClient, Split, Static<typeof output>>({
    ...personLooks([], (person, _, client) => split(client, person)),
    isDone: ({ toRemove }) => toRemove.length === 0,
    change: ({ id, toRemove }, _, { client }) => removeAll(client, id, toRemove),
    output: ({ before, now }) => ({
      removed: foundByBoth(before.toRemove, now.toRemove, ({ id }) => id).map(plainName),
      kept: now.kept,
    }),
    words: {
      done: ({ name }) => `${name} has no sign-in method that can be removed`,
      would: (found, { user }) =>
        found
          ? `would remove from ${found.name}: ${found.toRemove.map(plainName).join(', ')}`
          : fields.nobody(user).summary,
      warnings: (found, { user }) => (found ? undefined : fields.nobody(user).problems),
    },
  }),
});

async function split(client: GraphClient, person: GraphUser): Promise<Split> {
  const methods = await methodsOf(client, person.id);
  const kept = methods
    .filter((method) => pathOf(method) === undefined)
    .map((method) => ({
      method: plainName(method),
      reason: isPassword(method)
        ? 'every account has a password; reset it instead.'
        : 'this step cannot remove this kind; remove it in the Entra admin centre.',
    }));
  const toRemove = methods.filter((method) => pathOf(method) !== undefined);
  return { id: person.id, name: nameOf(person), toRemove, kept };
}

/**
 * The default method is refused while there are others, and a mobile number while there is an alternate one. Graph does not
 * say which method is the default, so what is refused is tried again after the others, as long as any is going.
 */
async function removeAll(client: GraphClient, userId: string, methods: SignInMethod[]): Promise<void> {
  const refused: { method: SignInMethod; words: string }[] = [];
  for (const method of methods) {
    const answer = await client.ask('DELETE', `/users/${userId}${pathOf(method)}`);
    if (answer.status === 400) refused.push({ method, words: answer.error?.message ?? 'no reason given' });
    else if (answer.status !== 404) successOf(answer);
  }
  if (refused.length === 0) return;
  if (refused.length < methods.length)
    return removeAll(
      client,
      userId,
      refused.map(({ method }) => method),
    );
  const left = refused.map(({ method, words }) => `${plainName(method)} (${words})`).join(', ');
  throw new PermanentFailure(
    `Entra ID refused to remove ${left}. The other methods are gone. Change the default method or remove these in the Entra admin centre, then retry this step.`,
    { status: 400 },
  );
}
