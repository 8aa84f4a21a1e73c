/** Where a step stands to an approval, and what is still to be done in a run. */
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Step } from '../../plan/plan.ts';
import type { RunPlan, StepView } from '../messages.ts';

/** Whether the step comes after the approval, and not beside it in another branch. */
export function isBehind({ steps, finally: last }: RunPlan, gate: string, step: string): boolean {
  return isAfter([...steps, ...last], gate, step) === true;
}

/** Undefined where one of the two is not found. */
function isAfter(steps: readonly Step[], gate: string, step: string): boolean | undefined {
  const at = (id: string) => steps.findIndex((each) => contains(each, id));
  const [before, after] = [at(gate), at(step)];
  if (before < 0 || after < 0) return undefined;
  if (before !== after) return before < after;
  const around = steps[before];
  if (!around) return undefined;
  for (const inner of innerSteps(around)) {
    const found = isAfter(inner, gate, step);
    if (found !== undefined) return found;
  }
  return false;
}

function contains(step: Step, id: string): boolean {
  return step.id === id || innerSteps(step).some((steps) => steps.some((inner) => contains(inner, id)));
}

const over = new Set<StepView['status']>([
  'succeeded',
  'skipped',
  'failed',
  'rejected',
  'expired',
  'cancelled',
]);

/** Ids of the steps that may still begin, or begin again, or wait. */
export function yetToRun(
  { steps, finally: last }: RunPlan,
  views: ReadonlyMap<string, StepView>,
  engine: number,
): Set<string> {
  const ids = new Set<string>();
  const visit = (step: Step, again: boolean): void => {
    const view = views.get(step.id);
    if (!again && view && over.has(view.status)) {
      // A group that was left out says what is done instead.
      if (engine >= 6 && view.status === 'skipped' && step.kind === 'group')
        for (const each of step.else ?? []) visit(each, false);
      return;
    }
    ids.add(step.id);
    const repeats = again || step.kind === 'repeat' || step.kind === 'forEach' || step.kind === 'window';
    for (const inner of innerSteps(step)) for (const each of inner) visit(each, repeats);
  };
  for (const step of [...steps, ...last]) visit(step, false);
  return ids;
}
