/** What a signature could not stand for: looked for once a runbook is whole, and told at the step. */
import { covers, itemPath, segmentsOf } from '../../plan/leaf-paths.ts';
import type { ActionStep, Plan, Step, Template } from '../../plan/plan.ts';
import type { Definition } from '../diagnostics/diagnostic.ts';
import * as codes from '../diagnostics/registry/signatures.ts';
import { analyseGates, type Gate } from './analyse.ts';
import { followers, sourceOf, stepsById } from './cover.ts';
import { type Names, readItems, readTemplate } from './leaves.ts';
import { readsByStep, type StepReads } from './reads.ts';
import { shownBy } from './shown.ts';
import { maySee, type RoleNames } from './who-may-see.ts';

/** Which key of the step it is about; the step's own first one without it. */
type Tell = <Params>(definition: Definition<Params>, step: string, params: Params, key?: string) => void;

export interface PlanAround {
  find(runbook: string): Plan | undefined;
  /** Without a configuration nobody knows who is in a role. */
  roles: RoleNames | undefined;
}

export function tellSignatureProblems(plan: Plan, { find, roles }: PlanAround, tell: Tell): void {
  const check = new Check(plan, find, tell);
  check.lateTargets();
  check.unboundedLists();
  check.approversFromInputs();
  check.hiddenLeaves(roles);
  check.wholeObjects();
}

class Check {
  private readonly plan: Plan;
  private readonly find: (runbook: string) => Plan | undefined;
  private readonly tell: Tell;
  private readonly reads: ReadonlyMap<string, StepReads>;
  private readonly inOrder: readonly Step[];
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly destructive: readonly {
    local: string;
    id: string;
    step: ActionStep;
    gates: readonly Gate[];
  }[];

  constructor(plan: Plan, find: (runbook: string) => Plan | undefined, tell: Tell) {
    this.plan = plan;
    this.find = find;
    this.tell = tell;
    this.reads = readsByStep(plan);
    this.inOrder = [...plan.steps, ...plan.finally];
    this.steps = stepsById(this.inOrder);
    // Most runbooks destroy nothing, and need no look at their gates.
    const mayDestroy = [...this.steps.values()].some(
      (step) => step.kind === 'runbook' || (step.kind === 'action' && step.effect === 'destructive'),
    );
    this.destructive = (mayDestroy ? analyseGates(plan, find).steps : []).flatMap(({ id, step, gates }) =>
      step.kind === 'action' && step.effect === 'destructive'
        ? [{ local: id.split('.')[0] ?? id, id, step, gates }]
        : [],
    );
  }

  /** What a form or an event gives after the last signature, nobody has signed in any way but by who gives it. */
  lateTargets(): void {
    const after = followers(this.inOrder, isGivenFromOutside);
    for (const { local, id, step, gates } of this.destructive) {
      const reads = this.reads.get(local);
      if (!reads || gates.length === 0 || gates.some((gate) => gate.id.includes('.'))) continue;
      const gate = gates.at(-1)?.id ?? '';
      const given = givers(this.targetsOf(reads, id, step), this.plan);
      for (const [giver, what] of given)
        if (!gates.some((each) => after.get(giver)?.has(each.id)))
          this.tell(codes.lateTarget, local, { id, from: giver, what, gate });
      // What a called runbook asks for itself comes after every signature of its caller.
      for (const [giver, what] of giversInside(id, this.plan, this.find))
        this.tell(codes.lateTarget, local, { id, from: giver, what, gate });
    }
  }

  /** What the input of a destructive step reads, in the words of this runbook. */
  private targetsOf({ step: caller, names }: StepReads, id: string, step: ActionStep): Set<string> {
    const found = new Set<string>();
    if (caller.kind !== 'runbook') {
      readTemplate(step.with, names, found);
      return found;
    }
    // Which of its inputs a called runbook destroys with is its own text's; here counts what they are given.
    const rest = id.split('.').slice(1);
    for (const input of inputsRead(this.find(caller.runbook), rest, this.find))
      readTemplate(Object.hasOwn(caller.with, input) ? caller.with[input] : null, names, found);
    return found;
  }

  unboundedLists(): void {
    const told = new Set<string>();
    for (const { local, id, gates } of this.destructive) {
      for (const around of this.reads.get(local)?.around ?? []) {
        const list = this.reads.get(around);
        if (list?.step.kind !== 'forEach' || list.step.upTo !== undefined || told.has(around)) continue;
        // A signature for each item has seen that item.
        const each = gates.some((gate) => gate.id.includes('.') || this.isInside(gate.id, around));
        if (each || this.isShown(list.step.items, list.names, gates)) continue;
        told.add(around);
        this.tell(codes.unboundedList, around, { id, items: list.step.items }, 'forEach');
      }
    }
  }

  private isInside(id: string, around: string): boolean {
    return this.reads.get(id)?.around.includes(around) ?? false;
  }

  /** Those who sign see every input; what a step gave they see if the approval shows it. */
  private isShown(items: string, names: Names, gates: readonly Gate[]): boolean {
    const leaves = new Set<string>();
    readItems(items, names, leaves);
    const shown = gates.flatMap(({ id, step }) => [
      ...shownBy(step.show, this.reads.get(id)?.names ?? new Map()),
    ]);
    return [...leaves].every(
      (leaf) =>
        !leaf.startsWith('steps.') ||
        shown.some((path) => covers(path, leaf) || covers(path, itemPath(leaf))),
    );
  }

  /** Whoever gives the input would choose who signs. What only another runbook calls is given its inputs by that one. */
  approversFromInputs(): void {
    if (this.plan.triggers.length === 0) return;
    for (const { step, names } of this.reads.values()) {
      if (step.kind !== 'approve') continue;
      const told = new Set<string>();
      for (const [key, people] of [
        ['from', step.from],
        ['escalate', step.escalate],
      ] as const) {
        const leaves = new Set<string>();
        readTemplate(people as Template, names, leaves);
        for (const path of leaves) {
          const source = sourceOf(path, this.steps);
          if ((source !== 'input' && source !== 'ticket') || told.has(path)) continue;
          told.add(path);
          this.tell(codes.approverFromInput, step.id, { path, key }, key);
        }
      }
    }
  }

  /** Each object once, at the first step that reads it. */
  wholeObjects(): void {
    const told = new Set<string>();
    for (const [gate, leaves] of Object.entries(this.plan.covers ?? {}))
      for (const { path, readers } of leaves) {
        const [root, , field, more] = segmentsOf(path);
        const isWhole =
          root === 'steps'
            ? field === undefined || (field === 'output' && more === undefined)
            : path === root;
        const [reader] = readers;
        if (!isWhole || reader === undefined || told.has(path)) continue;
        told.add(path);
        this.tell(codes.wholeObject, reader, { path, gate });
      }
  }

  /** Sealed values that are known when people sign, and that nobody asked may look at. */
  hiddenLeaves(roles: RoleNames | undefined): void {
    const before = followers(this.inOrder, isGivenFromOutside);
    for (const [id, leaves] of Object.entries(this.plan.covers ?? {})) {
      const gate = this.steps.get(id);
      if (gate?.kind !== 'approve') continue;
      for (const { path, sealed } of leaves) {
        const [root, name = ''] = segmentsOf(path);
        const source = sourceOf(path, this.steps);
        const isKnown = source === 'input' || (source === 'task' && before.get(name)?.has(id));
        if (!sealed || !isKnown) continue;
        const visibleTo = root === 'inputs' ? (this.plan.inputs[name]?.visibleTo ?? []) : [];
        if (
          !maySee([...gate.from, ...(gate.escalate === undefined ? [] : [gate.escalate])], visibleTo, roles)
        )
          this.tell(codes.hiddenLeaf, id, { path, visibleTo });
      }
    }
  }
}

function isGivenFromOutside(step: Step): boolean {
  return step.kind === 'task' || step.kind === 'wait';
}

/** The forms and events that these values come from, also by way of what an action was given: it looks up what somebody named. */
function givers(paths: Iterable<string>, plan: Plan): Map<string, 'form' | 'event'> {
  const reads = readsByStep(plan);
  const steps = stepsById([...plan.steps, ...plan.finally]);
  const found = new Map<string, 'form' | 'event'>();
  const queue = new Set(paths);
  for (const path of queue) {
    const [root, name = ''] = segmentsOf(path);
    if (root !== 'steps') continue;
    const source = sourceOf(path, steps);
    if (source === 'task' || source === 'event') found.set(name, source === 'task' ? 'form' : 'event');
    const from = reads.get(name);
    if (from?.step.kind === 'action') readTemplate(from.step.with, from.names, queue);
  }
  return found;
}

/** Of a step in a called runbook: what that runbook itself asks for. */
function giversInside(
  id: string,
  plan: Plan,
  find: (runbook: string) => Plan | undefined,
): Map<string, 'form' | 'event'> {
  const found = new Map<string, 'form' | 'event'>();
  let here: Plan | undefined = plan;
  const path = id.split('.');
  for (const [depth, local] of path.entries()) {
    const reads: StepReads | undefined = here && readsByStep(here).get(local);
    if (!here || !reads) break;
    const { step, names }: StepReads = reads;
    const leaves = new Set<string>();
    const inner: Plan | undefined = step.kind === 'runbook' ? find(step.runbook) : undefined;
    if (step.kind === 'action') readTemplate(step.with, names, leaves);
    if (step.kind === 'runbook')
      for (const input of inputsRead(inner, path.slice(depth + 1), find))
        readTemplate(Object.hasOwn(step.with, input) ? step.with[input] : null, names, leaves);
    if (depth > 0)
      for (const [giver, what] of givers(leaves, here))
        found.set([...path.slice(0, depth), giver].join('.'), what);
    here = inner;
  }
  return found;
}

/** The inputs of a plan that a step of it (behind the ids of the calls that lead there) destroys with. */
function inputsRead(
  plan: Plan | undefined,
  [id = '', ...rest]: readonly string[],
  find: (runbook: string) => Plan | undefined,
): Set<string> {
  const found = new Set<string>();
  const reads = plan && readsByStep(plan).get(id);
  if (!plan || !reads) return found;
  const { step, names } = reads;
  const leaves = new Set<string>();
  if (step.kind === 'action') readTemplate(step.with, names, leaves);
  if (step.kind === 'runbook')
    for (const input of inputsRead(find(step.runbook), rest, find))
      readTemplate(Object.hasOwn(step.with, input) ? step.with[input] : null, names, leaves);
  for (const leaf of leaves) {
    const [root, name = ''] = segmentsOf(leaf);
    if (root === 'inputs') found.add(name);
  }
  return found;
}
