/** What a run carries of the plans it needs. */
import { innerSteps } from '../plan/inner-steps.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { RunPlan } from './messages.ts';

/** Not what only people and tools read. */
export function runPlanOf(plan: Plan): RunPlan {
  const { positions: _positions, triggers: _triggers, description: _description, ...carried } = plan;
  return carried;
}

/** The plans that this one calls, and that those call, by hash. */
export function calledPlans(plan: Plan, all: readonly Plan[]): { plans?: Record<string, RunPlan> } {
  const byHash = new Map(all.map((candidate) => [candidate.hash, candidate]));
  const called: Record<string, RunPlan> = {};
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      const found = step.kind === 'runbook' && !called[step.planHash] ? byHash.get(step.planHash) : undefined;
      if (found) {
        called[found.hash] = runPlanOf(found);
        visit([...found.steps, ...found.finally]);
      }
      for (const inner of innerSteps(step)) visit(inner);
    }
  };
  visit([...plan.steps, ...plan.finally]);
  return Object.keys(called).length > 0 ? { plans: called } : {};
}
