/** A Temporal server and a worker of the engine that a test may kill as it likes, and runs to talk to. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { build } from 'esbuild';
import type { RefusedCall } from '../../activities/kit/bound-call.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type Answer, type SealedCommand, type SealedStart, saidBy } from '../../plan/sealed.ts';
import { provisionTemporal, type TemporalServer } from '../../processes/temporal/provision.ts';
import { packageRoot } from '../../store/package-root.ts';
import { dataConverter } from '../../vault/payloads.ts';
import type { JournalAnswer, RunResult } from '../../workflows/journal.ts';
import {
  ENGINE_VERSION,
  type Principal,
  queries,
  type RunPlan,
  type RunStart,
  type RunView,
  type updates,
} from '../../workflows/messages.ts';
import { startOf } from '../../workflows/testing.ts';
import { type ViewPart, wholeView } from '../../workflows/view-pages.ts';
import { until } from '../support/stack.ts';
import { refusedIn, testKeys, testSealing, workersConverter } from './sealing.ts';

export interface LoggedCall {
  run: string;
  step: string;
  item: string;
  action: string;
  /** Of the worker, where it says one. */
  build?: string;
}

const largestHistory = 300_000;

export class EngineStack {
  readonly folder: string;
  private readonly environment: Record<string, string>;
  private server!: TemporalServer;
  private connection!: Connection;
  private client!: Client;
  private worker: ChildProcess | undefined;
  /** What its workers said on their error output. */
  workerLog = '';
  private count = 0;
  private readonly started: string[] = [];

  private constructor(folder: string, environment: Record<string, string>) {
    this.folder = folder;
    this.environment = environment;
  }

  static async start(name: string, environment: Record<string, string> = {}): Promise<EngineStack> {
    const folder = join(packageRoot(), '.countersign', 'test', `${name}-${process.pid}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const stack = new EngineStack(folder, environment);
    await build({
      entryPoints: [join(packageRoot(), 'test', 'engine', 'worker-process.ts')],
      outfile: join(folder, 'worker.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
    await stack.startServer();
    await stack.startWorker();
    return stack;
  }

  async stop(): Promise<void> {
    await this.killWorker();
    await this.connection.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async startWorker(): Promise<void> {
    this.worker = await this.forkWorker();
  }

  /** One more, of another build; ended by whoever asked for it. */
  async startBeside(environment: Record<string, string>): Promise<ChildProcess> {
    return this.forkWorker(environment);
  }

  /** As a deployment asks for it: gives what its exit code was. */
  async stopWorker(): Promise<number | null> {
    const { worker } = this;
    this.worker = undefined;
    if (!worker) return null;
    worker.kill('SIGTERM');
    const [code] = await once(worker, 'exit');
    return code as number | null;
  }

  private async forkWorker(environment: Record<string, string> = {}): Promise<ChildProcess> {
    const { address, namespace } = this.server;
    const bundle = join(packageRoot(), 'dist', 'workflow-bundle.js');
    const worker = fork(join(this.folder, 'worker.mjs'), [address, namespace, this.folder, bundle], {
      env: { ...process.env, ...this.environment, ...environment },
      execArgv: [],
      stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    });
    worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.workerLog += text;
    });
    await once(worker, 'message');
    return worker;
  }

  async killWorker(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    if (!worker || worker.exitCode !== null) return;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }

  /** As when the machine loses its power, and comes back. */
  async restartAll(): Promise<void> {
    await this.killWorker();
    await this.connection.close();
    if (this.server.pid) process.kill(this.server.pid, 'SIGKILL');
    await this.server.ended;
    await this.startServer();
    await this.startWorker();
  }

  async restartWorker(): Promise<void> {
    await this.killWorker();
    await this.startWorker();
  }

  private async startServer(): Promise<void> {
    this.server = await provisionTemporal({ dataFolder: this.folder, log: () => {} });
    this.connection = await Connection.connect({ address: this.server.address });
    this.client = new Client({
      connection: this.connection,
      namespace: this.server.namespace,
      dataConverter: dataConverter(testKeys),
    });
  }

  /** Somebody with all of Temporal and none of our keys. */
  stranger(): Client {
    return new Client({ connection: this.connection, namespace: this.server.namespace });
  }

  /** What was not believed, as the worker put it on record. */
  refused(run?: string): RefusedCall[] {
    return refusedIn(this.folder).filter((refused) => !run || refused.run === run);
  }

  run(plan: RunPlan, more: Partial<RunStart> = {}): Promise<LiveRun> {
    this.count += 1;
    const workflowId = `${plan.runbook}-${this.count}`;
    return this.begin(workflowId, testSealing().start(workflowId, startOf(plan, more)));
  }

  /** With this very argument. */
  async begin(workflowId: string, argument: SealedStart<RunStart> | RunStart): Promise<LiveRun> {
    const { plan } = 'start' in argument ? argument.start : argument;
    const { firstExecutionRunId } = await this.client.workflow.start(plan.runbook, {
      workflowId,
      taskQueue: 'countersign',
      args: [argument],
    });
    this.started.push(workflowId);
    return new LiveRun(this, workflowId, firstExecutionRunId);
  }

  /** Keeps what the runs of this stack did, for `histories.test.ts`. Large ones would show nothing more. */
  async record(folder: string): Promise<void> {
    for (const workflowId of this.started) {
      const history = await this.handle(workflowId).fetchHistory();
      const plain = proto.temporal.api.history.v1.History.toObject((await opened(history)) as never, {
        longs: String,
        enums: String,
        bytes: String,
      });
      const text = `${JSON.stringify(plain, withoutPlaces)}\n`;
      if (text.length <= largestHistory)
        writeFileSync(join(folder, `engine-${ENGINE_VERSION}-${workflowId}.json`), text);
    }
  }

  handle(workflowId: string): WorkflowHandle {
    return this.client.workflow.getHandle(workflowId);
  }

  calls(run?: string): LoggedCall[] {
    const file = join(this.folder, 'calls.log');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as LoggedCall).filter((call) => !run || call.run === run);
  }

  /** Whether the worker has begun to do what a step told it. */
  begun(run: string, step: string): boolean {
    return this.attempts(run, step) > 0;
  }

  /** How often it has begun to. */
  attempts(run: string, step: string): number {
    const file = join(this.folder, 'begun.log');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines.filter((line) => line.startsWith(`${run} ${step} `)).length;
  }

  told(): { to: string[]; subject: string }[] {
    const file = join(this.folder, 'told.log');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as { to: string[]; subject: string });
  }
}

/** With its payloads as the workflow sees them, for a replay without keys. */
async function opened<T>(value: T): Promise<T> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const { metadata, data } = value as { metadata?: { encoding?: Uint8Array }; data?: unknown };
  if (metadata && data instanceof Uint8Array) {
    // What Temporal's own core keeps for itself in a history was never sealed.
    if (!/aes/.test(Buffer.from(metadata.encoding ?? []).toString('utf8'))) return value;
    const [payload] = (await workersConverter().payloadCodecs?.[0]?.decode([value])) ?? [];
    return payload as T;
  }
  for (const [key, item] of Object.entries(value)) {
    const inner = await opened(item);
    if (inner !== item) (value as Record<string, unknown>)[key] = inner;
  }
  return value;
}

/** Which process on which machine it was, and where its files lay, says nothing and would differ each time. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' && /^\d+@/.test(value) ? 'recorder' : value;
}

/** One run, by whichever client the stack has at the moment. */
export class LiveRun {
  readonly id: string;
  readonly workflowId: string;
  private readonly stack: EngineStack;

  constructor(stack: EngineStack, workflowId: string, id: string) {
    this.stack = stack;
    this.workflowId = workflowId;
    this.id = id;
  }

  get handle(): WorkflowHandle {
    return this.stack.handle(this.workflowId);
  }

  async view(): Promise<RunView> {
    return wholeView(async (from) =>
      saidBy(await this.handle.query<Answer<RunView | ViewPart>, [number]>(queries.view, from), this.id),
    );
  }

  async journal(): Promise<JournalAnswer['entries']> {
    const answer = await this.handle.query<Answer<JournalAnswer>, [number]>(queries.journal, 0);
    return saidBy(answer, this.id).entries;
  }

  result(): Promise<RunResult> {
    return this.handle.result() as Promise<RunResult>;
  }

  /** Waits until the step has the status. */
  at(step: string, status: string): Promise<RunView> {
    return until(`${step} to be ${status} in ${this.workflowId}`, async () => {
      const view = await this.view();
      return view.steps.some((each) => each.id === step && each.status === status) ? view : undefined;
    });
  }

  /** What a gateway sends for it. */
  sealed(update: string, body: object): Promise<SealedCommand> {
    return testSealing().command(this.id, update, body);
  }

  /** Undefined when it counted, else why not. */
  async tell(update: keyof typeof updates, body: object): Promise<string | undefined> {
    try {
      await this.handle.executeUpdate(update, { args: [await this.sealed(update, body)] });
      return undefined;
    } catch (error) {
      // An event came in the very task in which the run was to end: the server takes the task back, and the Update with it.
      if (isTakenBack(error)) return this.tell(update, body);
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      return error.cause?.message ?? error.message;
    }
  }

  async vote(
    step: string,
    id: string,
    decision = 'approve',
    more: JsonObject = {},
  ): Promise<string | undefined> {
    const { gates } = await until(`gate ${step}`, async () => {
      const view = await this.view();
      return view.gates.some((gate) => gate.step === step && gate.hash !== '') ? view : undefined;
    });
    const hash = gates.find((gate) => gate.step === step)?.hash ?? '';
    return this.tell('vote', { step, decision, principal: { id, roles: [] }, hash, ...more });
  }

  operate(update: keyof typeof updates, body: object = {}): Promise<string | undefined> {
    const principal: Principal = { id: 'owner@example.com', roles: ['it'] };
    return this.tell(update, { principal, ...body });
  }

  /** The step of each call, with its item. */
  calls(action?: string): string[] {
    return this.stack
      .calls(this.id)
      .filter((call) => !action || call.action === action)
      .map(({ step, item }) => step + item);
  }
}

function isTakenBack(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return String(cause).includes('unexpected workflow task failure');
}

export function give(output: Json, more: JsonObject = {}): JsonObject {
  return { give: output, ...more };
}
