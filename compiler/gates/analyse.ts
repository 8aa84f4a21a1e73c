/**
 * Gate analysis: which approvals dominate each step, so that it cannot run unless they were given.
 *
 * The plan is followed from top to bottom with what has been signed on every way that leads here. It says "gated" only
 * where that is certain; where it cannot tell, it says "not gated":
 * - An approval with an `if` holds for later steps under the same condition, as long as the condition cannot change in
 *   between. Inputs and ticket fields can be amended, so a condition on them counts only for the steps of one group.
 * - With `onReject: continue` only a condition on its status opens what follows: `if: steps.x.status == "succeeded"`, or
 *   an `end` before it under the opposite.
 * - What is signed in one branch of a `parallel` holds after it, and not for the other branches; what is signed for one
 *   item of a `forEach` holds for that item alone; a called runbook's own approvals hold inside it alone.
 * - `finally` runs after a refusal too, so that nothing is gated there except by a condition on the approval's status.
 * - An approval that is given afterwards (`retroactive: true`) gates nothing, and is told apart.
 * Operators cannot weaken this: neither an approval nor a step that contains one can be skipped or completed by hand.
 */
import { innerLists } from '../../plan/inner-steps.ts';
import type { ApproveStep, Plan, Step } from '../../plan/plan.ts';
import { descriptionOf, hasFlow, type StepOfFlow } from '../../plan/step-descriptions.ts';
import { type Shown, shownBy } from './conditions.ts';

export interface Gate {
  /** The approval's id; behind the id of the calling step when it stands in a called runbook: `tell.signoff`. */
  id: string;
  step: ApproveStep;
  runbook: string;
}

export interface GatedStep {
  /** The step's id; behind that of the calling step when it stands in a called runbook: `tell.wipe`. */
  id: string;
  step: Step;
  runbook: string;
  part: 'steps' | 'finally';
  gates: Gate[];
  /** Approvals that are asked for before it and may be given after it. */
  afterwards: Gate[];
}

export interface Analysis {
  /** In the order of the text, those of called runbooks behind the calling step. */
  steps: GatedStep[];
  /** False when runbooks call each other so often that not all steps were looked at. */
  complete: boolean;
}

/** Steps looked at before called runbooks are no longer followed. */
const budget = 20_000;

type PlanParts = Pick<Plan, 'runbook' | 'steps' | 'finally'>;

export function analyseGates(plan: PlanParts, find: (runbook: string) => Plan | undefined): Analysis {
  const walk = new Walk(find);
  walk.plan(plan, '', nowhere);
  return { steps: walk.steps, complete: walk.complete };
}

/** Given (or, retroactively, asked for) wherever all these conditions hold: one set for each way to know it. */
type Ways = readonly (readonly string[])[];

type WaysById = ReadonlyMap<string, Ways>;

interface Signed {
  given: WaysById;
  /** Asked for, and allowed to come later. */
  later: WaysById;
  /** Asked for, with an answer that may be a refusal. */
  asked: WaysById;
}

interface Knowledge extends Signed {
  /** Conditions that hold here. */
  holds: ReadonlySet<string>;
}

const nowhere: Signed = { given: new Map(), later: new Map(), asked: new Map() };

/** What the walk shares within one plan. */
interface Around {
  runbook: string;
  prefix: string;
  part: 'steps' | 'finally';
}

class Walk {
  readonly steps: GatedStep[] = [];
  complete = true;
  private readonly find: (runbook: string) => Plan | undefined;
  private readonly approvals = new Map<string, Gate>();

  constructor(find: (runbook: string) => Plan | undefined) {
    this.find = find;
  }

  plan(plan: PlanParts, prefix: string, signed: Signed): void {
    const start: Knowledge = { ...signed, holds: new Set() };
    const around = { runbook: plan.runbook, prefix };
    this.list(plan.steps, start, { ...around, part: 'steps' });
    this.list(plan.finally, start, { ...around, part: 'finally' });
  }

  /** What is known after the steps, given what is known before them. */
  private list(steps: readonly Step[], start: Knowledge, around: Around): Knowledge {
    let here = start;
    for (const step of steps) here = this.step(step, here, around);
    return here;
  }

  private step(step: Step, here: Knowledge, around: Around): Knowledge {
    const condition = shownBy(step.if, true);
    const inside = this.know(here, condition, around);
    this.record(step, inside, around);
    const after = this.inner(step, inside, here, around);
    if (step.onError === 'continue') return here;
    return hasFlow(step, 'choice')
      ? this.afterGroup(step, here, after, around)
      : this.after(step, here, after, around);
  }

  private record(step: Step, place: Knowledge, { prefix, runbook, part }: Around): void {
    this.steps.push({
      id: `${prefix}${step.id}`,
      step,
      runbook,
      part,
      gates: this.gatesOf(place.given, place.holds),
      afterwards: this.gatesOf(place.later, place.holds),
    });
  }

  private gatesOf(ways: WaysById, holds: ReadonlySet<string>): Gate[] {
    return [...ways.keys()]
      .filter((id) => isKnown(ways, id, holds))
      .map((id) => this.approvals.get(id))
      .filter((gate) => gate !== undefined);
  }

  /** What is known once the step's own work is done, seen from inside its condition; `[then, else]` for a group. */
  private inner(step: Step, inside: Knowledge, here: Knowledge, around: Around): [Knowledge, Knowledge] {
    const unchanged: [Knowledge, Knowledge] = [inside, here];
    if (hasFlow(step, 'gate')) return [this.approve(step, inside, around), here];
    if (hasFlow(step, 'call')) {
      this.called(step.runbook, `${around.prefix}${step.id}.`, inside);
      return unchanged;
    }
    const { flow, holdsAfter } = descriptionOf(step);
    const lists = innerLists(step);
    switch (flow) {
      case 'work':
      case 'gate':
      case 'call':
      case 'end':
        return unchanged;
      case 'branches': {
        const ends = lists.map(({ steps }) => this.list(steps, inside, around));
        return [ends.reduce((all, end) => joined(all, end), inside), here];
      }
      case 'body': {
        const ends = lists.map(({ steps }) => this.list(steps, inside, around));
        return [holdsAfter?.(step) ? (ends[0] ?? inside) : inside, here];
      }
      case 'choice': {
        const [then, otherwise] = lists;
        const start = this.know(here, shownBy(step.if, false), around);
        return [
          then ? this.list(then.steps, inside, around) : inside,
          otherwise ? this.list(otherwise.steps, start, around) : start,
        ];
      }
    }
  }

  private approve(step: ApproveStep, inside: Knowledge, { prefix, runbook }: Around): Knowledge {
    const id = `${prefix}${step.id}`;
    this.approvals.set(id, { id, step, runbook });
    if (step.onReject === 'continue') return { ...inside, asked: added(inside.asked, id, []) };
    if (step.retroactive) return { ...inside, later: added(inside.later, id, []) };
    return { ...inside, given: added(inside.given, id, []) };
  }

  private called(name: string, prefix: string, inside: Knowledge): void {
    const plan = this.find(name);
    if (!plan) return;
    if (this.steps.length > budget) {
      this.complete = false;
      return;
    }
    const certain = (ways: WaysById) =>
      new Map(this.gatesOf(ways, inside.holds).map(({ id }) => [id, [[]] as Ways]));
    this.plan(plan, prefix, { given: certain(inside.given), later: certain(inside.later), asked: new Map() });
  }

  private after(step: Step, here: Knowledge, [then]: [Knowledge, Knowledge], around: Around): Knowledge {
    if (hasFlow(step, 'end'))
      return step.if === undefined ? here : this.know(here, shownBy(step.if, false), around);
    return leaving(here, then, shownBy(step.if, true));
  }

  /** A way that always ends the run is none that leads to what follows. */
  private afterGroup(
    step: StepOfFlow<'choice'>,
    here: Knowledge,
    [then, otherwise]: [Knowledge, Knowledge],
    around: Around,
  ): Knowledge {
    const thenEnds = step.steps.some(alwaysEnds);
    const elseEnds = step.else?.some(alwaysEnds) ?? false;
    if (thenEnds && step.if !== undefined) return this.know(otherwise, shownBy(step.if, false), around);
    if (elseEnds) return this.know(then, shownBy(step.if, true), around);
    const left = leaving(here, then, shownBy(step.if, true));
    return step.else ? joined(left, leaving(here, otherwise, shownBy(step.if, false))) : left;
  }

  /** The same place, knowing that a condition has this outcome. */
  private know(place: Knowledge, { terms, facts }: Shown, { prefix }: Around): Knowledge {
    if (terms.length === 0) return place;
    const holds = new Set([...place.holds, ...terms.map(({ text }) => `${prefix}${text}`)]);
    let { given } = place;
    for (const { step, status, is } of facts) {
      const gate = this.approvals.get(`${prefix}${step}`);
      if (!gate || gate.step.retroactive) continue;
      const succeeded = is && status === 'succeeded';
      const notRefused = !is && status === 'rejected' && isKnown(place.asked, gate.id, holds);
      if (succeeded || notRefused) given = added(given, gate.id, []);
    }
    return { ...place, given, holds };
  }
}

/** What was signed inside a step holds after it under the step's own condition, if that cannot change meanwhile. */
function leaving(here: Knowledge, inside: Knowledge, condition: Shown): Knowledge {
  if (condition.terms.some(({ stable }) => !stable)) return here;
  const extra = condition.terms.map(({ text }) => text);
  const kept = (before: WaysById, after: WaysById) => {
    let ways = before;
    for (const [id, sets] of after)
      for (const set of sets.filter((each) => !before.get(id)?.includes(each)))
        ways = added(ways, id, [...set, ...extra]);
    return ways;
  };
  return { ...here, ...merged(here, inside, kept) };
}

function merged(a: Signed, b: Signed, merge: (a: WaysById, b: WaysById) => WaysById): Signed {
  return {
    given: merge(a.given, b.given),
    later: merge(a.later, b.later),
    asked: merge(a.asked, b.asked),
  };
}

function isKnown(ways: WaysById, id: string, holds: ReadonlySet<string>): boolean {
  return ways.get(id)?.some((set) => set.every((term) => holds.has(term))) ?? false;
}

function joined(a: Knowledge, b: Knowledge): Knowledge {
  const both = (first: WaysById, second: WaysById) => {
    let ways = first;
    for (const [id, sets] of second) for (const set of sets) ways = added(ways, id, set);
    return ways;
  };
  return { ...a, ...merged(a, b, both) };
}

function added(ways: WaysById, id: string, set: readonly string[]): WaysById {
  const before = ways.get(id) ?? [];
  return before.includes(set) ? ways : new Map([...ways, [id, [...before, set]]]);
}

function alwaysEnds(step: Step): boolean {
  if (step.if !== undefined || step.onError === 'continue') return false;
  if (hasFlow(step, 'end')) return true;
  return hasFlow(step, 'choice') && step.steps.some(alwaysEnds);
}
