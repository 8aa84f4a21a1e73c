/** Starts every stand-in on loopback: one HTTP server for all that speak HTTP, and one for mail. */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { controlRoutes } from './control.ts';
import { playBeside } from './declared/beside.ts';
import { shippedConnectors } from './declared/description.ts';
import { Effects } from './effects.ts';
import { Faults } from './faults.ts';
import { Directory } from './graph/directory.ts';
import { nameRequest } from './graph/routes.ts';
import { actOut } from './http-faults.ts';
import { multipartIn } from './multipart.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { startMailServer } from './smtp/server.ts';
import { ownOf, type StandIn } from './stand-in.ts';
import { standIns as allOf } from './systems.ts';

export interface SandboxOptions {
  /** A free one unless said. */
  port?: number;
  smtpPort?: number;
  /** JSON lines of every effect, reloaded at start. */
  journalFile?: string;
  /** Added to every answer, in milliseconds, so that one can watch. */
  latencyMs?: number;
  /** Further folders with connectors that have a stand-in, beside those that ship. */
  declared?: readonly string[];
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
  /** Environment variables with the secrets that runbooks hand to the stand-ins themselves. */
  environment: Record<string, string>;
  effects: Effects;
  faults: Faults;
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  if (options.journalFile) mkdirSync(dirname(options.journalFile), { recursive: true });
  const effects = new Effects(options.journalFile);
  const faults = new Faults();
  const requests = new RequestLog();
  const mailboxes = await startMailServer(effects, faults, {
    port: options.smtpPort ?? 0,
    latencyMs: options.latencyMs ?? 0,
  });
  let url = '';
  const directory = new Directory(effects, faults);
  const declared = [shippedConnectors(), ...(options.declared ?? [])].filter(existsSync);
  const folders = [...new Set(declared.map((folder) => realpathSync(folder)))];
  const standIns = allOf({ effects, faults, directory, url: () => url }, folders);
  const app = Fastify({ forceCloseConnections: true });
  readBodies(app);
  watch(app, standIns, requests, faults, options);
  playBeside(app, standIns, () => url);
  for (const standIn of standIns) standIn.routes(app);
  controlRoutes(app, { effects, faults, standIns, mailboxes, requests });
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
    connectors: Object.assign(
      mailConnector(mailboxes.port),
      ...standIns.map((each) => each.connectors?.(url)),
    ),
    environment: Object.assign({}, ...standIns.map((each) => each.environment)),
    effects,
    faults,
    close: async () => {
      await Promise.all([app.close(), mailboxes.close()]);
    },
  };
}

/** Logs every request, lets it wait, and strikes it with a fault if there is one for it. */
function watch(
  app: FastifyInstance,
  standIns: StandIn[],
  requests: RequestLog,
  faults: Faults,
  options: SandboxOptions,
): void {
  const { latencyMs = 0, onExchange } = options;
  const logged = new WeakMap<object, { entry: LoggedRequest; standIn: StandIn }>();
  app.addHook('onRequest', async (request, reply) => {
    const standIn = ownOf(standIns, request.url);
    if (!standIn) return;
    const { system } = standIn;
    const entry = requests.add(system, request.method, request.url);
    logged.set(request, { entry, standIn });
    if (system === 'graph') nameRequest(reply);
    if (latencyMs > 0) await wait(latencyMs);
    const fault = faults.meet(system, request.method, request.url);
    if (!fault) return;
    entry.fault = fault.kind;
    if (await actOut(fault, standIn, request, reply)) return reply;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const { entry, standIn } = logged.get(request) ?? {};
    if (!entry || !standIn || entry.fault === 'lostAnswer') return;
    entry.status = reply.statusCode;
    const path = request.url.split('?')[0] ?? '';
    const { base = '' } = standIn;
    onExchange?.({
      system: entry.system,
      method: request.method,
      path: decodeURIComponent(path.startsWith(base) ? path.slice(base.length) : path),
      status: reply.statusCode,
      answer: parsed(payload),
    });
  });
}

/** JSON where it is, else the text itself. */
function parsed(payload: unknown): unknown {
  if (typeof payload !== 'string' || payload === '') return undefined;
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

function readBodies(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  app.addContentTypeParser(/^multipart\//, { parseAs: 'string' }, (request, body, done) =>
    done(null, multipartIn(String(body), request.headers['content-type'] ?? '')),
  );
  app.addContentTypeParser('application/xml', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  // Clients name the type of a body that they then don't send; the services let it pass.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    /^application\/(?:[\w.-]+\+)?json\b/,
    { parseAs: 'string' },
    (_request, body, done) => {
      try {
        done(null, body === '' ? undefined : JSON.parse(body as string));
      } catch {
        done(Object.assign(new Error('The body is no JSON.'), { statusCode: 400 }));
      }
    },
  );
}

function mailConnector(port: number): Sandbox['connectors'] {
  return {
    mail: {
      host: '127.0.0.1',
      port,
      security: 'none',
      from: 'countersign@example.com',
      fromName: 'Countersign',
    },
  };
}
