/** Finding groups in the directory, as several connectors need it. */
import { PermanentFailure } from '../failures.ts';
import type { GraphClient } from './client.ts';

/** The part of Graph's group that the actions read (group resource type). */
export interface Group {
  id: string;
  displayName: string | null;
  groupTypes?: string[] | null;
  onPremisesSyncEnabled?: boolean | null;
  mailEnabled?: boolean | null;
  isAssignableToRole?: boolean | null;
  assignedLicenses?: { skuId: string }[] | null;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What to ask for, so that a group says whether its members can be set. */
export const groupFields =
  'id,displayName,groupTypes,onPremisesSyncEnabled,mailEnabled,isAssignableToRole,assignedLicenses';

/** By name or id. Undefined when there is none; rejects when a name belongs to several. */
export async function findGroup(client: GraphClient, group: string): Promise<Group | undefined> {
  if (guid.test(group)) return client.find<Group>(`/groups/${group}`, { query: { $select: groupFields } });
  const $filter = `displayName eq '${group.replaceAll("'", "''")}'`;
  const matches = await client.list<Group>('/groups', { query: { $filter, $select: groupFields } });
  if (matches.length > 1)
    throw new PermanentFailure(
      `${matches.length} groups are named "${group}": ${matches.map((item) => item.id).join(', ')}. Name one by its id.`,
    );
  return matches[0];
}

export async function groupThatMustExist(client: GraphClient, group: string): Promise<Group> {
  const found = await findGroup(client, group);
  if (found) return found;
  if (guid.test(group))
    throw new PermanentFailure(`Entra ID has no group with the id ${group}.`, { status: 404 });
  throw new PermanentFailure(
    `Entra ID has no group named "${group}". Check the spelling, or create the group first.`,
  );
}
