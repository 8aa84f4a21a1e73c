import * as lints from '../diagnostics/registry/lints.ts';
import { entryOf } from '../source/tree.ts';
import { rule } from './rule.ts';

export const ownerIsAPerson = rule({
  name: 'owner-is-a-person',
  weight: 'off',
  definition: lints.ownerIsAPerson,
  check(linted) {
    const { owner } = linted.plan;
    const at = entryOf(linted.root, 'owner')?.value ?? linted.root;
    if (!owner.startsWith('role:')) linted.report(lints.ownerIsAPerson, at, { owner });
  },
});
