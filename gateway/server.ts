/** The gateway's HTTP server: hooks for ticket systems, the API for people and programs. */
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { StoreUnavailable } from '../store/database.ts';
import type { ApiParts } from './api/request.ts';
import { apiRoutes } from './api/routes.ts';
import { consoleAssets, isPage, sendConsole } from './console.ts';
import type { Followed } from './git/follower.ts';
import type { Health } from './health.ts';
import { type HookParts, hookRoutes } from './hooks/routes.ts';
import { away, full, Problem } from './problem.ts';
import { gives } from './schemas/answers.ts';
import { listOf, object, text, which } from './schemas/dsl.ts';
import { backChannelPath, oidcPages } from './sign-in/pages.ts';
import { sessionCookie } from './sign-in/sign-in.ts';

export interface ServerParts extends ApiParts, HookParts {
  /** The folder of the built console. */
  console: string;
  health: Health;
  log: (line: string) => void;
}

const largestBody = 1024 * 1024;

export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: largestBody,
    forceCloseConnections: true,
    // What is not known is refused, and not left out in silence: whoever mistyped a key is not told that it was done.
    ajv: { customOptions: { strict: false, removeAdditional: false } },
    schemaErrorFormatter: misfit,
    // What no route is looked up for, an address that cannot be read or a name that is too long, is a problem like any other.
    frameworkErrors: (error, request, reply) => sendProblem(asProblem(error, parts.log), request, reply),
  });
  app.setErrorHandler((error, request, reply) => sendProblem(asProblem(error, parts.log), request, reply));
  // Its schemas describe and are tested; what an answer holds is not cut down to them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setNotFoundHandler((request, reply) => {
    if (isPage(request)) return sendConsole(request, reply, parts.console);
    return sendProblem(
      new Problem(404, 'Not found', `There is nothing at ${request.method} ${request.url}.`),
      request,
      reply,
    );
  });
  app.addHook('onRequest', async (request) => {
    // Hooks and logouts are signed, and come by whatever name the ticket system or the provider knows us.
    if (!request.url.startsWith('/hooks/') && request.url !== backChannelPath) parts.hosts.check(request);
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Countersign',
        version: '1',
        description: 'Runs of runbooks: start, look, sign, operate.',
      },
      components: {
        securitySchemes: {
          local: { type: 'http', scheme: 'bearer', description: 'The token of this machine.' },
          session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
        },
      },
      security: [{ session: [] }, { local: [] }],
    },
  });
  const health = {
    summary: 'Whether it works',
    tags: ['health'],
    security: [],
    response: gives(
      object({ status: which('ready'), 'notices?': listOf(text('What works, and wants somebody.')) }),
    ),
  };
  app.get('/health', { schema: health }, async () => {
    await parts.health.check();
    const notices = sourceNotices(parts.source());
    return { status: 'ready', ...(notices.length > 0 ? { notices } : {}) };
  });
  app.addHook('preClose', async () => parts.streams.endAll());
  await consoleAssets(app, parts.console);
  app.register(async (hooks) => hookRoutes(hooks, parts));
  app.register(async (pages) => oidcPages(pages, parts));
  app.register(
    async (api) => {
      apiRoutes(api, parts);
      api.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
    },
    { prefix: '/api/v1' },
  );
  await app.ready();
  return app;
}

/** Anybody may ask: what is wrong in which file stands on the page of runbooks, for people who are signed in. */
function sourceNotices(source: Followed | undefined): string[] {
  return [
    ...(source?.held
      ? ['The newest commit of the runbooks cannot be used; the one before it stays in use.']
      : []),
    ...(source?.trouble ? ['The branch of the runbooks cannot be read.'] : []),
  ];
}

/** In Ajv's words, with the name of a key that is not known, which these leave out. */
function misfit(errors: FastifySchemaValidationError[], where: string): Error {
  const [first] = errors;
  const at = `${where}${first?.instancePath ?? ''}`;
  const unknown = first?.keyword === 'additionalProperties' ? first.params.additionalProperty : undefined;
  return new Error(
    unknown === undefined
      ? `${at} ${first?.message ?? 'is wrong'}`
      : `${at} has the key "${unknown}", which is not known here`,
  );
}

function asProblem(error: unknown, log: (line: string) => void): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return error.full ? full(error.message) : away('The database');
  // What PostgreSQL calls a data exception: a number or a moment that it does not have.
  if (/^22/.test(String((error as { code?: unknown } | null)?.code))) {
    log(`A request had a value that the database does not take: ${(error as Error).message}`);
    return new Problem(400, 'Not understood', `The request does not fit: ${(error as Error).message}.`);
  }
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
