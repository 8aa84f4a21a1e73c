/** The virtual clock is only worth something if runs do there what they do on Temporal. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { engineActivities as activitiesOf } from '../../activities/engine/activities.ts';
import { Calendars } from '../../organisation/calendars.ts';
import type { Json, Step } from '../../plan/plan.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { RunPlan, RunView } from '../../workflows/messages.ts';
import { CallFailure } from '../../workflows/port.ts';
import type { Run } from '../../workflows/run.ts';
import { action as anyAction, approve, planOf, startOf } from '../../workflows/testing.ts';
import { Stalled } from '../../workflows/virtual/clock.ts';
import { simulate } from '../../workflows/virtual/simulate.ts';
import { Refusal } from '../../workflows/votes.ts';
import { EngineStack, type LiveRun } from './engine-stack.ts';

const plansTried = 120;
const atOnce = 8;

/** What somebody does when the first of what is open, by name, is theirs to answer. */
type Choice = 'yes' | 'no' | 'skip' | 'complete' | 'abort' | 'amend';

interface Told {
  does: string;
  step?: string;
}

interface Outcome {
  status: string;
  reason: string | undefined;
  steps: Record<string, string>;
  calls: string[];
  journal: Record<string, string[]>;
  told: Told[];
}

const choices = fc.array(
  fc.constantFrom<Choice>('yes', 'yes', 'yes', 'no', 'skip', 'complete', 'amend', 'abort'),
  {
    minLength: 12,
    maxLength: 12,
  },
);

const someSteps = (depth: number): fc.Arbitrary<Step[]> =>
  fc.array(someStep(depth), { minLength: 1, maxLength: 3 });

function someStep(depth: number): fc.Arbitrary<Step> {
  const act = fc
    .record({
      fail: fc.constantFrom(0, 0, 0, 1, 2),
      undo: fc.boolean(),
      onError: fc.constantFrom(undefined, undefined, undefined, 'continue' as const, 'abort' as const),
      read: fc.boolean(),
    })
    .map(({ fail, undo, onError, read }) =>
      anyAction('a', {
        uses: read ? 'test.read' : 'test.do',
        effect: read ? 'read' : 'write',
        with: { fail, give: { day: { $expr: 'inputs.day' } } },
        ...(undo ? { undo: { uses: 'test.undo', with: {} } } : {}),
        ...(onError ? { onError } : {}),
      }),
    );
  const leaf: fc.Arbitrary<Step>[] = [
    act,
    act,
    fc
      .record({ quorum: fc.constantFrom<1 | 2 | 'all'>(1, 2, 'all'), goesOn: fc.boolean() })
      .map(({ quorum, goesOn }) =>
        approve('g', ['a@example.com', 'b@example.com'], {
          quorum,
          show: { day: { $expr: 'inputs.day' } },
          ...(goesOn ? { onReject: 'continue' as const } : {}),
        }),
      ),
    fc.constant<Step>({ id: 't', kind: 'task', to: 'role:it', instructions: 'Do it.', form: {} }),
    fc.constant<Step>({ id: 'w', kind: 'wait', for: { ms: 30 } }),
    fc.constant<Step>({
      id: 'n',
      kind: 'window',
      calendar: 'always',
      freeze: [],
      overrun: 'undo',
      steps: [],
    }),
  ];
  if (depth === 0) return fc.oneof(...leaf);
  const inner = someSteps(depth - 1);
  return fc.oneof(
    ...leaf,
    ...leaf,
    fc
      .tuple(fc.constantFrom('true', 'false', 'inputs.day == "Tuesday"'), inner, inner)
      .map(
        ([condition, steps, other]): Step => ({ id: 'k', kind: 'group', if: condition, steps, else: other }),
      ),
    fc.tuple(inner, inner).map(([one, two]): Step => ({ id: 'p', kind: 'parallel', branches: { one, two } })),
    act.map(
      (step): Step => ({
        id: 'f',
        kind: 'forEach',
        items: '[1, 2, 3]',
        as: 'n',
        concurrency: 1,
        steps: [step],
      }),
    ),
    act.map(
      (step): Step => ({
        id: 'r',
        kind: 'repeat',
        until: 'true',
        every: { ms: 20 },
        atMost: 3,
        steps: [step],
      }),
    ),
  );
}

/** Every id once, in the order of the text. */
function named(steps: Step[]): Step[] {
  let count = 0;
  const name = (step: Step): Step => {
    count += 1;
    const own = { ...step, id: `${step.id}${count}` } as Step;
    if (own.kind === 'group') {
      const { else: other, ...rest } = own;
      return { ...rest, steps: own.steps.map(name), ...(other ? { else: other.map(name) } : {}) };
    }
    if (own.kind === 'parallel')
      return {
        ...own,
        branches: Object.fromEntries(
          Object.entries(own.branches).map(([key, each]) => [key, each.map(name)]),
        ),
      };
    return 'steps' in own ? ({ ...own, steps: own.steps.map(name) } as Step) : own;
  };
  return steps.map(name);
}

function runPlan(steps: Step[]): RunPlan {
  return planOf(named(steps), {
    owner: 'role:it',
    inputs: { day: { schema: { type: 'string' }, required: true } },
    finally: [anyAction('last', { uses: 'test.do' })],
  });
}

/** What is open for people, the first by name. Undefined while something is still on its way. */
function firstOpen(view: RunView): { kind: 'gate' | 'task' | 'parked'; step: string } | 'ended' | undefined {
  if (view.endedAt !== undefined) return 'ended';
  const waits = view.steps.some(({ kind, status }) => kind === 'wait' && status === 'waiting');
  const works = view.steps.some(
    ({ status, kind }) => status === 'running' && !['group', 'parallel', 'forEach', 'repeat'].includes(kind),
  );
  if (waits || works || view.gates.some(({ hash }) => hash === '')) return undefined;
  const open = [
    ...view.gates.map(({ step }) => ({ kind: 'gate' as const, step })),
    ...view.tasks.map(({ step }) => ({ kind: 'task' as const, step })),
    ...view.steps
      .filter(({ status }) => status === 'parked')
      .map(({ id }) => ({ kind: 'parked' as const, step: id })),
  ].sort((a, b) => (a.step < b.step ? -1 : 1));
  return open[0];
}

const ownerOf = { id: 'owner@example.com', roles: ['it'] };

interface Deed {
  update: 'vote' | 'retry' | 'skip' | 'complete' | 'abort' | 'amend';
  body: object;
}

function deedFor(
  view: RunView,
  open: { kind: 'gate' | 'task' | 'parked'; step: string },
  choice: Choice,
): Deed {
  const { step } = open;
  if (choice === 'abort') return { update: 'abort', body: { principal: ownerOf, comment: 'enough' } };
  if (choice === 'amend')
    return { update: 'amend', body: { principal: ownerOf, inputs: { day: 'Tuesday' } } };
  if (open.kind === 'gate') {
    const gate = view.gates.find((each) => each.step === step);
    const voted = gate?.votes.map(({ principal }) => principal.id) ?? [];
    const id = gate?.approvers.find((person) => !voted.includes(person)) ?? 'a@example.com';
    const decision = choice === 'no' ? 'reject' : 'approve';
    return { update: 'vote', body: { step, decision, principal: { id, roles: [] }, hash: gate?.hash ?? '' } };
  }
  if (open.kind === 'task' || choice === 'complete')
    return { update: 'complete', body: { step, principal: ownerOf, output: { day: 'by hand' } } };
  if (choice === 'skip') return { update: 'skip', body: { step, principal: ownerOf, comment: 'not needed' } };
  return { update: 'retry', body: { step, principal: ownerOf } };
}

/** Of each step by itself: branches run beside each other, and which is told of first is chance. */
function outcomeOf(view: RunView, journal: readonly JournalEntry[], calls: string[], told: Told[]): Outcome {
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

async function onVirtualClock(plan: RunPlan, chosen: readonly Choice[]): Promise<Outcome> {
  const calls: string[] = [];
  const calendars = new Calendars({
    calendars: { always: { timezone: 'UTC', windows: [{ from: '2020-01-01', to: '2120-01-01' }] } },
    timezone: 'UTC',
    read: () => '',
  });
  const engine = activitiesOf({
    roles: () => ({ it: { people: ['owner@example.com'] } }),
    calendars: () => calendars,
    tell: async () => {},
  });
  const simulation = simulate(startOf(plan, { inputs: { day: 'Monday' } }), {
    answer: async (activity, input, { step, item = '' }) => {
      const own = engine[activity];
      if (own) return own(input, { run: 'r', runbook: 'test', step });
      const { give = {}, fail = 0 } = (input ?? {}) as { give?: Json; fail?: number };
      const before = calls.filter((call) => call.replace(/[[.].*(?<!undo)$/, '') === step).length;
      calls.push(step + item);
      if (before < fail)
        throw new CallFailure({ type: 'PermanentFailure', message: `try ${before + 1} fails` });
      return give;
    },
  });
  const { run } = simulation;
  const told: Told[] = [];
  for (const choice of [...chosen, ...Array<Choice>(200).fill('yes')]) {
    if (await endsByItself(simulation)) break;
    const open = firstOpen(run.state.view());
    if (open === undefined || open === 'ended') break;
    const deed = deedFor(run.state.view(), open, choice);
    told.push({ does: `${deed.update}${perform(run, deed) ? '' : ' refused'}`, step: open.step });
  }
  return outcomeOf(run.state.view(), run.state.journal, calls, told);
}

/** False where it comes to rest and waits for people. */
async function endsByItself(simulation: ReturnType<typeof simulate>): Promise<boolean> {
  try {
    await simulation.finish();
    return true;
  } catch (error) {
    if (error instanceof Stalled) return false;
    throw error;
  }
}

function perform(run: Run, { update, body }: Deed): boolean {
  try {
    run.commands.tell(update, body);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

async function onTemporal(stack: EngineStack, plan: RunPlan, chosen: readonly Choice[]): Promise<Outcome> {
  const run = await stack.run(plan, { inputs: { day: 'Monday' } });
  const told: Told[] = [];
  for (const choice of [...chosen, ...Array<Choice>(200).fill('yes')]) {
    const { open, view } = await settled(run);
    if (open === 'ended') break;
    const deed = deedFor(view, open, choice);
    const refused = await run.tell(deed.update, deed.body);
    told.push({ does: `${deed.update}${refused === undefined ? '' : ' refused'}`, step: open.step });
  }
  const { status } = await run.result();
  expect(status).toBeDefined();
  return outcomeOf(await run.view(), await run.journal(), run.calls(), told);
}

/** What is open, once it has stayed the same for two looks. */
async function settled(run: LiveRun) {
  let before = '';
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    const view = await run.view();
    const open = firstOpen(view);
    const now = JSON.stringify([open, view.seq]);
    if (open === 'ended' || (open !== undefined && now === before)) return { open, view };
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  throw new Error(`${run.workflowId} did not come to rest`);
}

describe('A generated plan with a generated sequence of what people do', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('two-ports');
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it(`does on Temporal what it does on the virtual clock (${plansTried} times)`, async () => {
    const cases = fc.sample(fc.tuple(someSteps(2), choices), { numRuns: plansTried, seed: 20_261 });
    const left = [...cases.entries()];
    const seen = new Map<string, number>();
    const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    const lane = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [number, [steps, chosen]] = next;
        const plan = runPlan(steps);
        const virtual = await onVirtualClock(plan, chosen);
        const real = await onTemporal(stack, plan, chosen);
        count(virtual.status);
        for (const { does } of virtual.told) count(does);
        expect({ number, plan: plan.steps, ...real }).toEqual({ number, plan: plan.steps, ...virtual });
      }
    };
    // All of them, so that none is still at work when the stack ends.
    const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
    for (const each of lanes) if (each.status === 'rejected') throw each.reason;
    // Otherwise it would hold because nothing much ever happens.
    for (const what of [
      'succeeded',
      'rejected',
      'cancelled',
      'failed',
      'vote',
      'retry',
      'skip',
      'complete',
      'abort',
      'amend',
    ])
      expect({ what, often: (seen.get(what) ?? 0) >= 3 }).toEqual({ what, often: true });
  }, 300_000);
});
