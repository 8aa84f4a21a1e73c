import * as lints from '../diagnostics/registry/lints.ts';
import { rule } from './rule.ts';

/** Found by going through the tests, which the compiler does not do: `countersign validate` does. */
export const branchWithoutTest = rule({
  name: 'branch-without-test',
  weight: 'off',
  definition: lints.branchWithoutTest,
});
