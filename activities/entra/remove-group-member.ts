import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { groupThatMustExist } from '../kit/graph/groups.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { groupsOf, leave, managedElsewhere, titleOf } from './groups.ts';

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

type Context = ActionContext<GraphClient>;

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

  async run({ user, group: wanted }, { client, signal, first }: Context) {
    const group = await groupThatMustExist(client, wanted, signal);
    const skipped = managedElsewhere(group);
    if (skipped) return { removed: false, skipped };
    const person = await userThatMustExist(client, user, [], signal);
    const wasIn = await first(() => isIn(client, person.id, group.id, signal));
    const outcome = await leave(client, person.id, group, signal);
    if (typeof outcome === 'boolean') return { removed: wasIn };
    throw new PermanentFailure(`${nameOf(person)} is still in ${titleOf(group)}: ${outcome.reason}`);
  },

  async preview({ user, group: wanted }, { client, signal }: Context) {
    const group = await groupThatMustExist(client, wanted, signal);
    const name = titleOf(group);
    const skipped = managedElsewhere(group);
    if (skipped) return { summary: `would skip ${name}: ${skipped}`, nothingToDo: true };
    const person = await findUser(client, user, [], signal);
    if (person && !(await isIn(client, person.id, group.id, signal)))
      return { summary: `${nameOf(person)} is not in ${name}`, nothingToDo: true };
    return { summary: `would remove ${person ? nameOf(person) : user} from ${name}` };
  },

  async verify({ user, group: wanted }, { client, signal }: Context) {
    const group = await groupThatMustExist(client, wanted, signal);
    const person = await userThatMustExist(client, user, [], signal);
    return managedElsewhere(group) !== undefined || !(await isIn(client, person.id, group.id, signal));
  },
});

/** Directly: who is in by way of another group cannot be taken out of this one. */
async function isIn(
  client: GraphClient,
  userId: string,
  groupId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await groupsOf(client, userId, signal)).some((group) => group.id === groupId);
}
