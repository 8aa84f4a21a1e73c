/** The gate analysis against brute force: every way through generated plans, with every answer to every question. */
import { describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { planFrom } from '../testing.ts';
import { analyseGates } from './analyse.ts';
import { Generator, idsIn } from './testing.ts';

class Ended extends Error {}
class Failed extends Error {}
class TooMany extends Error {}

/** One way through a plan: `choose` answers every question that has two answers. */
class Way {
  readonly statuses = new Map<string, string>();
  readonly given = new Set<string>();
  private readonly atoms = new Map<string, boolean>();
  private readonly choose: () => boolean;
  private readonly ran: (id: string, given: ReadonlySet<string>) => void;

  constructor(choose: () => boolean, ran: (id: string, given: ReadonlySet<string>) => void) {
    this.choose = choose;
    this.ran = ran;
  }

  list(steps: readonly Step[], mayFail: boolean): void {
    for (const step of steps) {
      if (mayFail && this.choose()) throw new Failed();
      this.step(step, mayFail);
    }
  }

  private step(step: Step, mayFail: boolean): void {
    if (step.if !== undefined && !this.holds(step.if)) {
      this.statuses.set(step.id, 'skipped');
      if (step.kind === 'group' && step.else) this.list(step.else, mayFail);
      return;
    }
    try {
      this.run(step, mayFail || step.onError === 'continue');
      if (!this.statuses.has(step.id) || step.kind !== 'approve') this.statuses.set(step.id, 'succeeded');
    } catch (error) {
      if (!(error instanceof Failed) || step.onError !== 'continue') throw error;
      this.statuses.set(step.id, 'failed');
    }
  }

  private run(step: Step, mayFail: boolean): void {
    switch (step.kind) {
      case 'action':
        this.ran(step.id, this.given);
        return;
      case 'approve': {
        const yes = this.choose();
        this.statuses.set(step.id, yes ? 'succeeded' : 'rejected');
        if (step.retroactive) return;
        if (yes) this.given.add(step.id);
        else if (step.onReject !== 'continue') throw new Ended();
        return;
      }
      case 'end':
        throw new Ended();
      case 'parallel': {
        const branches = Object.values(step.branches);
        for (const branch of this.choose() ? branches : branches.reverse()) this.list(branch, mayFail);
        return;
      }
      case 'forEach':
        for (let item = 0; item < 2 && this.choose(); item++) {
          // What was signed for one item is not signed for the next.
          for (const id of idsIn(step.steps)) {
            this.given.delete(id);
            this.statuses.delete(id);
          }
          this.list(step.steps, mayFail);
        }
        return;
      case 'repeat':
      case 'group':
        this.list(step.steps, mayFail);
        return;
      default:
        throw new Error(`no ${step.kind} is generated`);
    }
  }

  private holds(condition: string): boolean {
    return condition.split(' || ').some((either) => either.split(' && ').every((part) => this.part(part)));
  }

  private part(text: string): boolean {
    const asked = /^steps\.\??(\w+)\.\??status(?:\.orValue\("(\w+)"\))? (==|!=) "(\w+)"$/.exec(text);
    if (asked) {
      const [, step = '', otherwise, operator, wanted] = asked;
      const own = this.statuses.get(step);
      const status = own === undefined || own === 'skipped' ? (otherwise ?? own) : own;
      return (status === wanted) === (operator === '==');
    }
    if (text.startsWith('!')) return !this.part(text.slice(1));
    // An input may be amended between two questions; nothing else changes.
    if (text === 'inputs.x') return this.choose();
    const known = this.atoms.get(text) ?? this.choose();
    this.atoms.set(text, known);
    return known;
  }
}

/** Per action, the approvals that were given on every way on which it ran; undefined when there are too many ways. */
function bruteForce(steps: readonly Step[]): Map<string, Set<string>> | undefined {
  const always = new Map<string, Set<string>>();
  const ran = (id: string, given: ReadonlySet<string>) => {
    const before = always.get(id);
    always.set(id, new Set(before ? [...before].filter((each) => given.has(each)) : given));
  };
  let answers: boolean[] = [];
  for (let ways = 0; ways < 3_000; ways++) {
    let asked = 0;
    const choose = () => {
      if (asked === answers.length) answers.push(false);
      if (asked > 40) throw new TooMany();
      return answers[asked++] ?? false;
    };
    try {
      new Way(choose, ran).list(steps, false);
    } catch (error) {
      if (error instanceof TooMany) return undefined;
      if (!(error instanceof Ended || error instanceof Failed)) throw error;
    }
    answers = answers.slice(0, asked);
    while (answers.at(-1) === true) answers.pop();
    if (answers.length === 0) return always;
    answers[answers.length - 1] = true;
  }
  return undefined;
}

/** How many plans were compared and how many gates were found, of those that there are. */
function compare(
  seeds: number,
  conditions: boolean,
  check: (claimed: Set<string>, real: Set<string>, plan: string) => void,
) {
  let compared = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const steps = new Generator(seed, conditions).steps(2);
    const real = bruteForce(steps);
    if (!real) continue;
    compared += 1;
    for (const { id, step, gates } of analyseGates(planFrom(steps), () => undefined).steps) {
      const found = step.kind === 'action' ? real.get(id) : undefined;
      // A step that never runs is gated by whatever one likes.
      if (found) check(new Set(gates.map((gate) => gate.id)), found, JSON.stringify({ id, steps }));
    }
  }
  return compared;
}

describe('the gate analysis', () => {
  it('names no gate that some way around it leaves out', () => {
    let gates = 0;
    const compared = compare(2_500, true, (claimed, real, plan) => {
      gates += claimed.size;
      for (const id of claimed) if (!real.has(id)) throw new Error(`${id} does not dominate: ${plan}`);
    });
    expect(compared).toBeGreaterThan(1_200);
    expect(gates).toBeGreaterThan(500);
  });

  it('finds every gate of plans without conditions', () => {
    const compared = compare(1_000, false, (claimed, real, plan) => {
      for (const id of real) if (!claimed.has(id)) throw new Error(`${id} was not found: ${plan}`);
      expect(claimed.size).toBe(real.size);
    });
    expect(compared).toBeGreaterThan(500);
  });
});
