import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { groupThatMustExist } from '../kit/graph/groups.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { isIn, leave, managedElsewhere, titleOf } from './groups.ts';

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

  async run({ user, group: wanted }, { client, rememberBeforeWrite }: Context) {
    const group = await groupThatMustExist(client, wanted);
    const skipped = managedElsewhere(group);
    if (skipped) return { removed: false, skipped };
    const person = await userThatMustExist(client, user, []);
    const wasIn = await rememberBeforeWrite(() => isIn(client, person.id, group.id));
    const outcome = await leave(client, person.id, group);
    if (typeof outcome === 'boolean') return { removed: wasIn };
    throw new PermanentFailure(`${nameOf(person)} is still in ${titleOf(group)}: ${outcome.reason}`);
  },

  async preview({ user, group: wanted }, { client }: Context) {
    const group = await groupThatMustExist(client, wanted);
    const name = titleOf(group);
    const skipped = managedElsewhere(group);
    if (skipped) return { summary: `would skip ${name}: ${skipped}`, nothingToDo: true };
    const person = await findUser(client, user, []);
    if (person && !(await isIn(client, person.id, group.id)))
      return { summary: `${nameOf(person)} is not in ${name}`, nothingToDo: true };
    return { summary: `would remove ${person ? nameOf(person) : user} from ${name}` };
  },

  async verify({ user, group: wanted }, { client }: Context) {
    const group = await groupThatMustExist(client, wanted);
    const person = await userThatMustExist(client, user, []);
    return managedElsewhere(group) !== undefined || !(await isIn(client, person.id, group.id));
  },
});
