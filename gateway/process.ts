/** The gateway as a process: COUNTERSIGN_CONFIG, DATABASE_URL and COUNTERSIGN_RUNBOOKS say where everything is. */

import { dirname, join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import {
  connectorSettings,
  entraGroupMembers,
  mailNotices,
  secretsOf,
} from '../activities/kit/configured-services.ts';
import { temporalAccess } from '../activities/kit/temporal-access.ts';
import { ticketFilesOf } from '../activities/ticket-files.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import { logOf } from '../processes/log.ts';
import { type Part, runPart } from '../processes/process-lifecycle.ts';
import { Changes } from '../store/listen.ts';
import { packageRoot } from '../store/package-root.ts';
import { openStore, type Store } from '../store/store.ts';
import { loadGatewayKey } from '../vault/commands.ts';
import { loadKeyRing } from '../vault/key-ring.ts';
import { dataConverter } from '../vault/payloads.ts';
import { type KeyRing, Seal } from '../vault/seal.ts';
import { taskQueue } from '../workflows/messages.ts';
import { Streams } from './api/streams.ts';
import { AuditSender } from './audit-stream/sender.ts';
import { sinkOf } from './audit-stream/sinks.ts';
import { AuditedRuns } from './audited-runs.ts';
import type { Followed, GitFollower } from './git/follower.ts';
import { startRunbooks } from './git/following.ts';
import { PushHook } from './git/push-hook.ts';
import { Health } from './health.ts';
import { CxmlReceiver } from './hooks/cxml.ts';
import { Inbox } from './hooks/inbox.ts';
import { LiveRuns } from './hooks/live-runs.ts';
import { Receiver } from './hooks/receive.ts';
import { settledLine } from './hooks/routes.ts';
import { suppliersOf } from './hooks/suppliers.ts';
import { Unsettled } from './hooks/unsettled.ts';
import { Hosts } from './hosts.ts';
import { type LocalListener, listenLocally } from './local-listener.ts';
import { GatewayMeasures } from './measuring.ts';
import { EventDesk } from './outside-events.ts';
import { Problem } from './problem.ts';
import type { Library } from './runbooks.ts';
import { Schedules } from './schedules.ts';
import { Sealing } from './sealing.ts';
import { buildServer } from './server.ts';
import { BackChannel } from './sign-in/back-channel.ts';
import { rolesOfSession } from './sign-in/claims.ts';
import { CodeSignIn } from './sign-in/codes.ts';
import { GroupRoles } from './sign-in/group-roles.ts';
import { LocalToken } from './sign-in/local.ts';
import { OidcSignIn } from './sign-in/oidc.ts';
import { isNamed, organisationOf, rolesOf } from './sign-in/people.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { RunStarter } from './start-run.ts';

const usualPort = 8321;

await runPart('gateway', start);

async function start(): Promise<Part> {
  const { configurationPath, dataFolder } = places();
  const keyRing = await loadKeyRing(dataFolder);
  const log = logOf('gateway');
  const seal = new Seal(keyRing);
  const database = process.env.DATABASE_URL ?? '';
  const store = await openStore(database, seal);
  const changes = new Changes(database, log);
  await changes.start();
  let schedules: Schedules | undefined;
  const source = await startRunbooks({
    configurationPath,
    dataFolder,
    folder: resolve(process.env.COUNTERSIGN_RUNBOOKS ?? join(dirname(configurationPath), 'runbooks')),
    store,
    log,
    changed: () => schedules?.refresh(),
  });
  const library = () => source.runbooks.current();
  const { connection, client } = await temporalClient(library().configuration, configurationPath, keyRing);
  const runs = await auditedRuns(client, dataFolder, { store, seal, log });
  const starter = new RunStarter({ runs, store, seal, library, log });
  schedules = new Schedules({ client, taskQueue, library, log });
  schedules.start();
  const events = new EventDesk({ store, runs, log });
  events.start();
  const status = () => source.follower?.status();
  const { health, measures, page } = await seenFromOutside({ store, runs, status, log });
  const receiver = new Receiver(store, starter, library, new LiveRuns(store, runs, seal));
  const { inbox, unsettled, delivered } = handlingDeliveries({ store, changes, receiver, measures, log });
  const around = { store, seal, library, configurationPath, log };
  const { doors, groups } = await signInParts(around, dataFolder);
  const app = await buildServer({
    library,
    ...asConfigured(around),
    roles: () => groups.roles(),
    store,
    changes,
    streams: new Streams(),
    runs,
    starter,
    events,
    seal,
    ...doors,
    console: join(packageRoot(), 'dist', 'console'),
    receiver,
    inbox,
    health,
    delivered,
    source: status,
    push: pushHook(around, source.follower),
    cxml: cxmlReceiver(around, events),
    log,
  });
  const sender = auditSender(around);
  const url = await reachable(app, store, log);
  const own = await ownListener(app, doors.hosts, library().configuration.signIn, log);
  return {
    ready: { url, ...defined({ localUrl: own?.url, metrics: page?.url }) },
    stop: async () => {
      await source.stop();
      await schedules?.stop();
      for (const listener of [own, page, app]) await listener?.close();
      groups.stop();
      for (const desk of [inbox, unsettled, events, sender]) await desk.stop();
      for (const part of [changes, connection, store]) await part.close();
    },
  };
}

/** Where the configuration and the data are. */
function places() {
  const configurationPath = resolve(process.env.COUNTERSIGN_CONFIG ?? 'countersign.yaml');
  const dataFolder = process.env.COUNTERSIGN_DATA ?? join(dirname(configurationPath), '.countersign');
  return { configurationPath, dataFolder: resolve(dataFolder) };
}

async function auditedRuns(
  client: Client,
  dataFolder: string,
  { store, seal, log }: Pick<Surroundings, 'store' | 'seal' | 'log'>,
): Promise<AuditedRuns> {
  return new AuditedRuns(client, taskQueue, {
    audit: store.audit,
    seal,
    sealing: await sealingOf(dataFolder, store),
    compareSoon: (runId) => store.comparisons.ask(runId),
    log,
  });
}

/** What the configuration says at the moment when it is asked. */
function asConfigured(around: Surroundings) {
  const { library, configurationPath: path } = around;
  return {
    calendars: () => calendarsOf(library().configuration, path),
    ticketFiles: ticketFiles(around),
    webhookSecret: (system: string) => webhookSecret(system, library().configuration, path),
  };
}

interface Handling {
  store: Store;
  changes: Changes;
  receiver: Receiver;
  measures: GatewayMeasures;
  log: (line: string) => void;
}

/** What becomes of deliveries once they are kept: here, or of those that another gateway left behind. */
function handlingDeliveries({ store, changes, receiver, measures, log }: Handling) {
  const delivered = (system: string, outcome: string) => measures.delivery(system, outcome);
  const inbox = new Inbox({
    receiver,
    ofRun: (run, look) => changes.ofRun(run, look),
    isWorking: (run) => store.runs.isWorking(run),
    settled: settledLine({ delivered, log }),
    log,
  });
  const unsettled = new Unsettled({ store, receiver, holds: (id) => inbox.holds(id), log });
  unsettled.start();
  return { inbox, unsettled, delivered };
}

interface Seen {
  store: Store;
  runs: AuditedRuns;
  status: () => Followed | undefined;
  log: (line: string) => void;
}

/** Audit records go where the configuration says now. */
function auditSender({ store, library, configurationPath: path, log }: Surroundings): AuditSender {
  const sender = new AuditSender({
    stream: store.auditStream,
    settings: () => library().configuration.auditStream,
    sinkOf: (settings) => sinkOf(settings, { path, secrets: secretsOf(library().configuration, path) }),
    log,
  });
  sender.start();
  return sender;
}

/** Whether this gateway works, and its page of measures. */
async function seenFromOutside({ store, runs, status, log }: Seen) {
  const health = new Health({ store, runs, log });
  const measures = new GatewayMeasures({
    lag: store.lag,
    auditStream: store.auditStream,
    source: status,
    healthy: () => health.check(),
    log,
  });
  return { health, measures, page: await measures.listen() };
}

interface Surroundings {
  store: Store;
  seal: Seal;
  library: () => Library;
  configurationPath: string;
  log: (line: string) => void;
}

/** Who comes in, and how: sessions, codes by mail, a provider. All of it follows the configuration as it changes. */
async function signInParts(around: Surroundings, dataFolder: string) {
  const { store, seal, library, configurationPath, log } = around;
  const settings = () => library().configuration.signIn;
  const hosts = new Hosts(() => settings().url);
  const groups = new GroupRoles({
    configuration: () => library().configuration,
    membersOf: async (group) => {
      const { configuration } = library();
      const { entra } = await connectorSettings(configuration, configurationPath);
      const secrets = secretsOf(configuration, configurationPath);
      return entraGroupMembers(entra, { seal, secrets })(group);
    },
    log,
  });
  void groups.start();
  const signIn = new SignIn({
    token: await LocalToken.in(dataFolder),
    sessions: store.sessions,
    hosts,
    rolesOf: (person) => rolesOf(person, { roles: groups.roles() }),
    rolesOfSession: (session) => rolesOfSession(session, settings().oidc),
  });
  const namedNow = () => {
    const { configuration, plans } = library();
    return { plans, configuration: { ...configuration, roles: groups.roles() } };
  };
  const codes = new CodeSignIn({
    codes: store.signInCodes,
    seal,
    isKnown: async (person) => isNamed(person, namedNow()) || store.inbox.concerns(person),
    tell: async (notice) => {
      const { configuration } = library();
      const { mail } = await connectorSettings(configuration, configurationPath);
      await mailNotices(mail, { seal, secrets: secretsOf(configuration, configurationPath) })(notice);
    },
    organisation: () => organisationOf(library().configuration),
    log,
  });
  const oidc = new OidcSignIn({
    settings: () => settings().oidc,
    secret: (name) => secretsOf(library().configuration, configurationPath).get(name),
    folder: dirname(configurationPath),
    seal,
    hosts,
    log,
  });
  const backChannel = new BackChannel({ provider: () => oidc.provider(), sessions: store.sessions, log });
  return { doors: { hosts, signIn, codes, oidc, backChannel }, groups };
}

function ticketFiles({ seal, library, configurationPath: path }: Surroundings) {
  return async (system: string) => {
    const { configuration } = library();
    const settings = await connectorSettings(configuration, path);
    return ticketFilesOf(system, settings, { seal, secrets: secretsOf(configuration, path) });
  };
}

function pushHook({ library, configurationPath: path }: Surroundings, follower: GitFollower | undefined) {
  return new PushHook({
    secret: async () => {
      const { configuration } = library();
      const name = configuration.git?.webhookSecret?.$secret;
      return name === undefined ? undefined : secretsOf(configuration, path).get(name);
    },
    look: () => void follower?.look(),
  });
}

function cxmlReceiver({ store, library, configurationPath: path, log }: Surroundings, events: EventDesk) {
  const suppliers = async () => {
    const { configuration } = library();
    const { procurement } = await connectorSettings(configuration, path);
    return suppliersOf(procurement, () => secretsOf(configuration, path));
  };
  return new CxmlReceiver({ store, events, suppliers, log });
}

/** A run that cannot be started at once must not hold up the sender, so Temporal may come later; its settings may not. */
async function temporalClient(configuration: Configuration, path: string, keyRing: KeyRing) {
  const secrets = secretsOf(configuration, path);
  const { namespace, connection: access } = await temporalAccess({ configuration, path, secrets });
  const connection = Connection.lazy({
    ...access,
    channelArgs: { 'grpc.max_reconnect_backoff_ms': 1_000, 'grpc.initial_reconnect_backoff_ms': 200 },
  });
  const client = new Client({ connection, namespace, dataConverter: dataConverter(keyRing) });
  return { connection, client };
}

/** This gateway's key is listed before anything is signed with it. */
async function sealingOf(dataFolder: string, store: Store): Promise<Sealing> {
  const key = await loadGatewayKey(dataFolder);
  await store.gatewayKeys.list(key.id, key.publicKey);
  return new Sealing({
    key,
    planHashOf: async (runId) => {
      const row = await store.runs.find(runId);
      return row && row !== 'ambiguous' ? row.planHash : undefined;
    },
    began: (number, execution) => store.starts.executionOf(number, execution),
  });
}

/** Listens, and keeps where: messages lead there. Without it they say how the same is done at the command line. */
async function reachable(app: FastifyInstance, store: Store, log: (line: string) => void): Promise<string> {
  const url = await listen(app);
  await store.gatewayAddress
    .keep(url)
    .catch((error) => log(`Where messages lead is not kept yet: ${errorText(error)}`));
  return url;
}

/** The usual port if it is free, so that addresses stay the same from day to day. */
async function listen(app: FastifyInstance): Promise<string> {
  const wanted = process.env.COUNTERSIGN_PORT;
  try {
    return await app.listen({ host: '127.0.0.1', port: wanted ? Number(wanted) : usualPort });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (wanted && code === 'EADDRINUSE')
      throw new Error(`Port ${wanted} is taken. Choose another with COUNTERSIGN_PORT.`);
    if (code !== 'EADDRINUSE') throw error;
    return app.listen({ host: '127.0.0.1', port: 0 });
  }
}

/** For codes by mail beside a public address, where the configuration wants both. */
async function ownListener(
  app: FastifyInstance,
  hosts: Hosts,
  { url, local }: Configuration['signIn'],
  log: (line: string) => void,
): Promise<LocalListener | undefined> {
  if (!url || !local) return undefined;
  const listener = await listenLocally(app, hosts, Number(process.env.COUNTERSIGN_LOCAL_PORT ?? 0));
  log(`Codes by mail are for this machine: ${listener.url}`);
  return listener;
}

/** A reference, resolved each time: a secret may be rotated while the gateway runs. */
async function webhookSecret(system: string, configuration: Configuration, path: string): Promise<string> {
  const reference = configuration.tickets[system]?.webhookSecret as { $secret?: string } | undefined;
  if (!reference?.$secret) {
    throw new Problem(
      401,
      'Not believed',
      `countersign.yaml has no webhookSecret under tickets: ${system}:, so nothing from there can be believed.`,
    );
  }
  try {
    return await secretsOf(configuration, path).get(reference.$secret);
  } catch (error) {
    throw new Problem(503, 'Not configured', errorText(error), {
      retryAfter: 60,
    });
  }
}
