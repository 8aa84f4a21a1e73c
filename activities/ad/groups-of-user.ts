import { type Static, Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import * as fields from './fields.ts';
import { findSurely } from './find.ts';
import { groupOf, groupsReaching, groupsWith, primaryGroupOf } from './groups.ts';

const input = Type.Object({ user: fields.user }, { additionalProperties: false });

const item = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'Name of the group.' }),
  how: Type.String({
    description:
      'How the person is in it: direct, primary, or nested for one that is reached through another.',
  }),
});

const output = Type.Object({
  names: Type.Array(Type.String(), { description: 'Names of all groups, to compare and to look in.' }),
  groups: Type.Array(item, { description: 'The same groups, each once.' }),
});

export type Reached = Static<typeof item> & { entry: Entry };

export const groupsOfUser = defineAction({
  name: 'ad.groupsOfUser',
  title: 'List the groups of a person',
  description:
    'Lists every group that a person is in: directly, through other groups, and the primary group, which no list of members shows.',
  effect: 'read',
  source: 'MS-ADTS: LDAP_MATCHING_RULE_IN_CHAIN, primaryGroupID',
  input,
  output,
  examples: [{ title: 'By sign-in name', with: { user: 'a.lee@corp.example.com' } }],

  run: ({ user }, { client }: ActionContext<AdClient>) =>
    client.session(async (directory) => {
      const person = await findSurely(directory, 'user', user, ['objectSid', 'primaryGroupID']);
      const groups = (await allGroupsOf(directory, person)).map(({ id, name, how }) => ({ id, name, how }));
      return { names: groups.map(({ name }) => name), groups };
    }),
});

/** `person` was read with objectSid and primaryGroupID. */
export async function allGroupsOf(directory: Directory, person: Entry): Promise<Reached[]> {
  const primary = await primaryGroupOf(directory, person);
  const reached = new Map<string, Reached>();
  const take = (entries: readonly Entry[], how: string) => {
    for (const entry of entries)
      if (!reached.has(entry.id))
        reached.set(entry.id, { id: entry.id, name: groupOf(entry).name, how, entry });
  };
  const direct = await groupsWith(directory, person.dn);
  take(direct, 'direct');
  take(primary ? [primary] : [], 'primary');
  take(await groupsReaching(directory, person.dn, direct), 'nested');
  if (primary) take(await groupsReaching(directory, primary.dn), 'nested');
  return [...reached.values()];
}
