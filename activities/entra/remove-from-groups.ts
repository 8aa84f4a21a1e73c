import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure, foundByBoth } from '../kit/ensure.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import type { Group } from '../kit/graph/groups.ts';
import { type GraphUser, nameOf, personLooks } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { givesLicenses, groupsOf, leave, managedElsewhere, titleOf } from './groups.ts';

const output = Type.Object({
  removed: Type.Array(Type.String(), {
    description: 'Object ids of the groups that this step removed the person from.',
  }),
  names: Type.Array(Type.String(), { description: 'Names of the same groups, in the same order.' }),
  kept: Type.Array(fields.groupAndReason, {
    description: 'Groups that the person is still in, and why.',
  }),
});

type Kept = { group: string; reason: string }[];

interface Split {
  id: string;
  name: string;
  toLeave: Group[];
  kept: Kept;
}

export const removeFromGroups = defineAction({
  name: 'entra.removeFromGroups',
  title: 'Remove from all groups',
  description:
    'Takes a person out of every group that they are in directly. Groups that give a licence are left when licences are removed; groups that fill themselves, come from on-premises or belong to Exchange are kept, saying why.',
  effect: 'destructive',
  source: 'Microsoft Graph: Remove member',
  input: fields.onlyUser,
  output,
  undo: 'entra.addToGroups',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, GraphClient, Split, Static<typeof output>, Kept>({
    ...personLooks([], (person, _, client) => split(client, person)),
    isDone: ({ toLeave }) => toLeave.length === 0,
    change: async ({ id, toLeave }, _, { client }) => {
      const refused: Kept = [];
      for (const group of toLeave) {
        const outcome = await leave(client, id, group);
        if (typeof outcome !== 'boolean') refused.push({ group: titleOf(group), reason: outcome.reason });
      }
      return refused;
    },
    tookHold: ({ toLeave }, { kept }) =>
      toLeave.every((each) => kept.some(({ group }) => group === titleOf(each))),
    output: ({ before, now, changed: refused = [] }) => {
      const left = foundByBoth(before.toLeave, now.toLeave, ({ id }) => id).filter(
        (each) => !refused.some(({ group }) => group === titleOf(each)),
      );
      return {
        removed: left.map((group) => group.id),
        names: left.map(titleOf),
        kept: [...now.kept, ...refused],
      };
    },
    words: {
      done: ({ name }) => `${name} is in no group that can be left`,
      would: (found, { user }) => {
        if (!found) return fields.nobody(user).summary;
        const { name, toLeave, kept } = found;
        const stays = kept.length > 0 ? `, and keep ${kept.map(({ group }) => group).join(', ')}` : '';
        return `would remove ${name} from ${toLeave.map(titleOf).join(', ')}${stays}`;
      },
      warnings: (found, { user }) => (found ? undefined : fields.nobody(user).problems),
    },
  }),
});

async function split(client: GraphClient, person: GraphUser): Promise<Split> {
  const toLeave: Group[] = [];
  const kept: Kept = [];
  for (const group of await groupsOf(client, person.id)) {
    const reason = reasonToStay(group);
    if (reason) kept.push({ group: titleOf(group), reason });
    else toLeave.push(group);
  }
  return { id: person.id, name: nameOf(person), toLeave, kept };
}

function reasonToStay(group: Group): string | undefined {
  if (givesLicenses(group)) return 'it gives a licence, and is left when licences are removed.';
  return managedElsewhere(group);
}
