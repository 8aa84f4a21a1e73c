/** Starts every stand-in on loopback: one HTTP server for Graph, its sign-in and Jira, and one for mail. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { Effects } from './effects.ts';
import { actOut, type Fault, Faults } from './faults.ts';
import { Directory } from './graph/directory.ts';
import { credentials as graphCredentials, graphRoutes } from './graph/routes.ts';
import { buildJiraDelivery } from './jira/delivery.ts';
import { Issues, type NewHire } from './jira/issues.ts';
import { credentials as jiraCredentials, jiraRoutes } from './jira/routes.ts';
import { type Mailboxes, startMailServer } from './smtp/server.ts';

export interface SandboxOptions {
  port?: number;
  smtpPort?: number;
  /** JSON lines of every effect, reloaded at start. */
  journalFile?: string;
  /** Added to every answer, so that one can watch. */
  latencyMs?: number;
}

export interface Sandbox {
  url: string;
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
  const mailboxes = await startMailServer(effects, faults, options.smtpPort);
  const app = Fastify({ forceCloseConnections: true });
  let url = '';
  const requests: string[] = [];
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  app.addHook('onRequest', async (request, reply) => {
    const system = systemOf(request.url);
    if (!system) return;
    requests.push(`${request.method} ${request.url}`);
    if (requests.length > 500) requests.shift();
    if (options.latencyMs) await new Promise((resolve) => setTimeout(resolve, options.latencyMs));
    const fault = faults.meet(system, request.method, request.url);
    if (fault && (await actOut(fault, request, reply))) return reply;
  });
  graphRoutes(app, directory, () => url);
  jiraRoutes(app, issues, () => url);
  controlRoutes(app, { effects, faults, directory, issues, mailboxes, requests, url: () => url });
  url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return {
    url,
    smtpPort: mailboxes.port,
    connectors: connectorsOf(url, mailboxes.port),
    effects,
    faults,
    close: async () => {
      await Promise.all([app.close(), mailboxes.close()]);
    },
  };
}

function systemOf(url: string): Fault['system'] | undefined {
  if (url.startsWith('/graph/')) return 'graph';
  if (url.startsWith('/login/')) return 'login';
  if (url.startsWith('/rest/')) return 'jira';
  return undefined;
}

function connectorsOf(url: string, smtpPort: number): Sandbox['connectors'] {
  return {
    entra: { ...graphCredentials, authority: `${url}/login`, graphUrl: `${url}/graph` },
    jira: { ...jiraCredentials, baseUrl: url },
    mail: {
      host: '127.0.0.1',
      port: smtpPort,
      security: 'none',
      from: 'countersign@example.com',
      fromName: 'Countersign',
    },
  };
}

interface Parts {
  effects: Effects;
  faults: Faults;
  directory: Directory;
  issues: Issues;
  mailboxes: Mailboxes;
  requests: string[];
  url: () => string;
}

/** What the demo and the tests ask of the stand-ins themselves. */
function controlRoutes(app: FastifyInstance, parts: Parts): void {
  const { effects, faults, directory, issues, mailboxes, requests } = parts;
  app.get('/_sandbox/effects', async (request) => effects.list(request.query as Record<string, string>));
  app.get('/_sandbox/mails', async () => mailboxes.mails());
  app.get('/_sandbox/requests', async () => requests);
  app.get('/_sandbox/faults', async () => faults.list());
  app.post('/_sandbox/faults', async (request, reply) => {
    faults.add(request.body as Fault);
    return reply.code(204).send();
  });
  app.delete('/_sandbox/faults', async (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
  app.post('/_sandbox/reset', async (_request, reply) => {
    effects.reset();
    faults.clear();
    directory.reset();
    issues.reset();
    return reply.code(204).send();
  });
  app.post('/_sandbox/jira/issues', async (request) => {
    const { key, id } = issues.create(request.body as NewHire);
    return { key, id };
  });
  /** A person moves an issue in Jira; answers with the delivery that Jira would send. */
  app.post('/_sandbox/jira/move', async (request, reply) => {
    const { key, to, secret } = request.body as { key: string; to: string; secret: string };
    const issue = issues.find(key);
    if (!issue) return reply.code(404).send({ message: `There is no issue ${key}.` });
    const { from } = issues.move(issue, to);
    return buildJiraDelivery(issue, { from, to, secret, baseUrl: parts.url() });
  });
}
