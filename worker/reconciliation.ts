/**
 * Compares what people see of each run that has not ended with what Temporal says: soon after the run was told something, and all of
 * them now and then, a bounded page a minute, the oldest first. So a run that was ended in Temporal does not wait in anybody's inbox,
 * and what a worker did not get to write before it died is written.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { errorText } from '../plan/error-text.ts';
import type { ListedRun } from '../store/comparisons.ts';
import type { Store } from '../store/store.ts';
import { scheduleType } from '../workflows/messages.ts';
import type { AskRun } from './projection.ts';

interface Options {
  client: Client;
  taskQueue: string;
  store: Pick<Store, 'comparisons' | 'runs'>;
  /** All that a run tells of itself after a number. */
  askRun: AskRun;
  log: (line: string) => void;
  /** For tests: milliseconds between two pages of all runs. */
  pageEveryMs?: number;
}

const lookEveryMs = 1_000;
const pageEveryMs = 30_000;
const askedAtOnce = 50;
const page = 200;
/** A run that was compared less than this ago is left alone. */
const idleMs = 25_000;
/** How far back a comparison looks over what is there already. */
const overlap = 50;
const deadlineMs = 10_000;
const longestPatienceMs = 60_000;
/** Temporal answers that there is no such run also for a moment after a mistake in its settings. */
const timesMissing = 3;
/** Runs that began this long before are looked for in Temporal itself; at the start all that are open are. */
const newRunsMs = 10 * 60_000;

export class Reconciliation {
  private readonly options: Options;
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();
  /** Run id -> when it is tried again, and how long it was left alone: its worker may be away, or it does not answer. */
  private readonly patience = new Map<string, { next: number; wait: number }>();
  private readonly missing = new Map<string, number>();
  private said = '';

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    this.working = this.work();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    let nextPage = Date.now() + (this.options.pageEveryMs ?? pageEveryMs);
    await this.tried(() => this.findUnlisted());
    while (!signal.aborted) {
      await this.tried(() => this.compareAsked());
      if (Date.now() >= nextPage) {
        nextPage = Date.now() + (this.options.pageEveryMs ?? pageEveryMs);
        await this.tried(() => this.comparePage());
        await this.tried(() => this.findUnlisted(newRunsMs));
      }
      await pause(lookEveryMs, undefined, { signal }).catch(() => {});
    }
  }

  /** The same trouble every second is told once. */
  private async tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.said = '';
    } catch (error) {
      const line = `The runs could not be compared with Temporal, and will be: ${errorText(error)}`;
      if (line !== this.said) this.options.log(line);
      this.said = line;
    }
  }

  private async compareAsked(): Promise<void> {
    for (const run of await this.options.store.comparisons.asked(askedAtOnce)) await this.compareInTurn(run);
  }

  /** For the tests and the minute. */
  async comparePage(): Promise<void> {
    const { pageEveryMs: own } = this.options;
    const runs = await this.options.store.comparisons.due(Math.min(idleMs, own ?? idleMs), page);
    for (const run of runs) await this.compareInTurn(run);
  }

  private async compareInTurn(run: ListedRun): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { next = 0, wait = lookEveryMs } = this.patience.get(run.runId) ?? {};
    if (Date.now() < next) return;
    try {
      await this.compare(run);
      this.patience.delete(run.runId);
    } catch {
      // Away, or busy with a step that holds it up.
      this.patience.set(run.runId, { next: Date.now() + wait, wait: Math.min(wait * 2, longestPatienceMs) });
    }
  }

  private async compare(run: ListedRun): Promise<void> {
    const { comparisons } = this.options.store;
    const described = await this.describe(run);
    if (!described) return this.isMissing(run);
    this.missing.delete(run.runId);
    const { historyLength, status } = described;
    const changed = historyLength !== run.comparedLength || run.askedAt !== undefined;
    if (status.name === 'RUNNING' && !changed) return;
    const saysSo = status.name === 'RUNNING' || status.name === 'COMPLETED';
    if (saysSo) await this.takeOver(run);
    else {
      // It may still tell what it did before; if it cannot, its end is told all the same.
      await this.takeOver(run).catch(() => {});
      await comparisons.end(run, { status: 'failed', reason: await this.whyOver(run, described) });
    }
    await comparisons.compared(run, historyLength);
  }

  private async takeOver(run: ListedRun): Promise<void> {
    const askedAt = Date.now();
    const { runId, workflowId, runbook, contiguousTo } = run;
    const { entries, summary } = await this.options.askRun(run, Math.max(0, contiguousTo - overlap));
    if (entries.length > 0)
      await this.options.store.runs.appendJournal({ runId, workflowId, runbook, entries, summary, askedAt });
  }

  private async describe({
    workflowId,
    runId,
  }: ListedRun): Promise<WorkflowExecutionDescription | undefined> {
    try {
      return await this.soon((client) => client.workflow.getHandle(workflowId, runId).describe());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  private async isMissing(run: ListedRun): Promise<void> {
    const times = (this.missing.get(run.runId) ?? 0) + 1;
    this.missing.set(run.runId, times);
    if (times < timesMissing) return;
    const reason =
      'Temporal does not have this run any more, so nothing goes on in it. What it had done was not taken back.';
    await this.options.store.comparisons.end(run, { status: 'failed', reason });
    this.missing.delete(run.runId);
  }

  /** Who ended it, in Temporal's own words. */
  private async whyOver(run: ListedRun, { status }: WorkflowExecutionDescription): Promise<string> {
    const notUndone = 'What it had done was not taken back.';
    if (status.name !== 'TERMINATED')
      return `It ended in Temporal as ${status.name.toLowerCase()}. ${notUndone}`;
    const { workflowId, runId } = run;
    const last = await this.soon((client) =>
      client.workflowService.getWorkflowExecutionHistoryReverse({
        namespace: client.options.namespace,
        execution: { workflowId, runId },
        maximumPageSize: 1,
      }),
    );
    const { reason, identity } = last.history?.events?.[0]?.workflowExecutionTerminatedEventAttributes ?? {};
    const who = identity ? ` by ${identity}` : '';
    return `It was terminated in Temporal${who}${reason ? `: ${reason}` : ''}. ${notUndone}`;
  }

  /** A run whose first words were lost with the worker stands in no list, and nobody would miss it. */
  private async findUnlisted(sinceMs?: number): Promise<void> {
    const { client, taskQueue, store } = this.options;
    const since =
      sinceMs === undefined ? '' : ` and StartTime > '${new Date(Date.now() - sinceMs).toISOString()}'`;
    const query = `ExecutionStatus = 'Running' and TaskQueue = '${taskQueue}'${since}`;
    let batch: ListedRun[] = [];
    const look = async () => {
      const unknown = new Set(await store.comparisons.unknown(batch.map(({ runId }) => runId)));
      for (const run of batch.filter(({ runId }) => unknown.has(runId))) await this.list(run);
      batch = [];
    };
    for await (const { workflowId, runId, type } of client.workflow.list({ query, pageSize: page })) {
      if (this.stopping.signal.aborted) return;
      if (type === scheduleType) continue;
      batch.push({ workflowId, runId, runbook: type, contiguousTo: 0 });
      if (batch.length >= page) await look();
    }
    await look();
  }

  /** A part of another run tells nothing, and is asked less and less often. */
  private async list(run: ListedRun): Promise<void> {
    const { next = 0, wait = pageEveryMs } = this.patience.get(run.runId) ?? {};
    if (Date.now() < next) return;
    try {
      await this.takeOver(run);
      this.patience.delete(run.runId);
      this.options.log(`Run ${run.runId} of ${run.runbook} was in no list, and is now.`);
    } catch {
      this.patience.set(run.runId, { next: Date.now() + wait, wait: wait * 2 });
    }
  }

  private soon<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { client } = this.options;
    return client.withDeadline(Date.now() + deadlineMs, () => work(client));
  }
}
