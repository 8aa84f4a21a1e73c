/** What a repeat remembers from round to round, and which repeat it is. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { bind } from '../expressions.ts';
import type { Occasion } from '../occasion.ts';

const repeats = new WeakMap<object, string>();

/** `key` is the repeat's, as the journal names it. */
export function begin(values: JsonObject, key: string, { run }: Occasion): object {
  const state = bind(values) as object;
  repeats.set(state, key);
  run.state.record('state.set', key, { values });
  return state;
}

/** From here on. `by` is the step that says so; absent where a part of the run was done in a child. */
export function remember(values: JsonObject, { run, variables }: Occasion, by?: string): void {
  const state = variables.state as object;
  Object.assign(state, bind(values));
  run.state.record('state.set', repeats.get(state) ?? by, { values, ...defined({ by }) });
}
