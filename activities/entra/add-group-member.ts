import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { groupThatMustExist } from '../kit/graph/groups.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { isIn, isMember, join, managedElsewhere, titleOf } from './groups.ts';

const input = Type.Object(
  {
    user: fields.user,
    group: Type.String({ minLength: 1, description: 'Name or object id of the group.' }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  groupId: Type.String({ description: 'Object id of the group.' }),
  groupName: Type.String({ description: 'Name of the group.' }),
  added: Type.Boolean({ description: 'True when this step added the person.' }),
  skipped: Type.Optional(
    Type.String({ description: 'Why nothing was done, for a group whose members are not managed here.' }),
  ),
});

type Context = ActionContext<GraphClient>;

export const addGroupMember = defineAction({
  name: 'entra.addGroupMember',
  title: 'Add to a group',
  description:
    'Makes a person a member of a group. Groups that fill themselves, come from on-premises or belong to Exchange are skipped, saying why. Its undo takes the person out, also when they had been in before: give an undo only for a person who is new to the group.',
  effect: 'write',
  source: 'Microsoft Graph: Add members',
  input,
  output,
  undo: 'entra.removeGroupMember',
  examples: [{ title: 'By name', with: { user: 'a.lee@example.com', group: 'Sales' } }],

  async run({ user, group: wanted }, { client, rememberBeforeWrite }: Context) {
    const group = await groupThatMustExist(client, wanted);
    const result = { groupId: group.id, groupName: titleOf(group) };
    const skipped = managedElsewhere(group);
    if (skipped) return { ...result, added: false, skipped };
    const person = await userThatMustExist(client, user, []);
    const wasIn = await rememberBeforeWrite(() => isIn(client, person.id, group.id));
    await join(client, person, group);
    return { ...result, added: !wasIn };
  },

  async preview({ user, group: wanted }, { client }: Context) {
    const group = await groupThatMustExist(client, wanted);
    const name = titleOf(group);
    const skipped = managedElsewhere(group);
    if (skipped) return { summary: `would skip ${name}: ${skipped}`, nothingToDo: true };
    const person = await findUser(client, user, []);
    if (person && (await isMember(client, person.id, group.id)))
      return { summary: `${nameOf(person)} is in ${name} already`, nothingToDo: true };
    return { summary: `would add ${person ? nameOf(person) : user} to ${name}` };
  },

  async verify({ user, group: wanted }, { client }: Context) {
    const group = await groupThatMustExist(client, wanted);
    const person = await userThatMustExist(client, user, []);
    return isMember(client, person.id, group.id);
  },
});
