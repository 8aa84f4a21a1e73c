import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { find } from './find.ts';
import { type Group, groupAttributes, groupOf } from './groups.ts';

const input = Type.Object({ group: fields.group }, { additionalProperties: false });

const output = Type.Object({
  deleted: Type.Boolean({
    description: 'True when this step deleted the group, false when it was gone already.',
  }),
});

interface Found {
  group?: Group;
  members?: number;
}

export const deleteGroup = defineAction({
  name: 'ad.deleteGroup',
  title: 'Delete a group',
  description:
    'Deletes a group, and with it what its members had through it. A group that is made anew under the name is another one, and has none of it.',
  effect: 'destructive',
  source: 'MS-ADTS: Delete Operation',
  input,
  output,
  examples: [{ title: 'After a project', with: { group: 'Project Aurora' } }],

  ...ensure<Static<typeof input>, AdClient, Found, Static<typeof output>>({
    look: ({ group }, { client }) =>
      client.session(async (directory) => {
        const entry = await find(directory, 'group', group, groupAttributes);
        if (!entry) return {};
        return { group: groupOf(entry), members: (await directory.valuesOf(entry.dn, 'member')).length };
      }),
    isDone: ({ group }) => group === undefined,
    change: ({ group }, _, { client }) =>
      client.session(async (directory) => {
        if (group) await directory.delete(group.dn);
      }),
    output: ({ did }) => ({ deleted: did }),
    words: {
      done: (_, { group }) => `the group ${group} is gone already`,
      would: (state, { group }) =>
        `would delete the group ${state?.group?.name ?? group}, which has ${defined({ members: state?.members }).members ?? 'no'} members, for good`,
    },
  }),
});
