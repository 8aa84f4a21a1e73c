import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { join } from './groups.ts';
import { type Membership, membershipLooks } from './membership.ts';

const input = Type.Object({ user: fields.user, group: fields.group }, { additionalProperties: false });

const output = Type.Object({
  groupId: fields.id,
  groupName: Type.String({ description: 'Name of the group.' }),
  added: Type.Boolean({ description: 'True when this step added the person.' }),
});

export const addGroupMember = defineAction({
  name: 'ad.addGroupMember',
  title: 'Add to a group',
  description:
    'Makes a person a member of a group. Whoever has it as their primary group is in it already. Its undo takes the person out, also when they had been in before: give an undo only for a person who is new to the group.',
  effect: 'write',
  source: 'MS-ADTS: Modify Operation',
  input,
  output,
  undo: 'ad.removeGroupMember',
  examples: [{ title: 'By name', with: { user: 'a.lee@corp.example.com', group: 'Sales' } }],

  ...ensure<Static<typeof input>, AdClient, Membership, Static<typeof output>>({
    ...membershipLooks,
    isDone: ({ isIn }) => isIn,
    change: ({ group, person }, _, { client }) =>
      client.session(async (directory) => {
        if (person) await join(directory, group, person.dn);
      }),
    output: ({ did, now: { group } }) => ({ groupId: group.id, groupName: group.name, added: did }),
    words: {
      done: ({ group, person }, { user }) => `${person?.name ?? user} is in ${group.name} already`,
      would: (state, { user, group }) =>
        `would add ${state?.person?.name ?? user} to ${state?.group.name ?? group}`,
    },
  }),
});
