/**
 * Generated plans of the simulator, made such that what comes of them does not hang on which of two things is quicker: no deadline, no
 * step that ends all from inside a branch, one item after the other.
 */
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Step } from '../../plan/plan.ts';
import { Dice } from '../../rehearsal/simulator/dice.ts';
import { signers } from '../../rehearsal/simulator/directory.ts';
import { type Focus, type Generated, generatePlan, withCovers } from '../../rehearsal/simulator/plans.ts';
import type { RunPlan } from '../../workflows/messages.ts';
import type { Told } from './sim-action.ts';

export interface AlikePlan extends Generated {
  /** While this write is under way the run is called off. */
  abortedDuring?: string;
}

interface Around {
  branch: boolean;
  /** In a called run: nobody is there who would answer it. For an item of a list nobody is waited for. */
  called?: 'alone' | 'for an item';
}

const top: Around = { branch: false };

export function alikePlan(seed: number): AlikePlan {
  const dice = new Dice(seed * 7 + 3);
  const focus: Focus = dice.chance(0.5) ? 'everything' : 'signatures';
  const generated = generatePlan(new Dice(seed), focus);
  const maker = new Alike(dice);
  const lists = new Set(calledInLists(generated));
  // By its name each call is known to be of this plan.
  const plan = { ...maker.plan(generated.plan, top), runbook: `s${seed}` };
  const called = Object.fromEntries(
    Object.entries(generated.called).map(([hash, each]) => [
      hash,
      {
        ...maker.plan(each, { ...top, called: lists.has(hash) ? 'for an item' : 'alone' }),
        runbook: `s${seed}.${hash}`,
      },
    ]),
  );
  const during = dice.chance(0.25) ? maker.write(plan.steps) : undefined;
  return { plan: withCovers(plan), called, ...(during === undefined ? {} : { abortedDuring: during }) };
}

/** Hashes of the plans that are called for items of lists and nowhere else. */
function calledInLists({ plan, called }: Generated): string[] {
  const inLists: string[] = [];
  const visit = (steps: readonly Step[], inList: boolean): void => {
    for (const step of steps) {
      if (step.kind === 'runbook' && inList) inLists.push(step.planHash);
      if (step.kind === 'runbook') visit(called[step.planHash]?.steps ?? [], inList);
      for (const inner of innerSteps(step)) visit(inner, inList || step.kind === 'forEach');
    }
  };
  visit(plan.steps, false);
  return inLists;
}

class Alike {
  private readonly dice: Dice;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  plan(plan: RunPlan, around: Around): RunPlan {
    return withCovers({
      ...plan,
      owner: 'role:it',
      steps: this.steps(plan.steps, around),
      finally: this.steps(plan.finally, around),
    });
  }

  /** The first at the top that surely runs; it is made to take its time. */
  write(steps: readonly Step[]): string | undefined {
    const step = steps.find((each) => each.kind === 'action' && isFinished(each) && each.if === undefined);
    if (step?.kind !== 'action') return undefined;
    step.with = { ...(step.with as object), told: { fail: 0, ms: 1_500, untilAbort: true } };
    return step.id;
  }

  private steps(steps: readonly Step[], around: Around): Step[] {
    const made = steps.flatMap((step) => this.step(step, around) ?? []);
    return made.length > 0 ? made : [{ id: `${steps[0]?.id}pause`, kind: 'wait', for: { ms: 10 } }];
  }

  private step(step: Step, around: Around): Step | undefined {
    switch (step.kind) {
      case 'action':
        return this.action(step, around);
      case 'approve': {
        if (around.called) return undefined;
        const { within: _, remind: __, escalate: ___, ...rest } = step;
        return step.from.some((name) => String(name).startsWith('role:'))
          ? { ...rest, from: signers.slice(0, 3) }
          : rest;
      }
      case 'task': {
        if (around.called) return given(step.id);
        const { within: _, onExpiry: __, due: ___, remind: ____, escalate: _____, ...rest } = step;
        return rest;
      }
      case 'wait':
        return this.wait(step, around);
      case 'end':
        return around.branch || around.called ? undefined : step;
      case 'runbook':
        return step;
      case 'group':
        return {
          ...step,
          steps: this.steps(step.steps, around),
          ...(step.else ? { else: this.steps(step.else, around) } : {}),
        };
      case 'parallel': {
        const branches = Object.entries(step.branches).map(([name, inner]) => [
          name,
          this.steps(inner, { ...around, branch: true }),
        ]);
        return { ...step, branches: Object.fromEntries(branches) };
      }
      case 'forEach':
        return { ...step, concurrency: 1, steps: this.steps(step.steps, around) };
      case 'repeat':
        return { ...step, every: { ms: 20 }, steps: this.steps(step.steps, around) };
      case 'window':
        return { ...step, calendar: 'always', freeze: [], steps: this.steps(step.steps, around) };
    }
  }

  private action(step: Extract<Step, { kind: 'action' }>, around: Around): Step {
    // In a called run it would wait for an operator; for an item of a list it does not.
    const mayFail = step.effect !== 'read' && around.called !== 'alone';
    const told: Told = { fail: mayFail ? this.dice.pick([0, 0, 0, 0, 1, 2]) : 0 };
    const { undo } = step;
    return {
      ...step,
      uses: 'test.sim',
      with: { ...(step.with as object), told: { ...told } },
      ...(undo ? { undo: { ...undo, uses: 'test.unsim' } } : {}),
      ...(around.branch && step.onError === 'abort' ? { onError: 'continue' as const } : {}),
    };
  }

  /** Each waits for an event of its own, so that it does not matter which of two began to wait first. */
  private wait(step: Extract<Step, { kind: 'wait' }>, around: Around): Step | undefined {
    const { within: _, onExpiry: __, until: ___, ...rest } = step;
    if (!step.event) return { ...rest, for: { ms: 20 } };
    if (around.called) return given(step.id);
    return { ...rest, event: { name: step.id, key: 'k' } };
  }
}

/** What destroys and cannot be taken back is not sent once more when its worker is lost: how it ends hangs on when that is. */
function isFinished({ effect, undo }: Extract<Step, { kind: 'action' }>): boolean {
  return effect === 'write' || (effect === 'destructive' && undo !== undefined);
}

/** In the place of what a person would have given: others read it. */
function given(id: string): Step {
  return { id, kind: 'action', uses: 'test.sim', effect: 'write', with: { told: { fail: 0 } } };
}
