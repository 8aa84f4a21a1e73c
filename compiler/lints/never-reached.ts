import { neverReached } from '../diagnostics/registry/flow.ts';
import { rule } from './rule.ts';

export const neverReachedRule = rule({
  name: 'never-reached',
  weight: 'warning',
  definition: neverReached,
});
