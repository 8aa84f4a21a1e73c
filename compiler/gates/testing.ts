/** For tests: plans made at random. */

import { randomOf } from '../../bench/random.ts';
import { defined } from '../../plan/defined.ts';
import type { Step } from '../../plan/plan.ts';

/** Makes plans at random: the same for the same seed. */
export class Generator {
  private count = 0;
  /** Approvals that a condition may look at from here. */
  private visible: string[] = [];
  private readonly random: () => number;
  private readonly conditions: boolean;

  constructor(seed: number, conditions: boolean) {
    this.random = randomOf(seed);
    this.conditions = conditions;
  }

  steps(depth: number): Step[] {
    return Array.from({ length: 1 + Math.floor(this.random() * 3) }, () => this.step(depth));
  }

  /** Lists of steps that cannot see each other, and are seen by what follows. */
  private apart(count: number, depth: number): Step[][] {
    const before = this.visible;
    const after: string[] = [];
    const lists = Array.from({ length: count }, () => {
      this.visible = [...before];
      const steps = this.steps(depth);
      after.push(...this.visible);
      return steps;
    });
    this.visible = [...new Set(after)];
    return lists;
  }

  private step(depth: number): Step {
    const condition = this.conditions && this.random() < 0.4 ? { if: this.condition() } : {};
    const id = `s${this.count++}`;
    const kinds = ['action', 'approve', 'approve', 'end'];
    if (depth > 0) kinds.push('group', 'group', 'parallel', 'forEach', 'repeat');
    const kind = kinds[Math.floor(this.random() * kinds.length)];
    const lax = this.random() < 0.15 ? { onError: 'continue' as const } : {};
    switch (kind) {
      case 'approve': {
        this.visible.push(id);
        const more = this.random();
        const goesOn = more < 0.4 ? { onReject: 'continue' as const } : {};
        const later = more > 0.85 ? { retroactive: true as const } : {};
        return { id, ...condition, kind, from: [], quorum: 1, ...goesOn, ...later };
      }
      case 'end':
        return this.conditions
          ? { id, if: this.condition(), kind, status: 'succeeded' }
          : { id, kind: 'action', uses: 'x', with: {}, effect: 'write' };
      case 'group': {
        const hasElse = 'if' in condition && this.random() < 0.5;
        const [steps = [], otherwise] = this.apart(hasElse ? 2 : 1, depth - 1);
        return { id, ...condition, ...lax, kind, steps, ...defined({ else: otherwise }) };
      }
      case 'parallel': {
        const [a = [], b = []] = this.apart(2, depth - 1);
        return { id, ...condition, ...lax, kind, branches: { a, b } };
      }
      case 'forEach': {
        const before = [...this.visible];
        const steps = this.steps(depth - 1);
        this.visible = before;
        return { id, ...condition, ...lax, kind, items: '[]', as: 'item', concurrency: 1, steps };
      }
      case 'repeat':
        return {
          ...{ id, ...condition, kind, until: 'true', every: { ms: 1 }, atMost: 2 },
          steps: this.steps(depth - 1),
        };
      default:
        return { id, ...condition, kind: 'action', uses: 'x', with: {}, effect: 'write' };
    }
  }

  private condition(): string {
    const known = this.visible[Math.floor(this.random() * this.visible.length)];
    // With a default where the step may have been skipped; one that looks like a signature must fool nobody.
    const read =
      this.random() < 0.6
        ? `steps.${known}.status`
        : `steps.?${known}.?status.orValue("${this.random() < 0.7 ? 'skipped' : 'succeeded'}")`;
    const status = `${read} ${this.random() < 0.6 ? '==' : '!='} "${this.random() < 0.6 ? 'succeeded' : 'rejected'}"`;
    const atom = () => (this.random() < 0.5 ? 'run.a' : this.random() < 0.5 ? 'run.b' : 'inputs.x');
    const choice = this.random();
    if (known !== undefined && choice < 0.5) return choice < 0.1 ? `${status} && ${atom()}` : status;
    if (choice < 0.7) return atom();
    return choice < 0.8 ? `!${atom()}` : choice < 0.9 ? `${atom()} || ${atom()}` : `${atom()} && ${atom()}`;
  }
}

export function idsIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => [
    step.id,
    ...('steps' in step ? idsIn(step.steps) : []),
    ...('else' in step && step.else ? idsIn(step.else) : []),
    ...(step.kind === 'parallel' ? idsIn(Object.values(step.branches).flat()) : []),
  ]);
}
