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
  private readonly engine: number;

  constructor(engine: number) {
    this.engine = engine;
  }

  /**
   * What was done again on the same occasion is taken back once, also where a list's batch did it the second time. Called again,
   * another runbook is another run: what each of them did is taken back by itself.
   */
  add(entry: Undoable): void {
    const [others, own] = divided(entry.calls, this.engine >= 4 ? isByAnotherRun : () => false);
    const again = new Set(own.map(identityOf));
    this.entries = this.entries
      .map((known) => ({ ...known, calls: known.calls.filter((call) => !again.has(identityOf(call))) }))
      .filter(({ calls }) => calls.length > 0);
    if (entry.calls.length === 0) return;
    if (others.length > 0) entry.calls = this.toldApart(entry.calls);
    this.entries.push(entry);
  }

  /** Each has a key of its own, so that taking back the one is no retry of taking back the other. */
  private toldApart(calls: readonly PendingUndo[]): PendingUndo[] {
    const known = new Set(this.entries.flatMap((entry) => entry.calls.map(identityOf)));
    return calls.map((call) => {
      let apart = call;
      for (let number = 2; known.has(identityOf(apart)); number += 1)
        apart = { ...call, round: `${call.round}#${number}` };
      return apart;
    });
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

/** `call/do`: in the run that the step `call` called. */
function isByAnotherRun({ key }: PendingUndo): boolean {
  return key.includes('/');
}

function divided<T>(all: readonly T[], is: (each: T) => boolean): [T[], T[]] {
  return [all.filter(is), all.filter((each) => !is(each))];
}

/** Of what is done on one occasion. */
export function identityOf({ key, round }: PendingUndo): string {
  return `${key}\n${round}`;
}
