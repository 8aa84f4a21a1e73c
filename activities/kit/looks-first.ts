/**
 * Actions that do nothing but read until they keep what they found. The beginning of such a write goes on record together with that, by one
 * statement, and still before anything is changed. Known by their `run` itself, so that another one in its place is none of them.
 */
import type { Action } from './define-action.ts';

const known = new WeakSet<object>();

/** Of a `run` that calls `rememberBeforeWrite` before its first write, whatever it finds. */
export function lookingFirst<Run extends object>(run: Run): Run {
  known.add(run);
  return run;
}

export function looksFirst({ run }: Pick<Action, 'run'>): boolean {
  return known.has(run);
}
