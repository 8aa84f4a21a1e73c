import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import { looksAt } from './account.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { find, nameOf } from './find.ts';
import { type Group, groupAttributes, groupOf, isMember, isPrimary, join, reasonOf } from './groups.ts';

const input = Type.Object(
  { user: fields.user, groups: Type.Array(fields.group, { description: 'The groups to join.' }) },
  { additionalProperties: false },
);

const output = Type.Object({
  added: Type.Array(Type.String(), {
    description: 'Object ids of the groups that this step added the person to.',
  }),
  names: Type.Array(Type.String(), { description: 'Names of the same groups, in the same order.' }),
  skipped: Type.Array(fields.groupAndReason, {
    description: 'Groups that the person was not added to, and why.',
  }),
});

type Skipped = Static<typeof output>['skipped'];

interface State {
  dn: string;
  name: string;
  toJoin: Group[];
  skipped: Skipped;
}

export const addUserToGroups = defineAction({
  name: 'ad.addUserToGroups',
  title: 'Add to several groups',
  description:
    'Makes a person a member of several groups. A group that is not there any more, or that the account of the connector may not change, is skipped, saying why.',
  effect: 'write',
  source: 'MS-ADTS: Modify Operation',
  input,
  output,
  undo: 'ad.removeUserFromGroups',
  examples: [{ title: 'By name', with: { user: 'a.lee@corp.example.com', groups: ['Sales', 'VPN users'] } }],

  ...ensure<Static<typeof input>, AdClient, State, Static<typeof output>, Skipped>({
    ...looksAt('user', ({ user }) => user, ['primaryGroupID'], stateOf),
    isDone: ({ toJoin }) => toJoin.length === 0,
    change: ({ dn, toJoin }, _, { client }) => client.session((directory) => joinAll(directory, toJoin, dn)),
    tookHold: ({ toJoin }, { skipped }) =>
      toJoin.every(({ name }) => skipped.some(({ group }) => group === name)),
    output: ({ before, now, changed: refused = [] }) => {
      const joined = foundByBoth(before.toJoin, now.toJoin, ({ id }) => id).filter(
        ({ name }) => !refused.some(({ group }) => group === name),
      );
      return {
        added: joined.map(({ id }) => id),
        names: joined.map(({ name }) => name),
        skipped: [...now.skipped, ...refused],
      };
    },
    words: {
      done: ({ name }) => `${name} is in all of them already`,
      would: (state, { user, groups }) =>
        `would add ${state?.name ?? user} to ${(state ? state.toJoin.map(({ name }) => name) : groups).join(', ')}`,
      warnings: (state) => state?.skipped.map(({ group, reason }) => `${group} is skipped: ${reason}`),
    },
  }),
});

async function stateOf(
  person: Entry,
  { groups }: Static<typeof input>,
  directory: Directory,
): Promise<State> {
  const state: State = { dn: person.dn, name: nameOf(person), toJoin: [], skipped: [] };
  for (const name of new Set(groups)) {
    const group = await find(directory, 'group', name, groupAttributes);
    if (!group) state.skipped.push({ group: name, reason: 'Active Directory shows no such group.' });
    else if (!isPrimary(person, group) && !(await isMember(directory, group.dn, person.dn)))
      state.toJoin.push(groupOf(group));
  }
  return state;
}

/** Gives what was refused, and why. */
export async function joinAll(directory: Directory, groups: readonly Group[], dn: string): Promise<Skipped> {
  const refused: Skipped = [];
  for (const group of groups)
    await join(directory, group, dn).catch((error: unknown) => {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      refused.push({ group: group.name, reason });
    });
  return refused;
}
