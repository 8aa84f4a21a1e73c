import * as lints from '../diagnostics/registry/lints.ts';
import { placeOf, rule, stepsOf } from './rule.ts';

export const notConfigured = rule({
  name: 'not-configured',
  weight: 'warning',
  definition: lints.notConfigured,
  check(linted) {
    for (const step of stepsOf(linted)) {
      if (step.kind !== 'action') continue;
      const [connector = ''] = step.uses.split('.');
      const missing = linted.missingSettings?.(connector);
      if (!missing) continue;
      linted.report(lints.notConfigured, placeOf(linted, step.id, 'uses'), { uses: step.uses, ...missing });
    }
  },
});
