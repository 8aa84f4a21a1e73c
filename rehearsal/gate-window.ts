/** When the steps behind an approval could run: the window that they wait for. */
import { analyseGates } from '../compiler/gates/analyse.ts';
import type { Calendars } from '../organisation/calendars.ts';
import { defined } from '../plan/defined.ts';
import type { Plan, WindowStep } from '../plan/plan.ts';

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

/** The first window that cannot be entered without this signature, and when it opens next. */
export function windowOf(gateKey: string, plan: Plan, plans: readonly Plan[], calendars: Calendars) {
  const id = gateKey.replace(/\[\d+\]/g, '');
  const gated = analyseGates(plan, (name) => plans.find(({ runbook }) => runbook === name)).steps.find(
    ({ step, gates }) => step.kind === 'window' && gates.some((each) => each.id === id),
  );
  if (gated?.step.kind !== 'window') return undefined;
  return { calendar: gated.step.calendar, ...opening(gated.step, calendars) };
}
