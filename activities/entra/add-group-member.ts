import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { nameOf } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { join, titleOf } from './groups.ts';
import { type Membership, membershipLooks } from './membership.ts';

const input = Type.Object(
  {
    user: fields.user,
    group: Type.String({ minLength: 1, description: 'Name or object id of the group.' }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  groupId: Type.String({ description: 'Object id of the group.' }),
  groupName: Type.String({ description: 'Name of the group.' }),
  added: Type.Boolean({ description: 'True when this step added the person.' }),
  skipped: Type.Optional(
    Type.String({ description: 'Why nothing was done, for a group whose members are not managed here.' }),
  ),
});

export const addGroupMember = defineAction({
  name: 'entra.addGroupMember',
  title: 'Add to a group',
  description:
    'Makes a person a member of a group. Groups that fill themselves, come from on-premises or belong to Exchange are skipped, saying why. Its undo takes the person out, also when they had been in before: give an undo only for a person who is new to the group.',
  effect: 'write',
  source: 'Microsoft Graph: Add members',
  input,
  output,
  undo: 'entra.removeGroupMember',
  examples: [{ title: 'By name', with: { user: 'a.lee@example.com', group: 'Sales' } }],

  ...ensure<Static<typeof input>, GraphClient, Membership, Static<typeof output>>({
    ...membershipLooks,
    isDone: ({ skipped, isIn }) => skipped !== undefined || isIn,
    // The look may be behind: a person who was taken out moments ago may still seem to be in.
    evenIfDone: true,
    change: async ({ group, skipped, person }, _, { client }) => {
      if (skipped === undefined && person) await join(client, person, group);
    },
    output: ({ did, now: { group, skipped } }) => ({
      groupId: group.id,
      groupName: titleOf(group),
      added: did,
      ...defined({ skipped }),
    }),
    words: {
      done: ({ group, skipped, person }, { user }) =>
        skipped === undefined
          ? `${person ? nameOf(person) : user} is in ${titleOf(group)} already`
          : `would skip ${titleOf(group)}: ${skipped}`,
      would: (state, { user, group }) =>
        `would add ${state?.person ? nameOf(state.person) : user} to ${state ? titleOf(state.group) : group}`,
    },
  }),
});
