/** What a run takes over from a part of it that was done in a child. */

import type { ForEachStep, RepeatStep } from '../../plan/plan.ts';
import type { BatchResult } from '../batches/messages.ts';
import { type Occasion, occasionKey } from '../occasion.ts';
import type { RunState } from '../state.ts';

export function takeOver(
  state: RunState,
  { settle, unanswered }: Pick<BatchResult, 'settle' | 'unanswered'>,
): void {
  for (const { step, title, why } of settle ?? []) state.leave(step, title, why);
  for (const [key, message] of unanswered ?? []) state.unanswered.set(key, message);
}

/** A child does not know how often the work was undone before: its calls say so behind the round. */
export function roundInBatch(step: ForEachStep | RepeatStep, occasion: Occasion): string {
  const undone = occasion.run.timesUndone(occasionKey(step, occasion));
  return occasion.round + (undone > 0 ? `~${undone}` : '');
}
