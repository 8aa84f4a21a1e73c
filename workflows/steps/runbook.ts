/** Another runbook, as a run of its own. */
import type { JsonObject } from '../../plan/plan.ts';
import { evaluateTemplate } from '../expressions.ts';
import { CallFailure } from '../port.ts';
import { checkSize } from './size.ts';
import type { Runner } from './step.ts';

export const runRunbook: Runner<'runbook'> = async (step, frame) => {
  const { start } = frame.run;
  const plan = start.plans?.[step.planHash];
  if (!plan) {
    const message = `The plan of runbook "${step.runbook}" was not handed to this run.`;
    throw new CallFailure({ type: 'PermanentFailure', message });
  }
  const inputs = (evaluateTemplate(step.with, frame.variables) ?? {}) as JsonObject;
  checkSize(inputs, `What "${step.runbook}" is given`);
  const result = await frame.port.child(
    { ...start, plan, inputs, partOf: frame.run.id, cause: { type: 'runbook', key: frame.run.id } },
    { step: step.id, ...(frame.item ? { item: frame.item } : {}) },
  );
  // Cancelled together with this run: goes no further here. Cancelled by itself, its step parks.
  if (result.status === 'cancelled') await frame.port.sleep(1);
  if (result.status !== 'succeeded') {
    const why = result.reason ? `: ${result.reason}` : '';
    throw new CallFailure({
      type: 'PermanentFailure',
      message: `Runbook "${step.runbook}" ended as ${result.status}${why}.`,
    });
  }
  return { output: result.outputs ?? {} };
};
