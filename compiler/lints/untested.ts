import * as lints from '../diagnostics/registry/lints.ts';
import { entryOf } from '../source/tree.ts';
import { rule } from './rule.ts';

export const untested = rule({
  name: 'untested',
  weight: 'off',
  definition: lints.untested,
  check(linted) {
    const { root, tested, plan } = linted;
    if (tested !== false) return;
    linted.report(lints.untested, entryOf(root, 'runbook')?.value ?? root, { runbook: plan.runbook });
  },
});
