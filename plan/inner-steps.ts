/** What stands inside a step. */
import type { Step } from './plan.ts';

/** The lists of steps directly inside a step. A called runbook's steps are its own run's, and not among them. */
export function innerSteps(step: Step): readonly (readonly Step[])[] {
  switch (step.kind) {
    case 'group':
      return step.else ? [step.steps, step.else] : [step.steps];
    case 'parallel':
      return Object.values(step.branches);
    case 'forEach':
    case 'repeat':
    case 'window':
      return [step.steps];
    default:
      return [];
  }
}
