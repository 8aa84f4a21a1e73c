/**
 * Parallel branches. A branch whose step parks waits by itself while the others go on; a branch that ends the run stops
 * the others first, so that nothing new is done while completed steps are being taken back.
 */
import { runAll } from './run-all.ts';
import type { Runner } from './runner.ts';
import { runSteps } from './step.ts';

export const runParallel: Runner<'parallel'> = async (step, occasion) => {
  await runAll(
    Object.values(step.branches).map((steps) => (port) => runSteps(steps, { ...occasion, port })),
    occasion.port,
  );
  return {};
};
