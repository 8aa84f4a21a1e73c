/** People who were deleted, whom Entra ID keeps for 30 days. */
import type { GraphClient } from '../kit/graph/client.ts';
import type { GraphUser } from '../kit/graph/users.ts';

export type Deleted = GraphUser & { deletedDateTime?: string | null };

/** Microsoft Graph: List deleted items. By object id, or by the sign-in name it had; the one deleted last. */
export async function deletedUser(client: GraphClient, user: string): Promise<Deleted | undefined> {
  const query = { $select: 'id,userPrincipalName,displayName,mail,deletedDateTime' };
  const all = await client.list<Deleted>('/directory/deletedItems/microsoft.graph.user', { query });
  const wanted = user.toLowerCase();
  const matches = all.filter((item) =>
    [item.id, formerName(item), item.mail].some((name) => name?.toLowerCase() === wanted),
  );
  return matches.sort((a, b) => timeOf(b) - timeOf(a))[0];
}

function timeOf(user: Deleted): number {
  return Date.parse(user.deletedDateTime ?? '') || 0;
}

/** The name is free for others once its user is deleted: Entra ID writes the object id before it, without hyphens. */
export function formerName(user: GraphUser): string {
  const prefix = user.id.replaceAll('-', '');
  const name = user.userPrincipalName;
  return name.toLowerCase().startsWith(prefix.toLowerCase()) ? name.slice(prefix.length) : name;
}
