/** What `countersign doctor` says of one part: one line. */
import { PermanentFailure, RetryableFailure } from '../../activities/kit/failures.ts';
import { reasonOf } from '../../activities/kit/reach.ts';
import { errorText } from '../../plan/error-text.ts';

/** `away` may pass by itself; `problem` needs somebody; `unchecked` is no judgement. */
export type State = 'ok' | 'problem' | 'away' | 'unchecked';

export interface Finding {
  /** What was looked at: `database`, `connector jira`. */
  part: string;
  state: State;
  /** What is so, or what is wrong and what to mend. */
  says: string;
}

/** Of anything that takes longer, that is the finding. */
export const limitMs = 15_000;

/** Runs one look within its time; whatever it throws becomes what is wrong. */
export async function found(
  part: string,
  look: (signal: AbortSignal) => Promise<Omit<Finding, 'part'>>,
): Promise<Finding> {
  const signal = AbortSignal.timeout(limitMs);
  let timer: NodeJS.Timeout | undefined;
  // For what does not listen to its signal.
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RetryableFailure(tooLate)), limitMs + 1_000);
  });
  try {
    return { part, ...(await Promise.race([look(signal), late])) };
  } catch (error) {
    const state =
      error instanceof RetryableFailure || signal.aborted || isNetwork(error) ? 'away' : 'problem';
    return { part, state, says: signal.aborted && !isFailure(error) ? tooLate : oneLine(errorText(error)) };
  } finally {
    clearTimeout(timer);
  }
}

const tooLate = `There was no answer within ${limitMs / 1_000} s. Check the address, and what is between here and there.`;

function isFailure(error: unknown): boolean {
  return error instanceof RetryableFailure || error instanceof PermanentFailure;
}

function isNetwork(error: unknown): boolean {
  return !isFailure(error) && reasonOf(error) !== '';
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
