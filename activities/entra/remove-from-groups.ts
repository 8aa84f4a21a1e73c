import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import type { Group } from '../kit/graph/groups.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
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

type Context = ActionContext<GraphClient>;

interface Split {
  toLeave: Group[];
  kept: { group: string; reason: string }[];
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

  async run({ user }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const { toLeave, kept } = await rememberBeforeWrite(() => split(client, person.id));
    const left: Group[] = [];
    const refused: Split['kept'] = [];
    for (const group of toLeave) {
      const outcome = await leave(client, person.id, group);
      if (typeof outcome === 'boolean') left.push(group);
      else refused.push({ group: titleOf(group), reason: outcome.reason });
    }
    return {
      removed: left.map((group) => group.id),
      names: left.map(titleOf),
      kept: [...kept, ...refused],
    };
  },

  async preview({ user }, { client }: Context) {
    const person = await findUser(client, user, []);
    if (!person) return fields.nobody(user);
    const { toLeave, kept } = await split(client, person.id);
    if (toLeave.length === 0)
      return { summary: `${nameOf(person)} is in no group that can be left`, nothingToDo: true };
    const stays = kept.length > 0 ? `, and keep ${kept.map(({ group }) => group).join(', ')}` : '';
    return { summary: `would remove ${nameOf(person)} from ${toLeave.map(titleOf).join(', ')}${stays}` };
  },

  async verify({ user }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    return (await split(client, person.id)).toLeave.length === 0;
  },
});

async function split(client: GraphClient, userId: string): Promise<Split> {
  const toLeave: Group[] = [];
  const kept: Split['kept'] = [];
  for (const group of await groupsOf(client, userId)) {
    const reason = reasonToStay(group);
    if (reason) kept.push({ group: titleOf(group), reason });
    else toLeave.push(group);
  }
  return { toLeave, kept };
}

function reasonToStay(group: Group): string | undefined {
  if (givesLicenses(group)) return 'it gives a licence, and is left when licences are removed.';
  return managedElsewhere(group);
}
