/** Stops the run early, in the status its author chose. */
import { evaluateText } from '../expressions.ts';
import { EndRun } from '../run.ts';
import type { Runner } from './step.ts';

export const runEnd: Runner<'end'> = async (step, frame) => {
  throw new EndRun(step.status, step.reason === undefined ? '' : evaluateText(step.reason, frame.variables));
};
