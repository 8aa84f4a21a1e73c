import * as lints from '../diagnostics/registry/lints.ts';
import { placeOf, rule, stepsOf } from './rule.ts';

export const gateWithoutShow = rule({
  name: 'gate-without-show',
  weight: 'off',
  definition: lints.gateWithoutShow,
  check(linted) {
    for (const step of stepsOf(linted))
      if (step.kind === 'approve' && step.show === undefined)
        linted.report(lints.gateWithoutShow, placeOf(linted, step.id, 'approve'), { step: step.id });
  },
});
