/** Ends an item of a list, or the run, as failed: its author said so, and nobody is asked what to do. */
import { evaluateText } from '../expressions.ts';
import { FailedOnPurpose } from '../failures.ts';
import type { Runner } from './runner.ts';

export const runFail: Runner<'fail'> = async (step, occasion) => {
  throw new FailedOnPurpose(evaluateText(step.reason, occasion.variables));
};
