/** What the actions that take a person's access away, one by one, have in common. */
import { type Static, Type } from 'typebox';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import { deleteIfThere, type GraphClient } from '../kit/graph/client.ts';
import { nameOf, personLooks } from '../kit/graph/users.ts';
import type { Access } from './access.ts';
import { nobody, type onlyUser } from './fields.ts';

export const output = Type.Object({
  removed: Type.Array(Type.String(), { description: 'Names of what this step took away.' }),
});

export interface Kind {
  /** For messages: `directory roles`. */
  plural: string;
  list(client: GraphClient, userId: string): Promise<Access[]>;
  /** Where one of them is deleted. */
  path(userId: string, id: string): string;
}

export function takeAway({ plural, list, path }: Kind) {
  return ensure<Static<typeof onlyUser>, GraphClient, Had, Static<typeof output>>({
    ...personLooks([], async (person, _, client) => ({
      id: person.id,
      name: nameOf(person),
      found: await list(client, person.id),
    })),
    isDone: ({ found }) => found.length === 0,
    change: async ({ id, found }, _, { client }) => {
      for (const each of found) await deleteIfThere(client, path(id, each.id));
    },
    output: ({ before, now }) => ({
      removed: foundByBoth(before.found, now.found, ({ id }) => id).map(({ name }) => name),
    }),
    words: {
      done: ({ name }) => `${name} has no ${plural}`,
      would: (had, { user }) =>
        had
          ? `would take from ${had.name}: ${had.found.map(({ name }) => name).join(', ')}`
          : nobody(user).summary,
      warnings: (had, { user }) => (had ? undefined : nobody(user).problems),
    },
  });
}

interface Had {
  id: string;
  name: string;
  found: Access[];
}
