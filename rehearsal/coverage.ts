/** Which steps and branches of a runbook its tests went through, and which none did. */
import { innerSteps } from '../plan/inner-steps.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { Rehearsed } from './rehearse.ts';

export interface Untested {
  step: string;
  /** What never happened to it. */
  what: string;
  line: number;
}

export interface Coverage {
  steps: { tested: number; all: number };
  branches: { tested: number; all: number };
  untested: Untested[];
}

interface Way {
  step: string;
  /** `ran`: the step itself; everything else is a branch. */
  outcome: Outcome;
  what: string;
}

type Outcome = 'ran' | 'left out' | 'refused' | 'expired' | 'failed';

const words: Record<Outcome, string> = {
  ran: 'never ran',
  'left out': 'was never left out by its `if`',
  refused: 'was never refused or too late',
  expired: 'never ran out of time',
  failed: 'never failed',
};

export function coverageOf(plan: Plan, rehearsals: readonly Rehearsed[]): Coverage {
  const seen = new Set(rehearsals.flatMap(outcomesOf));
  const ways = [...plan.steps, ...plan.finally].flatMap(waysOf);
  const count = (these: Way[]) => ({
    tested: these.filter(({ step, outcome }) => seen.has(`${step} ${outcome}`)).length,
    all: these.length,
  });
  return {
    steps: count(ways.filter(({ outcome }) => outcome === 'ran')),
    branches: count(ways.filter(({ outcome }) => outcome !== 'ran')),
    untested: ways
      .filter(({ step, outcome }) => !seen.has(`${step} ${outcome}`))
      .map(({ step, what }) => ({ step, what, line: plan.positions[step]?.line ?? 0 })),
  };
}

function waysOf(step: Step): Way[] {
  const way = (outcome: Outcome): Way => ({ step: step.id, outcome, what: words[outcome] });
  return [
    way('ran'),
    ...(step.if === undefined ? [] : [way('left out')]),
    ...(step.kind === 'approve' ? [way('refused')] : []),
    ...('onExpiry' in step && step.onExpiry ? [way('expired')] : []),
    ...(step.onError ? [way('failed')] : []),
    ...innerSteps(step).flatMap((steps) => steps.flatMap(waysOf)),
  ];
}

const outcomeOf: Partial<Record<string, Outcome>> = {
  'step.started': 'ran',
  'step.skipped': 'left out',
  'gate.rejected': 'refused',
  'step.expired': 'expired',
  'step.failed': 'failed',
};

/** `STEP OUTCOME` of everything that happened in the run itself. Steps skipped by an operator were not left out by their `if`. */
function outcomesOf({ journal, view }: Rehearsed): string[] {
  const own = new Set(view.steps.map(({ id }) => id));
  return journal.flatMap(({ kind, step, data }) => {
    const outcome = outcomeOf[kind];
    if (!outcome || !step || !own.has(step) || (outcome === 'left out' && data?.by)) return [];
    return [`${step.replace(/\[\d+\]/g, '')} ${outcome}`];
  });
}
