import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure, RetryableFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { findUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';

const input = Type.Object(
  {
    user: Type.String({
      minLength: 1,
      description: 'Sign-in name, e-mail address or object id of the person.',
    }),
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

/** The part of Graph's group that matters here. */
interface Group {
  id: string;
  displayName: string | null;
  groupTypes?: string[] | null;
  onPremisesSyncEnabled?: boolean | null;
  mailEnabled?: boolean | null;
}

type Context = ActionContext<GraphClient>;

export const addGroupMember = defineAction({
  name: 'entra.addGroupMember',
  title: 'Add to a group',
  description:
    'Makes a person a member of a group. Groups that fill themselves, come from on-premises or belong to Exchange are skipped, saying why.',
  effect: 'write',
  source: 'Microsoft Graph: Add members',
  input,
  output,
  examples: [{ title: 'By name', with: { user: 'a.lee@example.com', group: 'Sales' } }],

  async run({ user, group: wanted }, { client, signal }: Context) {
    const group = await groupOf(client, wanted, signal);
    const result = { groupId: group.id, groupName: group.displayName ?? wanted };
    const skipped = reasonToSkip(group);
    if (skipped) return { ...result, added: false, skipped };
    const person = await userThatMustExist(client, user, [], signal);
    const body = client.reference(`/directoryObjects/${person.id}`);
    const answer = await client.ask('POST', `/groups/${group.id}/members/$ref`, { body, signal });
    // A group cannot have a member twice: the refusal is the proof that the person is in.
    if (answer.status === 400 && /already exist/i.test(answer.error?.message ?? ''))
      return { ...result, added: false };
    if (answer.status === 404)
      throw new RetryableFailure(
        `The directory cannot add ${nameOf(person)} to ${result.groupName} yet: ${answer.error?.message ?? 'not found'}`,
        { status: 404 },
      );
    successOf(answer);
    return { ...result, added: true };
  },

  async preview({ user, group: wanted }, { client, signal }: Context) {
    const group = await groupOf(client, wanted, signal);
    const name = group.displayName ?? wanted;
    const skipped = reasonToSkip(group);
    if (skipped) return { summary: `would skip ${name}: ${skipped}`, nothingToDo: true };
    const person = await findUser(client, user, [], signal);
    if (person && (await isMember(client, person.id, group.id, signal)))
      return { summary: `${nameOf(person)} is in ${name} already`, nothingToDo: true };
    return { summary: `would add ${person ? nameOf(person) : user} to ${name}` };
  },

  async verify({ user, group: wanted }, { client, signal }: Context) {
    const group = await groupOf(client, wanted, signal);
    const person = await userThatMustExist(client, user, [], signal);
    return isMember(client, person.id, group.id, signal);
  },
});

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const $select = 'id,displayName,groupTypes,onPremisesSyncEnabled,mailEnabled';

async function groupOf(client: GraphClient, group: string, signal: AbortSignal): Promise<Group> {
  if (guid.test(group)) {
    const found = await client.find<Group>(`/groups/${group}`, { query: { $select }, signal });
    if (found) return found;
    throw new PermanentFailure(`Entra ID has no group with the id ${group}.`, { status: 404 });
  }
  const $filter = `displayName eq '${group.replaceAll("'", "''")}'`;
  const [first, ...others] = await client.list<Group>('/groups', { query: { $filter, $select }, signal });
  if (!first)
    throw new PermanentFailure(
      `Entra ID has no group named "${group}". Check the spelling, or create the group first.`,
    );
  if (others.length > 0)
    throw new PermanentFailure(
      `${others.length + 1} groups are named "${group}": ${[first, ...others].map((item) => item.id).join(', ')}. Name one by its id.`,
    );
  return first;
}

/** Groups whose members Graph does not let anybody set. */
function reasonToSkip(group: Group): string | undefined {
  const types = group.groupTypes ?? [];
  if (types.includes('DynamicMembership')) return 'it is a dynamic group: a rule decides who is in it.';
  if (group.onPremisesSyncEnabled) return 'it comes from on-premises Active Directory and is managed there.';
  if (group.mailEnabled && !types.includes('Unified'))
    return 'it is a distribution list or mail-enabled security group, which is managed in Exchange.';
  return undefined;
}

/** Microsoft Graph: Check member groups. Counts membership through another group, too. */
async function isMember(
  client: GraphClient,
  user: string,
  group: string,
  signal: AbortSignal,
): Promise<boolean> {
  const body = { groupIds: [group] };
  const answer = await client.ask<{ value: string[] }>('POST', `/users/${user}/checkMemberGroups`, {
    body,
    signal,
  });
  return successOf(answer).value.includes(group);
}
