import * as lints from '../diagnostics/registry/lints.ts';
import { analyseGates } from '../gates/analyse.ts';
import { placeOf, rule } from './rule.ts';

export const destructiveWithoutGate = rule({
  name: 'destructive-without-gate',
  weight: 'warning',
  definition: lints.destructiveWithoutGate,
  check(linted) {
    const { steps } = analyseGates(linted.plan, linted.find);
    for (const { id, step, gates, afterwards } of steps) {
      if (step.kind !== 'action' || step.effect !== 'destructive' || gates.length + afterwards.length > 0)
        continue;
      // One of a called runbook is told where it is called.
      const [own = id] = id.split('.');
      linted.report(lints.destructiveWithoutGate, placeOf(linted, own, 'uses'), {
        step: id,
        action: step.uses,
      });
    }
  },
});
