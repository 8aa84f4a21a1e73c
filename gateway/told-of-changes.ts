/** What people are told of a change: its risk, what it affects, its way back, and when its window opens. */
import type { Calendars } from '../organisation/calendars.ts';
import { defined } from '../plan/defined.ts';
import type { Json, Plan, Template, WindowStep } from '../plan/plan.ts';
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

export interface Opening {
  /** Of the window. */
  title?: string;
  /** Milliseconds since 1970. */
  opensAt?: number;
  closesAt?: number;
  frozenBy?: string;
}

/** When it opens next; nothing where that cannot be said. */
export function opening({ calendar, freeze, needs }: WindowStep, calendars: Calendars): Opening {
  try {
    const needsMs = needs && 'ms' in needs ? needs.ms : 0;
    const { name, opensAt, closesAt, frozenBy } = calendars.window({
      calendar,
      freeze,
      needsMs,
      now: Date.now(),
    });
    return { title: name, opensAt, closesAt, ...defined({ frozenBy: frozenBy || undefined }) };
  } catch {
    // Taken out of the configuration, or without any more time in it: the run will say so when it gets there.
    return {};
  }
}
