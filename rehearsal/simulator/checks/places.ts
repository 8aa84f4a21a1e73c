/** Where steps stand in a plan, read without the engine. */
import type { Step } from '../../../plan/plan.ts';
import type { RunPlan } from '../../../workflows/messages.ts';

export interface Standing {
  step: Step;
  /** From the outermost to the innermost: what it stands in. */
  around: Step[];
  /** Ids of approvals without which it cannot run. */
  gates: string[];
  closing: boolean;
}

const known = new WeakMap<RunPlan, Map<string, Standing>>();

export function standings(plan: RunPlan): Map<string, Standing> {
  const made = known.get(plan) ?? make(plan);
  known.set(plan, made);
  return made;
}

function make(plan: RunPlan): Map<string, Standing> {
  const found = new Map<string, Standing>();
  visit(plan.steps, { around: [], gates: [], closing: false }, found);
  visit(plan.finally, { around: [], gates: [], closing: true }, found);
  return found;
}

/** The approvals that have been given for certain once these steps are done. */
function visit(
  steps: readonly Step[],
  { around, gates, closing }: Omit<Standing, 'step'>,
  found: Map<string, Standing>,
): string[] {
  const given = [...gates];
  for (const step of steps) {
    found.set(step.id, { step, around, gates: [...given], closing });
    const inner = insideOf(step).flatMap((list) =>
      visit(list, { around: [...around, step], gates: [...given], closing }, found),
    );
    if (step.if !== undefined || step.onError !== undefined) continue;
    if (step.kind === 'approve' && !step.retroactive && !step.onReject) given.push(step.id);
    // A list may be empty, and each item has its own signature.
    if (step.kind === 'parallel' || step.kind === 'group' || step.kind === 'repeat' || step.kind === 'window')
      given.push(...inner.filter((id) => !given.includes(id)));
  }
  return given.slice(gates.length);
}

/** What was called by a closing step, or by what one called. */
export function isCalledAtTheEnd(run: string, plans: ReadonlyMap<string, RunPlan>): boolean {
  const parts = run.split('/');
  return parts.some((part, at) => {
    const plan = at === 0 ? undefined : plans.get(parts.slice(0, at).join('/'));
    return plan !== undefined && standings(plan).get(part.split(/[[.~#]/)[0] ?? '')?.closing === true;
  });
}

export function insideOf(step: Step): Step[][] {
  switch (step.kind) {
    case 'parallel':
      return Object.values(step.branches);
    case 'group':
      return step.else ? [step.steps, step.else] : [step.steps];
    case 'forEach':
    case 'repeat':
    case 'window':
      return [step.steps];
    case 'action':
    case 'approve':
    case 'task':
    case 'wait':
    case 'runbook':
    case 'end':
    case 'fail':
    case 'set':
      return [];
  }
}

/** `do3[0][1]` -> the numbers of the items around it, outermost first. */
export function itemsOf(key: string): string[] {
  return key.match(/\[\d+\]/g) ?? [];
}

/** Id of the step of a key. */
export function idOf(key: string): string {
  return key.replace(/\[.*$/, '');
}

/** A step's key in its run, from a call's: without round, and without how often it was undone. */
export function keyOf(step: string, item: string): string {
  return step + itemsOf(item).join('');
}

/** The key of a step around another, for the same items. */
export function keyAround(outer: Standing, key: string): string {
  const depth = outer.around.filter(({ kind }) => kind === 'forEach').length;
  return outer.step.id + itemsOf(key).slice(0, depth).join('');
}
