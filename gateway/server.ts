/** The gateway's HTTP server: hooks for ticket systems, the API for people and programs. */
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { StoreUnavailable } from '../store/database.ts';
import { type ApiParts, apiRoutes } from './api.ts';
import { deliveryRoutes } from './deliveries.ts';
import { type HookParts, hookRoutes } from './hooks/routes.ts';
import { away, Problem } from './problem.ts';

export interface ServerParts extends ApiParts, HookParts {}

const largestBody = 1024 * 1024;

export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: largestBody,
    forceCloseConnections: true,
    ajv: { customOptions: { strict: false } },
  });
  app.setErrorHandler((error, request, reply) => sendProblem(asProblem(error, parts.log), request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new Problem(404, 'Not found', `There is nothing at ${request.method} ${request.url}.`),
      request,
      reply,
    ),
  );
  app.addHook('onRequest', async (request) => refuseOtherHosts(request));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Countersign',
        version: '1',
        description: 'Runs of runbooks: start, look, sign, operate.',
      },
      components: { securitySchemes: { local: { type: 'http', scheme: 'bearer' } } },
      security: [{ local: [] }],
    },
  });
  app.get('/health', async () => {
    await Promise.all([parts.store.ping(), parts.runs.ping()]);
    return { status: 'ready' };
  });
  app.register(async (hooks) => hookRoutes(hooks, parts));
  app.register(
    async (api) => {
      apiRoutes(api, parts);
      deliveryRoutes(api, parts);
      api.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
    },
    { prefix: '/api/v1' },
  );
  await app.ready();
  return app;
}

/** A page of another site may talk a browser into sending requests here under a name of its own (DNS rebinding). */
function refuseOtherHosts(request: FastifyRequest): void {
  if (request.url.startsWith('/hooks/')) return;
  const allowed = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
  const { host = '', origin } = request.headers;
  const foreignOrigin = origin !== undefined && !allowed.test(origin.replace(/^https?:\/\//, ''));
  if (allowed.test(host) && !foreignOrigin) return;
  throw new Problem(
    403,
    'Another host',
    `This gateway answers on this machine only, not as ${origin ?? host}.`,
  );
}

function asProblem(error: unknown, log: (line: string) => void): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return away('The database');
  const { statusCode, message, validation } = error as {
    statusCode?: number;
    message: string;
    validation?: unknown;
  };
  if (validation) return new Problem(400, 'Not understood', `The request does not fit: ${message}.`);
  if (statusCode && statusCode < 500) return new Problem(statusCode, 'Not understood', message);
  log(
    `An error that should not be: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return new Problem(
    500,
    'Our mistake',
    'Something went wrong here that should not have. It is in the gateway’s log.',
  );
}

function sendProblem(problem: Problem, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, title, message: detail, type, retryAfter } = problem;
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.code(status).type('application/problem+json').send({ type, title, status, detail });
}
