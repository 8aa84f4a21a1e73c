import * as lints from '../diagnostics/registry/lints.ts';
import { rule } from './rule.ts';

/** Found by going through the tests, which the compiler does not do: `countersign validate` does. */
export const untestedBranch = rule({
  name: 'untested-branch',
  weight: 'off',
  definition: lints.untestedBranch,
});
