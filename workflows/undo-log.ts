/**
 * What would take back the work that was done, in the order in which it was done. An undo is computed when its step completes:
 * what is taken back is what was done, whatever became of the inputs since.
 */
import type { Step } from '../plan/plan.ts';
import type { PendingUndo } from './batches/messages.ts';
import type { Occasion } from './occasion.ts';
import type { UndoScope } from './undo-scope.ts';

export interface Undoable {
  step: Step;
  occasion: Occasion;
  /** One call for an action; for items, rounds and called runbooks all that was done there. */
  calls: PendingUndo[];
  /** The step is one action of this run, and not a list of what others did. */
  single: boolean;
  /** Taking it back was begun, and stopped by what is around it. */
  unfinished?: true;
}

export class UndoLog {
  private entries: Undoable[] = [];

  /** What was done again on the same occasion is taken back once, also where a list's batch did it the second time. */
  add(entry: Undoable): void {
    const again = new Set(entry.calls.map(identityOf));
    this.entries = this.entries
      .map((known) => ({ ...known, calls: known.calls.filter((call) => !again.has(identityOf(call))) }))
      .filter(({ calls }) => calls.length > 0);
    if (entry.calls.length > 0) this.entries.push(entry);
  }

  /** Removes and returns what was done last within the scope. */
  takeLast(scope: UndoScope): Undoable | undefined {
    const index = this.entries.findLastIndex(({ occasion }) => occasion.undoScope.isWithin(scope));
    return index < 0 ? undefined : this.entries.splice(index, 1)[0];
  }

  /** It could not be taken back to its end: whoever takes back what is around it begins with it. */
  putBack(entry: Undoable, scope: UndoScope): void {
    this.entries.push(entry);
    for (const each of this.entries) if (each.occasion.undoScope.isWithin(scope)) each.unfinished = true;
  }

  /** What should have been taken back, and neither was nor was done again since. */
  unfinished(): Undoable[] {
    return this.entries.filter(({ unfinished }) => unfinished);
  }

  /** Of what is left within the scope, in the order in which it was done. */
  calls(scope: UndoScope): PendingUndo[] {
    return this.entries
      .filter(({ occasion }) => occasion.undoScope.isWithin(scope))
      .flatMap(({ calls }) => calls);
  }
}

function identityOf({ key, round }: PendingUndo): string {
  return `${key}\n${round}`;
}
