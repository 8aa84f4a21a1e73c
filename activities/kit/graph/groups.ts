/** Finding groups in the directory, as several connectors need it. */
import { PermanentFailure } from '../failures.ts';
import type { GraphClient } from './client.ts';

export interface GraphGroup {
  id: string;
  displayName: string | null;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A group by name or object id. Rejects when there is none, or several of the name. */
export async function groupThatMustExist(
  client: GraphClient,
  group: string,
  signal: AbortSignal,
): Promise<GraphGroup> {
  const $select = 'id,displayName';
  if (guid.test(group)) {
    const found = await client.find<GraphGroup>(`/groups/${group}`, { query: { $select }, signal });
    if (found) return found;
    throw new PermanentFailure(`Entra ID has no group with the id ${group}.`, { status: 404 });
  }
  const $filter = `displayName eq '${group.replaceAll("'", "''")}'`;
  const found = await client.list<GraphGroup>('/groups', { query: { $filter, $select }, signal });
  const [first, ...others] = found;
  if (!first)
    throw new PermanentFailure(
      `Entra ID has no group named "${group}". Check the spelling, or create the group first.`,
    );
  if (others.length > 0)
    throw new PermanentFailure(
      `${found.length} groups are named "${group}": ${found.map(({ id }) => id).join(', ')}. Name one by its id.`,
    );
  return first;
}
