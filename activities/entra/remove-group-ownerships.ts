import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { type GraphUser, nameOf, personLooks } from '../kit/graph/users.ts';
import { isOnlyOwner, type Owned, ownedBy } from './access.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  removed: Type.Array(Type.String(), {
    description: 'Names of the groups that the person owned and no longer does.',
  }),
  kept: Type.Array(fields.groupAndReason, {
    description: 'Groups that the person still owns, and why.',
  }),
});

interface Ownerships {
  id: string;
  name: string;
  groups: Owned[];
  /** Those that nobody else owns, where that was looked up: `groups` has them otherwise. */
  alone: Owned[];
}

const onlyOwner = 'nobody else owns it. Give it another owner first.';

async function ownershipsOf(client: GraphClient, person: GraphUser): Promise<Ownerships> {
  const groups = (await ownedBy(client, person.id)).filter(({ kind }) => kind === 'group');
  return { id: person.id, name: nameOf(person), groups, alone: [] };
}

async function withAlone(client: GraphClient, person: GraphUser): Promise<Ownerships> {
  const owned = await ownershipsOf(client, person);
  const [groups, alone]: [Owned[], Owned[]] = [[], []];
  for (const group of owned.groups) ((await isOnlyOwner(client, group.id)) ? alone : groups).push(group);
  return { ...owned, groups, alone };
}

export const removeGroupOwnerships = defineAction({
  name: 'entra.removeGroupOwnerships',
  title: 'Remove group ownerships',
  description:
    'Makes a person no longer an owner of any group. A group that nobody else owns is kept, saying so: give it another owner, then do this again.',
  effect: 'destructive',
  source: 'Microsoft Graph: Remove group owner',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, GraphClient, Ownerships, Static<typeof output>, string[]>({
    look: personLooks([], (person, _, client: GraphClient) => withAlone(client, person)).look,
    // Whether somebody else owns it is asked for rather than looked up: they may leave between the look and the removal.
    need: personLooks([], (person, _, client: GraphClient) => ownershipsOf(client, person)).need,
    isDone: ({ groups }) => groups.length === 0,
    change: async ({ id, groups }, _, { client }) => {
      const refused: string[] = [];
      for (const group of groups) {
        const answer = await client.ask('DELETE', `/groups/${group.id}/owners/${id}/$ref`);
        if (answer.status === 400 && /at least one owner/i.test(answer.error?.message ?? ''))
          refused.push(group.name);
        else if (answer.status !== 404) successOf(answer);
      }
      return refused;
    },
    tookHold: ({ groups }, { kept }) => groups.every(({ name }) => kept.some(({ group }) => group === name)),
    output: ({ before, now, changed: refused = [] }) => ({
      removed: foundByBoth(before.groups, now.groups, ({ id }) => id)
        .map(({ name }) => name)
        .filter((name) => !refused.includes(name)),
      kept: refused.map((group) => ({ group, reason: onlyOwner })),
    }),
    words: {
      done: ({ name }) => `${name} owns no group that can be given up`,
      would: (owned, { user }) =>
        owned
          ? `would end that ${owned.name} owns ${owned.groups.map(({ name }) => name).join(', ')}`
          : fields.nobody(user).summary,
      warnings: (owned, { user }) =>
        owned
          ? owned.alone.map(({ name }) => `${name} would be kept: ${onlyOwner}`)
          : fields.nobody(user).problems,
    },
  }),
});
