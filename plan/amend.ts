/** What the author of a plan lets a change by hand of a value do. */
import { innerSteps } from './inner-steps.ts';
import { segmentsOf } from './leaf-paths.ts';
import type { Amend, Plan, Step } from './plan.ts';

/**
 * Of the value at a path, which is that of its input or step. Undefined: the change waits for those who signed.
 * `steps` by id spare whoever asks often the search.
 */
export function amendOf(
  plan: Pick<Plan, 'inputs' | 'steps' | 'finally'>,
  path: string,
  steps?: ReadonlyMap<string, Step>,
): Amend | undefined {
  const [root, name = ''] = segmentsOf(path);
  if (root === 'inputs') return Object.hasOwn(plan.inputs, name) ? plan.inputs[name]?.amend : undefined;
  if (root !== 'steps') return undefined;
  return (steps ? steps.get(name) : findStep([...plan.steps, ...plan.finally], name))?.amend;
}

function findStep(steps: readonly Step[], id: string): Step | undefined {
  for (const step of steps) {
    const found = step.id === id ? step : findStep(innerSteps(step).flat(), id);
    if (found) return found;
  }
  return undefined;
}
