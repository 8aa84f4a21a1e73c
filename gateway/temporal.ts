/** What the gateway asks of Temporal: start a run, look at it, tell it something. Every call has a deadline. */

import {
  type Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { defined } from '../plan/defined.ts';
import { type Answer, saidBy } from '../plan/sealed.ts';
import { queries, type RefusalType, type RunStart, type RunView } from '../workflows/messages.ts';
import { away, notFound, Problem } from './problem.ts';
import type { Sealing } from './sealing.ts';

const deadlineMs = 8_000;

export interface StartedRun {
  runId: string;
  /** `started` now; `same cause` started it before; or a run of `another cause` holds the id. */
  how: 'started' | 'same cause' | 'another cause';
}

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
    return this.ask(async () => {
      const earlier = await this.runOfCause(workflowId, start.cause.key);
      if (earlier) return { runId: earlier, how: 'same cause' };
      const sealed = this.sealing.start(workflowId, start);
      try {
        const handle = await this.client.workflow.start(start.plan.runbook, {
          workflowId,
          taskQueue: this.taskQueue,
          args: [sealed],
          workflowTaskTimeout: '5s',
          memo: { cause: start.cause.key ?? start.cause.type },
          staticSummary: start.plan.title,
        });
        await this.sealing.began(sealed, handle.firstExecutionRunId);
        return { runId: handle.firstExecutionRunId, how: 'started' };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const { raw } = await this.client.workflow.getHandle(workflowId).describe();
        const runId =
          raw.workflowExecutionInfo?.firstRunId ?? raw.workflowExecutionInfo?.execution?.runId ?? '';
        // Two deliveries of one transition may race past the look above.
        const raced = await this.runOfCause(workflowId, start.cause.key);
        return { runId, how: raced ? 'same cause' : 'another cause' };
      }
    });
  }

  /** The latest run under this id, if this same cause started it. */
  private async runOfCause(workflowId: string, cause: string | undefined): Promise<string | undefined> {
    if (!cause) return undefined;
    try {
      const described = await this.client.workflow.getHandle(workflowId).describe();
      if (described.memo?.cause !== cause) return undefined;
      return described.raw.workflowExecutionInfo?.firstRunId ?? described.runId;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  view(workflowId: string, runId: string): Promise<RunView> {
    return this.ask(async () =>
      saidBy(await this.handle(workflowId, runId).query<Answer<RunView>>(queries.view), runId),
    );
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
          throw new Problem(
            409,
            'The run has ended',
            'The run has ended, so nothing can be told to it. Look at it with `countersign show`.',
          );
        }
        throw error;
      }
    });
  }

  async ping(): Promise<void> {
    await this.ask(() => this.client.connection.workflowService.getSystemInfo({}));
  }

  /** A run that went on as a new execution keeps the id of its first. */
  private handle(workflowId: string, runId: string) {
    return this.client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
  }

  private async ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.client.withDeadline(Date.now() + deadlineMs, work);
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (error instanceof WorkflowNotFoundError)
        throw notFound('Temporal no longer has this run; only its journal is left.');
      if (isAway(error)) throw away('Temporal');
      throw error;
    }
  }
}

/** gRPC: CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. */
const awayCodes = new Set([1, 4, 14]);

function isAway(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause) && awayCodes.has(cause.code)) return true;
    if (/Workflow Update (failed|timed out)|deadline/i.test(cause.message) && cause.name.includes('RPC'))
      return true;
  }
  return false;
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
