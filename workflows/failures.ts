/** How a step can end otherwise than by doing its work. */
import { notOurs } from '../plan/sealed.ts';
import type { Failure } from './messages.ts';
import { CallFailure } from './port.ts';

/** Thrown by a step to end the run: a rejected gate, an `end` step, `onError: abort`. */
export class EndRun extends Error {
  override readonly name = 'EndRun';
  readonly status: 'succeeded' | 'failed' | 'rejected' | 'cancelled';
  constructor(status: EndRun['status'], reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Thrown by a `fail` step: the item of a list that it stands in fails, and where there is none the run does. Nobody is asked. */
export class FailedOnPurpose extends Error {
  override readonly name = 'FailedOnPurpose';
}

/** Thrown inside a window that is over, or frozen since: nothing more is begun in it, and the window's own step decides. */
export class WindowOver extends Error {
  override readonly name = 'WindowOver';
}

/** The failure that parks a step, or undefined when the error is not the step's but the engine's own. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof CallFailure) return error.failure;
  if (error instanceof Error && error.name === 'ExpressionFailure') {
    return { type: 'ExpressionFailure', message: error.message };
  }
  return undefined;
}

/** Failures after which nobody can say whether the write took hold: no answer came, or one that says nothing. */
const unanswered = new Set(['Timeout', 'RetryableFailure', notOurs]);

export function isUnanswered({ type }: Failure): boolean {
  return unanswered.has(type);
}

/** Failures before anything was called: what the step was to be called with is not known. */
export function notCalled(failure: Failure | undefined): boolean {
  return failure?.type === 'ExpressionFailure' || failure?.type === 'TooLarge';
}
