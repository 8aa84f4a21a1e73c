/** What was done behind an approval that may be given afterwards: whoever signs it signs for that. */
import { defined } from '../plan/defined.ts';
import type { Json, Plan } from '../plan/plan.ts';
import { isBehind } from '../workflows/gate/behind.ts';
import { type ActionTold, type KeptRun, runStory } from './run-story.ts';

export interface DoneBefore {
  step: string;
  title: string;
  action: string;
  outcome: ActionTold['outcome'];
  at: number;
  /** With what it was called. */
  input?: Json;
  undone?: true;
  /** Who did it by hand, left it out, or typed with what it was called. */
  by?: string;
  /** With what it would have been called, had nobody typed something else. */
  before?: Json;
}

/** Changes, and no reads, in their order. */
export function doneBefore(kept: KeptRun & { plan: Plan }, gate: string): DoneBefore[] {
  const { plan } = kept;
  const id = idOf(gate);
  const { actions, byHand } = runStory(kept);
  return actions
    .filter(({ effect, key }) => effect !== 'read' && isBehind(plan, id, idOf(key)))
    .map(({ key, title, action, outcome, ended, input, undone, by }) => {
      const typed = byHand.findLast(({ path, at }) => path === `steps.${key}.with` && at <= ended);
      return {
        step: key,
        title,
        action,
        outcome,
        at: ended,
        ...defined({
          input,
          undone: undone && (true as const),
          by: by ?? typed?.by,
          before: typed?.before,
        }),
      };
    });
}

function idOf(key: string): string {
  return key.replace(/\[.*$/, '');
}
