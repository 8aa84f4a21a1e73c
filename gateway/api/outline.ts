/** A plan's steps in order, so that those which a run has not reached can be shown too. */

import { analyseGates } from '../../compiler/gates/analyse.ts';
import type { Catalogue } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Effect, Plan, Step } from '../../plan/plan.ts';
import { descriptionOf } from '../../plan/step-descriptions.ts';
import { titleOf } from '../../presentation/procedure.ts';

export interface OutlineStep {
  id: string;
  title: string;
  kind: Step['kind'];
  /** What it is, in a word, where that is not plain from what it does. */
  tag?: string;
  /** How deep it stands inside other steps. */
  depth: number;
  part: 'steps' | 'finally';
  action?: string;
  /** What the action does, in words. */
  does?: string;
  effect?: Effect;
  /** The approvals without which it does not run. */
  gatedBy: string[];
}

export function outlineOf(plan: Plan, catalogue: Catalogue): OutlineStep[] {
  const gates = new Map(
    analyseGates(plan, () => undefined).steps.map((gated) => [gated.id, gated.gates.map(({ id }) => id)]),
  );
  const outline = (steps: readonly Step[], depth: number, part: OutlineStep['part']): OutlineStep[] =>
    steps.flatMap((step) => [
      {
        id: step.id,
        title: titleOf(step, catalogue),
        kind: step.kind,
        ...defined({ tag: descriptionOf(step).tag }),
        depth,
        part,
        ...(step.kind === 'action'
          ? {
              action: step.uses,
              effect: step.effect,
              ...defined({ does: catalogue.get(step.uses)?.title }),
            }
          : {}),
        gatedBy: gates.get(step.id) ?? [],
      },
      ...innerSteps(step).flatMap((inner) => outline(inner, depth + 1, part)),
    ]);
  return [...outline(plan.steps, 0, 'steps'), ...outline(plan.finally, 0, 'finally')];
}
