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
import { insideOf } from './checks/places.ts';
import type { Dice } from './dice.ts';
import { began, minute, owner, requester, signers } from './directory.ts';
import { withOptions } from './options.ts';

/** Plans of every kind alike, with every option of each and closing steps of every kind, or such in which much is signed and changed. */
export type Focus = 'everything' | 'every option' | 'signatures';

/** Whose events alone some waits take. */
export const supplier = 'supplier';

export interface Generated {
  plan: RunPlan;
  /** Plans of the runbooks that it calls, by hash. */
  called: Record<string, RunPlan>;
}

/** What an expression can name at a place, each an expression that gives a text. */
interface Place {
  texts: readonly string[];
  depth: number;
  /** Under `finally`, where nothing ends the run. */
  closing?: true;
}

interface Frequencies {
  leaves: readonly StepKind[];
  containers: readonly StepKind[];
  /** How often a step has none inside it, at the top and further in. */
  leaf: readonly [outer: number, inner: number];
  steps: readonly [least: number, most: number];
  /** Also what few write, and closing steps of every kind. */
  options?: true;
}

const everything: Frequencies = {
  leaves: ['action', 'action', 'action', 'action', 'approve', 'approve', 'task', 'wait', 'end', 'fail'],
  containers: ['window', 'parallel', 'forEach', 'forEach', 'repeat', 'group', 'runbook', 'window'],
  leaf: [0.65, 0.9],
  steps: [4, 14],
};

const frequencies: Record<Focus, Frequencies> = {
  everything,
  'every option': { ...everything, options: true },
  signatures: {
    leaves: ['action', 'action', 'action', 'approve', 'approve', 'task', 'wait'],
    containers: ['window', 'parallel', 'forEach', 'repeat', 'group', 'runbook'],
    leaf: [0.85, 0.92],
    steps: [4, 9],
  },
};

/** Field of an action's output that is a list kept beside the run. */
export const keptField = 'many';

/** Runbooks that call each other are this many at most: each is a run of its own for every item around it. */
const mostCalled = 3;

export function generatePlan(dice: Dice, focus: Focus = 'everything'): Generated {
  return new PlanMaker(dice, frequencies[focus]).make();
}

export function withCovers(plan: RunPlan): RunPlan {
  const { covers: _, ...rest } = plan;
  return { ...rest, covers: computeCovers(rest) };
}

class PlanMaker {
  private readonly dice: Dice;
  private readonly often: Frequencies;
  private readonly called: Record<string, RunPlan> = {};
  /** Ids of the steps without whose output others cannot be done. */
  private readonly read = new Set<string>();
  private count = 0;
  private calls = 0;
  /** Inside a repeat that remembers something. */
  private remembering = false;
  private left: number;

  constructor(dice: Dice, often: Frequencies) {
    this.dice = dice;
    this.often = often;
    this.left = dice.whole(...often.steps);
  }

  make(): Generated {
    const plan = this.plan('whole', 0);
    return { plan, called: this.called };
  }

  private plan(hash: string, depth: number): RunPlan {
    const { dice } = this;
    const isCalled = depth > 0;
    const texts = ['inputs.a', 'inputs.b', ...(isCalled ? ['inputs.filled'] : [])];
    const steps = this.steps(dice.whole(2, 5), { texts, depth });
    const closing = dice.chance(0.4) ? this.closing(depth) : [];
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
        ...(isCalled ? checkedInputs : {}),
      },
      steps,
      finally: closing,
      outputs: this.often.options ? { given: { $expr: dice.pick(texts) } } : {},
    });
  }

  private id(kind: string): string {
    this.count += 1;
    return `${kind}${this.count}`;
  }

  private steps(count: number, place: Place): Step[] {
    const { dice } = this;
    const made: Step[] = [];
    let texts = place.texts;
    for (let index = 0; index < count && (this.left > 0 || made.length === 0); index += 1) {
      const step = this.step({ ...place, texts });
      made.push(step);
      if (givesText(step)) texts = [...texts, outputOf(step)];
      // There or not, as the step was done or left out.
      else if (step.kind === 'action' || step.kind === 'task' || isFilledIn(step))
        texts = [...texts, `default(${outputOf(step)}, "none")`];
      if (step.kind === 'action' && dice.chance(0.3)) texts = [...texts, statusOf(step)];
    }
    for (const step of made) if (this.read.has(outputOf(step))) step.needed = true;
    return made;
  }

  private step(place: Place): Step {
    this.left -= 1;
    const step = this.plain(place);
    return this.often.options
      ? withOptions(step, { dice: this.dice, isClosing: place.closing === true })
      : step;
  }

  private plain(place: Place): Step {
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
      case 'fail':
        return {
          id: this.id('fail'),
          kind,
          reason: this.leaf(place),
          if: this.dice.pick([
            'inputs.b == "b2"',
            ...place.texts.filter((text) => text.startsWith('item')).map((text) => `${text} == "i1"`),
          ]),
        };
      case 'set':
        return this.action(place);
      case 'parallel':
      case 'forEach':
      case 'group':
      case 'repeat':
      case 'window':
      case 'runbook':
        return this.container(kind, place);
    }
  }

  private kind({ depth, closing }: Place): StepKind {
    const { leaves, containers, leaf } = this.often;
    const kind = this.dice.pick(this.dice.chance(leaf[depth > 1 ? 1 : 0]) ? leaves : containers);
    return closing && (kind === 'end' || kind === 'fail') ? 'action' : kind;
  }

  private leaf({ texts }: Place): Template {
    const text = this.dice.pick(texts);
    this.read.add(text);
    return { $expr: text };
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

  private closing(depth: number): Step[] {
    const { dice } = this;
    if (this.often.options && dice.chance(0.5)) {
      this.left = Math.max(this.left, 2);
      return this.steps(dice.whole(1, 3), { texts: ['inputs.a', 'inputs.b'], depth, closing: true });
    }
    const id = this.id('last');
    return [{ id, kind: 'action', uses: `sim.${id}`, effect: 'write', with: { x: { $expr: 'inputs.a' } } }];
  }

  private approve(place: Place): ApproveStep {
    const { dice } = this;
    const named = dice.some([...signers, owner, requester], dice.whole(2, 4));
    const from = dice.chance(0.6) ? named : dice.pick([['role:board'], ['role:heads', ...named.slice(1, 2)]]);
    const step: ApproveStep = {
      id: this.id('sign'),
      kind: 'approve',
      from,
      quorum: dice.pick([1, 1, from.length > 2 || from[0] === 'role:board' ? 2 : 1, 'majority', 'all']),
    };
    if (dice.chance(0.1)) step.except = [dice.pick(signers)];
    if (dice.chance(0.6)) step.show = { x: this.leaf(place) };
    if (dice.chance(0.3)) step.within = { ms: dice.whole(20, 600) * minute };
    if (dice.chance(0.2)) step.remind = { ms: dice.whole(10, 200) * minute };
    if (step.within && dice.chance(0.4)) step.escalate = dice.pick([...signers, 'role:heads']);
    if (dice.chance(0.1)) step.retroactive = true;
    else if (dice.chance(0.35)) step.form = { value: { type: 'string' } };
    if (dice.chance(0.1)) step.onReject = 'continue';
    return step;
  }

  private task(): Step {
    const { dice } = this;
    const within = dice.chance(0.3) ? { ms: dice.whole(30, 300) * minute } : undefined;
    const chased = within && dice.chance(0.5);
    return {
      id: this.id('task'),
      kind: 'task',
      to: dice.some(signers, dice.whole(1, 2)),
      instructions: 'Do it.',
      form: { value: { type: 'string' } },
      ...(within ? { within } : {}),
      ...(dice.chance(0.1) ? { due: new Date(began + dice.whole(10, 600) * minute).toISOString() } : {}),
      ...(chased ? { escalate: dice.pick([...signers, 'role:heads']), remind: { ms: 20 * minute } } : {}),
      ...(dice.chance(0.1) ? { except: [dice.pick(signers)] } : {}),
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
      event: {
        name: 'shipped',
        key: dice.chance(0.7) ? 'k' : this.leaf(place),
        ...(dice.chance(0.3) ? { from: [supplier] } : {}),
      },
      ...(dice.chance(0.5) ? this.end() : {}),
      ...(dice.chance(0.2) ? { onExpiry: 'continue' as const } : {}),
    };
  }

  /** When something is waited for no longer. */
  private end(): Pick<WaitStep, 'within' | 'until'> {
    const { dice } = this;
    return dice.chance(0.6)
      ? { within: { ms: dice.whole(20, 300) * minute } }
      : { until: new Date(began + dice.whole(10, 600) * minute).toISOString() };
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
        return this.often.options && dice.chance(0.3)
          ? this.keptList(id, inside)
          : this.forEach(id, inside, 'inputs.list');
      case 'repeat':
        return this.repeat(id, inside);
      case 'window':
        return {
          id,
          kind,
          calendar: 'night',
          freeze: dice.chance(0.2) ? ['year-end'] : [],
          overrun: dice.pick(['undo', 'undo', 'finish', 'park'] as const),
          steps:
            this.often.options && dice.chance(0.35)
              ? [this.takenBackInside(inside), ...this.steps(1, inside)]
              : this.steps(dice.whole(2, 4), inside),
        };
      case 'runbook':
        return place.depth < 3 && this.calls < mostCalled ? this.runbook(id, place) : this.action(place);
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

  /** What takes back by itself what it did, while the window around it may close: a list whose items fail, or a window that closes earlier. */
  private takenBackInside(inside: Place): Step {
    const { dice } = this;
    const id = this.id('forEach');
    const list: Step = {
      id,
      kind: 'forEach',
      items: 'inputs.list',
      as: `item${id.replace(/\D/g, '')}`,
      concurrency: dice.whole(1, 3),
      onItemError: 'undo',
      tolerate: { count: dice.whole(0, 1) },
      steps: [this.write(inside), this.action(inside), this.action(inside)],
    };
    if (dice.chance(0.6)) return list;
    return {
      id: this.id('window'),
      kind: 'window',
      calendar: 'night',
      freeze: [],
      overrun: 'undo',
      steps: [
        list,
        this.write(inside),
        { id: this.id('wait'), kind: 'wait', for: { ms: dice.whole(1, 60) * minute } },
      ],
    };
  }

  /** Done in any case, and taken back. */
  private write(place: Place): ActionStep {
    const { id, uses, with: given } = this.action(place);
    const undo = { uses: `undo.${id}`, with: { id: { $expr: `steps.${id}.output.id` }, with: given } };
    return { id, kind: 'action', uses, effect: 'write', with: given, undo } as ActionStep;
  }

  /** A list that is kept beside the run, behind the action that gives it. */
  private keptList(id: string, inside: Place): Step {
    const read = this.id('do');
    const input = { x: this.leaf(inside) };
    const list = this.forEach(id, inside, `steps.${read}.output.${keptField}`);
    // Such a list is done in a part of the run, whose journal does not tell what a list within it takes back.
    withoutTakingBack(insideOf(list).flat());
    return {
      id: this.id('group'),
      kind: 'group',
      steps: [
        { id: read, kind: 'action', uses: `sim.${read}`, effect: 'read', with: input, needed: true },
        list,
      ],
    };
  }

  private forEach(id: string, inside: Place, items: string): Step {
    const { dice } = this;
    const as = `item${id.replace(/\D/g, '')}`;
    return {
      id,
      kind: 'forEach',
      items,
      as,
      concurrency: dice.whole(1, 3),
      ...(dice.chance(0.4) ? { tolerate: dice.pick([{ count: 1 }, { fraction: 0.5 }]) } : {}),
      ...(dice.chance(0.1) ? { onError: 'continue' as const } : {}),
      ...(dice.chance(0.25) ? { onItemError: 'undo' as const } : {}),
      steps: this.steps(dice.whole(1, 3), { ...inside, texts: [...inside.texts, as] }),
    };
  }

  private repeat(id: string, inside: Place): Step {
    const { dice } = this;
    const first = this.action(inside);
    delete first.if;
    delete first.onError;
    first.needed = true;
    const remembers = !this.remembering && dice.chance(0.4);
    const texts = [
      ...inside.texts,
      `steps.${first.id}.output.value`,
      ...(remembers ? ['state.last', 'state.begun'] : []),
    ];
    const set = (): Step => ({
      id: this.id('set'),
      kind: 'set',
      values: { last: this.leaf({ ...inside, texts }) },
    });
    this.remembering ||= remembers;
    const more = dice.chance(0.7) ? this.steps(dice.whole(1, 2), { ...inside, texts }) : [];
    if (remembers) this.remembering = false;
    return {
      id,
      kind: 'repeat',
      until: `steps.${first.id}.output.turn >= ${dice.whole(1, 3)}`,
      every: { ms: dice.whole(1, 20) * minute },
      atMost: 20,
      ...(remembers ? { state: { last: this.leaf(inside), begun: { $expr: 'inputs.a' } } } : {}),
      steps: [first, ...(remembers ? [set()] : []), ...more],
    };
  }

  private runbook(id: string, place: Place): Step {
    this.calls += 1;
    const hash = `called${this.calls}`;
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

function withoutTakingBack(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind === 'forEach') delete step.onItemError;
    withoutTakingBack(insideOf(step).flat());
  }
}

/** What is filled in, sealed or refused where a run is called. */
const checkedInputs: RunPlan['inputs'] = {
  a: { schema: { type: 'string', pattern: '^[^e]' }, required: true },
  filled: { schema: { type: 'string' }, required: true, default: 'filled in' },
  sealed: { schema: { type: 'string' }, required: true, default: 'a secret', sensitive: true },
};

function givesText(step: Step): boolean {
  if (step.kind === 'action') return step.if === undefined && step.onError === undefined;
  if (step.if !== undefined || step.onError !== undefined) return false;
  if (step.kind === 'task') return !step.onExpiry;
  if (isFilledIn(step)) return !step.onReject;
  return step.kind === 'wait' && step.event !== undefined && !step.onExpiry;
}

function isFilledIn(step: Step): step is ApproveStep {
  return step.kind === 'approve' && step.form !== undefined;
}

function outputOf({ id }: Step): string {
  return `steps.${id}.output.value`;
}

function statusOf({ id }: Step): string {
  return `default(steps.${id}.status, "none")`;
}
