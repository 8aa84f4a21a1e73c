/** Starts every stand-in on loopback: one HTTP server for Graph, its sign-in and Jira, and one for mail. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { controlRoutes } from './control.ts';
import { Effects } from './effects.ts';
import { type Fault, Faults } from './faults.ts';
import { Directory } from './graph/directory.ts';
import { graphRoutes, nameRequest } from './graph/routes.ts';
import { credentials as graphCredentials, signInRoutes } from './graph/sign-in.ts';
import { actOut } from './http-faults.ts';
import { credentials as jiraCredentials } from './jira/credentials.ts';
import { Issues } from './jira/issues.ts';
import { jiraRoutes } from './jira/routes.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { startMailServer } from './smtp/server.ts';

export interface SandboxOptions {
  /** A free one unless said. */
  port?: number;
  smtpPort?: number;
  /** JSON lines of every effect, reloaded at start. */
  journalFile?: string;
  /** Added to every answer, in milliseconds, so that one can watch. */
  latencyMs?: number;
  /** Told of every exchange over HTTP that got its answer, so that a test can hold it to the service's contract. */
  onExchange?: (exchange: Exchange) => void;
}

export interface Exchange {
  system: string;
  method: string;
  /** Below the service's own address, without a query. */
  path: string;
  status: number;
  /** Undefined when there is none. */
  answer: unknown;
}

export interface Sandbox {
  url: string;
  /** Of Graph, without the version. */
  graphUrl: string;
  /** Of the sign-in, without the tenant. */
  authorityUrl: string;
  jiraUrl: string;
  smtpPort: number;
  /** The `connectors:` part of a configuration that points here. */
  connectors: Record<string, Record<string, unknown>>;
  effects: Effects;
  faults: Faults;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  if (options.journalFile) mkdirSync(dirname(options.journalFile), { recursive: true });
  const effects = new Effects(options.journalFile);
  const faults = new Faults();
  const directory = new Directory(effects, faults);
  const issues = new Issues(effects);
  const requests = new RequestLog();
  const mailboxes = await startMailServer(effects, faults, {
    port: options.smtpPort ?? 0,
    latencyMs: options.latencyMs ?? 0,
  });
  let url = '';
  const app = Fastify({ forceCloseConnections: true });
  readBodies(app);
  watch(app, requests, faults, options);
  signInRoutes(app, () => url);
  graphRoutes(app, directory, () => url);
  jiraRoutes(app, issues, () => url);
  controlRoutes(app, { effects, faults, directory, issues, mailboxes, requests, url: () => url });
  try {
    url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  } catch (error) {
    await mailboxes.close();
    throw error;
  }
  const addresses = { graphUrl: `${url}/graph`, authorityUrl: `${url}/login`, jiraUrl: url };
  return {
    url,
    ...addresses,
    smtpPort: mailboxes.port,
    connectors: connectorsOf(addresses, mailboxes.port),
    effects,
    faults,
    close: async () => {
      await Promise.all([app.close(), mailboxes.close()]);
    },
  };
}

/** Logs every request, lets it wait, and strikes it with a fault if there is one for it. */
function watch(app: FastifyInstance, requests: RequestLog, faults: Faults, options: SandboxOptions): void {
  const { latencyMs = 0, onExchange } = options;
  const logged = new WeakMap<object, LoggedRequest>();
  app.addHook('onRequest', async (request, reply) => {
    const system = systemOf(request.url);
    if (!system) return;
    const entry = requests.add(system, request.method, request.url);
    logged.set(request, entry);
    if (system === 'graph') nameRequest(reply);
    if (latencyMs > 0) await wait(latencyMs);
    const fault = faults.meet(system, request.method, request.url);
    if (!fault) return;
    entry.fault = fault.kind;
    if (await actOut(fault, system, request, reply)) return reply;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const entry = logged.get(request);
    if (!entry || entry.fault === 'lostAnswer') return;
    entry.status = reply.statusCode;
    onExchange?.({
      system: entry.system,
      method: request.method,
      path: decodeURIComponent((request.url.split('?')[0] ?? '').replace(/^\/graph\/v1\.0/, '')),
      status: reply.statusCode,
      answer: typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : undefined,
    });
  });
}

function systemOf(url: string): NonNullable<Fault['system']> | undefined {
  if (url.startsWith('/graph/')) return 'graph';
  if (url.startsWith('/login/')) return 'login';
  if (url.startsWith('/rest/')) return 'jira';
  return undefined;
}

function readBodies(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  // Clients name the type of a body that they then don't send; the services let it pass.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('The body is no JSON.'), { statusCode: 400 }));
    }
  });
}

function connectorsOf(
  { authorityUrl, graphUrl, jiraUrl }: Pick<Sandbox, 'authorityUrl' | 'graphUrl' | 'jiraUrl'>,
  smtpPort: number,
): Sandbox['connectors'] {
  const { email, apiToken } = jiraCredentials;
  return {
    entra: { ...graphCredentials, authority: authorityUrl, graphUrl },
    jira: { email, apiToken, baseUrl: jiraUrl },
    mail: {
      host: '127.0.0.1',
      port: smtpPort,
      security: 'none',
      from: 'countersign@example.com',
      fromName: 'Countersign',
    },
  };
}
