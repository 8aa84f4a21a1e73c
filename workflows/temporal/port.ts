/** The port on Temporal. */

import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  condition,
  executeChild,
  isCancellation,
  patched,
  scheduleActivity,
  scheduleLocalActivity,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { defined } from '../../plan/defined.ts';
import type { CallContext, Json } from '../../plan/plan.ts';
import {
  type Answer,
  answerMark,
  type BoundCall,
  planMark,
  type SealedStart,
  type StartFor,
  startNumber,
} from '../../plan/sealed.ts';
import type { Batch, BatchResult } from '../batches/messages.ts';
import { engineActivities, type WasBegunInput, type WasBegunResult } from '../engine-activities.ts';
import type { JournalEntry, RunResult, RunSummary } from '../journal.ts';
import type { RunPlan, RunStart } from '../messages.ts';
import { warrantsSince } from '../named-warrants.ts';
import {
  CallFailure,
  type CallOptions,
  type ChildOptions,
  heldBack,
  type Port,
  type Scope,
} from '../port.ts';
import { charactersOf, tooLargeToAsk } from '../steps/size.ts';
import { hold } from './journal.ts';
import {
  believed,
  callFailureOf,
  failureOf,
  isLost,
  isWornOut,
  lostWords,
  type Outgoing,
  wasStopped,
} from './outcomes.ts';
import { roomFor } from './task-room.ts';

/** A killed worker is noticed after this long (ENGINE, measured). The action kit heartbeats four times as often. */
const heartbeatTimeoutMs = 2_000;
/** A read that answers within this time costs one history event; a longer one would hold up votes (ENGINE, measured). */
const localReadMs = 2_000;
/** Attempts that were lost with their worker are none of the runbook's; one that kills its worker each time parks all the same. */
const mostLosses = 5;
const askedAboutAWrite = {
  timeoutMs: 60_000,
  retry: { attempts: 6, firstMs: 1_000, factor: 2, maxMs: 60_000 },
};
/** Well before the 10,000 events and 10 MiB at which Temporal begins to warn. */
const fullAtEvents = 8_000;
const fullAtBytes = 6 * 1024 * 1024;

/** What the ports of one workflow share. */
interface Context {
  run: string;
  runbook: string;
  taskQueue: string;
  /** Of a part of another run: its journal is that run's. */
  quiet: boolean;
  /** Version of the engine that the run was started with. */
  engine: number;
  /** How many calls, timers, waits and children have not come to their end yet. */
  underWay: number;
  /** What every call is bound to; absent in a run of an engine that bound nothing. */
  bound?: { execution?: string; start: string; plan: string };
  /** How many calls and children there were: each has its own number. */
  places: number;
  /** The declared actions of the plan, with the hash of each. */
  declared?: Record<string, string>;
}

export class TemporalPort implements Port {
  private readonly scopeHere: CancellationScope;
  private readonly context: Context;

  constructor(scopeHere: CancellationScope, context: Context) {
    this.scopeHere = scopeHere;
    this.context = context;
  }

  static forThisWorkflow(
    {
      start,
      for: startFor,
    }: {
      start: { engine: number; plan: Pick<RunPlan, 'hash' | 'declared'> };
      for?: StartFor;
    },
    partOf?: string,
  ): TemporalPort {
    const { firstExecutionRunId, runId, workflowId, workflowType: runbook, taskQueue } = workflowInfo();
    const run = partOf ?? firstExecutionRunId;
    const bound = startFor && {
      ...defined({ execution: runId === run ? undefined : runId }),
      start: startNumber(startFor, workflowId),
      plan: planMark(start.plan.hash),
    };
    const { declared } = start.plan;
    return new TemporalPort(CancellationScope.current(), {
      run,
      runbook,
      taskQueue,
      quiet: partOf !== undefined,
      engine: start.engine,
      underWay: 0,
      places: 0,
      ...defined({ bound, declared }),
    });
  }

  /** Not async, like all on the way of an action: in a workflow every promise is paid for (bench/overhead). */
  call(activity: string, input: Json, options: CallOptions): Promise<Json> {
    const outgoing = this.outgoing(activity, input, options);
    const tooLarge = tooLargeToAsk(activity, outgoing.characters);
    // Packed small enough it was asked in runs of before, and is when these are replayed.
    if (tooLarge && patched('too-large-to-ask')) return Promise.reject(tooLarge);
    if (!options.read || !this.mayTryLocally()) return this.schedule(outgoing, options);
    return this.tryLocally(outgoing).then((result) =>
      result === undefined ? this.schedule(outgoing, options) : result,
    );
  }

  private outgoing(activity: string, input: Json, { step, item, warrants }: CallOptions): Outgoing {
    const { runbook, run, bound, declared } = this.context;
    const context: CallContext = item ? { run, runbook, step, item } : { run, runbook, step };
    // Other calls are as they were: their histories are on record.
    if (declared && Object.hasOwn(declared, activity))
      Object.assign(context, { declared: declared[activity] });
    const characters = charactersOf(input);
    if (!bound) return { activity, step, input, characters, args: [input, context] };
    this.context.places += 1;
    const call: BoundCall = { ...context, activity, ...bound, place: this.context.places };
    if (warrants && warrants.length > 0) call.warrants = warrants;
    return { activity, step, input, characters, args: [{ $call: call, input }], mark: answerMark(call) };
  }

  /**
   * Local activities that end within one workflow task come back one by one, and all at once in a replay: with anything
   * beside it the run would go on in another order, and could not be replayed. So a read is tried locally only while nothing
   * else is under way.
   */
  private mayTryLocally(): boolean {
    return this.context.engine < 2 || this.context.underWay === 0;
  }

  private schedule(outgoing: Outgoing, options: CallOptions, losses = 0): Promise<Json> {
    const { activity, args } = outgoing;
    const { retry, timeoutMs, summary } = options;
    const work = () =>
      scheduleActivity<Json>(activity, args, {
        taskQueue: `${this.context.taskQueue}.${connectorOf(activity)}`,
        startToCloseTimeout: timeoutMs,
        cancellationType: this.cancellationType(),
        heartbeatTimeout: heartbeatTimeoutMs,
        retry: {
          maximumAttempts: retry.attempts,
          initialInterval: retry.firstMs,
          backoffCoefficient: retry.factor,
          maximumInterval: retry.maxMs,
        },
        ...defined({ summary: summary || undefined }),
      });
    this.context.underWay += 1;
    const room = roomFor(outgoing.characters);
    return (room ? room.then(() => this.inScope(work)) : this.inScope(work)).then(
      (result) => {
        this.context.underWay -= 1;
        const output = believed(result, outgoing);
        if (outgoing.mark !== undefined && (result as unknown as Answer).verified) options.onVerified?.();
        return output;
      },
      (error) => {
        this.context.underWay -= 1;
        if (this.context.engine >= 5 && options.write && wasStopped(error))
          return this.nonCancellable((port) => (port as TemporalPort).settle(error, outgoing, options));
        if (this.context.engine >= 5 && isWornOut(error) && options.retry.attempts > 1 && losses < mostLosses)
          return this.schedule(this.outgoing(activity, outgoing.input, options), options, losses + 1);
        throw callFailureOf(error, options, outgoing);
      },
    );
  }

  /**
   * Temporal tries nothing again that is to be cancelled, also when its worker was lost. Whether it had begun stands on record. It is
   * asked for under the same key: whoever carries it out looks for what the lost attempt did.
   */
  private async settle(stopped: unknown, outgoing: Outgoing, options: CallOptions): Promise<Json> {
    if (!isLost(stopped) && !(await this.wasBegun(outgoing, options))) throw stopped;
    if (options.write === 'named') throw new CallFailure({ type: 'Timeout', message: lostWords });
    return this.schedule(this.outgoing(outgoing.activity, outgoing.input, options), options);
  }

  private async wasBegun({ mark }: Outgoing, { step, item }: CallOptions): Promise<boolean> {
    if (mark === undefined) return true;
    const input: WasBegunInput = { call: mark };
    try {
      const answer = await this.call(
        engineActivities.wasBegun,
        { ...input },
        { step, ...defined({ item }), summary: 'Look whether it had begun', ...askedAboutAWrite },
      );
      return (answer as unknown as WasBegunResult).begun;
    } catch (error) {
      if (error instanceof CallFailure) return true;
      throw error;
    }
  }

  /**
   * A write under way is waited for, so that it can be taken back. Said explicitly: left out, it goes out as TRY_CANCEL, whatever
   * the SDK's documentation says.
   */
  private cancellationType(): ActivityCancellationType {
    return this.context.engine < 3
      ? ActivityCancellationType.TRY_CANCEL
      : ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
  }

  /** One quick try where the workflow runs. Undefined when it has to be tried as an ordinary activity. */
  private tryLocally(outgoing: Outgoing): Promise<Json | undefined> {
    return this.whileUnderWay(async () => {
      try {
        const result = await scheduleLocalActivity<Json>(outgoing.activity, outgoing.args, {
          startToCloseTimeout: localReadMs,
          retry: { maximumAttempts: 1 },
        });
        return believed(result, outgoing);
      } catch (error) {
        if (isCancellation(error)) throw error;
        const cause = error instanceof ActivityFailure ? error.cause : error;
        if (cause instanceof ApplicationFailure && cause.nonRetryable)
          throw new CallFailure(failureOf(cause, outgoing));
        if (error instanceof CallFailure) throw error;
        return undefined;
      }
    });
  }

  sleep(ms: number): Promise<void> {
    return this.whileUnderWay(() => sleep(ms));
  }

  waitFor(predicate: () => boolean, ms?: number): Promise<boolean> {
    return this.whileUnderWay(async () => {
      if (ms === undefined) {
        await condition(predicate);
        return true;
      }
      // Temporal takes a time-out of 0 for "none".
      return condition(predicate, Math.max(1, ms));
    });
  }

  now(): number {
    return Date.now();
  }

  throwIfCancelled(): void {
    if (this.scopeHere.consideredCancelled) throw new CancelledFailure('cancelled');
  }

  isCancel(error: unknown): boolean {
    return isCancellation(error);
  }

  scope<T>(body: (child: Port) => Promise<T>): Scope<T> {
    const scope = new CancellationScope({ cancellable: true, parent: this.scopeHere });
    return { result: scope.run(() => body(this.at(scope))), cancel: () => scope.cancel() };
  }

  nonCancellable<T>(body: (child: Port) => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ cancellable: false, parent: this.scopeHere });
    return scope.run(() => body(this.at(scope)));
  }

  child(start: RunStart, { step, item, alone }: ChildOptions): Promise<RunResult> {
    return this.execute<RunResult>(start, `${step}${item ?? ''}`, alone);
  }

  batch(start: RunStart, batch: Batch, name: string): Promise<BatchResult> {
    return this.execute<BatchResult>({ ...start, batch }, name);
  }

  private execute<Result>(start: RunStart, name: string, alone?: ChildOptions['alone']): Promise<Result> {
    const workflowId = alone?.workflowId ?? `${this.context.run}/${name}`;
    const { argument, number } = this.childStart(start, workflowId);
    return this.whileUnderWay(async () => {
      try {
        const room = roomFor(charactersOf(start as unknown as Json));
        if (room) await room;
        const result = await executeChild<(start: unknown) => Promise<Result | Answer<Result>>>(
          start.plan.runbook,
          { workflowId, args: [argument] },
        );
        return believed<Result>(result, { activity: `the run ${workflowId}`, step: name, mark: number });
      } catch (error) {
        if (alone && error instanceof WorkflowExecutionAlreadyStartedError) throw heldBack(alone);
        if (isCancellation(error) || !(error instanceof ChildWorkflowFailure)) throw error;
        const why = error.cause?.message ?? error.message;
        throw new CallFailure({
          type: 'PermanentFailure',
          message: `The run of "${start.plan.runbook}" (${error.execution.workflowId ?? 'unknown'}) was ended from outside: ${why}. Retry starts it anew.`,
        });
      }
    });
  }

  private childStart(
    start: RunStart,
    workflow: string,
  ): { argument: SealedStart<RunStart> | RunStart; number?: string } {
    const { bound } = this.context;
    if (!bound) return { argument: start };
    this.context.places += 1;
    const place = `${bound.start}/${this.context.places}`;
    // Of a called run it says which step called it, so that what stands behind it is known beside the effect.
    const called = this.context.engine >= warrantsSince && !start.batch;
    const number = called ? `${place}:${workflow.slice(workflow.lastIndexOf('/') + 1)}` : place;
    return { argument: { $start: { number, workflow, child: true }, start }, number };
  }

  isFull(): boolean {
    const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength > fullAtEvents || historySize > fullAtBytes;
  }

  record(entry: JournalEntry, summary: () => RunSummary): void {
    if (!this.context.quiet) hold(entry, summary);
  }

  private at(scope: CancellationScope): TemporalPort {
    return new TemporalPort(scope, this.context);
  }

  private async whileUnderWay<T>(body: () => Promise<T>): Promise<T> {
    this.context.underWay += 1;
    try {
      return await this.inScope(body);
    } finally {
      this.context.underWay -= 1;
    }
  }

  private inScope<T>(body: () => Promise<T>): Promise<T> {
    return this.scopeHere.run(body);
  }
}

function connectorOf(activity: string): string {
  return activity.slice(0, activity.indexOf('.'));
}
