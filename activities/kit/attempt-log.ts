/**
 * Puts every attempt of an action on record, inside its own activity. No effect without a record: what changes something is
 * recorded before it begins, and counts as done only once its end is recorded too.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import type { CallContext, Effect, Json } from '../../plan/plan.ts';
import type { Done } from './call.ts';
import { RetryableFailure } from './failures.ts';
import type { Leave } from './leave.ts';
import type { AttemptRecord, KeptLook, Services } from './services.ts';
import { NotCovered, NotCurrent } from './warrants/not-covered.ts';

export interface RecordedAttempt {
  call: CallContext;
  action: string;
  effect: Effect;
  attempt: number;
}

/** How long the end of a write is tried to be recorded before its attempt is given up. */
const insistMs = 20_000;
const againMs = 500;
const mostTries = 5;

/** Whether the write may begin, and on what; `anew` where that has changed. */
type Decide = (anew: boolean) => Promise<Leave>;

/** Known apart from what nobody signed; whoever asks hears the same. */
class BegunAlready extends NotCovered {}

export class AttemptLog {
  private readonly about: RecordedAttempt;
  private readonly record: NonNullable<Services['record']>;
  private readonly recordWithLook: Services['recordWithLook'];
  private readonly startedAt = Date.now();
  private readonly startOn: { decide: Decide | undefined; input: Json | undefined };
  /** What was decided, where that was before the beginning. */
  private decided: { leave: Leave | undefined } | undefined;
  private begun = false;
  /** The beginning under way, or the last one tried. */
  private beginning: Promise<Json | undefined> = Promise.resolve(undefined);
  /** A beginning was written of which no answer came: it may stand on record. */
  private isInDoubt = false;

  constructor(
    about: RecordedAttempt,
    { record, recordWithLook }: Pick<Services, 'record' | 'recordWithLook'>,
    startOn: { decide?: Decide | undefined; input?: Json } = {},
  ) {
    this.about = about;
    this.record = record ?? (async () => {});
    this.recordWithLook = recordWithLook;
    this.startOn = { decide: startOn.decide, input: startOn.input };
  }

  /** Whether a beginning can be recorded together with a look. */
  get takesLooks(): boolean {
    return this.recordWithLook !== undefined;
  }

  /** Decides whether the write may begin, and leaves it to `begin` to put that on record. Rejects for what may not. */
  async decide(): Promise<void> {
    await this.begins(async () => {
      this.decided = { leave: await this.startOn.decide?.(false) };
    });
  }

  /**
   * Rejects, so that nothing is done, when it cannot be recorded. Reads leave one record, at their end. Begun once: a look that is given
   * then is kept with it, and what stands under its key is given back; undefined where it was not kept.
   */
  async begin(look?: KeptLook): Promise<Json | undefined> {
    if (this.about.effect === 'read' || this.begun) return undefined;
    const before = this.beginning;
    // One after the other: an attempt whose time is over must not begin once more while its beginning is still being written.
    this.beginning = before.then(
      () => this.beginUnlessBegun(look),
      () => this.beginUnlessBegun(look),
    );
    return this.beginning;
  }

  private async beginUnlessBegun(look: KeptLook | undefined): Promise<Json | undefined> {
    if (this.begun) return undefined;
    return this.begins(async () => {
      const found = await this.beginOn(look);
      this.begun = true;
      return found;
    });
  }

  private async begins<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof NotCovered) throw error;
      throw new RetryableFailure(
        `${this.about.action} was not begun, since that could not be put on record. ${errorText(error)}`,
      );
    }
  }

  /** What it is decided on may change until it is on record: then it is decided anew. */
  private async beginOn(look: KeptLook | undefined): Promise<Json | undefined> {
    const { decide, input } = this.startOn;
    for (let tries = 1; ; tries += 1) {
      const known = tries === 1 ? this.decided : undefined;
      const leave = known ? known.leave : await decide?.(tries > 1);
      const event = { type: 'begun' as const, ...defined({ input }), ...leave };
      try {
        if (look && this.recordWithLook) return await this.recordWithLook({ ...this.about, event }, look);
        await this.write(event);
        return undefined;
      } catch (error) {
        if (error instanceof Error && error.name === 'BegunBefore')
          throw new BegunAlready('it was begun before, and was scheduled a second time');
        // Its worker died before that: nothing was done, and nothing is to be ended with what was signed then.
        if (error instanceof Error && error.name === 'NotBegun')
          throw new NotCurrent(
            'what was signed has changed since it was called, and it was not begun before',
          );
        const isRefused = error instanceof Error && error.name === 'Changed';
        if (!isRefused) this.isInDoubt = true;
        if (tries >= mostTries || !isRefused) throw error;
      }
    }
  }

  /** Rejects when it cannot be recorded in time; the next attempt finds the work done, and records that. */
  async succeeded(done: Done, keep: () => Promise<void> = async () => {}): Promise<void> {
    const { action, effect } = this.about;
    const event = { type: 'succeeded' as const, ...done, durationMs: this.durationMs() };
    const until = this.startedAt + event.durationMs + (effect === 'read' ? 0 : insistMs);
    for (;;) {
      try {
        await keep();
        return await this.write(event);
      } catch (error) {
        if (Date.now() + againMs > until)
          throw new RetryableFailure(
            `${action} did its work, but that could not be put on record. ${errorText(error)}`,
          );
        await sleep(againMs);
      }
    }
  }

  /** Lets the failure itself be heard when it cannot be recorded: the attempt's beginning stands on record. */
  async failed(failure: { type: string; message: string; requestId?: string }): Promise<void> {
    await this.ended({ type: 'failed', failure, durationMs: this.durationMs() });
  }

  async cancelled(): Promise<void> {
    await this.ended({ type: 'cancelled', durationMs: this.durationMs() });
  }

  /** One that came to its end before its beginning was recorded has both. */
  private async ended(event: AttemptRecord['event']): Promise<void> {
    try {
      if (this.decided) await this.beginForEnd();
      await this.write(event);
    } catch {
      // Said above.
    }
  }

  /** What was begun before by an attempt that got no answer to its beginning was begun by this one: its end belongs to it. */
  private async beginForEnd(): Promise<void> {
    try {
      await this.begin();
    } catch (error) {
      if (!(error instanceof BegunAlready && this.isInDoubt)) throw error;
    }
  }

  private write(event: AttemptRecord['event']): Promise<void> {
    return this.record({ ...this.about, event });
  }

  private durationMs(): number {
    return Date.now() - this.startedAt;
  }
}
