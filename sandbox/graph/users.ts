/** Users: reading, creating, changing and deleting them, their manager, licences and groups (user resource type). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SeedUser } from '../seed.ts';
import { notFound } from './errors.ts';
import { groupResource, userResource } from './properties.ts';
import { checkOptions, expandedManager, filterOf, type Item, page, type Query, shape } from './query.ts';
import { bodyOf, type GraphContext, idOf, queryOf, referenceOf } from './request.ts';

const ofOne = ['$select', '$expand'];
const ofMany = [...ofOne, '$filter', '$top', '$skiptoken'];

export function userRoutes(graph: FastifyInstance, context: GraphContext): void {
  accountRoutes(graph, context);
  managerRoutes(graph, context);
  licenceAndSessionRoutes(graph, context);
  membershipRoutes(graph, context);
  deletedUserRoutes(graph, context);
}

/** How one item and a list of them are dressed for an answer. */
function dressed(url: () => string) {
  return {
    one: (item: Item, what = 'users') => ({
      '@odata.context': `${url()}/$metadata#${what}/$entity`,
      ...item,
    }),
    many: (items: Item, what: string) => ({ '@odata.context': `${url()}/$metadata#${what}`, ...items }),
  };
}

function accountRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const userOf = (request: FastifyRequest) => directory.user(idOf(request));
  const { one, many } = dressed(url);

  const shown = (user: SeedUser, query: Query): Item => {
    const item = shape(directory.withLicenses(user), userResource, query.$select);
    const expanded = expandedManager(query, userResource);
    const manager = expanded && directory.managerOf(user);
    if (!manager) return item;
    const type = { '@odata.type': '#microsoft.graph.user' };
    return { ...item, manager: { ...type, ...shape(manager, userResource, expanded.select) } };
  };

  graph.get('/users', async (request) => {
    const query = queryOf(request);
    checkOptions(query, ofMany);
    const users = directory
      .visibleUsers()
      .filter((user) => filterOf(query.$filter, userResource)(directory.withLicenses(user)));
    return many(
      page(users, query, `${url()}/users`, (user) => shown(user, query)),
      'users',
    );
  });

  graph.post('/users', async (request, reply) => {
    const user = directory.createUser(bodyOf(request));
    reply.code(201).header('location', `${url()}/users/${user.id}`);
    return one(shape(user, userResource));
  });

  graph.get('/users/:id', async (request) => {
    checkOptions(queryOf(request), ofOne);
    return one(shown(userOf(request), queryOf(request)));
  });

  graph.patch('/users/:id', async (request, reply) => {
    directory.updateUser(userOf(request), bodyOf(request));
    return reply.code(204).send();
  });

  graph.delete('/users/:id', async (request, reply) => {
    directory.deleteUser(userOf(request));
    return reply.code(204).send();
  });
}

function managerRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const userOf = (request: FastifyRequest) => directory.user(idOf(request));
  const { one } = dressed(url);

  graph.get('/users/:id/manager', async (request) => {
    const manager = directory.managerOf(userOf(request));
    if (!manager) throw notFound('manager');
    const type = { '@odata.type': '#microsoft.graph.user' };
    return one({ ...type, ...shape(manager, userResource, queryOf(request).$select) }, 'directoryObjects');
  });

  graph.put('/users/:id/manager/$ref', async (request, reply) => {
    directory.setManager(userOf(request), directory.user(referenceOf(request)));
    return reply.code(204).send();
  });

  graph.delete('/users/:id/manager/$ref', async (request, reply) => {
    directory.removeManager(userOf(request));
    return reply.code(204).send();
  });
}

function licenceAndSessionRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const userOf = (request: FastifyRequest) => directory.user(idOf(request));
  const { one, many } = dressed(url);

  graph.post('/users/:id/assignLicense', async (request) => {
    const user = userOf(request);
    directory.assignLicenses(user, bodyOf(request));
    return one(shape(directory.withLicenses(user), userResource));
  });

  graph.post('/users/:id/revokeSignInSessions', async (request) => {
    directory.revokeSessions(userOf(request));
    return { '@odata.context': `${url()}/$metadata#Edm.Boolean`, value: true };
  });

  graph.get('/users/:id/licenseDetails', async (request) => {
    const user = userOf(request);
    const assigned = directory.licenseStatesOf(user).map((state) => state.skuId);
    const value = directory.skus
      .filter((sku) => assigned.includes(sku.skuId))
      .map(({ id, skuId, skuPartNumber, servicePlans }) => ({ id, skuId, skuPartNumber, servicePlans }));
    return many({ value }, `users('${user.id}')/licenseDetails`);
  });

  graph.get('/subscribedSkus', async () => many({ value: directory.skus }, 'subscribedSkus'));
}

function membershipRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const userOf = (request: FastifyRequest) => directory.user(idOf(request));
  const { many } = dressed(url);

  graph.get('/users/:id/memberOf', async (request) => {
    const type = { '@odata.type': '#microsoft.graph.group' };
    return many(memberships(request, 'memberOf', type), 'directoryObjects');
  });

  graph.get('/users/:id/memberOf/microsoft.graph.group', async (request) =>
    many(memberships(request, 'memberOf/microsoft.graph.group'), 'groups'),
  );

  const memberships = (request: FastifyRequest, path: string, type: Item = {}): Item => {
    const user = userOf(request);
    const query = queryOf(request);
    checkOptions(query, ['$select', '$top', '$skiptoken']);
    return page(directory.groupsOf(user), query, `${url()}/users/${user.id}/${path}`, (group) => ({
      ...type,
      ...shape(group, groupResource, query.$select),
    }));
  };

  graph.post('/users/:id/checkMemberGroups', async (request) => {
    const ids = directory.groupsOf(userOf(request)).map((group) => group.id);
    const { groupIds } = bodyOf(request) as { groupIds?: string[] };
    return many({ value: (groupIds ?? []).filter((id) => ids.includes(id)) }, 'Collection(Edm.String)');
  });
}

function deletedUserRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const { one, many } = dressed(url);

  graph.get('/directory/deletedItems/microsoft.graph.user', async (request) => {
    const query = queryOf(request);
    checkOptions(query, ofMany);
    const users = directory.deletedUsers().filter(filterOf(query.$filter, userResource));
    const select = query.$select ?? [...userResource.usual, 'deletedDateTime'].join(',');
    return many(
      page(users, query, `${url()}/directory/deletedItems/microsoft.graph.user`, (user) =>
        shape(renamed(user), userResource, select),
      ),
      'users',
    );
  });

  const object = (user: SeedUser, query: Query) =>
    one(
      { '@odata.type': '#microsoft.graph.user', ...shape(user, userResource, query.$select) },
      'directoryObjects',
    );

  graph.get('/directory/deletedItems/:id', async (request) =>
    object(renamed(directory.deletedUser(idOf(request))), queryOf(request)),
  );

  graph.delete('/directory/deletedItems/:id', async (request, reply) => {
    directory.purgeUser(idOf(request));
    return reply.code(204).send();
  });

  graph.post('/directory/deletedItems/:id/restore', async (request) =>
    object(directory.restoreUser(idOf(request)), {}),
  );
}

/** So that others can have the name of somebody who is deleted. */
function renamed(user: SeedUser): SeedUser {
  return { ...user, userPrincipalName: `${user.id.replaceAll('-', '')}${user.userPrincipalName}` };
}
