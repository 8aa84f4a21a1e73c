/** A group: steps under one `if`, and what else to do when it is false (see `skip` in step.ts). */
import type { Runner } from './runner.ts';
import { runSteps } from './step.ts';

export const runGroup: Runner<'group'> = async (step, occasion) => {
  await runSteps(step.steps, occasion);
  return {};
};
