/** What a run had done, by its journal, when it was ended without taking anything back. */
import { innerSteps } from '../plan/inner-steps.ts';
import type { ActionStep, Plan, Step } from '../plan/plan.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { Left } from '../workflows/messages.ts';

/** Each write that was done, or begun without a known end, and was not undone. In the order in which they began. */
export function leftBehind(plan: Plan | undefined, journal: readonly JournalEntry[]): Left[] {
  const writes = plan ? writesOf(plan) : new Map<string, ActionStep>();
  const found = new Map<string, Left>();
  for (const { kind, step = '', data } of journal) {
    const write = writes.get(/^\w+/.exec(step)?.[0] ?? '');
    const title = write?.title ?? step;
    if (kind === 'step.left')
      found.set(step, { step, title: String(data?.title ?? title), why: String(data?.why) });
    if (!write) continue;
    if (kind === 'step.started') found.set(step, { step, title, why: unsure });
    if (kind === 'step.succeeded') found.set(step, { step, title, why: done });
    if (['step.skipped', 'step.failed', 'step.cancelled', 'step.undone'].includes(kind)) found.delete(step);
  }
  return [...found.values()];
}

const done = 'it was done, and is not taken back';
const unsure = 'it had begun, and it is not known whether it was done';

function writesOf(plan: Plan): Map<string, ActionStep> {
  const writes = new Map<string, ActionStep>();
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.kind === 'action' && step.effect !== 'read') writes.set(step.id, step);
      for (const inner of innerSteps(step)) visit(inner);
    }
  };
  visit([...plan.steps, ...plan.finally]);
  return writes;
}
