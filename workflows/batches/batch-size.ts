/** How much fits into one history, and what can be done in a child at all. */
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Step } from '../../plan/plan.ts';
import { descriptionOf } from '../../plan/step-descriptions.ts';

/** Steps carried out in one history: about six events each (ENGINE, measured), of the 10,000 that a history should have. */
const stepsInOneHistory = 1_200;

/** How often these steps can be done in one history. */
export function timesInOneHistory(steps: readonly Step[]): number {
  return Math.max(1, Math.floor(stepsInOneHistory / Math.max(1, countOf(steps))));
}

/** People answer the run itself, a window is the run's, and an event comes to it: a child hears of none of them. */
export function canBatch(steps: readonly Step[]): boolean {
  return steps.every(
    (step) =>
      ['nothing', 'time'].includes(descriptionOf(step).waitsFor(step)) && innerSteps(step).every(canBatch),
  );
}

function countOf(steps: readonly Step[]): number {
  return steps.reduce(
    (count, step) => count + 1 + innerSteps(step).reduce((sum, inner) => sum + countOf(inner), 0),
    0,
  );
}
