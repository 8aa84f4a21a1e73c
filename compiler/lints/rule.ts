/** What a rule of good habit is. */
import type { Catalogue } from '../../plan/catalogue.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Plan, Step } from '../../plan/plan.ts';
import type { Definition, Severity } from '../diagnostics/diagnostic.ts';
import type { SourceRange } from '../source/source-file.ts';
import { entryOf, type MapNode } from '../source/tree.ts';
import type { MissingSettings } from './missing-settings.ts';

export type Weight = 'off' | Severity;

/** One runbook that compiles, with what a rule may ask about it. */
export interface Linted {
  plan: Plan;
  root: MapNode;
  catalogue: Catalogue;
  find(runbook: string): Plan | undefined;
  /** Where each step stands, by id. */
  nodes: ReadonlyMap<string, MapNode>;
  /** Whether tests stand beside it; undefined where nobody knows. */
  tested?: boolean | undefined;
  /** What a connector needs and the configuration lacks; unsaid where nobody knows. */
  missingSettings?: ((connector: string) => MissingSettings | undefined) | undefined;
  report<Params>(definition: Definition<Params>, at: SourceRange, params: Params): void;
}

export interface Rule {
  /** As `countersign.yaml` says it. */
  name: string;
  /** Unless `countersign.yaml` says otherwise. */
  weight: Weight;
  // Each definition takes parameters of its own; only its check knows which.
  definition: Definition<never>;
  check?(linted: Linted): void;
}

export function rule<Params>(given: {
  name: string;
  weight: Weight;
  definition: Definition<Params>;
  check?(linted: Linted): void;
}): Rule {
  return given as unknown as Rule;
}

/** All steps of the runbook itself, those within others too. */
export function stepsOf({ plan }: Linted): Step[] {
  const within = (steps: readonly Step[]): Step[] =>
    steps.flatMap((step) => [step, ...within(innerSteps(step).flat())]);
  return within([...plan.steps, ...plan.finally]);
}

/** Where a mistake of a step is told: at this key of it, or else at its first. */
export function placeOf({ nodes, root }: Linted, id: string, key: string): SourceRange {
  const node = nodes.get(id);
  return (node && (entryOf(node, key) ?? node.entries[0])?.keyRange) ?? root.entries[0]?.keyRange ?? root;
}
