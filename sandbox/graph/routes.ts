/** Microsoft Graph v1.0 and its sign-in service, over HTTP. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SeedGroup, SeedUser } from '../seed.ts';
import type { Directory } from './directory.ts';
import { badRequest, GraphError, notFound, sendError } from './errors.ts';

export const credentials = {
  tenant: 'example.onmicrosoft.com',
  clientId: '6f1a8c52-4a3b-4a52-9f5e-0c6f5a8b7d10',
  clientSecret: 'sandbox-graph-secret',
};

type Query = Record<string, string | undefined>;
type Params = Record<string, string>;

const queryOptions = new Set([
  '$select',
  '$filter',
  '$expand',
  '$top',
  '$count',
  '$orderby',
  '$search',
  '$skiptoken',
]);
/** What Graph returns of a user without `$select`. */
const defaultUserFields = [
  ...[
    'businessPhones',
    'displayName',
    'givenName',
    'id',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
  ],
  ...['preferredLanguage', 'surname', 'userPrincipalName'],
];
const hidden = new Set(['createdMs', 'managerId', 'members']);

export function graphRoutes(app: FastifyInstance, directory: Directory, baseUrl: () => string): void {
  const tokens = new Set<string>();

  app.post('/login/:tenant/oauth2/v2.0/token', async (request, reply) => {
    const form = request.body as Record<string, string>;
    const problem = tokenProblem((request.params as Params).tenant ?? '', form);
    if (problem)
      return reply.code(problem.status).send({ error: problem.error, error_description: problem.words });
    const token = randomBytes(24).toString('base64url');
    tokens.add(token);
    return { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token };
  });

  app.register(
    async (graph) => {
      graph.addHook('preHandler', async (request) => {
        const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
        if (!token || !tokens.has(token)) {
          throw new GraphError(401, 'InvalidAuthenticationToken', 'Access token is empty or has expired.');
        }
        for (const option of Object.keys(request.query as Query)) {
          if (option.startsWith('$') && !queryOptions.has(option)) {
            throw badRequest(`The query parameter '${option}' is not supported.`);
          }
        }
      });
      graph.setErrorHandler((error, _request, reply) => {
        if (error instanceof GraphError) return sendError(reply, error);
        const { statusCode = 500, message } = error as { statusCode?: number; message: string };
        return sendError(
          reply,
          new GraphError(statusCode, statusCode < 500 ? 'BadRequest' : 'InternalServerError', message),
        );
      });
      graph.setNotFoundHandler((request, reply) =>
        sendError(
          reply,
          badRequest(`Resource not found for the segment '${request.url.split('/')[3] ?? ''}'.`),
        ),
      );
      userRoutes(graph, directory, baseUrl);
      groupRoutes(graph, directory, baseUrl);
      graph.get('/subscribedSkus', async () => ({ value: directory.skus }));
      graph.get('/directory/deletedItems/:id', async (request) => {
        const { id = '' } = request.params as Params;
        const user = directory.deleted.find((other) => other.id === id);
        if (!user) throw notFound(id);
        return shape(user, request.query as Query);
      });
      graph.post('/directory/deletedItems/:id/restore', async (request) =>
        shape(directory.restoreUser((request.params as Params).id ?? ''), {}),
      );
    },
    { prefix: '/graph/v1.0' },
  );
}

function tokenProblem(tenant: string, form: Record<string, string>) {
  if (form.grant_type !== 'client_credentials') {
    return {
      status: 400,
      error: 'unsupported_grant_type',
      words: 'AADSTS70003: The app requested an unsupported grant type.',
    };
  }
  if (tenant !== credentials.tenant) {
    return { status: 400, error: 'invalid_request', words: `AADSTS90002: Tenant '${tenant}' not found.` };
  }
  if (!form.scope?.endsWith('/.default')) {
    return {
      status: 400,
      error: 'invalid_scope',
      words: 'AADSTS70011: The provided value for the input parameter scope is not valid.',
    };
  }
  if (form.client_id !== credentials.clientId || form.client_secret !== credentials.clientSecret) {
    return { status: 401, error: 'invalid_client', words: 'AADSTS7000215: Invalid client secret provided.' };
  }
  return undefined;
}

function userRoutes(graph: FastifyInstance, directory: Directory, baseUrl: () => string): void {
  const userOf = (request: FastifyRequest) => directory.user((request.params as Params).id ?? '');

  graph.get('/users', async (request) => {
    const query = request.query as Query;
    const users = directory.users.filter((user) => directory.isVisible(user) && matches(user, query.$filter));
    return page(users, query, `${baseUrl()}/graph/v1.0/users`, (user) => withManager(user, directory, query));
  });
  graph.post('/users', async (request, reply) => {
    const user = directory.createUser(bodyOf(request));
    return reply.code(201).send(shape(user, {}));
  });
  graph.get('/users/:id', async (request) => withManager(userOf(request), directory, request.query as Query));
  graph.patch('/users/:id', async (request, reply) => {
    directory.updateUser(userOf(request), bodyOf(request));
    return reply.code(204).send();
  });
  graph.delete('/users/:id', async (request, reply) => {
    directory.deleteUser(userOf(request));
    return reply.code(204).send();
  });
  graph.put('/users/:id/manager/$ref', async (request, reply) => {
    directory.setManager(userOf(request), referenceOf(request));
    return reply.code(204).send();
  });
  graph.get('/users/:id/manager', async (request) => {
    const manager = directory.users.find((user) => user.id === userOf(request).managerId);
    if (!manager) throw notFound('manager');
    return shape(manager, request.query as Query);
  });
  graph.get('/users/:id/licenseDetails', async (request) => {
    const ids = (userOf(request).assignedLicenses as { skuId: string }[]).map((licence) => licence.skuId);
    return {
      value: directory.skus
        .filter((sku) => ids.includes(sku.skuId))
        .map(({ skuId, skuPartNumber }) => ({ skuId, skuPartNumber })),
    };
  });
  graph.post('/users/:id/assignLicense', async (request) => {
    const user = userOf(request);
    directory.assignLicenses(user, bodyOf(request));
    return shape(user, {});
  });
  graph.post('/users/:id/checkMemberGroups', async (request) => {
    const { id } = userOf(request);
    const wanted = bodyOf(request).groupIds as string[];
    return {
      value: wanted.filter((groupId) =>
        directory.groups.some((group) => group.id === groupId && group.members.includes(id)),
      ),
    };
  });
}

function groupRoutes(graph: FastifyInstance, directory: Directory, baseUrl: () => string): void {
  const groupOf = (request: FastifyRequest) => directory.group((request.params as Params).id ?? '');

  graph.get('/groups', async (request) => {
    const query = request.query as Query;
    const groups = directory.groups.filter((group) => matches(group, query.$filter));
    return page(groups, query, `${baseUrl()}/graph/v1.0/groups`, (group) => shape(group, query));
  });
  graph.get('/groups/:id', async (request) => shape(groupOf(request), request.query as Query));
  graph.get('/groups/:id/members', async (request) => {
    const { id, members } = groupOf(request);
    const users = directory.users.filter((user) => members.includes(user.id));
    const query = request.query as Query;
    return page(users, query, `${baseUrl()}/graph/v1.0/groups/${id}/members`, (user) => shape(user, query));
  });
  graph.post('/groups/:id/members/$ref', async (request, reply) => {
    directory.addMember(groupOf(request), referenceOf(request));
    return reply.code(204).send();
  });
  graph.delete('/groups/:id/members/:member/$ref', async (request, reply: FastifyReply) => {
    directory.removeMember(groupOf(request), (request.params as Params).member ?? '');
    return reply.code(204).send();
  });
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new GraphError(
    400,
    'BadRequest',
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
}

function referenceOf(request: FastifyRequest): string {
  const id = /\/(?:directoryObjects|users)\/([^/]+)$/.exec(String(bodyOf(request)['@odata.id'] ?? ''))?.[1];
  if (id) return id;
  throw badRequest("The request must contain a property '@odata.id' that refers to a directory object.");
}

/** `name eq 'value'` is all that is understood; anything else is refused rather than guessed. */
function matches(item: Record<string, unknown>, filter: string | undefined): boolean {
  if (!filter) return true;
  const match = /^(\w+) eq '((?:[^']|'')*)'$/.exec(filter);
  if (!match) throw badRequest(`Invalid filter clause: ${filter}`);
  const [, name = '', value = ''] = match;
  return String(item[name] ?? '').toLowerCase() === value.replaceAll("''", "'").toLowerCase();
}

function page<T>(items: T[], query: Query, url: string, shapeOne: (item: T) => unknown): unknown {
  const size = Math.min(Number(query.$top ?? 100), 999);
  const start = Number(query.$skiptoken ?? 0);
  const value = items.slice(start, start + size).map(shapeOne);
  if (start + size >= items.length) return { value };
  const rest = new URLSearchParams(
    Object.entries({ ...query, $skiptoken: String(start + size) }) as [string, string][],
  );
  return { '@odata.nextLink': `${url}?${rest}`, value };
}

function shape(item: SeedUser | SeedGroup, query: Query): Record<string, unknown> {
  const wanted = query.$select?.split(',').map((name) => name.trim());
  const isUser = 'userPrincipalName' in item;
  const names =
    wanted ?? (isUser ? defaultUserFields : Object.keys(item).filter((name) => !hidden.has(name)));
  return Object.fromEntries(
    names.filter((name) => !hidden.has(name)).map((name) => [name, item[name] ?? null]),
  );
}

function withManager(user: SeedUser, directory: Directory, query: Query): Record<string, unknown> {
  const shaped = shape(user, query);
  const expand = /^manager(?:\(\$select=([^)]*)\))?$/.exec(query.$expand ?? '');
  if (!expand) return shaped;
  const manager = directory.users.find((other) => other.id === user.managerId);
  return manager ? { ...shaped, manager: shape(manager, expand[1] ? { $select: expand[1] } : {}) } : shaped;
}
