/**
 * The cover of each approval: every leaf that decides whether, when, on what or by whom a step behind it acts.
 *
 * Behind an approval stand the steps that it dominates, and those that come after it and would be dominated, were it
 * always asked for: where it was asked for, its signatures stand for these too. What a called runbook does is its own run's:
 * its inputs are read where it is called, and within it all that it reads is covered by the approvals of its caller
 * (see {@link carriedCover}).
 */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import { covers, isWithin, itemPath, parentPath, segmentsOf } from '../../plan/leaf-paths.ts';
import type { ApproveStep, CoverLeaf, LeafSource, Plan, Step, StoredLeaf } from '../../plan/plan.ts';
import { analyseGates } from './analyse.ts';
import { readsByStep, type StepReads } from './reads.ts';
import { shownBy } from './shown.ts';

/** More leaves than these are told as what stands around them. */
const mostLeaves = 200;

/** Names of an action's outputs that are sealed. */
export type SealedOutputs = (action: string) => readonly string[];

type PlanParts = Pick<Plan, 'runbook' | 'steps' | 'finally' | 'inputs'>;
type PlanWithCovers = PlanParts & Pick<Plan, 'covers'>;

/** By the id of the approval. A plan of format 1 has none stored; what is stored is never computed again. */
export function coversOf(plan: PlanWithCovers): Record<string, CoverLeaf[]> {
  const stored = plan.covers ?? computeCovers(plan);
  const steps = stepsById([...plan.steps, ...plan.finally]);
  const entries = Object.entries(stored).map(([gate, leaves]) => [gate, complete(leaves, steps)] as const);
  return Object.fromEntries(entries);
}

function complete(leaves: readonly StoredLeaf[], steps: ReadonlyMap<string, Step>): CoverLeaf[] {
  return leaves.map((leaf) => ({
    ...leaf,
    source: sourceOf(leaf.path, steps),
    shown: leaf.shown ?? false,
  }));
}

/** What approvals of a caller cover within a runbook that is called behind them: all that its steps read. */
export function carriedCover(plan: PlanParts): CoverLeaf[] {
  const reads = readsByStep(plan);
  const readers = new Map<string, Set<string>>();
  for (const id of reads.keys()) gather(reads, id, id, readers);
  const leaves = leavesFrom(readers, { plan, reads, shown: new Set(), dominated: new Set(reads.keys()) });
  return complete(leaves, stepsById([...plan.steps, ...plan.finally]));
}

export function computeCovers(plan: PlanParts, sealedOutputs?: SealedOutputs): Record<string, StoredLeaf[]> {
  const reads = readsByStep(plan);
  if (![...reads.values()].some(({ step }) => step.kind === 'approve')) return {};
  const analysed = analyseGates(plan, () => undefined).steps;
  const isSigned = (step: Step) => step.kind === 'approve' && step.onReject !== 'continue';
  // Closing steps run after a refusal too: behind an approval among them stands what follows it there.
  const after = new Map([...followers(plan.steps, isSigned), ...followers(plan.finally, isSigned)]);
  const covered: Record<string, StoredLeaf[]> = {};
  for (const { step: gate } of analysed) {
    if (gate.kind !== 'approve') continue;
    const dominated = new Set(
      analysed
        .filter(({ gates, afterwards }) => [...gates, ...afterwards].some(({ id }) => id === gate.id))
        .map(({ id }) => id),
    );
    const behind = analysed
      .map(({ id }) => id)
      .filter((id) => dominated.has(id) || after.get(gate.id)?.has(id));
    covered[gate.id] = coverOf(gate, behind, { plan, reads, dominated, sealedOutputs });
  }
  return covered;
}

interface Surroundings {
  plan: PlanParts;
  reads: ReadonlyMap<string, StepReads>;
  dominated: ReadonlySet<string>;
  sealedOutputs?: SealedOutputs | undefined;
}

function coverOf(gate: ApproveStep, behind: readonly string[], where: Surroundings): StoredLeaf[] {
  const { reads } = where;
  const own = reads.get(gate.id);
  const readers = new Map<string, Set<string>>();
  const enclosing = new Set([gate.id, ...behind].flatMap((id) => reads.get(id)?.around ?? []));
  for (const id of reads.keys())
    if (id === gate.id || enclosing.has(id) || behind.includes(id)) gather(reads, id, gate.id, readers);
  const shown = own ? shownBy(gate.show, own.names) : new Set<string>();
  return leavesFrom(readers, {
    ...where,
    dominated: new Set([...where.dominated, gate.id, ...enclosing]),
    shown,
  });
}

/** Notes the step as a reader of its leaves, but for what comes from the approval itself. */
function gather(
  reads: ReadonlyMap<string, StepReads>,
  id: string,
  gate: string,
  readers: Map<string, Set<string>>,
): void {
  for (const leaf of reads.get(id)?.leaves ?? [])
    if (!isWithin(leaf, `steps.${gate}`)) readers.set(leaf, (readers.get(leaf) ?? new Set()).add(id));
}

function leavesFrom(
  found: Map<string, Set<string>>,
  { plan, reads, dominated, sealedOutputs, shown }: Surroundings & { shown: ReadonlySet<string> },
): StoredLeaf[] {
  const sealed = sealedPaths(plan, reads, sealedOutputs);
  const order = [...reads.keys()];
  return [...folded(withoutInner(found))].map(([path, ids]) => {
    const readers = order.filter((id) => ids.has(id));
    return defined({
      path,
      readers,
      loose: unlessEmpty(readers.filter((id) => !dominated.has(id))),
      shown: [...shown].some((whole) => isWithin(path, whole)) ? (true as const) : undefined,
      sealed: sealed.some((each) => covers(path, each)) ? (true as const) : undefined,
    });
  });
}

/** What lies inside another leaf is that one. A list as a whole and its items stay apart: items are looked at one by one. */
function withoutInner(found: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const kept = new Map<string, Set<string>>();
  for (const [path, readers] of found) {
    let target = path;
    for (let whole = parentPath(path); whole !== undefined; whole = parentPath(whole))
      if (found.has(whole) && target !== itemPath(whole)) target = whole;
    kept.set(target, new Set([...(kept.get(target) ?? []), ...readers]));
  }
  return kept;
}

/** Too many leaves are folded into what stands around them, the deepest first. */
function folded(found: Map<string, Set<string>>): Map<string, Set<string>> {
  let leaves = found;
  while (leaves.size > mostLeaves) {
    const deepest = Math.max(...[...leaves.keys()].map((path) => segmentsOf(path).length));
    if (deepest <= 1) return leaves;
    const next = new Map<string, Set<string>>();
    for (const [path, readers] of leaves) {
      const target = segmentsOf(path).length === deepest ? (parentPath(path) ?? path) : path;
      next.set(target, new Set([...(next.get(target) ?? []), ...readers]));
    }
    leaves = withoutInner(next);
  }
  return leaves;
}

export function sourceOf(path: string, steps: ReadonlyMap<string, Step>): LeafSource {
  const [root, id = ''] = segmentsOf(path);
  if (root === 'inputs') return 'input';
  if (root === 'ticket') return 'ticket';
  // What rounds before gave, whose sources are leaves of their own.
  if (root === 'state') return 'step';
  const step = steps.get(id);
  if (step?.kind === 'task') return 'task';
  return step?.kind === 'wait' && step.event ? 'event' : 'step';
}

export function stepsById(steps: readonly Step[]): Map<string, Step> {
  return new Map(steps.flatMap((step) => [[step.id, step] as const, ...stepsById(innerSteps(step).flat())]));
}

/** By id, the steps that come after each of those asked for: none beside it, and none of another item of its list. */
export function followers(
  steps: readonly Step[],
  isAsked: (step: Step) => boolean,
): Map<string, Set<string>> {
  const after = new Map<string, Set<string>>();
  const visit = (list: readonly Step[]): string[] => {
    const before: string[] = [];
    for (const step of list) {
      if (before.length > 0)
        for (const id of idsIn(step)) for (const each of before) after.get(each)?.add(id);
      if (isAsked(step)) {
        after.set(step.id, new Set());
        before.push(step.id);
      }
      for (const inner of innerSteps(step)) {
        const inside = visit(inner);
        if (step.kind !== 'forEach') before.push(...inside);
      }
    }
    return before;
  };
  visit(steps);
  return after;
}

function idsIn(step: Step): string[] {
  return [step.id, ...innerSteps(step).flat().flatMap(idsIn)];
}

/** Where sealed values stand. */
function sealedPaths(
  plan: PlanParts,
  reads: ReadonlyMap<string, StepReads>,
  sealedOutputs: SealedOutputs | undefined,
): string[] {
  const inputs = Object.keys(plan.inputs).filter((name) => plan.inputs[name]?.sensitive);
  const outputs = [...reads.values()].flatMap(({ step, around }) => {
    const names =
      step.kind === 'task'
        ? (step.sensitive ?? [])
        : step.kind === 'action'
          ? (sealedOutputs?.(step.uses) ?? [])
          : [];
    const lists = around.filter((id) => reads.get(id)?.step.kind === 'forEach');
    return names.flatMap((name) => [
      `steps.${step.id}.output.${name}`,
      ...lists.map((id) => `steps.${id}.output.collected[*].${step.id}.${name}`),
    ]);
  });
  return [...inputs.map((name) => `inputs.${name}`), ...outputs];
}
