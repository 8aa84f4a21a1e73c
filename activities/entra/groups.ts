/** Joining and leaving groups, and telling those whose members can be set from those where something else decides. */
import { RetryableFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { type Group, groupFields } from '../kit/graph/groups.ts';
import { type GraphUser, nameOf } from '../kit/graph/users.ts';

/** Groups that the person is in directly. Microsoft Graph: List a user's direct memberships. */
export function groupsOf(client: GraphClient, userId: string): Promise<Group[]> {
  // Without the type, directory roles and administrative units would come in the same list.
  const path = `/users/${userId}/memberOf/microsoft.graph.group`;
  return client.list<Group>(path, { query: { $select: groupFields } });
}

/** Directly: who is in by way of another group can be added to this one, and cannot be taken out of it. */
export async function isIn(client: GraphClient, userId: string, groupId: string): Promise<boolean> {
  return (await groupsOf(client, userId)).some((group) => group.id === groupId);
}

export function titleOf(group: { id: string; displayName: string | null }): string {
  return group.displayName ?? group.id;
}

export function isDynamic(group: Group): boolean {
  return (group.groupTypes ?? []).includes('DynamicMembership');
}

export function givesLicenses(group: Group): boolean {
  return (group.assignedLicenses ?? []).length > 0;
}

/** A distribution list, or a security group that gets mail: Exchange keeps its members. */
export function isMailList(group: Group): boolean {
  return Boolean(group.mailEnabled) && !(group.groupTypes ?? []).includes('Unified');
}

/** Why Graph does not let anybody set the members of a group, if it does not. */
export function managedElsewhere(group: Group): string | undefined {
  if (isDynamic(group)) return 'it is a dynamic group: a rule decides who is in it.';
  if (group.onPremisesSyncEnabled) return 'it comes from on-premises Active Directory and is managed there.';
  if (isMailList(group))
    return 'it is a distribution list or mail-enabled security group, which is managed in Exchange.';
  return undefined;
}

/** Microsoft Graph: Add members. False when the person is in it already. */
export async function join(client: GraphClient, person: GraphUser, group: Group): Promise<boolean> {
  const body = client.reference(`/directoryObjects/${person.id}`);
  const answer = await client.ask('POST', `/groups/${group.id}/members/$ref`, { body });
  // A group cannot have a member twice: the refusal is the proof that the person is in.
  if (answer.status === 400 && /already exist/i.test(answer.error?.message ?? '')) return false;
  if (answer.status === 404)
    throw new RetryableFailure(
      `The directory cannot add ${nameOf(person)} to ${titleOf(group)} yet: ${answer.error?.message ?? 'not found'}`,
      { status: 404 },
    );
  successOf(answer);
  return true;
}

/** Why a group was not left. */
export interface Refusal {
  reason: string;
}

/**
 * Microsoft Graph: Remove member. True when it was left now, false when the person was not in it, and the reason when the
 * group itself, and not our permissions, stands in the way.
 */
export async function leave(
  client: GraphClient,
  userId: string,
  group: Pick<Group, 'id' | 'isAssignableToRole'>,
): Promise<boolean | Refusal> {
  const answer = await client.ask('DELETE', `/groups/${group.id}/members/${userId}/$ref`);
  if (answer.status === 404) return false;
  if (answer.status === 400)
    return { reason: `Entra ID refused it: ${answer.error?.message ?? 'no reason given'}` };
  if (answer.status === 403 && group.isAssignableToRole)
    return {
      reason:
        'it can be given directory roles, and the app registration may not change such groups (RoleManagement.ReadWrite.Directory).',
    };
  successOf(answer);
  return true;
}

/** Microsoft Graph: Check member groups. Counts membership through another group, too. */
export async function isMember(client: GraphClient, userId: string, groupId: string): Promise<boolean> {
  const answer = await client.ask<{ value: string[] }>('POST', `/users/${userId}/checkMemberGroups`, {
    body: { groupIds: [groupId] },
  });
  return successOf(answer).value.includes(groupId);
}
