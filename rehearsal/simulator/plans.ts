/** Plans of every kind of step in every place, by seed. */
import { computeCovers } from '../../compiler/gates/cover.ts';
import {
  type ActionStep,
  type ApproveStep,
  type JsonObject,
  PLAN_FORMAT,
  type Step,
  type StepKind,
  type Template,
  type WaitStep,
} from '../../plan/plan.ts';
import type { RunPlan } from '../../workflows/messages.ts';
import type { Dice } from './dice.ts';

export const minute = 60_000;
export const owner = 'owner@example.com';
export const requester = 'asker@example.com';
export const lastResort = 'director@example.com';
export const signers = ['dana', 'kim', 'lee', 'max', 'noor'].map((name) => `${name}@example.com`);

export interface Generated {
  plan: RunPlan;
  /** Plans of the runbooks that it calls, by hash. */
  called: Record<string, RunPlan>;
}

/** What an expression can name at a place, each an expression that gives a text. */
interface Place {
  texts: readonly string[];
  depth: number;
  /** Inside a forEach nobody can be asked for every step: lists of lists stay small. */
  inList: boolean;
}

export function generatePlan(dice: Dice): Generated {
  return new PlanMaker(dice).make();
}

export function withCovers(plan: RunPlan): RunPlan {
  const { covers: _, ...rest } = plan;
  return { ...rest, covers: computeCovers(rest) };
}

class PlanMaker {
  private readonly dice: Dice;
  private readonly called: Record<string, RunPlan> = {};
  private count = 0;
  private left: number;

  constructor(dice: Dice) {
    this.dice = dice;
    this.left = dice.whole(4, 14);
  }

  make(): Generated {
    const plan = this.plan('whole', 0);
    return { plan, called: this.called };
  }

  private plan(hash: string, depth: number): RunPlan {
    const { dice } = this;
    const place: Place = { texts: ['inputs.a', 'inputs.b'], depth, inList: depth > 0 };
    const steps = this.steps(dice.whole(2, 5), place);
    const closing = dice.chance(0.4) ? [this.closing()] : [];
    const text = (leave: boolean) => ({
      schema: { type: 'string' },
      required: true,
      ...(leave ? { amend: dice.pick(['free', 'afterwards'] as const) } : {}),
    });
    return withCovers({
      format: PLAN_FORMAT,
      hash,
      runbook: hash,
      title: `Runbook ${hash}`,
      kind: 'other',
      owner: 'role:it-coordinators',
      inputs: {
        a: text(false),
        b: text(dice.chance(0.3)),
        list: { schema: { type: 'array', items: { type: 'string' } }, required: true },
      },
      steps,
      finally: closing,
      outputs: {},
    });
  }

  private id(kind: string): string {
    this.count += 1;
    return `${kind}${this.count}`;
  }

  private steps(count: number, place: Place): Step[] {
    const made: Step[] = [];
    let texts = place.texts;
    for (let index = 0; index < count && (this.left > 0 || made.length === 0); index += 1) {
      const step = this.step({ ...place, texts });
      made.push(step);
      if (givesText(step)) texts = [...texts, `steps.${step.id}.output.value`];
    }
    for (const step of made) if (readBy(made, step.id)) step.needed = true;
    return made;
  }

  private step(place: Place): Step {
    this.left -= 1;
    const kind = this.kind(place);
    switch (kind) {
      case 'action':
        return this.action(place);
      case 'approve':
        return this.approve(place);
      case 'task':
        return this.task();
      case 'wait':
        return this.wait(place);
      case 'end':
        return {
          id: this.id('end'),
          kind,
          status: this.dice.pick(['succeeded', 'failed', 'cancelled'] as const),
          if: 'inputs.b == "b2"',
        };
      case 'parallel':
      case 'forEach':
      case 'group':
      case 'repeat':
      case 'window':
      case 'runbook':
        return this.container(kind, place);
    }
  }

  private kind({ depth }: Place): StepKind {
    const leaf = this.dice.chance(depth > 1 ? 0.9 : 0.65);
    if (leaf)
      return this.dice.pick([
        'action',
        'action',
        'action',
        'action',
        'approve',
        'approve',
        'task',
        'wait',
        'end',
      ]);
    return this.dice.pick([
      'window',
      'parallel',
      'forEach',
      'forEach',
      'repeat',
      'group',
      'runbook',
      'window',
    ]);
  }

  private leaf({ texts }: Place): Template {
    return { $expr: this.dice.pick(texts) };
  }

  private action(place: Place): ActionStep {
    const { dice } = this;
    const id = this.id('do');
    const effect = dice.pick(['write', 'write', 'write', 'destructive', 'read'] as const);
    const given: JsonObject = { x: this.leaf(place), ...(dice.chance(0.4) ? { y: this.leaf(place) } : {}) };
    const step: ActionStep = { id, kind: 'action', uses: `sim.${id}`, effect, with: given };
    if (effect !== 'read' && dice.chance(0.8))
      step.undo = { uses: `undo.${id}`, with: { id: { $expr: `steps.${id}.output.id` }, with: given } };
    if (dice.chance(0.12)) step.if = dice.pick(['inputs.b != "b1"', 'inputs.a != "a1"']);
    if (dice.chance(0.12)) step.onError = dice.pick(['continue', 'continue', 'abort'] as const);
    if (dice.chance(0.05)) step.amend = dice.pick(['free', 'afterwards'] as const);
    return step;
  }

  private closing(): ActionStep {
    const id = this.id('last');
    return { id, kind: 'action', uses: `sim.${id}`, effect: 'write', with: { x: { $expr: 'inputs.a' } } };
  }

  private approve(place: Place): ApproveStep {
    const { dice } = this;
    const from = dice.some([...signers, owner, requester], dice.whole(2, 4));
    const others = from.filter((person) => person !== requester).length;
    const step: ApproveStep = {
      id: this.id('sign'),
      kind: 'approve',
      from,
      quorum: dice.pick([1, 1, Math.min(2, others), 'majority', 'all']),
    };
    if (dice.chance(0.6)) step.show = { x: this.leaf(place) };
    if (dice.chance(0.3)) step.within = { ms: dice.whole(20, 600) * minute };
    if (dice.chance(0.2)) step.remind = { ms: dice.whole(10, 200) * minute };
    if (step.within && dice.chance(0.4)) step.escalate = dice.pick(signers);
    if (dice.chance(0.1)) step.retroactive = true;
    if (dice.chance(0.1)) step.onReject = 'continue';
    return step;
  }

  private task(): Step {
    const { dice } = this;
    return {
      id: this.id('task'),
      kind: 'task',
      to: dice.some(signers, dice.whole(1, 2)),
      instructions: 'Do it.',
      form: { value: { type: 'string' } },
      ...(dice.chance(0.2) ? { within: { ms: dice.whole(30, 300) * minute } } : {}),
      ...(dice.chance(0.2) ? { onExpiry: 'continue' as const } : {}),
    } as Step;
  }

  private wait(place: Place): WaitStep {
    const { dice } = this;
    const id = this.id('wait');
    if (dice.chance(0.5)) return { id, kind: 'wait', for: { ms: dice.whole(1, 90) * minute } };
    return {
      id,
      kind: 'wait',
      event: { name: 'shipped', key: dice.chance(0.7) ? 'k' : this.leaf(place) },
      ...(dice.chance(0.3) ? { within: { ms: dice.whole(20, 300) * minute } } : {}),
      ...(dice.chance(0.2) ? { onExpiry: 'continue' as const } : {}),
    };
  }

  private container(
    kind: Extract<StepKind, 'parallel' | 'forEach' | 'group' | 'repeat' | 'window' | 'runbook'>,
    place: Place,
  ): Step {
    const { dice } = this;
    const inside = { ...place, depth: place.depth + 1 };
    const id = this.id(kind);
    switch (kind) {
      case 'parallel':
        return {
          id,
          kind,
          branches: { one: this.steps(dice.whole(1, 3), inside), two: this.steps(dice.whole(1, 3), inside) },
        };
      case 'forEach':
        return this.forEach(id, inside);
      case 'repeat':
        return this.repeat(id, inside);
      case 'window':
        return {
          id,
          kind,
          calendar: 'night',
          freeze: dice.chance(0.2) ? ['year-end'] : [],
          overrun: dice.pick(['undo', 'undo', 'finish', 'park'] as const),
          steps: this.steps(dice.whole(2, 4), inside),
        };
      case 'runbook':
        return place.depth === 0 ? this.runbook(id, place) : this.action(place);
      case 'group':
        return {
          id,
          kind: 'group',
          steps: this.steps(dice.whole(1, 3), inside),
          ...(dice.chance(0.4)
            ? { if: 'inputs.b != "b1"', ...(dice.chance(0.5) ? { else: this.steps(1, inside) } : {}) }
            : {}),
        };
    }
  }

  private forEach(id: string, inside: Place): Step {
    const { dice } = this;
    const as = `item${id.replace(/\D/g, '')}`;
    return {
      id,
      kind: 'forEach',
      items: 'inputs.list',
      as,
      concurrency: dice.whole(1, 3),
      ...(dice.chance(0.4) ? { tolerate: dice.pick([{ count: 1 }, { fraction: 0.5 }]) } : {}),
      ...(dice.chance(0.1) ? { onError: 'continue' as const } : {}),
      steps: this.steps(dice.whole(1, 3), { ...inside, texts: [...inside.texts, as], inList: true }),
    };
  }

  private repeat(id: string, inside: Place): Step {
    const { dice } = this;
    const first = this.action(inside);
    delete first.if;
    delete first.onError;
    first.needed = true;
    const texts = [...inside.texts, `steps.${first.id}.output.value`];
    return {
      id,
      kind: 'repeat',
      until: `steps.${first.id}.output.turn >= ${dice.whole(1, 3)}`,
      every: { ms: dice.whole(1, 20) * minute },
      atMost: 20,
      steps: [first, ...(dice.chance(0.7) ? this.steps(dice.whole(1, 2), { ...inside, texts }) : [])],
    };
  }

  private runbook(id: string, place: Place): Step {
    const hash = `called${Object.keys(this.called).length + 1}`;
    // Not known before it is complete, so that it cannot call itself.
    this.called[hash] = this.plan(hash, place.depth + 1);
    return {
      id,
      kind: 'runbook',
      runbook: hash,
      planHash: hash,
      with: { a: this.leaf(place), b: { $expr: 'inputs.b' }, list: { $expr: 'inputs.list' } },
    };
  }
}

function givesText(step: Step): boolean {
  if (step.kind === 'action') return step.if === undefined && step.onError === undefined;
  if (step.kind === 'task') return !step.onExpiry;
  return step.kind === 'wait' && step.event !== undefined && !step.onExpiry;
}

function readBy(steps: readonly Step[], id: string): boolean {
  return JSON.stringify(steps).includes(`steps.${id}.output.value`);
}
