/** What stands inside a step. */
import type { Step } from '../../compiler/plan.ts';
import type { RunPlan } from '../messages.ts';

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

/** True when carrying out the step may ask for a signature, also in a runbook that it calls. */
export function containsApproval(step: Step, plans: Record<string, RunPlan>): boolean {
  if (step.kind === 'approve') return true;
  if (step.kind === 'runbook') {
    const plan = plans[step.planHash];
    return (
      plan !== undefined && [...plan.steps, ...plan.finally].some((inner) => containsApproval(inner, plans))
    );
  }
  return innerSteps(step).some((steps) => steps.some((inner) => containsApproval(inner, plans)));
}
