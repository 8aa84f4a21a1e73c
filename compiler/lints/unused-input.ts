import { unusedInput } from '../diagnostics/registry/inputs.ts';
import { rule } from './rule.ts';

export const unusedInputRule = rule({
  name: 'unused-input',
  weight: 'warning',
  definition: unusedInput,
});
