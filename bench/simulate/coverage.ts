/** How often each kind of step stood in the plans, and how often each thing happened. */
import type { Step } from '../../plan/plan.ts';
import { insideOf } from '../../rehearsal/simulator/checks/places.ts';
import type { Told } from '../../rehearsal/simulator/history.ts';

export class Coverage {
  private readonly kinds = new Map<string, number>();
  private readonly happened = new Map<string, number>();
  private derived = 0;
  private notDerived = 0;

  add({ history, computed }: Told): void {
    this.derived += computed.derived;
    this.notDerived += computed.notDerived;
    for (const plan of history.plans.values()) this.countKinds([...plan.steps, ...plan.finally]);
    for (const { kind } of history.world.journal) count(this.happened, kind);
  }

  lines(): string[] {
    return [
      `Steps: ${text(this.kinds)}`,
      `Happened: ${text(this.happened)}`,
      `Writes computed again: ${this.derived}, not: ${this.notDerived}`,
    ];
  }

  private countKinds(steps: readonly Step[]): void {
    for (const step of steps) {
      count(this.kinds, step.kind);
      for (const inner of insideOf(step)) this.countKinds(inner);
    }
  }
}

function count(of: Map<string, number>, kind: string): void {
  of.set(kind, (of.get(kind) ?? 0) + 1);
}

function text(of: ReadonlyMap<string, number>): string {
  return [...of]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
}
