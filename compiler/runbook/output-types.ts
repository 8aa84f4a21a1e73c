/** What a runbook gives to one that calls it. Kept beside the plan, since a plan carries no types. */

import type { Plan } from '../../plan/plan.ts';
import { dyn, type Type } from '../expressions/types.ts';

const types = new WeakMap<Plan, Type>();

export function rememberOutputTypes(plan: Plan, type: Type): void {
  types.set(plan, type);
}

export function outputTypesOf(plan: Plan): Type {
  return types.get(plan) ?? dyn;
}
