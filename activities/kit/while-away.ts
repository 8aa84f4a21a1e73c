/**
 * While our own database is away, what is ours waits for it, within its attempt: a restart of PostgreSQL must not use up the attempts
 * after which a step parks and waits for a person.
 */
import { Context } from '@temporalio/activity';
import { startBeating } from './activity.ts';
import { delay } from './delay.ts';

const askAgainMs = 1_000;
/** Of the time that an attempt has, how much may pass before it is asked for the last time. */
const shareOfAttempt = 0.5;
/** A worker that says nothing for 2 s is taken for dead. */
const beatAfterMs = 400;

/** Calls it again while the database is away. What is called looks before it writes, as for any further attempt. */
export async function whileAway<T>(work: () => Promise<T>): Promise<T> {
  const { info, cancellationSignal } = Context.current();
  const until = Date.now() + info.startToCloseTimeoutMs * shareOfAttempt;
  let stopBeating = () => {};
  // What an earlier attempt told stays told.
  const late = setTimeout(() => {
    stopBeating = startBeating(() => info.heartbeatDetails);
  }, beatAfterMs);
  try {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error) || Date.now() + askAgainMs > until) throw error;
        await delay(askAgainMs, cancellationSignal);
      }
    }
  } finally {
    clearTimeout(late);
    stopBeating();
  }
}

/** By its name: the action kit knows no database. */
function isAway(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreUnavailable';
}
