import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
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

type Context = ActionContext<GraphClient>;

interface Split {
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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const { toRemove, kept } = await rememberBeforeWrite(() => split(client, person.id));
    await removeAll(client, person.id, toRemove);
    return { removed: toRemove.map(plainName), kept };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    if (!person) return fields.nobody(user);
    const { toRemove } = await split(client, person.id);
    const name = nameOf(person);
    if (toRemove.length === 0)
      return { summary: `${name} has no sign-in method that can be removed`, nothingToDo: true };
    return { summary: `would remove from ${name}: ${toRemove.map(plainName).join(', ')}` };
  },

  async verify({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    return (await split(client, person.id)).toRemove.length === 0;
  },
});

async function split(client: GraphClient, userId: string): Promise<Split> {
  const methods = await methodsOf(client, userId);
  const kept = methods
    .filter((method) => pathOf(method) === undefined)
    .map((method) => ({
      method: plainName(method),
      reason: isPassword(method)
        ? 'every account has a password; reset it instead.'
        : 'this step cannot remove this kind; remove it in the Entra admin centre.',
    }));
  return { toRemove: methods.filter((method) => pathOf(method) !== undefined), kept };
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
