import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { leave } from './groups.ts';
import { type Membership, membershipLooks } from './membership.ts';

const input = Type.Object({ user: fields.user, group: fields.group }, { additionalProperties: false });

const output = Type.Object({
  groupId: fields.id,
  groupName: Type.String({ description: 'Name of the group.' }),
  removed: Type.Boolean({ description: 'True when this step removed the person.' }),
});

export const removeGroupMember = defineAction({
  name: 'ad.removeGroupMember',
  title: 'Remove from a group',
  description:
    'Takes a person out of a group that they are in directly. Nobody can leave their primary group. Its undo adds the person, also when they had not been in before.',
  effect: 'write',
  source: 'MS-ADTS: Modify Operation',
  input,
  output,
  undo: 'ad.addGroupMember',
  examples: [{ title: 'By name', with: { user: 'a.lee@corp.example.com', group: 'Sales' } }],

  ...ensure<Static<typeof input>, AdClient, Membership, Static<typeof output>>({
    ...membershipLooks,
    isDone: ({ isIn }) => !isIn,
    problem: ({ isPrimary, group, person }, { user }) =>
      isPrimary
        ? `${group.name} is the primary group of ${person?.name ?? user}, which nobody leaves. Give the account another primary group first.`
        : undefined,
    change: ({ group, person }, _, { client }) =>
      client.session(async (directory) => {
        if (person) await leave(directory, group, person.dn);
      }),
    output: ({ did, now: { group } }) => ({ groupId: group.id, groupName: group.name, removed: did }),
    words: {
      done: ({ group, person }, { user }) => `${person?.name ?? user} is not in ${group.name}`,
      would: (state, { user, group }) =>
        `would remove ${state?.person?.name ?? user} from ${state?.group.name ?? group}`,
    },
  }),
});
