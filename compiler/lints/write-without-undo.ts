import * as lints from '../diagnostics/registry/lints.ts';
import { placeOf, rule, stepsOf } from './rule.ts';

export const writeWithoutUndo = rule({
  name: 'write-without-undo',
  weight: 'off',
  definition: lints.writeWithoutUndo,
  check(linted) {
    for (const step of stepsOf(linted)) {
      if (step.kind !== 'action' || step.effect === 'read' || step.undo) continue;
      const undo = linted.catalogue.get(step.uses)?.undo;
      if (undo === undefined) continue;
      linted.report(lints.writeWithoutUndo, placeOf(linted, step.id, 'uses'), { step: step.id, undo });
    }
  },
});
