import * as lints from '../diagnostics/registry/lints.ts';
import { placeOf, rule, stepsOf } from './rule.ts';

export const listWithoutTolerate = rule({
  name: 'list-without-tolerate',
  weight: 'off',
  definition: lints.listWithoutTolerate,
  check(linted) {
    for (const step of stepsOf(linted)) {
      if (step.kind !== 'forEach' || step.tolerate) continue;
      linted.report(lints.listWithoutTolerate, placeOf(linted, step.id, 'forEach'), { step: step.id });
    }
  },
});
