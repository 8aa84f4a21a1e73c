/**
 * Where a step runs: which run, which item of a list, which round, inside which window, and how often its work was taken back.
 * It owns the port, the names that expressions see, and the one key by which calls, progress and undos are told apart. An
 * operator's retry is the same occasion; a new round, or doing again what was undone, is another.
 */
import { innerSteps } from '../plan/inner-steps.ts';
import type { Json, Step } from '../plan/plan.ts';
import type { Variables } from './expressions.ts';
import type { CallOptions, Port } from './port.ts';
import type { Run } from './run.ts';
import type { UndoScope } from './undo-log.ts';

/** Asked before a step begins inside a window. Rejects when the window is over, or frozen since. */
export type WindowGuard = (port: Port) => Promise<void>;

export interface Occasion {
  run: Run;
  port: Port;
  variables: Variables;
  /** Behind the ids of the steps here: empty, or `[3]` inside the fourth item of a forEach. */
  item: string;
  /** By its name, the value of each item that this is done for: no signature is given without it. */
  items?: Readonly<Record<string, Json>>;
  /** Which round of a repeat this is: empty, or `.2` in its second. A write of a later round is a new one. */
  round: string;
  /** What is taken back together with the work done here. */
  undoScope: UndoScope;
  window?: WindowGuard;
  /** Inside a forEach a step that fails fails its item, instead of parking by itself. */
  failFast?: true;
}

/** For what goes on when its window may be over, and the item that it belongs to: it is held to neither. */
export function outside({ failFast: _, window: __, ...rest }: Occasion): Occasion {
  return rest;
}

/** What a step is called in the run's state and its journal: unique in the run, the same in every round. */
export function stepKey(step: Pick<Step, 'id'>, { item }: Pick<Occasion, 'item'>): string {
  return step.id + item;
}

/** What tells this occasion of a step from every other: under it stand its progress and how often it was undone. */
export function occasionKey(
  step: Pick<Step, 'id'>,
  { item, round }: Pick<Occasion, 'item' | 'round'>,
): string {
  return step.id + item + round;
}

/** Behind the step's id in a call: the key of its idempotence. */
export function callItem(step: Pick<Step, 'id'>, occasion: Occasion): Pick<CallOptions, 'item'> {
  const undone = occasion.run.timesUndone(occasionKey(step, occasion));
  const item = occasion.item + occasion.round + (undone > 0 ? `~${undone}` : '');
  return item ? { item } : {};
}

/** What these steps gave the last time is not there any more: a new round, or work that was taken back, begins without it. */
export function forget(steps: readonly Step[], occasion: Occasion): void {
  const known = occasion.variables.steps as Record<string, unknown>;
  for (const step of steps) {
    delete known[step.id];
    for (const inner of innerSteps(step)) forget(inner, occasion);
  }
}
