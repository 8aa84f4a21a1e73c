/** Which steps are not begun while a proposal is open: those that read what it would change, and of a list the items it would. */
import { carriedCover } from '../../compiler/gates/cover.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import { covers, isWithin, segmentsOf } from '../../plan/leaf-paths.ts';
import type { Step } from '../../plan/plan.ts';
import type { Cover } from '../hands.ts';
import type { RunPlan } from '../messages.ts';

type Leaves = Exclude<Cover, 'everything'>;

export interface Held {
  /** Not begun at all. */
  readonly steps: ReadonlySet<string>;
  /** Loops over the list: the items that stay as they are go on. */
  readonly lists: ReadonlySet<string>;
}

/** What a signature stands for, leaf by leaf, also where it stands for all that a called runbook does. */
export function leavesOf(cover: Cover, plan: RunPlan): Leaves {
  return cover === 'everything' ? carriedCover(plan) : cover;
}

export function heldBy(plan: RunPlan, leaves: Leaves, changed: readonly string[]): Held {
  const steps = new Set<string>();
  const lists = new Set<string>();
  const loops = loopsAround(plan);
  for (const path of changed)
    for (const { path: leaf, readers } of leaves) {
      if (!covers(leaf, path)) continue;
      const byItem = isItemOf(leaf, path);
      for (const reader of readers) {
        const { loop, around } = loops.get(reader) ?? { loop: false, around: [] };
        if (byItem && loop) lists.add(reader);
        // Inside the loop over this very list it acts on an item, and the loop holds the items that would change.
        else if (!byItem || !around.some((id) => readers.includes(id))) steps.add(reader);
      }
    }
  // A loop that also reads the list as a whole is not begun at all.
  for (const id of steps) lists.delete(id);
  return { steps, lists };
}

function isItemOf(leaf: string, list: string): boolean {
  return isWithin(leaf, list) && segmentsOf(leaf)[segmentsOf(list).length] === '[*]';
}

/** By id of each step whether it is a loop, and the loops around it. */
function loopsAround({ steps, finally: last }: RunPlan): Map<string, { loop: boolean; around: string[] }> {
  const found = new Map<string, { loop: boolean; around: string[] }>();
  const visit = (step: Step, around: string[]): void => {
    const loop = step.kind === 'forEach';
    found.set(step.id, { loop, around });
    const inside = loop ? [...around, step.id] : around;
    for (const inner of innerSteps(step).flat()) visit(inner, inside);
  };
  for (const step of [...steps, ...last]) visit(step, []);
  return found;
}
