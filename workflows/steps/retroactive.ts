/**
 * An approval that may be given afterwards: people are asked, the steps go on, and the run does not end before they have
 * answered. A refusal, or no answer in time, opens a review.
 */
import type { ApproveStep, TaskStep } from '../../plan/plan.ts';
import { evaluateText } from '../expressions.ts';
import { EndRun, failureOf } from '../failures.ts';
import { type Occasion, outside } from '../occasion.ts';
import type { OpenGate } from '../state.ts';
import { park } from './park.ts';
import type { StepResult } from './runner.ts';
import { runStep, succeed } from './step.ts';

/** Goes on at once. `settle` waits for the votes and tells how it ended, as it does for an approval that is waited for. */
export function goOnBefore(
  step: ApproveStep,
  gate: OpenGate,
  occasion: Occasion,
  settle: (occasion: Occasion, again: boolean) => Promise<StepResult>,
): StepResult {
  const { run } = occasion;
  run.owed.add(gate.step);
  run.beforeEnd(async (port) => {
    // Not the step's own scope: its branch, item or window may long be over when people answer.
    const later: Occasion = { ...outside(occasion), port };
    try {
      const result = await settled(step, later, settle);
      run.owed.delete(gate.step);
      succeed(step, run.state.step(step, gate.step), later, result);
    } catch (error) {
      run.owed.delete(gate.step);
      if (later.port.isCancel(error)) {
        run.state.step(step, gate.step).status = 'cancelled';
        run.state.record('step.cancelled', gate.step);
      }
      if (!(error instanceof EndRun)) throw error;
      await runStep(reviewOf(step, gate, error.message, later), later);
    }
  });
  return { status: 'waiting' };
}

/** That people could not be asked again waits for an operator, as it does for an approval that comes before. */
async function settled(
  step: ApproveStep,
  occasion: Occasion,
  settle: Parameters<typeof goOnBefore>[3],
): Promise<StepResult> {
  for (let again = false; ; again = true) {
    try {
      return await settle(occasion, again);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      // Nobody may skip or complete an approval: what is decided is to try again.
      await park(step, failure, occasion);
    }
  }
}

/** What was done before stands: somebody has to look at it and decide. */
export function reviewOf(step: ApproveStep, gate: OpenGate, reason: string, occasion: Occasion): TaskStep {
  const { owner } = occasion.run.start.plan;
  const escalate = step.escalate === undefined ? [] : [evaluateText(step.escalate, occasion.variables)];
  const number = occasion.run.countReview(gate.step);
  return {
    id: `${step.id}.review${number > 1 ? number : ''}`,
    kind: 'task',
    title: `Review: ${gate.title}`,
    to: [owner, ...escalate],
    instructions: `${reason}. The steps after it were done before anybody signed, and they stand. Decide with those concerned whether they must be taken back, and write down what was decided.`,
    form: { decision: { type: 'string', minLength: 1, description: 'What was decided, and by whom' } },
  };
}
