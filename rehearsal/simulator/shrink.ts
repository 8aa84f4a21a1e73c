/** A smaller plan that still breaks the same promise: whoever mends it has less to read. */
import { innerLists } from '../../plan/inner-steps.ts';
import type { Step } from '../../plan/plan.ts';
import { type Telling, type Told, tellHistory } from './history.ts';
import { type Generated, withCovers } from './plans.ts';

/** How many smaller plans are tried at most. */
const mostTries = 150;

export async function shrunk(told: Told, telling: Telling = {}): Promise<Told> {
  let best = told;
  let tries = 0;
  for (let found = true; found && tries < mostTries; ) {
    found = false;
    for (const smaller of smallerPlans(best.generated)) {
      tries += 1;
      if (tries > mostTries) break;
      const next = await tellHistory(told.seed, { ...telling, generated: smaller });
      if (!next.broken.some((each) => kindOf(each) === kindOf(told.broken[0] ?? ''))) continue;
      best = next;
      found = true;
      break;
    }
  }
  return best;
}

/** What is broken without the names and numbers of where. */
export function kindOf(broken: string): string {
  return broken.replace(/[a-zA-Z/[\].~]*\d[\w[\].~]*/g, '#').slice(0, 60);
}

function* smallerPlans({ plan, called }: Generated): Generator<Generated> {
  for (const steps of smallerLists(plan.steps)) yield { plan: withCovers({ ...plan, steps }), called };
  if (plan.finally.length > 0) yield { plan: withCovers({ ...plan, finally: [] }), called };
  for (const [hash, other] of Object.entries(called))
    for (const steps of smallerLists(other.steps))
      yield { plan, called: { ...called, [hash]: withCovers({ ...other, steps }) } };
}

function* smallerLists(steps: readonly Step[]): Generator<Step[]> {
  for (const [index, step] of steps.entries()) {
    yield steps.toSpliced(index, 1);
    const inner = innerLists(step).flatMap((list) => [...list.steps]);
    if (inner.length > 0) yield steps.toSpliced(index, 1, ...inner);
    for (const smaller of smallerInside(step)) yield steps.toSpliced(index, 1, smaller);
  }
}

function* smallerInside(step: Step): Generator<Step> {
  if (step.kind === 'parallel') {
    for (const [name, branch] of Object.entries(step.branches))
      for (const steps of smallerLists(branch))
        yield { ...step, branches: { ...step.branches, [name]: steps } };
  } else if (
    step.kind === 'forEach' ||
    step.kind === 'repeat' ||
    step.kind === 'window' ||
    step.kind === 'group'
  ) {
    for (const steps of smallerLists(step.steps)) if (steps.length > 0) yield { ...step, steps };
  }
}
