import { emptyRole } from '../diagnostics/registry/configuration.ts';
import { rule } from './rule.ts';

export const emptyRoleRule = rule({
  name: 'empty-role',
  weight: 'warning',
  definition: emptyRole,
});
