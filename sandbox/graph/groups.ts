/** Groups: finding them, and who is in them (group resource type). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { groupResource, userResource } from './properties.ts';
import { checkOptions, filterOf, page, shape } from './query.ts';
import { bodyOf, type GraphContext, idOf, queryOf, referenceOf } from './request.ts';

export function groupRoutes(graph: FastifyInstance, { directory, url }: GraphContext): void {
  const groupOf = (request: FastifyRequest) => directory.group(idOf(request));

  graph.get('/groups', async (request) => {
    const query = queryOf(request);
    checkOptions(query, ['$select', '$filter', '$top', '$skiptoken']);
    const groups = directory.groups.filter(filterOf(query.$filter, groupResource));
    return {
      '@odata.context': `${url()}/$metadata#groups`,
      ...page(groups, query, `${url()}/groups`, (group) => shape(group, groupResource, query.$select)),
    };
  });

  graph.get('/groups/:id', async (request) => {
    const query = queryOf(request);
    checkOptions(query, ['$select']);
    return {
      '@odata.context': `${url()}/$metadata#groups/$entity`,
      ...shape(groupOf(request), groupResource, query.$select),
    };
  });

  graph.get('/groups/:id/members', async (request) => {
    const group = groupOf(request);
    const query = queryOf(request);
    checkOptions(query, ['$select', '$top', '$skiptoken']);
    return {
      '@odata.context': `${url()}/$metadata#directoryObjects`,
      ...page(directory.membersOf(group), query, `${url()}/groups/${group.id}/members`, (user) => ({
        '@odata.type': '#microsoft.graph.user',
        ...shape(directory.withLicenses(user), userResource, query.$select),
      })),
    };
  });

  graph.post('/groups', async (request, reply) => {
    const group = directory.createGroup(bodyOf(request));
    reply.code(201).header('location', `${url()}/groups/${group.id}`);
    return { '@odata.context': `${url()}/$metadata#groups/$entity`, ...shape(group, groupResource) };
  });

  graph.post('/groups/:id/members/$ref', async (request, reply) => {
    const group = groupOf(request);
    directory.addMember(group, directory.user(referenceOf(request)));
    return reply.code(204).send();
  });

  graph.delete('/groups/:id/members/:member/$ref', async (request, reply) => {
    directory.removeMember(groupOf(request), idOf(request, 'member'));
    return reply.code(204).send();
  });
}
