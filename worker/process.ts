/** The worker as a process: COUNTERSIGN_CONFIG and DATABASE_URL say where everything is. */

import { dirname, join, resolve } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { keptActions } from '../activities/declared/kept.ts';
import { repositoryConnectors } from '../activities/declared/repository.ts';
import { engineActivities } from '../activities/engine/activities.ts';
import { remembering } from '../activities/engine/group-roles.ts';
import type { EngineServices, Notice } from '../activities/engine/services.ts';
import { connectorsWith, descriptions } from '../activities/index.ts';
import { activitiesOf, type Services, startBeating } from '../activities/kit/activity.ts';
import type { CallRegister } from '../activities/kit/bound-call.ts';
import { messageCompleter } from '../activities/kit/complete-messages.ts';
import {
  connectorSettings,
  entraGroupMembers,
  formerlyOf,
  mailNotices,
  readConfiguration,
  secretsOf,
} from '../activities/kit/configured-services.ts';
import type { Connector } from '../activities/kit/define-connector.ts';
import { goingAlong, KeptLists } from '../activities/kit/kept-lists.ts';
import { Outbound } from '../activities/kit/outbound.ts';
import { temporalAccess } from '../activities/kit/temporal-access.ts';
import { Guard } from '../activities/kit/warrants/guard.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import type { Calendars } from '../organisation/calendars.ts';
import { catalogueOf } from '../plan/catalogue.ts';
import type { DeclaredConnector } from '../plan/declared.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import type { Chat } from '../plan/message.ts';
import type { JsonObject } from '../plan/plan.ts';
import { type Answer, saidBy } from '../plan/sealed.ts';
import { logOf } from '../processes/log.ts';
import { type Part, runPart, usualStopMs } from '../processes/process-lifecycle.ts';
import { startTemporalRuntime } from '../processes/temporal-metrics.ts';
import { plansFrom, previewGate, rememberedPlans } from '../rehearsal/gate-preview.ts';
import { windowOf } from '../rehearsal/gate-window.ts';
import { keptPreviewCallers } from '../rehearsal/preview-callers.ts';
import { packageRoot } from '../store/package-root.ts';
import { openStore, type Store } from '../store/store.ts';
import { CommandSeals, type SigningKey } from '../vault/commands.ts';
import { loadKeyRing } from '../vault/key-ring.ts';
import { dataConverter } from '../vault/payloads.ts';
import { Seal } from '../vault/seal.ts';
import { loadWarrantKey } from '../vault/warrants.ts';
import { type JournalAnswer, wholeJournal } from '../workflows/journal.ts';
import { queries, type RunView, taskQueue } from '../workflows/messages.ts';
import { type ViewPart, wholeView } from '../workflows/view-pages.ts';
import { systemsBehind } from './acting-systems.ts';
import { attemptRecorder, beginningRecorder, engineRecorder, refusalRecorder } from './audit.ts';
import { beating } from './beating.ts';
import { chatNotices, chatsOf } from './chat-notices.ts';
import { deploymentOf } from './deployment.ts';
import { LiveConfiguration } from './live-configuration.ts';
import { WorkerMeasures } from './measuring.ts';
import { sendOutbox } from './outbox-sender.ts';
import { type AskRun, Projection } from './projection.ts';
import { Reconciliation } from './reconciliation.ts';
import { watchRequesterNotices } from './requester-notices.ts';
import { RetentionSweep } from './retention.ts';
import { scheduledStarts } from './scheduled-starts.ts';
import { warrantOffice, warrantRegister } from './warrants.ts';
import { type ActivityGroup, startWorkers, type WorkerSettings } from './worker.ts';

/** People are asked by then, with what has been found out so far. */
const previewLimitMs = 30_000;
const askLimitMs = 3_000;

await runPart('worker', start);

async function start(): Promise<Part> {
  const temporalMetrics = await startTemporalRuntime();
  const configurationPath = resolve(process.env.COUNTERSIGN_CONFIG ?? 'countersign.yaml');
  const configuration = await readConfiguration(configurationPath);
  const secrets = secretsOf(configuration, configurationPath);
  const access = await temporalAccess({ configuration, path: configurationPath, secrets });
  const { namespace } = access;
  const { organisation, temporal } = configuration;
  const keyRing = await keysBeside(configurationPath);
  const log = logOf('worker');
  const measures = new WorkerMeasures(log);
  const seal = new Seal(keyRing);
  const store = await openStore(process.env.DATABASE_URL ?? '', seal);
  const warrantKey = await listedWarrantKey(store, configurationPath);
  const commands = new CommandSeals((id) => store.gatewayKeys.find(id));
  const connection = await Connection.connect(access.connection);
  const client = new Client({ connection, namespace, dataConverter: dataConverter(keyRing) });
  const askJournal: AskRun = (run, after) =>
    wholeJournal((from) => saidBySoon<JournalAnswer>(client, run, queries.journal, from), after);
  const projection = new Projection(store.runs, askJournal, log);
  const settings = await connectorSettings(configuration, configurationPath);
  complainOf(calendarsOf(configuration, configurationPath));
  const live = new LiveConfiguration(configurationPath, configuration, { read: readConfiguration, log });
  const people = peopleOf(live);
  const refused = refusalRecorder(store.audit, log);
  const services = servicesOf(
    { secrets, seal, outbound: new Outbound(configuration.outbound), settings, live },
    store,
    new Guard(warrantRegister({ store, key: warrantKey, seal, refused })),
    measures,
  );
  const declared = declaredBeside(configurationPath, log);
  const connectors = connectorsWith(declared);
  const keeping = kept(store, warrantKey, seal, log);
  const starting = { client, taskQueue, store, seal };
  const deployment = deploymentOf(temporal.versioning);
  const workers = await startWorkers({
    ...deployment,
    connection: access.connection,
    namespace,
    dataConverter: dataConverter(keyRing, { commands, strangers: 'mark' }),
    register: registerOf(store, refused),
    workflowBundle: join(packageRoot(), 'dist', 'workflow-bundle.js'),
    groups: [
      ...actionGroups(connectors, services),
      engineGroup({
        ...people,
        seal,
        membersOf: remembering(entraGroupMembers(settings.entra, services)),
        systemsBehind: systemsBehind({ store, connectors, services }),
        preview: gatePreview({ services, people, client, store, organisation, declared }),
        startScheduled: scheduledStarts({ ...starting, configuration: () => live.now(), ...keeping }),
        ...keeping,
      }),
    ],
    sinks: measures.counting(projection.sinks()),
  });
  projection.watchSilence();
  const stopSweeping = keptInOrder(store, live, measures, log);
  const reconciliation = new Reconciliation({ client, taskQueue, store, askRun: askJournal, log });
  reconciliation.start();
  const page = await measures.listen(() => bothAnswer(store, connection), temporalMetrics);
  const messengers = messengersOf(store, messengersBy(settings, services, { store, live, log }));
  return {
    ready: { address: access.connection.address, ...readyAs(page, deployment) },
    stopsWithinMs: deployment.graceMs + usualStopMs,
    ended: workers.done,
    stop: async () => {
      workers.stop();
      await workers.done.catch(() => {});
      live.stop();
      await page?.close();
      await inOrder([() => reconciliation.stop(), stopSweeping, ...messengers]);
      await inOrder([projection, connection, store].map((part) => () => part.close()));
    },
  };
}

function readyAs(page: { url: string } | undefined, { version }: ReturnType<typeof deploymentOf>) {
  return defined({ metrics: page?.url, build: version?.build });
}

/** The connectors that the repository declares itself; what is wrong in one leaves the others. */
function declaredBeside(
  configurationPath: string,
  log: (line: string) => void,
): readonly DeclaredConnector[] {
  const { connectors, diagnostics } = repositoryConnectors(configurationPath, catalogueOf(descriptions()));
  for (const { severity, file, line, column, message } of diagnostics)
    if (severity === 'error') log(`${file}:${line}:${column} ${message}`);
  return connectors;
}

function dataBeside(configurationPath: string): string {
  return process.env.COUNTERSIGN_DATA ?? join(dirname(configurationPath), '.countersign');
}

function keysBeside(configurationPath: string) {
  return loadKeyRing(dataBeside(configurationPath));
}

/** By which warrants are signed here. */
async function listedWarrantKey(store: Store, configurationPath: string): Promise<SigningKey> {
  const key = await loadWarrantKey(dataBeside(configurationPath));
  await store.warrantKeys.list(key.id, key.publicKey);
  return key;
}

async function inOrder(ends: (() => Promise<unknown>)[]): Promise<void> {
  for (const end of ends) await end();
}

/** The engine's own activities. */
function engineGroup(services: EngineServices): ActivityGroup {
  return { connector: 'countersign', activities: beating(engineActivities(services)) };
}

/** Of a chain that was tampered with nobody is believed: the configuration alone names stand-ins then. */
function standInsOnRecord({ delegations }: Store, log: (line: string) => void) {
  let said = '';
  return async () => {
    const { problem = '' } = await delegations.read();
    if (problem !== said && problem !== '') log(`Nobody stands in by their own naming: ${problem}`);
    said = problem;
    return delegations.standing();
  };
}

/** What of them the database does. */
function kept(store: Store, key: SigningKey, seal: Seal, log: (line: string) => void) {
  return {
    lists: new KeptLists(store.runLists, seal),
    delegations: standInsOnRecord(store, log),
    warrants: warrantOffice(store, key, seal),
    tell: (notice: Notice) => store.outbox.put(notice),
    wasSent: (notice: string) => store.outbox.wasSent(notice),
    record: engineRecorder(store.audit, store.warrants),
    wasBegun: (run: string, call: string) => store.audit.isBegun(run, call),
    liveRun: (workflowId: string) => store.runs.liveUnder(workflowId),
  };
}

/** What a run says of itself, within ten seconds. */
async function saidBySoon<Output>(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  query: string,
  ...given: number[]
): Promise<Output> {
  const answer = await client.withDeadline(Date.now() + 10_000, () =>
    client.workflow
      // This very run, although another one may have its workflow id by now.
      .getHandle(workflowId, runId)
      .query<Answer<Output>, number[]>(query, ...given),
  );
  return saidBy(answer, runId);
}

interface Configured extends Pick<Services, 'secrets' | 'outbound'> {
  seal: Seal;
  settings: Record<string, JsonObject>;
  live: LiveConfiguration;
}

function servicesOf(
  { settings, live, ...given }: Configured,
  store: Store,
  guard: Guard,
  measures: WorkerMeasures,
): Services {
  for (const old of [store.firstLooks, store.runLists])
    setInterval(() => void old.forgetOld().catch(() => {}), 6 * 3_600_000).unref();
  return {
    ...given,
    settings: (connector) => settings[connector],
    // As the file has it now: the settings themselves are those of the start, and so is what they connect to.
    formerly: (connector) => formerlyOf(live.now(), connector),
    guard,
    firstLook: (key, found) => store.firstLooks.keep(key, found),
    requests: store.firstLooks,
    lists: new KeptLists(store.runLists, given.seal),
    register: store.register,
    keptAction: keptActions((hash) => store.declaredActions.find(hash)),
    record: measures.recording(attemptRecorder(store.audit, given.seal)),
    recordWithLook: measures.recordingLooks(beginningRecorder(store.audit, given.seal)),
    waited: (connector, ms) => measures.waited(connector, ms),
  };
}

function peopleOf(live: LiveConfiguration) {
  return { roles: () => live.roles(), calendars: () => live.calendars(), objection: () => live.objection() };
}

/** What needs a calendar that cannot be read parks and says so; all else goes on. */
function complainOf(calendars: Calendars): void {
  try {
    calendars.check();
  } catch (error) {
    console.error(errorText(error));
  }
}

function registerOf(store: Store, refused: CallRegister['refused']): WorkerSettings['register'] {
  return {
    executionOf: (number, execution) => store.starts.executionOf(number, execution),
    mayBeUnbound: (run, workflowId) => store.starts.mayBeUnbound(run, workflowId),
    refused,
  };
}

interface PreviewSurroundings {
  services: Services;
  people: Parameters<typeof previewGate>[1]['services'];
  client: Client;
  store: Store;
  organisation: JsonObject;
  declared: readonly DeclaredConnector[];
}

/** What a signature lets happen. It asks other systems, which may take longer than the 2 s after which a silent worker counts as dead. */
function gatePreview({ services, people, client, store, organisation, declared }: PreviewSurroundings) {
  const { lists } = services;
  const callers = keptPreviewCallers(
    { ...services, ...defined({ lists: lists && goingAlong(lists) }) },
    declared,
  );
  const plan = rememberedPlans((hash) => store.runs.plan(hash));
  return async ({ run: runId, step }: { run: string; step: string }) => {
    const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
    const stopBeating = startBeating();
    return previewGate(step, {
      run: runId,
      signal: AbortSignal.timeout(previewLimitMs),
      ...callers(),
      services: { ...people, ...defined({ lists }) },
      view: () =>
        wholeView((from) =>
          saidBySoon<RunView | ViewPart>(client, { workflowId, runId }, queries.view, from),
        ),
      plan,
      organisation,
    }).finally(stopBeating);
  };
}

/** Rejects while the database or Temporal does not. */
async function bothAnswer(store: Store, connection: Connection): Promise<void> {
  await store.ping();
  await connection.withDeadline(Date.now() + askLimitMs, () => connection.workflowService.getSystemInfo({}));
}

/** Older runs become findable, and what has been kept long enough goes; stopped by calling it. */
function keptInOrder(
  store: Store,
  live: LiveConfiguration,
  measures: WorkerMeasures,
  log: (line: string) => void,
) {
  void catchUpWords(store, log);
  const { removal } = store;
  const settings = () => live.now().retention;
  const sweep = new RetentionSweep({ removal, settings, pruned: (each) => measures.pruned(each), log });
  sweep.start();
  return () => sweep.stop();
}

function completer({ runs, gatewayAddress }: Store, live: LiveConfiguration) {
  const planOf = rememberedPlans((hash) => runs.plan(hash));
  return messageCompleter({
    ticketOf: async (id) => {
      const run = await runs.find(id);
      return run === 'ambiguous' ? undefined : run?.ticket;
    },
    windowOf: async (id, gate) => {
      const run = await runs.find(id);
      if (!run || run === 'ambiguous' || !run.planHash) return undefined;
      const plans = await plansFrom(run.planHash, { plan: planOf });
      const plan = plans.get(run.planHash);
      return plan && windowOf(gate, plan, [...plans.values()], live.calendars());
    },
    listensAt: () => gatewayAddress.find(),
    configured: () => live.now().signIn.url,
  });
}

interface Messengers {
  mail: (notice: Notice) => Promise<void>;
  post: (notice: Notice, chat: Chat) => Promise<void>;
  /** Where else these people are told. */
  chats: (notice: Notice) => Chat[];
  log: (line: string) => void;
}

function messengersBy(
  settings: Record<string, JsonObject>,
  services: Services,
  { store, live, log }: { store: Store; live: LiveConfiguration; log: (line: string) => void },
): Messengers {
  const complete = completer(store, live);
  return {
    mail: mailNotices(settings.mail, services, complete),
    post: chatNotices(settings, services, complete),
    chats: ({ to, about }) => chatsOf(to, live.roles(), about?.roles),
    log,
  };
}

/** Those who send what is written down for people; each is stopped by calling it. */
function messengersOf(store: Store, { mail, post, chats, log }: Messengers) {
  const tell = async (notice: Notice) => {
    // Written down first, each with its own tries: a chat that is away holds up no mail.
    for (const chat of chats(notice))
      await store.outbox.put({ ...notice, id: `${notice.id}.${chat.by}.${chat.to}`, chat });
    await mail(notice);
  };
  const requesters = watchRequesterNotices({
    claim: () => store.notices.claim(),
    sent: (notice) => store.notices.sent(notice),
    tell,
    log,
  });
  const messages = sendOutbox({ outbox: store.outbox, tell, post, log });
  return [requesters.stop, messages.stop];
}

/** Runs that an earlier version listed become findable by their words, a few at a time. */
async function catchUpWords({ runs }: Store, log: (line: string) => void): Promise<void> {
  try {
    while ((await runs.catchUpWords()) > 0);
  } catch (error) {
    log(`Older runs cannot be found by their words yet: ${errorText(error)} The next start tries again.`);
  }
}

function actionGroups(connectors: readonly Connector[], services: Services): ActivityGroup[] {
  return Object.entries(activitiesOf(connectors, services)).map(([connector, activities]) => ({
    connector,
    activities,
  }));
}
