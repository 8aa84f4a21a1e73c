/** What a run takes over from a part of it that was done in a child. */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { ForEachStep, RepeatStep } from '../../plan/plan.ts';
import type { BatchResult } from '../batches/messages.ts';
import { type Occasion, occasionKey } from '../occasion.ts';
import type { RunState } from '../state.ts';
import { UndoScope } from '../undo-scope.ts';

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

/** What was done in a part is taken back with the run; what failed there for an item, at once, where its author says so. */
export async function keepUndos(
  step: ForEachStep | RepeatStep,
  { undos, undoNow = [] }: BatchResult,
  occasion: Occasion,
): Promise<void> {
  occasion.run.onOthersDid(step, undos, occasion);
  if (undoNow.length === 0) return;
  const undoScope = new UndoScope(occasion.undoScope);
  occasion.run.onOthersDid(step, undoNow, { ...occasion, undoScope });
  await takeBackNow(step, [undoScope], occasion);
}

/** A part of a run has nobody who could be asked about an undo that fails: the run itself takes back what failed there. */
export async function takeBackNow(
  step: ForEachStep | RepeatStep,
  scopes: readonly UndoScope[],
  occasion: Occasion,
): Promise<void> {
  const { run, port } = occasion;
  if (run.start.batch) for (const scope of scopes) run.takeBackLater(scope);
  else await run.takeBack(scopes, port, occasionKey(step, occasion));
}
