import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { nameOf } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { leave, titleOf } from './groups.ts';
import { type Membership, membershipLooks } from './membership.ts';

const input = Type.Object(
  {
    user: fields.user,
    group: Type.String({ minLength: 1, description: 'Name or object id of the group.' }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  removed: Type.Boolean({
    description: 'True when this step removed the person, false when they were not in the group.',
  }),
  skipped: Type.Optional(
    Type.String({ description: 'Why nothing was done, for a group whose members are not managed here.' }),
  ),
});

export const removeGroupMember = defineAction({
  name: 'entra.removeGroupMember',
  title: 'Remove from a group',
  description:
    'Takes a person out of a group. Groups that fill themselves, come from on-premises or belong to Exchange are skipped, saying why.',
  effect: 'write',
  source: 'Microsoft Graph: Remove member',
  input,
  output,
  examples: [{ title: 'By name', with: { user: 'a.lee@example.com', group: 'Sales' } }],

  ...ensure<Static<typeof input>, GraphClient, Membership, Static<typeof output>>({
    ...membershipLooks,
    isDone: ({ skipped, person, isIn }) => skipped !== undefined || (person !== undefined && !isIn),
    // The look may be behind: a person who was added moments ago may not seem to be in yet.
    evenIfDone: true,
    change: async ({ group, skipped, person }, _, { client }) => {
      if (skipped !== undefined || !person) return;
      const outcome = await leave(client, person.id, group);
      if (typeof outcome !== 'boolean')
        throw new PermanentFailure(`${nameOf(person)} is still in ${titleOf(group)}: ${outcome.reason}`);
    },
    output: ({ did, now: { skipped } }) => ({ removed: did, ...defined({ skipped }) }),
    words: {
      done: ({ group, skipped, person }, { user }) =>
        skipped === undefined
          ? `${person ? nameOf(person) : user} is not in ${titleOf(group)}`
          : `would skip ${titleOf(group)}: ${skipped}`,
      would: (state, { user, group }) =>
        `would remove ${state?.person ? nameOf(state.person) : user} from ${state ? titleOf(state.group) : group}`,
    },
  }),
});
