/** Repeats its steps until something holds: has it synced, has it shipped. */
import { evaluateCondition } from '../expressions.ts';
import { CallFailure } from '../port.ts';
import { momentAfter } from './moment.ts';
import type { Runner } from './step.ts';
import { runSteps } from './step.ts';

export const runRepeat: Runner<'repeat'> = async (step, frame) => {
  const { port, variables } = frame;
  const began = port.now();
  const lastAt =
    typeof step.atMost === 'number' ? undefined : await momentAfter(step.atMost, began, frame, step.id);
  for (let round = 1; ; round += 1) {
    // Each round is a new occasion: a write of the second round is no retry of the first.
    await runSteps(step.steps, { ...frame, round: `${frame.round}.${round}` });
    if (evaluateCondition(step.until, variables)) return { output: { rounds: round } };
    const next = await momentAfter(step.every, port.now(), frame, step.id);
    const over = lastAt === undefined ? round >= Number(step.atMost) : next > lastAt;
    if (over) {
      const message = `\${{ ${step.until} }} did not hold after ${round} tries.`;
      throw new CallFailure({ type: 'Expired', message });
    }
    await port.sleep(next - port.now());
  }
};
