import { optionalWithDefault } from '../diagnostics/registry/inputs.ts';
import { rule } from './rule.ts';

export const optionalWithDefaultRule = rule({
  name: 'optional-with-default',
  weight: 'warning',
  definition: optionalWithDefault,
});
