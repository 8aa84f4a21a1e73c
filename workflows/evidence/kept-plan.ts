/** A plan as it is kept, and what it says of its steps: the gates behind which each is, what it reads, what stands around it. */
import { analyseGates } from '../../compiler/gates/analyse.ts';
import { coversOf, stepsById } from '../../compiler/gates/cover.ts';
import { readsByStep } from '../../compiler/gates/reads.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Plan, Step } from '../../plan/plan.ts';
import type { Place } from '../../plan/warrant.ts';
import { heldBy } from '../gate/holding.ts';

export class KeptPlan {
  readonly plan: Plan;
  /** By their hashes, those that it calls, and that those call. */
  readonly allCalled: ReadonlyMap<string, KeptPlan>;
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly gates = new Map<string, string[]>();
  private coversByGate: ReturnType<typeof coversOf> | undefined;

  constructor(plan: Plan, called: ReadonlyMap<string, KeptPlan>) {
    this.plan = plan;
    this.allCalled = called;
    this.steps = stepsById([...plan.steps, ...plan.finally]);
  }

  step(id: string): Step | undefined {
    return this.steps.get(id);
  }

  calledBy(step: Step): KeptPlan | undefined {
    return step.kind === 'runbook' ? this.allCalled.get(step.planHash) : undefined;
  }

  /**
   * Ids of the approvals without which the step cannot be reached: `signoff`, or of a called runbook `tell.signoff`. The step's own
   * id stands behind those of the steps that call its runbook.
   */
  gatesOf(path: string): string[] {
    if (this.gates.size === 0) this.analyse();
    return this.gates.get(path) ?? [];
  }

  private analyse(): void {
    const byName = new Map([...this.allCalled.values()].map(({ plan }) => [plan.runbook, plan]));
    const { steps } = analyseGates(this.plan, (name) => byName.get(name));
    for (const { id, gates } of steps)
      this.gates.set(
        id,
        gates.map((gate) => gate.id),
      );
  }

  cover(gate: string): string[] {
    return this.leaves(gate).map(({ path }) => path);
  }

  /** Whether the step is not begun while these paths may change: as the engine has it, items that stay as they are go on. */
  holds(gate: string, step: string, paths: readonly string[]): boolean {
    return heldBy(this.plan, this.leaves(gate), paths).steps.has(step);
  }

  private leaves(gate: string) {
    this.coversByGate ??= coversOf(this.plan);
    return this.coversByGate[gate] ?? [];
  }

  /** How many lists and repeats stand around both: they are of one item and round where these are the same. */
  around(one: string, other: string): { lists: number; repeats: number } {
    const reads = readsByStep(this.plan);
    const [a, b] = [reads.get(one)?.around ?? [], reads.get(other)?.around ?? []];
    let common = 0;
    while (common < a.length && a[common] === b[common]) common += 1;
    const kinds = a.slice(0, common).map((id) => this.steps.get(id)?.kind);
    return {
      lists: kinds.filter((kind) => kind === 'forEach').length,
      repeats: kinds.filter((kind) => kind === 'repeat').length,
    };
  }

  /** Whether what was signed at one place holds at another. */
  encloses(gate: string, at: Pick<Place, 'items' | 'rounds'>, step: string, place: Place): boolean {
    const { lists, repeats } = this.around(gate, step);
    return (
      isSame(at.items.slice(0, lists), place.items.slice(0, lists)) &&
      isSame(at.rounds.slice(0, repeats), place.rounds.slice(0, repeats))
    );
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

/** With those of the called plans that are at hand. */
export function keptPlan(plan: Plan, all: readonly Plan[] = []): KeptPlan {
  const called = new Map<string, KeptPlan>();
  for (const hash of callsOf(plan)) {
    const found = all.find((each) => each.hash === hash);
    if (!found) continue;
    const inner = keptPlan(found, all);
    called.set(hash, inner);
    for (const [deeper, each] of inner.allCalled) called.set(deeper, each);
  }
  return new KeptPlan(plan, called);
}

/** Hashes of the plans that a plan calls. */
export function callsOf({ steps, finally: last }: Plan): string[] {
  const hashes = new Set<string>();
  const visit = (list: readonly Step[]): void => {
    for (const step of list) {
      if (step.kind === 'runbook') hashes.add(step.planHash);
      for (const inner of innerSteps(step)) visit(inner);
    }
  };
  visit(steps);
  visit(last);
  return [...hashes];
}
