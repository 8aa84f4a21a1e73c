/** How often each kind of step stood in the plans, and how often each thing happened. */
import type { Step } from '../../plan/plan.ts';
import { kindsInOrder } from '../../plan/step-descriptions.ts';
import { insideOf } from '../../rehearsal/simulator/checks/places.ts';
import type { Told } from '../../rehearsal/simulator/history.ts';

export class Coverage {
  private readonly kinds = new Map<string, number>();
  private readonly places = new Map<string, number>();
  private readonly happened = new Map<string, number>();
  private derived = 0;
  private notDerived = 0;

  add({ history, computed }: Told): void {
    this.derived += computed.derived;
    this.notDerived += computed.notDerived;
    for (const [run, plan] of history.plans) {
      this.countKinds(plan.steps, run === history.root ? 'top' : 'called');
      this.countKinds(plan.finally, 'finally');
    }
    for (const { kind } of history.world.journal) count(this.happened, kind);
  }

  lines(): string[] {
    return [
      `Steps by place: ${text(this.places)}`,
      `In no place: ${this.missing().join(', ') || 'none'}`,
      `Steps: ${text(this.kinds)}`,
      `Happened: ${text(this.happened)}`,
      `Writes computed again: ${this.derived}, not: ${this.notDerived}`,
    ];
  }

  private countKinds(steps: readonly Step[], place: string): void {
    for (const step of steps) {
      count(this.kinds, step.kind);
      count(this.places, `${step.kind} in ${place}`);
      for (const inner of insideOf(step)) this.countKinds(inner, step.kind);
    }
  }

  /** What the language allows and no plan had: nothing ends a run from its closing steps. */
  private missing(): string[] {
    const places = ['top', 'called', 'finally', 'group', 'parallel', 'forEach', 'repeat', 'window'];
    return places
      .flatMap((place) => kindsInOrder.map((kind) => `${kind} in ${place}`))
      .filter((each) => each !== 'end in finally' && each !== 'fail in finally' && !this.places.has(each));
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
