import * as lints from '../diagnostics/registry/lints.ts';
import { placeOf, rule, stepsOf } from './rule.ts';

export const waitWithoutEnd = rule({
  name: 'wait-without-end',
  weight: 'warning',
  definition: lints.waitWithoutEnd,
  check(linted) {
    for (const step of stepsOf(linted)) {
      const endless =
        (step.kind === 'approve' && !step.within) ||
        (step.kind === 'task' && !step.within && step.due === undefined) ||
        (step.kind === 'wait' && step.event && !step.within && step.until === undefined);
      if (endless)
        linted.report(lints.waitWithoutEnd, placeOf(linted, step.id, step.kind), { step: step.id });
    }
  },
});
