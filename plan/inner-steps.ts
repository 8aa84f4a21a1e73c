/** What stands inside a step. */
import { descriptionOf } from './step-descriptions.ts';
import type { Step } from './step-kinds/registry.ts';

/** A list of steps directly inside a step, with what tells it from the step's other lists. */
export interface InnerList {
  steps: readonly Step[];
  /** A branch's name. */
  name?: string;
  /** `else`. */
  token?: string;
}

/** The lists of steps directly inside a step. A called runbook's steps are its own run's, and not among them. */
export function innerLists(step: Step): InnerList[] {
  // Descriptions say where lists of steps stand; that these are steps of the plan is the plan's own type.
  const fields = step as unknown as Record<string, readonly Step[] | Record<string, readonly Step[]>>;
  return descriptionOf(step).inside.flatMap(({ field, named, token }): InnerList[] => {
    const value = fields[field];
    if (value === undefined) return [];
    if (named)
      return Object.entries(value as Record<string, Step[]>).map(([name, steps]) => ({ name, steps }));
    const steps = value as readonly Step[];
    return [token === undefined ? { steps } : { steps, token }];
  });
}

export function innerSteps(step: Step): readonly (readonly Step[])[] {
  return innerLists(step).map(({ steps }) => steps);
}

/** The same step with nothing inside it. */
export function withoutInner(step: Step): Step {
  const emptied = descriptionOf(step).inside.map(({ field, named, token }) => [
    field,
    token === undefined ? (named ? {} : []) : undefined,
  ]);
  return { ...step, ...Object.fromEntries(emptied) } as Step;
}
