/** What the gateway asks of Temporal: start a run, look at it, tell it something. Every call has a deadline. */

import {
  type Client,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { beginRun, type StartedRun } from '../activities/kit/begin-run.ts';
import { defined } from '../plan/defined.ts';
import { type Answer, type SealedStart, saidBy } from '../plan/sealed.ts';
import { queries, type RefusalType, type RunStart, type RunView } from '../workflows/messages.ts';
import { type ViewPart, wholeView } from '../workflows/view-pages.ts';
import { away, noAnswer, notFound, noWorker, Problem } from './problem.ts';
import type { Sealing } from './sealing.ts';

const deadlineMs = 8_000;
/** A worker asks for work anew at least once a minute. */
const pollerSeenMs = 75_000;
/** Temporal: TASK_QUEUE_TYPE_WORKFLOW. */
const workflowTasks = 1;

export class RunService {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly sealing: Sealing;

  constructor(client: Client, taskQueue: string, sealing: Sealing) {
    this.client = client;
    this.taskQueue = taskQueue;
    this.sealing = sealing;
  }

  /** Starts a run once: the same cause again finds the run that it started, live or ended. */
  async start(workflowId: string, start: RunStart): Promise<StartedRun> {
    const sealed = this.sealing.start(workflowId, start);
    const begun = await this.ask(() => beginRun(this.client, this.taskQueue, sealed), mayHaveStarted);
    if (begun.how === 'started') await this.began(sealed, begun.runId);
    return begun;
  }

  /** Puts on record which execution the start began. Where that fails, its first call does. */
  protected async began(sealed: SealedStart<RunStart>, runId: string): Promise<void> {
    await this.sealing.began(sealed, runId);
  }

  view(workflowId: string, runId: string): Promise<RunView> {
    // This very run, although another one may have its workflow id by now.
    const handle = this.client.workflow.getHandle(workflowId, runId);
    const page = async (from: number) =>
      saidBy(await handle.query<Answer<RunView | ViewPart>, [number]>(queries.view, from), runId);
    return this.ask(() => wholeView(page));
  }

  /** Sends an Update. What its validator refuses comes back as a problem with the validator's words. */
  async update<Result>(
    workflowId: string,
    runId: string,
    name: string,
    request: unknown,
    updateId?: string,
  ): Promise<Result> {
    const sealed = await this.sealing.command(runId, name, request);
    return this.ask(async () => {
      try {
        const options = { args: [sealed] as [unknown], ...defined({ updateId: updateId || undefined }) };
        return await this.handle(workflowId, runId).executeUpdate<Result, [unknown]>(name, options);
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
          throw refusal(error.cause.type as RefusalType, error.cause.message);
        }
        if (error instanceof WorkflowNotFoundError) {
          throw new Problem(409, 'The run has ended', 'The run has ended, so nothing can be told to it.');
        }
        throw error;
      }
    }, mayBeTold);
  }

  /**
   * Ends a run that does not answer. Refused while no worker is there: then it is the worker that does not answer, and the run goes on
   * when it is back.
   */
  async end(workflowId: string, runId: string, reason: string): Promise<void> {
    await this.ask(async () => {
      const { pollers } = await this.client.workflowService.describeTaskQueue({
        namespace: this.client.options.namespace,
        taskQueue: { name: this.taskQueue },
        taskQueueType: workflowTasks,
      });
      const seen = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000);
      if (!seen.some((at) => at > Date.now() - pollerSeenMs))
        throw new Problem(
          409,
          'No worker',
          'No worker is running, so no run can answer. Start one, and abort the run then.',
        );
      await this.client.workflow.getHandle(workflowId, runId).terminate(reason);
    });
  }

  async ping(): Promise<void> {
    await this.ask(() => this.client.connection.workflowService.getSystemInfo({}));
  }

  /** A run that went on as a new execution keeps the id of its first. */
  private handle(workflowId: string, runId: string) {
    return this.client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  }

  /** `unsure` is for what Temporal may have done although no answer came. */
  private async ask<T>(work: () => Promise<T>, unsure?: string): Promise<T> {
    try {
      return await this.client.withDeadline(Date.now() + deadlineMs, work);
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (error instanceof WorkflowNotFoundError)
        throw notFound('Temporal no longer has this run; only its journal is left.');
      if (hasNoWorker(error)) throw noWorker();
      if (isAway(error))
        throw unsure !== undefined && mayHaveReached(error) ? noAnswer(unsure) : away('Temporal');
      throw error;
    }
  }
}

const mayHaveStarted =
  'The run may have started all the same: look at the runs before you start it again. A delivery of a ticket system is tried again by itself, and starts nothing twice.';
const mayBeTold =
  'The run may have been told all the same: look at it before you say it again. The same request with the same Idempotency-Key counts once.';

/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const awayCodes = new Set([1, 4, 14]);

/** What Temporal says instead of waiting, where nobody has asked for work of late: all workers are down, or have just come back. */
function hasNoWorker(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (isGrpcServiceError(cause) && cause.code === 9 && /no poller/i.test(cause.message)) return true;
  return false;
}

function isAway(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && awayCodes.has(cause.code)) return true;
    if (/Workflow Update (failed|timed out)|deadline/i.test(cause.message) && cause.name.includes('RPC'))
      return true;
  }
  return false;
}

/** Refused before it was sent: nobody listens there. Anything else may have arrived, and its answer been lost. */
function mayHaveReached(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (isGrpcServiceError(cause) && cause.code === 14 && /ECONNREFUSED|ENOTFOUND/.test(cause.message))
      return false;
  return true;
}

const refusalStatus: Partial<Record<RefusalType, number>> = {
  NoSuchStep: 404,
  NotAsked: 403,
  NotAllowed: 403,
  SeparationOfDuties: 403,
  NotSealed: 403,
  TooLate: 410,
  Ended: 410,
  NotValid: 422,
};

function refusal(type: RefusalType, detail: string): Problem {
  return new Problem(refusalStatus[type] ?? 409, 'Refused', detail, { type: `urn:countersign:${type}` });
}
