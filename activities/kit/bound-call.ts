/**
 * The last look beside the effect at what Temporal handed over: a call is carried out only when we sealed it, for this activity
 * and this execution, and its answer is sealed for it alone. Whoever has Temporal and no keys can make nothing else.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { CallContext, Json } from '../../plan/plan.ts';
import {
  type Answer,
  answerMark,
  type BoundCall,
  type CallEnvelope,
  executionOf,
  notOurs,
  reservedName,
  unsealedReason,
} from '../../plan/sealed.ts';
import type { Activity, CallNotes } from './activity.ts';
import type { RefusedCall } from './leave.ts';
import { whileAway } from './while-away.ts';

export type { RefusedCall } from './leave.ts';

/** What the calls are compared with, besides Temporal's own word. */
export interface CallRegister {
  /**
   * The execution that began with this start: the first that asks is it for good. Another one is a copy of the start, or the
   * same run reset to an earlier moment.
   */
  executionOf(start: string, execution: string): Promise<string>;
  /** A run that was live when calls began to be bound, whose calls are not. */
  mayBeUnbound(run: string, workflowId: string): Promise<boolean>;
  refused(refused: RefusedCall): Promise<void>;
}

/** How Temporal hands an activity its call: an envelope, or, of an engine that bound nothing, input and context. */
export type BoundActivity = (given: unknown, context?: CallContext) => Promise<Json>;

export function boundActivities(
  activities: Record<string, Activity>,
  register: CallRegister,
): Record<string, BoundActivity> {
  return Object.fromEntries(
    Object.entries(activities).map(([name, activity]) => [name, bound(name, activity, register)]),
  );
}

function bound(registered: string, activity: Activity, register: CallRegister): BoundActivity {
  return async (given, context) => {
    const { workflowExecution, activityType } = Context.current().info;
    const execution = workflowExecution?.runId ?? '';
    // The one that stands in for names which are not registered is asked by these.
    const name = registered === 'default' ? activityType : registered;
    const refuse = async (why: string, call?: Partial<CallContext>): Promise<never> => {
      const { step, run = execution } = call ?? {};
      // On record of the run that it was sealed for, and where it was to happen instead.
      const elsewhere = call && 'start' in call && executionOf(call as BoundCall) !== execution;
      for (const each of elsewhere ? new Set([run, execution]) : [run])
        await register.refused({ run: each, activity: name, why, ...defined({ step }) });
      throw ApplicationFailure.nonRetryable(`${name} was not carried out: ${why}.`, notOurs);
    };
    const unsealed = unsealedReason(given);
    if (unsealed !== undefined) return refuse(unsealed);
    if (reservedName(given) !== '$call')
      return unbound(given as Json, context, { activity, register, refuse });
    const { $call: call, input } = given as CallEnvelope;
    const misplaced = misplacedIn(call, { name, execution });
    if (misplaced !== undefined) return refuse(misplaced, call);
    const begunBefore = await sealing(call, () => whileAway(() => startedBefore(call, register)));
    if (begunBefore !== undefined) return refuse(begunBefore, call);
    return answered(call, (notes) => activity(input, call, notes));
  };
}

function misplacedIn(call: BoundCall, here: { name: string; execution: string }): string | undefined {
  if (call.activity !== here.name) return `it was sealed as a call of ${call.activity}`;
  const execution = executionOf(call);
  if (execution !== here.execution) return `it was sealed for another execution, of the run ${call.run}`;
  return undefined;
}

async function startedBefore(call: BoundCall, register: CallRegister): Promise<string | undefined> {
  const execution = executionOf(call);
  const first = await register.executionOf(call.start, execution);
  if (first === execution) return undefined;
  return `its run was begun before by the same start (${first}), and was started again or reset in Temporal`;
}

/** Of a run of before, as it was then. */
async function unbound(
  input: Json,
  context: CallContext | undefined,
  parts: {
    activity: Activity;
    register: CallRegister;
    refuse(why: string, call?: CallContext): Promise<never>;
  },
): Promise<Json> {
  const unsealed = unsealedReason(context);
  if (unsealed !== undefined || !context) return parts.refuse(unsealed ?? 'it is no call of a run');
  const { workflowExecution } = Context.current().info;
  const may = await parts.register.mayBeUnbound(context.run, workflowExecution?.workflowId ?? '');
  if (!may)
    return parts.refuse('it is bound to no run, and its run was not live when calls began to be', context);
  const output = await parts.activity(input, context);
  if (reservedName(output) !== undefined)
    return parts.refuse('its answer looks like one of our own', context);
  return output;
}

async function answered(call: BoundCall, work: (notes: CallNotes) => Promise<Json>): Promise<Json> {
  const notes: CallNotes = {};
  const output = await sealing(call, () => work(notes));
  const answer: Answer = { $answer: answerMark(call), output, ...notes };
  return answer as unknown as Json;
}

/** Also a failure that nobody foresaw is ours: without a seal the run would take it for somebody else's. */
async function sealing<T>(call: BoundCall, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // That it was stopped, Temporal knows by itself.
    if (error instanceof CancelledFailure || (error as Error | null)?.name === 'AbortError') throw error;
    throw marked(error instanceof ApplicationFailure ? error : unforeseen(error), answerMark(call));
  }
}

function unforeseen(error: unknown): ApplicationFailure {
  const message = errorText(error).split('\n')[0] || 'no reason given';
  const failure = ApplicationFailure.retryable(message, 'RetryableFailure');
  failure.stack = `${failure.type}: ${message}`;
  return failure;
}

/** A failure decides what a run does next as an answer does. */
function marked(failure: ApplicationFailure, mark: string): ApplicationFailure {
  const { message, type, nonRetryable, details, nextRetryDelay } = failure;
  const first = (details?.[0] ?? {}) as object;
  const same = ApplicationFailure.create({
    message,
    details: [{ ...first, answers: mark }],
    ...defined({
      type: type ?? undefined,
      nonRetryable: nonRetryable ?? undefined,
      nextRetryDelay: nextRetryDelay ?? undefined,
    }),
  });
  same.stack = failure.stack ?? '';
  return same;
}
