/** What the actions that take a person's access away, one by one, have in common. */
import { type Static, Type } from 'typebox';
import type { ActionContext, Preview } from '../kit/define-action.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import type { Access } from './access.ts';
import { nobody, type onlyUser } from './fields.ts';

export const output = Type.Object({
  removed: Type.Array(Type.String(), { description: 'Names of what this step took away.' }),
});

type Context = ActionContext<GraphClient>;
type Input = Static<typeof onlyUser>;

export interface Kind {
  /** For messages: `directory roles`. */
  plural: string;
  list(client: GraphClient, userId: string): Promise<Access[]>;
  /** Where one of them is deleted. */
  path(userId: string, id: string): string;
}

export function takeAway({ plural, list, path }: Kind) {
  return {
    async run({ user }: Input, { client, rememberBeforeWrite }: Context): Promise<Static<typeof output>> {
      const person = await userThatMustExist(client, user, []);
      const found = await rememberBeforeWrite(() => list(client, person.id));
      for (const { id } of found) {
        const answer = await client.ask('DELETE', path(person.id, id));
        // Gone already: by an attempt of which the answer was lost, or by somebody else.
        if (answer.status !== 404) successOf(answer);
      }
      return { removed: found.map(({ name }) => name) };
    },

    async preview({ user }: Input, { client }: Context): Promise<Preview> {
      const person = await findUser(client, user, []);
      if (!person) return nobody(user);
      const found = await list(client, person.id);
      const name = nameOf(person);
      if (found.length === 0) return { summary: `${name} has no ${plural}`, nothingToDo: true };
      return { summary: `would take from ${name}: ${found.map((item) => item.name).join(', ')}` };
    },

    async verify({ user }: Input, { client }: Context): Promise<boolean> {
      const person = await userThatMustExist(client, user, []);
      return (await list(client, person.id)).length === 0;
    },
  };
}
