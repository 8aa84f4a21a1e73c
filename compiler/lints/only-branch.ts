import { onlyBranch } from '../diagnostics/registry/flow.ts';
import { rule } from './rule.ts';

export const onlyBranchRule = rule({
  name: 'only-branch',
  weight: 'warning',
  definition: onlyBranch,
});
