/** One generated plan with what people do, on the virtual clock and on a real Temporal server, and what came of it on each. */
import { writeFileSync } from 'node:fs';
import { engineActivities as activitiesOf } from '../../activities/engine/activities.ts';
import { Calendars } from '../../organisation/calendars.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Json, JsonObject, Step } from '../../plan/plan.ts';
import { Dice } from '../../rehearsal/simulator/dice.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { ENGINE_VERSION, type RunStart, type RunView, type UpdateName } from '../../workflows/messages.ts';
import { CallFailure } from '../../workflows/port.ts';
import { VirtualClock } from '../../workflows/virtual/clock.ts';
import { type Simulation, simulate } from '../../workflows/virtual/simulate.ts';
import { Refusal } from '../../workflows/votes.ts';
import { type AlikePlan, alikePlan } from './alike-plans.ts';
import type { EngineStack, LiveRun } from './engine-stack.ts';
import type { Restarts } from './restarts.ts';
import { abortedMark, callText, simAnswer, simCalls, toldIn } from './sim-action.ts';

/** What somebody does when the first of what is open, by name, is theirs to answer. */
type Choice = 'yes' | 'no' | 'skip' | 'complete' | 'abort' | 'amend';

export interface Outcome {
  status: string;
  reason: string | undefined;
  steps: Record<string, string>;
  calls: string[];
  journal: Record<string, string[]>;
  told: string[];
}

const choices: readonly Choice[] = ['yes', 'yes', 'yes', 'no', 'skip', 'complete', 'amend'];
/** More than any plan here asks for. */
const mostDeeds = 150;
const owner = { id: 'owner@example.com', roles: ['it'] };

export class Told {
  readonly seed: number;
  readonly plan: AlikePlan;
  private readonly chosen: Choice[];

  constructor(seed: number) {
    this.seed = seed;
    this.plan = alikePlan(seed);
    const dice = new Dice(seed + 11);
    const some = Array.from({ length: 14 }, () => dice.pick(choices));
    // Most are to come to their end.
    if (dice.chance(0.15)) some[dice.whole(1, 9)] = 'abort';
    this.chosen = [...some, ...Array<Choice>(mostDeeds).fill('yes')];
  }

  private start(): RunStart {
    const { plan, called } = this.plan;
    return {
      engine: ENGINE_VERSION,
      plan,
      plans: called,
      inputs: { a: 'a0', b: 'b0', list: ['i0', 'i1', 'i1'] },
      requester: { id: 'asker@example.com', roles: [] },
      cause: { type: 'manual' },
    };
  }

  async onVirtualClock(): Promise<Outcome> {
    const { abortedDuring } = this.plan;
    const calls: string[] = [];
    const told: string[] = [];
    const before = new Map<string, number>();
    const begun = new Map<string, number>();
    const clock = new VirtualClock(Date.UTC(2026, 0, 5, 9));
    const engine = engineAnswers();
    let aborted = false;
    const simulation: Simulation = simulate(structuredClone(this.start()), {
      id: 'r',
      clock,
      onChild: ({ id }) => void begun.set(id, (begun.get(id) ?? 0) + 1),
      answer: async (activity, input, { step, item = '' }, _now, run) => {
        if (!activity.startsWith('test.')) return engine(activity, input, step);
        const { ms = 0 } = toldIn(input);
        if (step === abortedDuring && !aborted) {
          aborted = true;
          clock.after(ms / 5, () => told.push(said('abort', '', perform(simulation, abort))));
        }
        if (ms > 0) await new Promise<void>((resolve) => void clock.after(ms, resolve));
        calls.push(callText({ within: lastOf(run), step, item, action: activity, input }));
        const key = [run, begun.get(run), activity, step, item].join(' ');
        const answered = before.get(key) ?? 0;
        before.set(key, answered + 1);
        if (activity === 'test.unsim') return {};
        const answer = simAnswer(input, { step, item, before: answered });
        if ('output' in answer) return answer.output;
        throw new CallFailure({ type: 'PermanentFailure', message: answer.fails });
      },
    });
    const { run } = simulation;
    const tries = new Tries();
    for (const choice of this.chosen) {
      await come(clock);
      const open = this.firstOpen(run.state.view());
      if (open === undefined || open === 'ended') break;
      const deed: Deed = deedFor(run.state.view(), open, tries.insisting(open, choice));
      const counted = perform(simulation, deed);
      tries.note(counted);
      told.push(said(deed.update, open.step, counted));
    }
    return outcomeOf(run.state.view(), run.state.journal, calls, told);
  }

  async onTemporal(stack: EngineStack, restarts: Restarts): Promise<Outcome> {
    const { plan, abortedDuring } = this.plan;
    const { plan: _, ...more } = this.start();
    const run = await restarts.between(() => stack.run(plan, more));
    const told: string[] = [];
    const tell = (deed: Deed, step: string) =>
      restarts.between(async () => {
        const refused = await run.tell(deed.update, deed.body);
        told.push(said(deed.update, step, refused === undefined));
        return refused === undefined;
      });
    let aborted = abortedDuring === undefined;
    const tries = new Tries();
    const look = async (): Promise<RunView> => {
      const view = await answered(() => restarts.between(() => run.view()));
      const isUnderWay = view.steps.some(({ id, status }) => id === abortedDuring && status === 'running');
      if (aborted || !isUnderWay) return view;
      if (!simCalls(stack.folder, plan.runbook).some(({ begun, step }) => begun && step === abortedDuring))
        return view;
      aborted = true;
      await tell(abort, '');
      writeFileSync(abortedMark(stack.folder, plan.runbook), '');
      return look();
    };
    for (const choice of this.chosen) {
      const { open, view } = await this.settled(run, look);
      if (open === 'ended') break;
      tries.note(await tell(deedFor(view, open, tries.insisting(open, choice)), open.step));
    }
    await run.result();
    const [view, journal] = await answered(() =>
      restarts.between(() => Promise.all([run.view(), run.journal()])),
    );
    return outcomeOf(view, journal, this.callsOf(stack, run), told);
  }

  /** Each once, however often it was tried by workers that were killed. Reads are tried in two ways. */
  private callsOf(stack: EngineStack, run: LiveRun): string[] {
    const calls = simCalls(stack.folder, this.plan.plan.runbook).filter(({ begun }) => !begun);
    const byId = new Map(calls.map((call) => [call.id, call]));
    return [...byId.values()].map((call) =>
      callText({ ...call, within: call.run === run.id ? '' : lastOf(call.workflow) }),
    );
  }

  /** What is open, once it has stayed the same for two looks, or for a while where more seems to be on its way. */
  private async settled(run: LiveRun, look: () => Promise<RunView>) {
    let before = '';
    let same = 0;
    for (const until = Date.now() + 120_000; Date.now() < until; ) {
      const view = await look();
      const open = this.firstOpen(view);
      const now = JSON.stringify([open, view.seq]);
      same = now === before ? same + 1 : 1;
      before = now;
      if (open === 'ended' || (open !== undefined && same >= (this.isBetween(view) ? looksBetween : 2)))
        return { open, view };
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
    throw new Error(`${run.workflowId} did not come to rest: ${before}`);
  }

  /** What is open for people, the first by name. Undefined while something is still on its way. */
  private firstOpen(view: RunView): Open | 'ended' | undefined {
    if (view.endedAt !== undefined) return 'ended';
    const waiting = view.steps.filter(({ kind, status }) => kind === 'wait' && status === 'waiting');
    const events = waiting.filter(({ id }) => this.isEvent(id));
    const works = view.steps.some(({ status, kind }) => status === 'running' && !containers.includes(kind));
    if (waiting.length > events.length || works || view.gates.some(({ hash }) => hash === ''))
      return undefined;
    const open: Open[] = [
      ...view.gates.map(({ step }) => ({ kind: 'gate' as const, step })),
      ...view.tasks.map(({ step }) => ({ kind: 'task' as const, step })),
      ...events.map(({ id }) => ({ kind: 'event' as const, step: id })),
      ...view.steps
        .filter(({ status }) => status === 'parked')
        .map(({ id }) => ({ kind: 'parked' as const, step: id })),
    ];
    return open.sort((a, b) => (a.step < b.step ? -1 : 1))[0];
  }

  /** Something goes round or asks for its window, and nothing in it is open: what comes next may be on its way, or held. */
  private isBetween({ steps, gates, tasks }: RunView): boolean {
    const asked = new Set([...gates, ...tasks].map(({ step }) => step));
    // Its people are being asked, or what they said is being put on paper.
    if (steps.some(({ id, kind, status }) => kind in people && status === 'waiting' && !asked.has(id)))
      return true;
    const open = new Set(
      steps
        .filter(
          ({ kind, status }) =>
            status === 'parked' || (!containers.includes(kind) && goingOn.includes(status)),
        )
        .map(({ id }) => idOf(id)),
    );
    return steps.some(
      ({ id, kind, status }) =>
        containers.includes(kind) &&
        status === 'running' &&
        !this.inside(idOf(id)).some((each) => open.has(each)),
    );
  }

  /** The ids of all that is in a step, at any depth. */
  private inside(id: string): string[] {
    const { plan, called } = this.plan;
    const all = [plan, ...Object.values(called)].flatMap(({ steps, finally: last }) => [...steps, ...last]);
    const found = all.map((step) => findStep(step, id)).find((step) => step !== undefined);
    return found ? innerIds(found) : [];
  }

  private isEvent(key: string): boolean {
    const find = (steps: readonly Step[]): boolean =>
      steps.some(
        (step) =>
          (step.id === idOf(key) && step.kind === 'wait' && step.event !== undefined) ||
          innerSteps(step).some(find),
      );
    return find(this.plan.plan.steps);
  }
}

/** A worker that has just come back may answer too late for the server, or not be known to it yet: people's browsers ask again, too. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 60_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function findStep(step: Step, id: string): Step | undefined {
  if (step.id === id) return step;
  for (const inner of innerSteps(step).flat()) {
    const found = findStep(inner, id);
    if (found) return found;
  }
  return undefined;
}

function innerIds(step: Step): string[] {
  return innerSteps(step)
    .flat()
    .flatMap((inner) => [inner.id, ...innerIds(inner)]);
}

const people = { approve: true, task: true };
const lookEveryMs = 80;
const looksBetween = 40;
const goingOn = ['running', 'waiting'];
const containers = ['group', 'parallel', 'forEach', 'repeat', 'window'];

interface Open {
  kind: 'gate' | 'task' | 'event' | 'parked';
  step: string;
}

interface Deed {
  update: UpdateName;
  body: object;
}

/** Whoever is refused, or comes to the same again and again, tries something else. */
class Tries {
  private refused = 0;
  private readonly times = new Map<string, number>();

  insisting({ step }: Open, choice: Choice): Choice {
    const times = (this.times.get(step) ?? 0) + 1;
    this.times.set(step, times);
    const more = this.refused + (times > 6 ? 2 : 0);
    if (more < 2) return more === 0 ? choice : 'yes';
    return more % 2 === 0 ? 'abort' : 'skip';
  }

  note(counted: boolean): void {
    this.refused = counted ? 0 : this.refused + 1;
  }
}

const abort: Deed = { update: 'abort', body: { principal: owner, comment: 'enough' } };

function deedFor(view: RunView, { kind, step }: Open, choice: Choice): Deed {
  if (choice === 'abort') return abort;
  if (choice === 'amend') return { update: 'amend', body: { principal: owner, inputs: { a: 'a1' } } };
  if (kind === 'event')
    return { update: 'event', body: { name: idOf(step), key: 'k', data: { value: 'came' } } };
  if (kind === 'gate') {
    const gate = view.gates.find((each) => each.step === step);
    const voted = gate?.votes.map(({ principal }) => principal.id) ?? [];
    const id = gate?.approvers.find((person) => !voted.includes(person)) ?? 'nobody@example.com';
    const decision = choice === 'no' ? 'reject' : 'approve';
    return { update: 'vote', body: { step, decision, principal: { id, roles: [] }, hash: gate?.hash ?? '' } };
  }
  if (kind === 'task' || choice === 'complete')
    return {
      update: 'complete',
      body: { step, principal: owner, output: { id: 'hand', value: 'by hand', turn: 9 } },
    };
  if (choice === 'skip') return { update: 'skip', body: { step, principal: owner, comment: 'not needed' } };
  return { update: 'retry', body: { step, principal: owner } };
}

function perform({ run }: Simulation, { update, body }: Deed): boolean {
  try {
    run.commands.tell(update, structuredClone(body));
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** To its end, or to where it waits for people. Nothing here takes an hour. */
async function come(clock: VirtualClock): Promise<void> {
  await clock.runUntil(new Promise<void>((resolve) => void clock.after(3_600_000, resolve)));
}

function engineAnswers() {
  const calendars = new Calendars({
    calendars: { always: { timezone: 'UTC', windows: [{ from: '2020-01-01', to: '2120-01-01' }] } },
    timezone: 'UTC',
    read: () => '',
  });
  const engine = activitiesOf({
    roles: () => ({ it: { people: [owner.id] } }),
    calendars: () => calendars,
    tell: async () => {},
  });
  return async (activity: string, input: Json, step: string): Promise<Json> => {
    try {
      return (await engine[activity]?.(input, { run: 'r', runbook: 'test', step })) ?? null;
    } catch (error) {
      throw new CallFailure({ type: 'PermanentFailure', message: (error as Error).message });
    }
  };
}

/** Of each step by itself: branches run beside each other, and which is told of first is chance. */
function outcomeOf(
  view: RunView,
  journal: readonly JournalEntry[],
  calls: string[],
  told: string[],
): Outcome {
  const byStep: Record<string, string[]> = {};
  for (const { kind, step = 'run' } of journal) byStep[step] = [...(byStep[step] ?? []), kind];
  return {
    status: view.status,
    reason: view.reason,
    steps: Object.fromEntries(
      view.steps.map(({ id, status, output, attempts }) => [
        id,
        `${status} ${attempts} ${JSON.stringify(output)}`,
      ]),
    ),
    calls: [...calls].sort(),
    journal: byStep,
    told,
  };
}

/** In what the two are not alike; empty where they are. */
export function differences(virtual: Outcome, real: Outcome): string[] {
  const text = (value: unknown) => canonicalJson((value ?? null) as JsonObject);
  return (Object.keys(virtual) as (keyof Outcome)[])
    .filter((part) => text(virtual[part]) !== text(real[part]))
    .map((part) => `${part}: on the virtual clock ${text(virtual[part])}\n  on Temporal ${text(real[part])}`);
}

function said(update: string, step: string, counted: boolean): string {
  return `${update} ${step}${counted ? '' : ' refused'}`;
}

function idOf(key: string): string {
  return key.replace(/\[.*$/, '');
}

/** Of `r/call1[0]/call2` or, on Temporal, `RUN/call2`, the step that called it. */
function lastOf(run: string): string {
  return run.includes('/') ? (run.split('/').at(-1) ?? '') : '';
}
