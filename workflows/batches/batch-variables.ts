import type { ForEachStep, Json, RepeatStep } from '../../plan/plan.ts';
import type { Variables } from '../expressions.ts';

/** What a batch needs to be told of all that is known: only the steps that its own steps name. */
export function visibleTo(step: ForEachStep | RepeatStep, variables: Variables): Variables {
  const {
    inputs: _inputs,
    ticket: _ticket,
    organisation: _organisation,
    data: _data,
    steps,
    ...rest
  } = variables;
  const named = new Set(
    [...JSON.stringify(step).matchAll(/steps\.([A-Za-z_]\w*)/g)].map(([, id = '']) => id),
  );
  const known = Object.entries((steps ?? {}) as Record<string, Json>);
  return { ...rest, steps: Object.fromEntries(known.filter(([id]) => named.has(id))) };
}
