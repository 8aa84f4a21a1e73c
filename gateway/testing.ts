/**
 * For tests of the gateway: its real server over a real database, whose runs are the engine's own code on a clock that
 * stands still, in place of Temporal.
 */

import { randomUUID } from 'node:crypto';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { descriptions } from '../activities/index.ts';
import type { StartedRun } from '../activities/kit/begin-run.ts';
import type { TicketFiles } from '../activities/ticket-files.ts';
import { compile } from '../compiler/compile.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { testCatalogue, testConfiguration } from '../compiler/testing.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import { catalogueOf } from '../plan/catalogue.ts';
import { defined } from '../plan/defined.ts';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { Changes } from '../store/listen.ts';
import { openStore, type Store } from '../store/store.ts';
import { Seal } from '../vault/seal.ts';
import type { RunStart, RunView, UpdateName } from '../workflows/messages.ts';
import { World } from '../workflows/testing.ts';
import { type Simulation, simulate } from '../workflows/virtual/simulate.ts';
import { Refusal } from '../workflows/votes.ts';
import { Streams } from './api/streams.ts';
import { Health } from './health.ts';
import { Inbox } from './hooks/inbox.ts';
import { LiveRuns } from './hooks/live-runs.ts';
import { Receiver } from './hooks/receive.ts';
import { Hosts } from './hosts.ts';
import { EventDesk } from './outside-events.ts';
import { Problem } from './problem.ts';
import type { Library } from './runbooks.ts';
import { buildServer } from './server.ts';
import { BackChannel } from './sign-in/back-channel.ts';
import { rolesOfSession } from './sign-in/claims.ts';
import { CodeSignIn } from './sign-in/codes.ts';
import { LocalToken } from './sign-in/local.ts';
import { OidcSignIn } from './sign-in/oidc.ts';
import { isNamed, organisationOf, rolesOf } from './sign-in/people.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { RunStarter } from './start-run.ts';

export const host = 'localhost:8321';
const token = 'test-token';
/** Of whatever provider a test configures. */
export const oidcSecret = 'canary-oidc-secret';
const noHooks = new Problem(401, 'Not believed', 'No ticket system is configured.');

export interface TestGatewayOptions {
  database: string;
  /** Whole runbooks, as YAML. */
  runbooks: string[];
  /** Appended to the configuration that the compiler's tests use. */
  configuration?: string;
  heartbeatMs?: number;
  /** The folder of a built console. */
  console?: string;
  /** Beside which files of the configuration are. */
  folder?: string;
  /** Of the ticket systems' webhooks. */
  webhookSecret?: string;
  /** Tickets come from ServiceNow too. */
  servicenow?: true;
  /** What is done goes on record, as in a real one. */
  records?: true;
  /** What hangs at the tickets of a system. */
  ticketFiles?: Record<string, TicketFiles>;
  /** And from these. */
  systems?: string[];
}

/** For a delivery: whoever sends it would rather hear what became of it than be answered when it is kept. */
export const waiting = { prefer: 'wait=30' };

export class TestGateway {
  readonly app: FastifyInstance;
  readonly hosts: Hosts;
  readonly store: Store;
  readonly changes: Changes;
  readonly receiver: Receiver;
  readonly inbox: Inbox;
  readonly runs: VirtualRuns;
  /** What was sent by mail. */
  readonly mails: { to: string[]; subject: string; text: string }[];
  readonly log: string[];
  /** As countersign.yaml has it by now: a test may change it. */
  readonly configuration: Configuration;
  private readonly fits: ReturnType<typeof answerCheck>;

  private constructor(
    parts: Pick<
      TestGateway,
      | 'app'
      | 'hosts'
      | 'store'
      | 'changes'
      | 'receiver'
      | 'inbox'
      | 'runs'
      | 'mails'
      | 'log'
      | 'configuration'
    >,
  ) {
    this.app = parts.app;
    this.hosts = parts.hosts;
    this.store = parts.store;
    this.changes = parts.changes;
    this.receiver = parts.receiver;
    this.inbox = parts.inbox;
    this.runs = parts.runs;
    this.mails = parts.mails;
    this.log = parts.log;
    this.configuration = parts.configuration;
    this.fits = answerCheck(this.app);
  }

  static async start(options: TestGatewayOptions): Promise<TestGateway> {
    const { configuration, plans } = compiled(options);
    const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 7) } });
    const store = await openStore(options.database, options.records && seal);
    for (const plan of plans.values()) await store.runs.savePlan(plan);
    const library = (): Library => ({
      plans,
      configuration,
      authors: new Map(),
      hasErrors: false,
      catalogue: catalogueOf(descriptions()),
    });
    const runs = new VirtualRuns(store);
    const log: string[] = [];
    const changes = new Changes(options.database, (line) => log.push(line));
    await changes.start();
    const mails: TestGateway['mails'] = [];
    const hosts = new Hosts(() => configuration.signIn.url);
    const starter = new RunStarter({ runs, store, seal, library, log: (line) => log.push(line) });
    const oidc = new OidcSignIn({
      settings: () => configuration.signIn.oidc,
      secret: async () => oidcSecret,
      folder: options.folder ?? '.',
      seal,
      hosts,
      log: (line) => log.push(line),
    });
    const receiver = new Receiver(store, starter, library, new LiveRuns(store, runs, seal));
    const inbox = new Inbox({
      receiver,
      ofRun: (run, look) => changes.ofRun(run, look),
      isWorking: (run) => store.runs.isWorking(run),
      settled: () => {},
      log: (line) => log.push(line),
    });
    const app = await buildServer({
      library,
      source: () => undefined,
      health: new Health({ store, runs, log: (line) => log.push(line) }),
      push: { take: () => Promise.reject(noHooks) },
      calendars: () => calendarsOf(configuration, 'countersign.yaml'),
      roles: () => configuration.roles,
      store,
      changes,
      streams: new Streams(options),
      runs,
      starter,
      events: new EventDesk({ store, runs, log: (line) => log.push(line) }),
      seal,
      hosts,
      signIn: new SignIn({
        token: new LocalToken(token),
        sessions: store.sessions,
        hosts,
        rolesOf: (person) => rolesOf(person, configuration),
        rolesOfSession: (session) => rolesOfSession(session, configuration.signIn.oidc),
      }),
      codes: new CodeSignIn({
        codes: store.signInCodes,
        seal,
        isKnown: async (person) => isNamed(person, library()) || store.inbox.concerns(person),
        tell: async (notice) => {
          mails.push(notice);
        },
        organisation: () => organisationOf(configuration),
        log: (line) => log.push(line),
      }),
      oidc,
      backChannel: new BackChannel({
        provider: () => oidc.provider(),
        sessions: store.sessions,
        log: (line) => log.push(line),
      }),
      console: options.console ?? 'nowhere',
      cxml: { receive: () => Promise.reject(noHooks) },
      receiver,
      inbox,
      ticketFiles: async (system) => options.ticketFiles?.[system],
      webhookSecret: async () => {
        if (options.webhookSecret !== undefined) return options.webhookSecret;
        throw noHooks;
      },
      log: (line) => log.push(line),
    });
    return new TestGateway({ app, hosts, store, changes, receiver, inbox, runs, mails, log, configuration });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.inbox.stop();
    await this.changes.close();
    await this.store.close();
  }

  /** Any request. What the API answers must be what its description says. */
  async send(options: InjectOptions): Promise<LightMyRequestResponse> {
    const response = await this.app.inject({ ...options, headers: { host, ...options.headers } });
    this.fits(String(options.method ?? 'GET'), String(options.url), response);
    return response;
  }

  headersOf(person: string): Record<string, string> {
    return { authorization: `Bearer ${token}`, 'x-countersign-as': person };
  }

  /** As the command line asks. */
  as(person: string, method: 'GET' | 'POST', path: string, payload?: JsonObject) {
    return this.send({
      method,
      url: `/api/v1${path}`,
      headers: this.headersOf(person),
      ...defined({ payload }),
    });
  }

  /** Signs in with a code from the mail. Gives the cookie. */
  async cookieOf(email: string): Promise<string> {
    await this.send({ method: 'POST', url: '/api/v1/sign-in/code', payload: { email } });
    const code = codeIn(this.mails.findLast(({ to }) => to.includes(email))?.text ?? '');
    const response = await this.send({ method: 'POST', url: '/api/v1/sign-in', payload: { email, code } });
    return String(response.headers['set-cookie']).split(';')[0] ?? '';
  }

  async startRun(person: string, runbook: string, inputs: JsonObject): Promise<string> {
    const { id } = (await this.as(person, 'POST', '/runs', { runbook, inputs })).json() as { id: string };
    await this.runs.settle(id);
    return id;
  }
}

export function codeIn(text: string): string {
  return /\b\d{4}-\d{4}\b/.exec(text)?.[0] ?? '';
}

/** Runs of the engine, told apart by their ids. What they journal is in the store once they have settled. */
export class VirtualRuns {
  readonly world = new World();
  readonly terminated: string[] = [];
  private readonly store: Store;
  private readonly live = new Map<
    string,
    { sim: Simulation; workflowId: string; runbook: string; cause: string | undefined }
  >();

  constructor(store: Store) {
    this.store = store;
  }

  /** As Temporal: one live run under an id, and the same cause finds what it started. */
  async start(workflowId: string, start: RunStart): Promise<StartedRun> {
    const { key: cause } = start.cause;
    for (const [earlier, run] of this.live) {
      if (run.workflowId !== workflowId) continue;
      if (cause !== undefined && run.cause === cause) return { runId: earlier, how: 'same cause' };
      if (run.sim.run.state.view().endedAt === undefined) return { runId: earlier, how: 'another cause' };
    }
    const runId = randomUUID();
    const sim = simulate(start, Object.assign(this.world, { now: Date.now(), id: runId }));
    this.live.set(runId, { sim, workflowId, runbook: start.plan.runbook, cause });
    return { runId, how: 'started' };
  }

  async view(_workflowId: string, runId: string): Promise<RunView> {
    return structuredClone(this.run(runId).sim.run.state.view());
  }

  async update<Result>(_workflowId: string, runId: string, name: string, request: unknown): Promise<Result> {
    try {
      return this.run(runId).sim.run.commands.tell(name as UpdateName, request as object) as Result;
    } catch (error) {
      if (error instanceof Refusal) throw new Problem(409, 'Refused', error.message);
      throw error;
    } finally {
      await this.settle(runId);
    }
  }

  async refused(): Promise<void> {}

  async terminate(_workflowId: string, runId: string): Promise<void> {
    this.terminated.push(runId);
  }

  async ping(): Promise<void> {}

  async settle(runId: string): Promise<void> {
    const { sim, workflowId, runbook } = this.run(runId);
    await sim.settle();
    const { state } = sim.run;
    const entries = structuredClone(state.journal);
    await this.store.runs.appendJournal({ runId, workflowId, runbook, entries, summary: state.summary() });
  }

  private run(runId: string) {
    const run = this.live.get(runId);
    if (run) return run;
    throw new Problem(404, 'Not found', `no run ${runId}`);
  }
}

function compiled({ runbooks, configuration: more = '', servicenow, systems = [] }: TestGatewayOptions): {
  configuration: Configuration;
  plans: Map<string, Plan>;
} {
  const jira = /^ {2}jira: .*$/m;
  const others = servicenow ? ['servicenow', ...systems] : systems;
  const known = testConfiguration.replace(jira, (line) =>
    [line, ...others.map((name) => line.replace('jira', name))].join('\n'),
  );
  const { plans, configuration, diagnostics } = compile({
    files: runbooks.map((text, index) => ({ path: `runbook${index}.yaml`, text })),
    configuration: { path: 'countersign.yaml', text: `${known}${more}` },
    catalogue: testCatalogue,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (!configuration || errors.length > 0)
    throw new Error(errors.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'));
  return { configuration, plans: new Map(plans.map((plan) => [plan.runbook, plan])) };
}

interface Described {
  paths: Record<string, Record<string, { responses?: Record<string, ContentOf> }>>;
}
interface ContentOf {
  content?: Record<string, { schema: object }>;
}

/** Holds answers to the schemas of `/api/v1/openapi.json`. */
function answerCheck(app: FastifyInstance) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const { paths } = app.swagger() as unknown as Described;
  return (method: string, url: string, response: LightMyRequestResponse): void => {
    const path = url.split('?')[0] ?? '';
    const route = Object.keys(paths).find((each) =>
      new RegExp(`^${each.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    const responses = paths[route ?? '']?.[method.toLowerCase()]?.responses;
    if (!responses) return;
    const status = String(response.statusCode);
    const described = responses[status] ?? responses[`${status[0]}XX`];
    if (!described) throw new Error(`${method} ${url} answered ${status}, which is not described`);
    const type = String(response.headers['content-type'] ?? '').split(';')[0] ?? '';
    const schema = described.content?.[type]?.schema;
    if (!schema && described.content && status !== '204')
      throw new Error(`${method} ${url} answered ${type}, which is not described`);
    if (!schema || !type.endsWith('json')) return;
    if (ajv.validate(schema, response.json())) return;
    throw new Error(`${method} ${url} answered what is not described: ${ajv.errorsText()}`);
  };
}
