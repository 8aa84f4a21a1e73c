import { neverExpires } from '../diagnostics/registry/flow.ts';
import { rule } from './rule.ts';

export const neverExpiresRule = rule({
  name: 'never-expires',
  weight: 'warning',
  definition: neverExpires,
});
