/** What a run takes over from a part of it that was done in a child. */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { BatchResult } from '../batches/messages.ts';
import type { Occasion } from '../occasion.ts';
import type { RunState } from '../state.ts';

export function takeOver(
  state: RunState,
  { settle, unanswered }: Pick<BatchResult, 'settle' | 'unanswered'>,
): void {
  for (const { step, title, why } of settle ?? []) state.leave(step, title, why);
  for (const each of unanswered ?? []) state.knowUnanswered(each);
}

/** A child does not know by itself how often its work was taken back before: what it does again is a new write there too. */
export function undoneBefore({ run }: Occasion): { undone?: [occasion: string, times: number][] } {
  return defined({ undone: unlessEmpty(run.undoneSoFar()) });
}
