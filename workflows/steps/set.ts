/** Gives what the repeat around it remembers other values, from here on and in later rounds. */
import type { Json, JsonObject } from '../../plan/plan.ts';
import { evaluateTemplate } from '../expressions.ts';
import { stepKey } from '../occasion.ts';
import { remember } from './remembered.ts';
import type { Runner } from './runner.ts';
import { checkSize } from './size.ts';

export const runSet: Runner<'set'> = async (step, occasion) => {
  const values = evaluateTemplate(step.values, occasion.variables) as JsonObject;
  checkSize(values as Json, 'What is remembered for the next round');
  remember(values, occasion, stepKey(step, occasion));
  return {};
};
