/** What a person may do beyond their groups: directory roles, app roles, consents, and what they own. */
import type { GraphClient } from '../kit/graph/client.ts';

/** Something that can be taken away. */
export interface Access {
  id: string;
  /** As a coordinator would name it. */
  name: string;
}

interface RoleAssignment {
  id: string;
  roleDefinitionId?: string | null;
  directoryScopeId?: string | null;
  roleDefinition?: { displayName?: string | null } | null;
}

/**
 * Microsoft Graph: List unifiedRoleAssignments. Rather than the members of directoryRoles, since it has the roles that the
 * organisation made itself, and those for a part of the directory.
 */
export async function rolesOf(client: GraphClient, userId: string): Promise<Access[]> {
  const query = { $filter: `principalId eq '${userId}'`, $expand: 'roleDefinition' };
  const path = '/roleManagement/directory/roleAssignments';
  const all = await client.list<RoleAssignment>(path, { query });
  return all.map(({ id, roleDefinition, roleDefinitionId, directoryScopeId }) => {
    const name = roleDefinition?.displayName ?? roleDefinitionId ?? id;
    const isWhole = !directoryScopeId || directoryScopeId === '/';
    return { id, name: isWhole ? name : `${name} (for ${directoryScopeId} only)` };
  });
}

interface AppRoleAssignment {
  id: string;
  principalId?: string | null;
  resourceDisplayName?: string | null;
}

/** Microsoft Graph: List appRoleAssignments granted to a user. Those of groups come along; they go with the group. */
export async function appRolesOf(client: GraphClient, userId: string): Promise<Access[]> {
  const all = await client.list<AppRoleAssignment>(`/users/${userId}/appRoleAssignments`);
  return all
    .filter(({ principalId }) => principalId === userId)
    .map(({ id, resourceDisplayName }) => ({ id, name: resourceDisplayName ?? id }));
}

interface Grant {
  id: string;
  clientId: string;
  scope?: string | null;
}

/** Microsoft Graph: List a user's oauth2PermissionGrants. What an administrator consented to for all is not among them. */
export async function grantsOf(client: GraphClient, userId: string): Promise<Access[]> {
  const all = await client.list<Grant>(`/users/${userId}/oauth2PermissionGrants`);
  const names = new Map<string, string>();
  for (const { clientId } of all)
    if (!names.has(clientId)) names.set(clientId, await appName(client, clientId));
  return all.map(({ id, clientId, scope }) => ({
    id,
    name: `${names.get(clientId) ?? clientId} (${scope?.trim() || 'no permission'})`,
  }));
}

async function appName(client: GraphClient, id: string): Promise<string> {
  const query = { $select: 'id,displayName' };
  const app = await client.find<{ displayName?: string | null }>(`/servicePrincipals/${id}`, {
    query,
  });
  return app?.displayName ?? id;
}

export interface Owned extends Access {
  kind: 'group' | 'application' | 'other';
}

/** Microsoft Graph: List ownedObjects. */
export async function ownedBy(client: GraphClient, userId: string): Promise<Owned[]> {
  const query = { $select: 'id,displayName' };
  const path = `/users/${userId}/ownedObjects`;
  const all = await client.list<OwnedObject>(path, { query });
  return all.map((item) => ({ id: item.id, name: item.displayName ?? item.id, kind: kindOf(item) }));
}

interface OwnedObject {
  id: string;
  displayName?: string | null;
  '@odata.type'?: string;
}

function kindOf(item: OwnedObject): Owned['kind'] {
  const type = item['@odata.type']?.replace('#microsoft.graph.', '');
  if (type === 'group') return 'group';
  return type === 'application' || type === 'servicePrincipal' ? 'application' : 'other';
}

/** Microsoft Graph: List group owners. Whether nobody else owns it. */
export async function isOnlyOwner(client: GraphClient, groupId: string): Promise<boolean> {
  const owners = await client.list(`/groups/${groupId}/owners`, { query: { $select: 'id' } });
  return owners.length === 1;
}
