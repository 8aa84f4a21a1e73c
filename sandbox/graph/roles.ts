/** Directory roles, app roles, consents and ownerships over HTTP. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { defined } from '../../plan/defined.ts';
import type { SeedUser } from '../seed.ts';
import { apps, roleDefinitions } from './access.ts';
import { badQuery, notFound } from './errors.ts';
import { groupResource, type Resource, userResource } from './properties.ts';
import { checkOptions, filterOf, type Item, page, shape } from './query.ts';
import { type GraphContext, idOf, queryOf } from './request.ts';

const ofMany = ['$select', '$top', '$skiptoken'];

export function roleRoutes(graph: FastifyInstance, context: GraphContext): void {
  directoryRoleRoutes(graph, context);
  appRoutes(graph, context);
  ownerRoutes(graph, context);
}

function directoryRoleRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const { access } = directory;

  graph.get('/roleManagement/directory/roleAssignments', async (request) => {
    const query = queryOf(request);
    checkOptions(query, [...ofMany, '$filter', '$expand']);
    if (query.$expand !== undefined && query.$expand !== 'roleDefinition')
      throw badQuery(`The expansion '${query.$expand}' is not supported.`);
    const matching = access.roleAssignments
      .map((assignment): Item => ({ ...assignment }))
      .filter(filterOf(query.$filter, roleAssignmentResource));
    return listed(
      url,
      page(matching, query, `${url()}/roleManagement/directory/roleAssignments`, (item) => ({
        ...shape(item, roleAssignmentResource, query.$select),
        ...defined({
          roleDefinition: query.$expand
            ? roleDefinitions.find(({ id }) => id === item.roleDefinitionId)
            : undefined,
        }),
      })),
      'roleManagement/directory/roleAssignments',
    );
  });

  graph.delete('/roleManagement/directory/roleAssignments/:id', async (request, reply) => {
    access.removeRole(idOf(request), (id) => directory.user(id).userPrincipalName);
    return reply.code(204).send();
  });
}

function appRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const { access } = directory;
  const userOf = (request: FastifyRequest) => directory.user(idOf(request));

  // Also those of the groups that the user is in directly, which are not the user's to give up.
  graph.get('/users/:id/appRoleAssignments', async (request) => {
    const user = userOf(request);
    const query = queryOf(request);
    checkOptions(query, ['$top', '$skiptoken']);
    const principals = [user.id, ...directory.groupsOf(user).map(({ id }) => id)];
    const held = access.appRoleAssignments.filter(({ principalId }) => principals.includes(principalId));
    const path = `users('${user.id}')/appRoleAssignments`;
    return listed(
      url,
      page(held, query, `${url()}/users/${user.id}/appRoleAssignments`, (item) => item),
      path,
    );
  });

  graph.delete('/users/:id/appRoleAssignments/:assignment', async (request, reply) => {
    access.removeAppRole(userOf(request), idOf(request, 'assignment'));
    return reply.code(204).send();
  });

  graph.get('/users/:id/oauth2PermissionGrants', async (request) => {
    const user = userOf(request);
    const query = queryOf(request);
    checkOptions(query, ['$top', '$skiptoken']);
    const granted = access.grants.filter(({ principalId }) => principalId === user.id);
    return listed(
      url,
      page(granted, query, `${url()}/users/${user.id}/oauth2PermissionGrants`, (item) => item),
      'oauth2PermissionGrants',
    );
  });

  graph.delete('/oauth2PermissionGrants/:id', async (request, reply) => {
    access.removeGrant(idOf(request), (id) => directory.user(id).userPrincipalName);
    return reply.code(204).send();
  });

  graph.get('/servicePrincipals/:id', async (request) => {
    checkOptions(queryOf(request), ['$select']);
    const app = apps.find(({ id }) => id === idOf(request));
    if (!app) throw notFound(idOf(request));
    return { '@odata.context': `${url()}/$metadata#servicePrincipals/$entity`, ...app };
  });
}

function ownerRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const { access } = directory;

  graph.get('/users/:id/ownedObjects', async (request) => {
    const user = directory.user(idOf(request));
    const query = queryOf(request);
    checkOptions(query, ofMany);
    const owned = [
      ...directory.groups
        .filter(({ id }) => access.ownersOf(id).includes(user.id))
        .map((group) => ({
          '@odata.type': '#microsoft.graph.group',
          ...shape(group, groupResource, query.$select),
        })),
      ...access.applications
        .filter(({ ownerId }) => ownerId === user.id)
        .map(({ id, displayName }) => ({ '@odata.type': '#microsoft.graph.application', id, displayName })),
    ];
    return listed(
      url,
      page(owned, query, `${url()}/users/${user.id}/ownedObjects`, (item) => item),
      'directoryObjects',
    );
  });

  const ownersOf = (groupId: string): SeedUser[] => {
    const ids = access.ownersOf(groupId);
    return directory.visibleUsers().filter(({ id }) => ids.includes(id));
  };

  graph.get('/groups/:id/owners', async (request) => {
    const group = directory.group(idOf(request));
    const query = queryOf(request);
    checkOptions(query, ofMany);
    return listed(
      url,
      page(ownersOf(group.id), query, `${url()}/groups/${group.id}/owners`, (user) => ({
        '@odata.type': '#microsoft.graph.user',
        ...shape(directory.withLicenses(user), userResource, query.$select),
      })),
      'directoryObjects',
    );
  });

  graph.delete('/groups/:id/owners/:owner/$ref', async (request, reply) => {
    access.removeOwner(directory.group(idOf(request)).id, directory.user(idOf(request, 'owner')));
    return reply.code(204).send();
  });
}

function listed(url: () => string, items: Item, what: string): Item {
  return { '@odata.context': `${url()}/$metadata#${what}`, ...items };
}

const roleAssignmentProperties = ['id', 'principalId', 'roleDefinitionId', 'directoryScopeId'];
const roleAssignmentResource: Resource = {
  title: 'UnifiedRoleAssignment',
  odataType: 'microsoft.graph.unifiedRoleAssignment',
  known: new Set(roleAssignmentProperties),
  usual: roleAssignmentProperties,
  collections: new Set(),
  filterable: new Set(['principalId', 'roleDefinitionId']),
};
