import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { findGroup, type Group } from '../kit/graph/groups.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import * as fields from './fields.ts';
import { groupsOf, join, managedElsewhere, titleOf } from './groups.ts';

const input = Type.Object(
  {
    user: fields.user,
    groups: Type.Array(Type.String({ minLength: 1 }), {
      description: 'Names or object ids of the groups, as the step that removed the person gave them.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  added: Type.Array(Type.String(), {
    description: 'Names of the groups that this step added the person to.',
  }),
  skipped: Type.Array(fields.groupAndReason, {
    description: 'Groups that are gone, or whose members are not managed here, and why.',
  }),
});

type Context = ActionContext<GraphClient>;

interface Split {
  /** Not yet a member, and can be one. */
  toJoin: Group[];
  skipped: { group: string; reason: string }[];
}

export const addToGroups = defineAction({
  name: 'entra.addToGroups',
  title: 'Add to several groups',
  description:
    'Makes a person a member of each of these groups. Groups that are gone, fill themselves, come from on-premises or belong to Exchange are skipped, saying why.',
  effect: 'write',
  source: 'Microsoft Graph: Add members',
  input,
  output,
  examples: [
    { title: 'By name', with: { user: 'a.lee@example.com', groups: ['Sales', 'VPN Users'] } },
    {
      title: 'By id, as the step that removed the person gave them',
      with: { user: 'a.lee@example.com', groups: ['5f6d2c1e-8b7a-4c3d-9e2f-1a0b9c8d7e6f'] },
    },
  ],

  async run({ user, groups }, { client, rememberBeforeWrite }: Context) {
    const person = await userThatMustExist(client, user, []);
    const { toJoin, skipped } = await rememberBeforeWrite(() => split(client, person.id, groups));
    for (const group of toJoin) await join(client, person, group);
    return { added: toJoin.map(titleOf), skipped };
  },

  async preview({ user, groups }, { client }: Context) {
    const person = await findUser(client, user, []);
    const { toJoin, skipped } = await split(client, person?.id, groups);
    const name = person ? nameOf(person) : user;
    const notes = skipped.map(({ group, reason }) => `${group} would be skipped: ${reason}`);
    const problems = notes.length > 0 ? { problems: notes } : {};
    if (toJoin.length === 0)
      return { summary: `${name} needs to be added to none of them`, nothingToDo: true, ...problems };
    return { summary: `would add ${name} to ${toJoin.map(titleOf).join(', ')}`, ...problems };
  },

  async verify({ user, groups }, { client }: Context) {
    const person = await userThatMustExist(client, user, []);
    return (await split(client, person.id, groups)).toJoin.length === 0;
  },
});

async function split(client: GraphClient, userId: string | undefined, wanted: string[]): Promise<Split> {
  const isIn = new Set(userId ? (await groupsOf(client, userId)).map((group) => group.id) : []);
  const toJoin = new Map<string, Group>();
  const skipped: Split['skipped'] = [];
  for (const name of wanted) {
    const group = await findGroup(client, name);
    const reason = group ? managedElsewhere(group) : 'there is no such group.';
    if (reason) skipped.push({ group: group ? titleOf(group) : name, reason });
    else if (group && !isIn.has(group.id)) toJoin.set(group.id, group);
  }
  return { toJoin: [...toJoin.values()], skipped };
}
