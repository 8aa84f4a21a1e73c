/** What is known of a step by its kind. */
import { type Step, type StepKind, stepKinds } from './step-kinds/registry.ts';
import type { AnyStep, StepDescription, StepFlow } from './step-kinds/step-kind.ts';

type Descriptions = typeof stepKinds;

/** Steps of the kinds that do this to the flow. */
export type StepOfFlow<F extends StepFlow> = {
  [K in StepKind]: Descriptions[K]['flow'] extends F ? Extract<Step, { kind: K }> : never;
}[StepKind];

export function descriptionOf(step: { kind: StepKind }): StepDescription<AnyStep> {
  return stepKinds[step.kind];
}

export function hasFlow<F extends StepFlow>(step: Step, flow: F): step is StepOfFlow<F> {
  return descriptionOf(step).flow === flow;
}

/** All kinds in their order, as people learn them. */
export const kindsInOrder = (Object.keys(stepKinds) as StepKind[]).sort(
  (a, b) => stepKinds[a].rank - stepKinds[b].rank,
);
