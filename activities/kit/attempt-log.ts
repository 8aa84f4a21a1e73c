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
import type { AttemptRecord, Services } from './services.ts';
import { NotCovered } from './warrants/not-covered.ts';

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

export class AttemptLog {
  private readonly about: RecordedAttempt;
  private readonly record: NonNullable<Services['record']>;
  private readonly startedAt = Date.now();

  constructor(about: RecordedAttempt, record: Services['record']) {
    this.about = about;
    this.record = record ?? (async () => {});
  }

  /** Rejects, so that nothing is done, when it cannot be recorded. Reads leave one record, at their end. */
  async begin(decide?: Decide, input?: Json): Promise<void> {
    const { action, effect } = this.about;
    if (effect === 'read') return;
    try {
      await this.beginOn(decide, input);
    } catch (error) {
      if (error instanceof NotCovered) throw error;
      throw new RetryableFailure(
        `${action} was not begun, since that could not be put on record. ${errorText(error)}`,
      );
    }
  }

  /** What it is decided on may change until it is on record: then it is decided anew. */
  private async beginOn(decide: Decide | undefined, input: Json | undefined): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const leave = await decide?.(tries > 1);
      try {
        return await this.write({ type: 'begun', ...defined({ input }), ...leave });
      } catch (error) {
        if (error instanceof Error && error.name === 'BegunBefore')
          throw new NotCovered('it was begun before, and was scheduled a second time');
        if (tries >= mostTries || !(error instanceof Error) || error.name !== 'Changed') throw error;
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
    await this.write({ type: 'failed', failure, durationMs: this.durationMs() }).catch(() => {});
  }

  async cancelled(): Promise<void> {
    await this.write({ type: 'cancelled', durationMs: this.durationMs() }).catch(() => {});
  }

  private write(event: AttemptRecord['event']): Promise<void> {
    return this.record({ ...this.about, event });
  }

  private durationMs(): number {
    return Date.now() - this.startedAt;
  }
}
