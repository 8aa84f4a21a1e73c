/** What people are told of a change: its risk, what it affects, and its way back. */
import { defined } from '../plan/defined.ts';
import type { Json, Plan, Template } from '../plan/plan.ts';
import { withoutSealed } from '../presentation/sealed.ts';
import { evaluateTemplate, type Variables } from '../workflows/expressions.ts';

/** Computed for this run. What cannot be computed is left out: the rest still helps. */
export function changeOf(change: NonNullable<Plan['change']>, variables: Variables) {
  const value = (template: Template | undefined): Json | undefined => {
    if (template === undefined) return undefined;
    try {
      return withoutSealed(evaluateTemplate(template, variables)) as Json | undefined;
    } catch {
      return undefined;
    }
  };
  const [risk, affects, backout] = [value(change.risk), value(change.affects), value(change.backout)];
  return {
    ...defined({
      risk: risk === undefined ? undefined : textOf(risk),
      affects: affects === undefined ? undefined : [affects].flat().map(textOf),
      backout: backout === undefined ? undefined : textOf(backout),
    }),
  };
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  const isSealed = value !== null && typeof value === 'object' && '$sealed' in value;
  return isSealed ? '(sealed)' : JSON.stringify(value);
}
