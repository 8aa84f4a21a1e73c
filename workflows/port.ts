/**
 * All that the engine needs from the world. Temporal is one implementation, a virtual clock the other, so the very code
 * that runs in production also runs `countersign test` in milliseconds, with no server.
 */
import type { Json, Retry } from '../plan/plan.ts';
import type { Batch, BatchResult } from './batches/messages.ts';
import type { JournalEntry, RunResult, RunSummary } from './journal.ts';
import type { Failure, RunStart } from './messages.ts';

export interface CallOptions {
  /** The step (and forEach item) for which the call is made: the key of its idempotence. */
  step: string;
  item?: string;
  /** The warrants that a write names. */
  warrants?: string[];
  /** One line that Temporal's own UI shows for the call. */
  summary?: string;
  /** Longest time of one attempt. */
  timeoutMs: number;
  retry: Retry;
  /** Reads try once where the workflow runs, which costs one history event instead of several. */
  read?: boolean;
  /**
   * A write. When it is called off after an attempt of it was lost with its worker, so that nobody is at work on it, it is not known what it
   * did: it is asked for once more and finished, or, with `named`, left for a person. A write that is cancelled has not begun.
   */
  write?: 'finished' | 'named';
  /** Told before the call resolves when what it wrote was read back and took hold. */
  onVerified?(): void;
}

export interface ChildOptions extends Pick<CallOptions, 'step' | 'item'> {
  /** The run begins under this id and none else, while no other run is live under it. Otherwise rejects with a {@link CallFailure}. */
  alone?: {
    workflowId: string;
    title: string;
    /** The run that seemed to hold it a moment before. */
    holder?: string;
  };
}

export interface Scope<T> {
  result: Promise<T>;
  /** Cancels what runs in the scope: its calls, sleeps and waits reject with an error for which `isCancel` is true. */
  cancel(): void;
}

export interface Port {
  /** Calls an activity by name. Rejects with {@link CallFailure} when its attempts are used up. */
  call(activity: string, input: Json, options: CallOptions): Promise<Json>;
  sleep(ms: number): Promise<void>;
  /** Resolves true as soon as the predicate holds, or false after `ms` milliseconds. Without `ms` it waits for good. */
  waitFor(predicate: () => boolean, ms?: number): Promise<boolean>;
  /** Milliseconds since 1970 by the run's own clock. */
  now(): number;
  isCancel(error: unknown): boolean;
  /** Throws what `isCancel` knows when the scope was cancelled: nothing new is begun in it, though a write may have been waited for. */
  throwIfCancelled(): void;
  /**
   * Runs the body with a child port that can be cancelled. The child must be handed on explicitly: an ambient scope
   * would be lost after the first `await`.
   */
  scope<T>(body: (child: Port) => Promise<T>): Scope<T>;
  /** Runs the body with a port that an outside cancellation does not reach: undos and `finally`. */
  nonCancellable<T>(body: (child: Port) => Promise<T>): Promise<T>;
  /** Runs another runbook's plan as a run of its own, which is cancelled with this one. */
  child(start: RunStart, options: ChildOptions): Promise<RunResult>;
  /** Does a part of the run in a child with a history of its own, which is cancelled with this one and tells what it did. */
  batch(start: RunStart, batch: Batch, name: string): Promise<BatchResult>;
  /** The history is so long that nothing more should be begun in it. */
  isFull(): boolean;
  /** Hands a journal entry, and what the run list shows after it, to whoever keeps them. Never waits, never fails. */
  record(entry: JournalEntry, summary: () => RunSummary): void;
}

/** A call that failed for good, in words for people. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Why a called run with a `unique` key does not begin. */
export function heldBack({ title, holder }: NonNullable<ChildOptions['alone']>): CallFailure {
  const who = holder === undefined ? 'a run of it' : `run ${holder}`;
  const message = `"${title}" runs once at a time for the same (\`unique\`), and ${who} is live. Retry this step once that has ended.`;
  return new CallFailure({ type: 'PermanentFailure', message });
}
