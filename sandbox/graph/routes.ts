/** Microsoft Graph v1.0 over HTTP: who may call, what is refused before the directory is asked, and how it says no. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Contract, contractOf, type Problem } from '../contract.ts';
import type { Mailboxes } from '../exchange/mailboxes.ts';
import { PlayedRoutes } from '../played-routes.ts';
import { authenticationRoutes } from './authentication.ts';
import { deviceRoutes } from './devices.ts';
import type { Directory } from './directory.ts';
import { type Drives, driveRoutes } from './drive.ts';
import { badQuery, GraphError, invalidValue, sendError, unknownProperty, unreadableBody } from './errors.ts';
import { groupRoutes } from './groups.ts';
import { mailboxRoutes } from './mailbox.ts';
import type { ManagedDevices } from './managed-devices.ts';
import { type GraphContext, queryOf } from './request.ts';
import { roleRoutes } from './roles.ts';
import { isGoodToken } from './sign-in.ts';
import { userRoutes } from './users.ts';

export const graphContract = 'graph-v1.0.trimmed.json';
const prefix = '/graph/v1.0';

/** What Graph shows beside the directory. */
export interface GraphParts {
  devices: ManagedDevices;
  drives: Drives;
  mailboxes: Mailboxes;
}

export function graphRoutes(
  app: FastifyInstance,
  directory: Directory,
  parts: GraphParts,
  baseUrl: () => string,
): void {
  const context: GraphContext = { directory, url: () => `${baseUrl()}${prefix}` };
  app.register(
    async (graph) => {
      const played = new PlayedRoutes(graph);
      graph.addHook('preHandler', async (request) => {
        authenticate(request);
        holdToContract(request, contractOf(graphContract));
      });
      graph.setErrorHandler((error, request, reply) => sendError(graphErrorOf(error), request, reply));
      graph.setNotFoundHandler(async (request, reply) => {
        authenticate(request);
        const methods = played.methodsOf(pathOf(request, ''));
        if (methods.length > 0) reply.header('allow', methods.join(', '));
        throw methods.length > 0 ? wrongMethod() : unplayed(request);
      });
      userRoutes(graph, context);
      groupRoutes(graph, context);
      deviceRoutes(graph, context, parts.devices);
      driveRoutes(graph, context, parts.drives);
      mailboxRoutes(graph, context, parts.mailboxes);
      authenticationRoutes(graph, context);
      roleRoutes(graph, context);
    },
    { prefix },
  );
}

/** Every answer of Graph names the request, for its support to find. */
export function nameRequest(reply: FastifyReply): void {
  reply.header('request-id', randomUUID());
}

function authenticate(request: FastifyRequest): void {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) throw new GraphError(401, 'InvalidAuthenticationToken', 'Access token is empty.');
  if (!isGoodToken(token))
    throw new GraphError(401, 'InvalidAuthenticationToken', 'Access token has expired or is not yet valid.');
}

function holdToContract(request: FastifyRequest, contract: Contract | undefined): void {
  const problem = contract?.problemOf(
    request.method,
    pathOf(request, prefix),
    queryOf(request),
    request.body,
  );
  if (problem) throw errorOfProblem(problem);
}

function errorOfProblem({ kind, name, type, detail }: Problem): GraphError {
  const resource = type.charAt(0).toUpperCase() + type.slice(1);
  switch (kind) {
    case 'path':
      return unknownSegment(name);
    case 'method':
      return wrongMethod();
    case 'query':
      // Graph ignores names without `$`; to send one is a mistake of ours all the same.
      return badQuery(`The query parameter '${name}' is not supported.`);
    case 'property':
      return unknownProperty(name, resource);
    case 'value':
      return invalidValue(name, resource);
    case 'body':
      return badQuery(detail);
  }
}

/** What Graph has and the stand-in does not play is said plainly: it must not look like an answer of Graph's. */
function unplayed(request: FastifyRequest): GraphError {
  const path = pathOf(request, prefix);
  const problem = contractOf(graphContract)?.problemOf(request.method, path, {}, undefined);
  if (problem?.kind === 'path' || !contractOf(graphContract)) return unknownSegment(path);
  if (problem?.kind === 'method') return wrongMethod();
  return new GraphError(501, 'NotImplemented', `The sandbox does not play ${request.method} ${path}.`);
}

function unknownSegment(path: string): GraphError {
  return badQuery(`Resource not found for the segment '${path.split('/')[1] ?? ''}'.`);
}

function wrongMethod(): GraphError {
  return new GraphError(
    405,
    'Request_BadRequest',
    'Specified HTTP method is not allowed for the request target.',
  );
}

function graphErrorOf(error: unknown): GraphError {
  if (error instanceof GraphError) return error;
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (statusCode === 400 || statusCode === 415) return unreadableBody();
  return new GraphError(statusCode, 'InternalServerError', message);
}

function pathOf(request: FastifyRequest, without: string): string {
  return (request.url.split('?')[0] ?? '').slice(without.length);
}
