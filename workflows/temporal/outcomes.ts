/** How a call on Temporal came to its end: an answer that is ours, a failure in words for people, or a stop. */
import { RetryState, TimeoutType } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import { defined } from '../../plan/defined.ts';
import type { CallContext, Json } from '../../plan/plan.ts';
import { type Answer, type CallEnvelope, notOurs, reservedName } from '../../plan/sealed.ts';
import type { Failure } from '../messages.ts';
import { CallFailure, type CallOptions } from '../port.ts';
import { noteRefusal } from './refusals.ts';

/** One call as it goes out, and how its answer is known. */
export interface Outgoing {
  activity: string;
  step: string;
  input: Json;
  /** Of its JSON. */
  characters: number;
  args: [CallEnvelope] | [Json, CallContext];
  mark?: string;
}

/** The output in an answer that was sealed for this very call; any other is refused, and the step parks. */
export function believed<Output = Json>(
  result: unknown,
  { activity, step, mark }: Pick<Outgoing, 'activity' | 'step' | 'mark'>,
): Output {
  if (mark === undefined && reservedName(result) === undefined) return result as Output;
  if (mark !== undefined && (result as Answer | null)?.$answer === mark)
    return (result as Answer<Output>).output;
  throw new CallFailure(disbelieved(activity, step, 'it was sealed for another call, or not at all'));
}

function disbelieved(activity: string, step: string, why: string): Failure {
  noteRefusal({ what: activity, step, why: `Its answer is not believed: ${why}` });
  return {
    type: notOurs,
    message: `The answer of ${activity} is not believed: ${why}. Somebody else may have written it to Temporal.`,
  };
}

/** Whether it came to its end because it was to be cancelled. */
export function wasStopped(error: unknown): boolean {
  return error instanceof ActivityFailure && (error.cause instanceof CancelledFailure || isLost(error));
}

/** Its worker was lost after it was to be cancelled, so that it was not tried again. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.retryState === RetryState.CANCEL_REQUESTED
  );
}

/** Its last attempt was lost with its worker: Temporal counts that as one of those that the runbook allows. */
export function isWornOut(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === TimeoutType.HEARTBEAT &&
    error.retryState === RetryState.MAXIMUM_ATTEMPTS_REACHED
  );
}

export const lostWords =
  'It had begun when its worker was lost, and was called off then. What destroys is not sent once more: look whether it was done.';

export function callFailureOf(error: unknown, options: CallOptions, outgoing: Outgoing): unknown {
  if (isCancellation(error)) return error;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return new CallFailure(failureOf(cause, outgoing));
  if (cause instanceof TimeoutFailure) {
    const seconds = Math.round(options.timeoutMs / 1000);
    const tries = options.retry.attempts === 1 ? 'once' : `${options.retry.attempts} times`;
    const message = `It did not answer within ${seconds} s, or its worker was lost; tried ${tries}.`;
    return new CallFailure({ type: 'Timeout', message });
  }
  return error;
}

export function failureOf(cause: ApplicationFailure, { activity, step, mark }: Outgoing): Failure {
  const details = cause.details?.[0] as { requestId?: string; answers?: string } | undefined;
  if (mark !== undefined && details?.answers !== mark)
    return disbelieved(
      activity,
      step,
      `it failed with "${cause.message}", which was not sealed for this call`,
    );
  return {
    type: cause.type ?? 'RetryableFailure',
    message: cause.message,
    ...defined({ requestId: details?.requestId || undefined }),
  };
}
