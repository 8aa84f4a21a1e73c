import { innerSteps } from '../../plan/inner-steps.ts';
import type { Step } from '../../plan/plan.ts';
import type { RunPlan } from '../messages.ts';

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
