import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import { looksAt } from './account.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { find, nameOf } from './find.ts';
import {
  type Group,
  groupAttributes,
  groupOf,
  groupsWith,
  isPrimary,
  leave,
  primaryGroupOf,
  reasonOf,
} from './groups.ts';

const input = Type.Object(
  {
    user: fields.user,
    groups: Type.Optional(
      Type.Array(fields.group, { description: 'The groups to leave. Unsaid, all that the person is in.' }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  removed: Type.Array(Type.String(), {
    description: 'Object ids of the groups that this step removed the person from.',
  }),
  names: Type.Array(Type.String(), { description: 'Names of the same groups, in the same order.' }),
  kept: Type.Array(fields.groupAndReason, {
    description: 'Groups that the person is still in, and why.',
  }),
});

type Kept = Static<typeof output>['kept'];

interface Split {
  dn: string;
  name: string;
  toLeave: Group[];
  kept: Kept;
}

export const removeUserFromGroups = defineAction({
  name: 'ad.removeUserFromGroups',
  title: 'Remove from groups',
  description:
    'Takes a person out of every group that they are in directly, or of those that are named. Their primary group, which nobody leaves, is kept, and so is a group that the account of the connector may not change, saying why.',
  effect: 'destructive',
  source: 'MS-ADTS: Modify Operation',
  input,
  output,
  undo: 'ad.addUserToGroups',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@corp.example.com' } }],

  ...ensure<Static<typeof input>, AdClient, Split, Static<typeof output>, Kept>({
    ...looksAt('user', ({ user }) => user, ['objectSid', 'primaryGroupID'], split),
    isDone: ({ toLeave }) => toLeave.length === 0,
    change: ({ dn, toLeave }, _, { client }) =>
      client.session(async (directory) => {
        const refused: Kept = [];
        for (const group of toLeave)
          await leave(directory, group, dn).catch((error: unknown) => {
            const reason = reasonOf(error);
            if (reason === undefined) throw error;
            refused.push({ group: group.name, reason });
          });
        return refused;
      }),
    tookHold: ({ toLeave }, { kept }) =>
      toLeave.every(({ name }) => kept.some(({ group }) => group === name)),
    output: ({ before, now, changed: refused = [] }) => {
      const left = foundByBoth(before.toLeave, now.toLeave, ({ id }) => id).filter(
        ({ name }) => !refused.some(({ group }) => group === name),
      );
      return {
        removed: left.map(({ id }) => id),
        names: left.map(({ name }) => name),
        kept: [...now.kept, ...refused],
      };
    },
    words: {
      done: ({ name }) => `${name} is in none of them that can be left`,
      would: (state, { user }) => {
        if (!state) return `would look for ${user}, and take them out of their groups`;
        const stays = state.kept.map(({ group }) => group).join(', ');
        return `would remove ${state.name} from ${state.toLeave.map(({ name }) => name).join(', ')}${stays === '' ? '' : `, and keep ${stays}`}`;
      },
    },
  }),
});

async function split(
  person: Entry,
  { groups: named }: Static<typeof input>,
  directory: Directory,
): Promise<Split> {
  const direct = await groupsWith(directory, person.dn);
  const primary = await primaryGroupOf(directory, person);
  const wanted = named === undefined ? undefined : await idsOf(directory, named);
  const concerns = ({ id }: Entry) => wanted === undefined || wanted.has(id);
  return {
    dn: person.dn,
    name: nameOf(person),
    toLeave: direct.filter((group) => concerns(group) && !isPrimary(person, group)).map(groupOf),
    kept: (primary === undefined || !concerns(primary) ? [] : [primary]).map((group) => ({
      group: groupOf(group).name,
      reason: 'it is the primary group, which nobody leaves.',
    })),
  };
}

/** A group that is gone by now cannot be left, and need not be. */
async function idsOf(directory: Directory, names: readonly string[]): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const name of names) {
    const group = await find(directory, 'group', name, groupAttributes);
    if (group) ids.add(group.id);
  }
  return ids;
}
