/** Where a call stands: in which step of which run, and by which steps of which runs that one was called. */
import { hashOf } from '../../../plan/hash.ts';
import type { CallContext, Json, Plan, Step } from '../../../plan/plan.ts';
import { type BoundCall, planMark } from '../../../plan/sealed.ts';
import { type Place, placeOf } from '../../../plan/warrant.ts';
import { callsOf, KeptPlan } from '../../../workflows/evidence/kept-plan.ts';
import { RetryableFailure } from '../failures.ts';
import { NotCovered } from './not-covered.ts';
import type { WarrantRegister } from './register.ts';

/** One run of those that call each other, and the step of it that is under way. */
export interface Level {
  /** Absent for a run that has ended, and whose work the run that called it takes back. */
  run?: string;
  plan: KeptPlan;
  step: Step;
  place: Place;
}

export interface PlaceOfCall {
  /** From the run that nobody called to the one that calls. */
  levels: Level[];
  /** The work of the step is taken back. */
  undo: boolean;
  older: boolean;
}

type Around = Pick<PlaceOfCall, 'levels' | 'older'> & { plan: KeptPlan };

/** More runs than this are looked up anew. */
const remembered = 2_000;

export class PlacesOfCalls {
  private readonly register: WarrantRegister;
  private readonly plans = new Map<string, Promise<KeptPlan | undefined>>();
  private readonly runs = new Map<string, Around>();

  constructor(register: WarrantRegister) {
    this.register = register;
  }

  /** Rejects with {@link NotCovered} for a call that stands nowhere in the kept plan. */
  async find(call: CallContext, workflowId: string): Promise<PlaceOfCall> {
    const { levels, plan, older } = await this.around(call, workflowId);
    const undo = call.step.endsWith('.undo');
    const path = (undo ? call.step.slice(0, -'.undo'.length) : call.step).split('/');
    const found = [...levels];
    let current: KeptPlan | undefined = plan;
    for (const [index, key] of path.entries()) {
      const last = index === path.length - 1;
      const place = placeOf(key + (last ? (call.item ?? '') : ''));
      const step = place && current?.step(place.id);
      if (!current || !place || !step)
        throw new NotCovered(
          `the plan ${plan.plan.runbook} that is kept for this run has no step "${call.step}"`,
        );
      found.push({ plan: current, step, place, ...(index === 0 ? { run: call.run } : {}) });
      current = current.calledBy(step);
    }
    return { levels: found, undo, older };
  }

  private async around(call: CallContext, workflowId: string): Promise<Around> {
    const known = this.runs.get(call.run);
    if (known) {
      this.mustBeOf(call, known.plan);
      return known;
    }
    const found = await this.look(call, workflowId);
    if (this.runs.size >= remembered) this.runs.clear();
    this.runs.set(call.run, found);
    return found;
  }

  private async look(call: CallContext, workflowId: string): Promise<Around> {
    const row = await this.register.run(call.run);
    // A part of a run has a workflow of its own.
    const isPart = workflowId.startsWith(`${call.run}/`);
    if (isPart && !row) throw notListed(call.run);
    const own = isPart ? (row?.workflowId ?? '') : workflowId;
    const hash = row?.planHash ?? (isBound(call) ? call.plan : undefined);
    const plan = hash === undefined ? undefined : await this.kept(hash);
    if (!plan)
      throw hash === undefined
        ? notListed(call.run)
        : new NotCovered('the plan of its run is not kept any more');
    this.mustBeOf(call, plan);
    const calledBy = await this.callers(own);
    await this.mustBeCalled(call, own, calledBy);
    const older =
      (
        await Promise.all(
          [call.run, ...calledBy.map(({ run }) => run ?? '')].map((run) => this.register.isOlder(run)),
        )
      ).some(Boolean) ||
      (isBound(call) && isOlderSchedule(call.start));
    const caller = calledBy.at(-1);
    if (caller && caller.plan.calledBy(caller.step)?.plan.hash !== plan.plan.hash)
      throw new NotCovered(`"${caller.step.id}" of the run that called this one calls another runbook`);
    return { levels: calledBy, plan, older };
  }

  /** The runs above this one, by the workflow's id: `RUN/STEP` of whoever called it. */
  private async callers(workflowId: string): Promise<Level[]> {
    const found = /^([0-9a-f-]{36})\/([^/]+)$/.exec(workflowId);
    if (!found) return [];
    const [, run = '', name = ''] = found;
    const row = await this.register.run(run);
    if (!row?.planHash) throw notListed(run);
    const plan = await this.kept(row.planHash);
    const place = placeOf(name);
    const step = place && plan?.step(place.id);
    if (!plan || !place || !step)
      throw new NotCovered(`the run ${run} that called this one has no step "${name}"`);
    return [...(await this.callers(row.workflowId)), { run, plan, step, place }];
  }

  /**
   * That this run was called by that step of that run is Temporal's word so far. The number of its start says so too, and is sealed with
   * each call.
   */
  private async mustBeCalled(
    call: CallContext,
    workflowId: string,
    callers: readonly Level[],
  ): Promise<void> {
    const caller = callers.at(-1);
    if (!caller?.run || !isBound(call) || (await this.register.isOlder(caller.run))) return;
    const name = workflowId.slice(workflowId.lastIndexOf('/') + 1);
    let rest = call.start;
    for (let part = lastPart(rest); part; part = lastPart(rest)) {
      rest = part.before;
      if (part.name === undefined) continue;
      if (part.name !== name) break;
      for (let start: string | undefined = rest; start !== undefined; start = lastPart(start)?.before)
        if ((await this.register.begunBy(start)) === caller.run) return;
      break;
    }
    throw new NotCovered(`it was not called by the step "${name}" of the run ${caller.run}`);
  }

  /** What a call says of its plan decides nothing, and is compared. */
  private mustBeOf(call: CallContext, { plan }: KeptPlan): void {
    if (isBound(call) && call.plan !== planMark(plan.hash))
      throw new NotCovered(`it was made under another plan than the one that is kept for its run`);
  }

  private kept(hash: string): Promise<KeptPlan | undefined> {
    const mark = planMark(hash);
    const known = this.plans.get(mark);
    if (known) return known;
    const found = this.load(hash);
    this.plans.set(mark, found);
    // What cannot be read now, or is not there yet, is looked for again.
    found.then(
      (plan) => plan ?? this.plans.delete(mark),
      () => this.plans.delete(mark),
    );
    return found;
  }

  private async load(hash: string): Promise<KeptPlan | undefined> {
    const plan = await this.register.plan(hash);
    if (!plan || !isGenuine(plan)) return undefined;
    const called = new Map<string, KeptPlan>();
    for (const each of callsOf(plan)) {
      const inner = await this.kept(each);
      if (!inner) continue;
      called.set(each, inner);
      for (const [deeper, kept] of inner.allCalled) called.set(deeper, kept);
    }
    return new KeptPlan(plan, called);
  }
}

function isGenuine({ hash, positions: _, ...content }: Plan): boolean {
  return hashOf(content as unknown as Json) === hash;
}

export function isBound(call: CallContext): call is BoundCall {
  return 'place' in call;
}

/** What a schedule carries was sealed when it was made: before warrants came, its number did not say by which engine. */
function isOlderSchedule(start: string): boolean {
  return /^[^@#]+@/.test(start);
}

/** The last part of a start's number: which call of which step it was. */
function lastPart(number: string): { before: string; name?: string } | undefined {
  const found = /^(.*)\/\d+(?::([^/]+))?$/.exec(number);
  return found
    ? { before: found[1] ?? '', ...(found[2] === undefined ? {} : { name: found[2] }) }
    : undefined;
}

function notListed(run: string): RetryableFailure {
  return new RetryableFailure(`Nothing was begun, since the run ${run} is not listed yet.`);
}
