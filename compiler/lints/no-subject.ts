import * as lints from '../diagnostics/registry/lints.ts';
import { entryOf } from '../source/tree.ts';
import { rule } from './rule.ts';

export const noSubject = rule({
  name: 'no-subject',
  weight: 'off',
  definition: lints.noSubject,
  check(linted) {
    const { plan, root } = linted;
    if (plan.triggers.length === 0 || plan.subject !== undefined) return;
    linted.report(lints.noSubject, entryOf(root, 'runbook')?.keyRange ?? root, {});
  },
});
