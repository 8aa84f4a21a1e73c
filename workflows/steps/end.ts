/** Stops the run early, in the status its author chose. */
import { evaluateText } from '../expressions.ts';
import { EndRun } from '../failures.ts';
import type { Runner } from './runner.ts';

export const runEnd: Runner<'end'> = async (step, occasion) => {
  throw new EndRun(
    step.status,
    step.reason === undefined ? '' : evaluateText(step.reason, occasion.variables),
  );
};
