import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { findGroup, type Group } from '../kit/graph/groups.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { groupsOf, join, managedElsewhere, titleOf } from './groups.ts';

const input = Type.Object(
  {
    user: fields.user,
    groups: Type.Array(Type.String({ minLength: 1 }), {
      description: 'Names or object ids of the groups, as the step that removed the person gave them.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  added: Type.Array(Type.String(), {
    description: 'Names of the groups that this step added the person to.',
  }),
  skipped: Type.Array(fields.groupAndReason, {
    description: 'Groups that are gone, or whose members are not managed here, and why.',
  }),
});

interface Split {
  /** Absent while there is no account. */
  person?: GraphUser;
  /** Not yet a member, and can be one. */
  toJoin: Group[];
  skipped: { group: string; reason: string }[];
}

export const addToGroups = defineAction({
  name: 'entra.addToGroups',
  title: 'Add to several groups',
  description:
    'Makes a person a member of each of these groups. Groups that are gone, fill themselves, come from on-premises or belong to Exchange are skipped, saying why.',
  effect: 'write',
  source: 'Microsoft Graph: Add members',
  input,
  output,
  examples: [
    { title: 'By name', with: { user: 'a.lee@example.com', groups: ['Sales', 'VPN Users'] } },
    {
      title: 'By id, as the step that removed the person gave them',
      with: { user: 'a.lee@example.com', groups: ['5f6d2c1e-8b7a-4c3d-9e2f-1a0b9c8d7e6f'] },
    },
  ],

  ...ensure<Static<typeof input>, GraphClient, Split, Static<typeof output>>({
    look: async ({ user, groups }, { client }) => split(client, await findUser(client, user, []), groups),
    need: async ({ user, groups }, { client }) =>
      split(client, await userThatMustExist(client, user, []), groups),
    isDone: ({ toJoin }) => toJoin.length === 0,
    change: async ({ person, toJoin }, _, { client }) => {
      if (person) for (const group of toJoin) await join(client, person, group);
    },
    output: ({ before, now }) => {
      const skipped = new Set(now.skipped.map(({ group }) => group));
      const joined = foundByBoth(before.toJoin, now.toJoin, ({ id }) => id).map(titleOf);
      return { added: joined.filter((name) => !skipped.has(name)), skipped: now.skipped };
    },
    words: {
      done: ({ person }, { user }) => `${person ? nameOf(person) : user} needs to be added to none of them`,
      would: (found, { user, groups }) =>
        `would add ${found?.person ? nameOf(found.person) : user} to ${(found?.toJoin.map(titleOf) ?? groups).join(', ')}`,
      warnings: (found) => found?.skipped.map(({ group, reason }) => `${group} would be skipped: ${reason}`),
    },
  }),
});

async function split(
  client: GraphClient,
  person: GraphUser | undefined,
  wanted: readonly string[],
): Promise<Split> {
  const isIn = new Set(person ? (await groupsOf(client, person.id)).map((group) => group.id) : []);
  const toJoin = new Map<string, Group>();
  const skipped: Split['skipped'] = [];
  for (const name of wanted) {
    const group = await findGroup(client, name);
    const reason = group ? managedElsewhere(group) : 'there is no such group.';
    if (reason) skipped.push({ group: group ? titleOf(group) : name, reason });
    else if (group && !isIn.has(group.id)) toJoin.set(group.id, group);
  }
  return { ...defined({ person }), toJoin: [...toJoin.values()], skipped };
}
