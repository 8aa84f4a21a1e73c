/** What happens at once, or in an order that nobody expected: found by the simulator, and held here one by one. */
import { describe, expect, it } from '@jest/globals';
import { computeCovers } from '../compiler/gates/cover.ts';
import type { Json, JsonObject, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { action, approve, owner, person, planOf, startOf, World } from './testing.ts';
import { VirtualClock } from './virtual/clock.ts';
import type { Answer } from './virtual/port.ts';
import { type Simulation, simulate } from './virtual/simulate.ts';

const minute = 60_000;
const dana = person('dana@example.com');
const lee = person('lee@example.com');
const inputs = {
  who: { schema: { type: 'string' }, required: true },
  list: { schema: { type: 'array' }, required: true },
};
const who = { who: { $expr: 'inputs.who' } };
const write = (id: string, more: Parameters<typeof action>[1] = {}) =>
  action(id, { with: who, undo: { uses: `test.undo_${id}`, with: who }, ...more });
const sign = (more: Parameters<typeof approve>[2] = {}) => approve('sign', [dana.id, lee.id], more);
const pause = (ms = 10 * minute): Step => ({ id: 'pause', kind: 'wait', for: { ms } });
const window = (steps: Step[], overrun: 'undo' | 'park' = 'undo', id = 'night'): Step => ({
  id,
  kind: 'window',
  calendar: 'night',
  freeze: [],
  overrun,
  steps,
});

function begin(steps: Step[], world = new World(), more: Partial<Parameters<typeof simulate>[1]> = {}) {
  const plan = planOf(steps, { inputs });
  const start = startOf(
    { ...plan, covers: computeCovers(plan) },
    { inputs: { who: 'ada', list: ['x', 'y'] } },
  );
  const sim = simulate(start, { answer: world.answer, ...more });
  const vote = (by = dana, decision: 'approve' | 'reject' = 'approve', step = 'sign') =>
    sim.run.commands.tell('vote', {
      step,
      decision,
      principal: by,
      hash: sim.run.state.gates.get(step)?.hash ?? '',
    });
  const amend = (given: JsonObject) => sim.run.commands.tell('amend', { principal: owner, inputs: given });
  const abort = () => sim.run.commands.tell('abort', { principal: owner, comment: 'no more' });
  const operate = (command: 'retry' | 'skip', step: string) =>
    sim.run.commands.tell(command, { principal: owner, step, comment: 'why' });
  return { sim, world, vote, amend, abort, operate };
}

/** Windows of ten minutes from now; every later one is long. */
function windows(world: World): Answer {
  let asked = 0;
  return (activity, input, options, now, run) => {
    if (activity !== engineActivities.window) return world.answer(activity, input, options, now, run);
    asked += 1;
    return { opensAt: now, closesAt: now + (asked === 1 ? 10 : 10_000) * minute, name: 'night' };
  };
}

const kinds = (sim: Simulation) => sim.run.state.journal.map(({ kind }) => kind);
const inputsOf = (world: World, activity: string): Json[] =>
  world.calls.filter((call) => call.activity === activity).map(({ input }) => input);
const later = (clock: VirtualClock, ms: number): Promise<Json> =>
  new Promise((resolve) => {
    clock.after(ms, () => resolve({}));
  });

describe('an amend', () => {
  it('while a write is under way does not change with what it is taken back', async () => {
    const world = new World();
    const clock = new VirtualClock(0);
    const { sim, amend, abort } = begin([write('a'), pause()], world, {
      answer: (activity, input, options, now, run) =>
        activity === 'test.a' ? later(clock, minute) : world.answer(activity, input, options, now, run),
      clock,
    });
    sim.at(minute / 2, () => void amend({ who: 'eve' }));
    sim.at(5 * minute, () => void abort());
    await sim.finish();
    expect(inputsOf(world, 'test.undo_a')).toEqual([{ who: 'ada' }]);
  });

  it('in the very instant of the deciding vote voids it', async () => {
    const { sim, world, vote, amend } = begin([sign(), write('a')]);
    await sim.settle();
    vote();
    amend({ who: 'eve' });
    await sim.settle();
    expect(world.actions()).toEqual([]);
    vote(lee);
    await sim.finish();
    expect(inputsOf(world, 'test.a')).toEqual([{ who: 'eve' }]);
  });

  it('is no matter for a later approval that may be given afterwards', async () => {
    const owed = approve('owed', [dana.id], { retroactive: true, show: who });
    const { sim, vote, amend } = begin([sign({ show: who }), pause(), owed, write('a')]);
    await sim.settle();
    vote();
    await sim.settle();
    expect(amend({ who: 'eve' })).toEqual({ applied: [], proposed: ['who'] });
  });

  it('of a list is seen by those who sign for one of its items: they are shown which it is', async () => {
    const each: Step = {
      id: 'each',
      kind: 'forEach',
      items: 'inputs.list',
      as: 'one',
      concurrency: 1,
      steps: [sign(), write('a')],
    };
    const { sim, amend } = begin([each]);
    await sim.settle();
    amend({ list: [] });
    await sim.settle();
    expect(sim.run.state.gates.get('sign[0]')?.shown.values).toEqual({ one: 'x' });
  });
});

describe('what is taken back', () => {
  it('of a window is still taken back when the run is called off meanwhile', async () => {
    const world = new World().fails('test.undo_a', 'no');
    const { sim, abort } = begin([window([write('a'), pause(60 * minute)])], world, {
      answer: windows(world),
    });
    sim.at(20 * minute, () => void abort());
    expect((await sim.finish()).left).toBeUndefined();
    expect(inputsOf(world, 'test.undo_a')).toHaveLength(2);
  });

  it('of a window is named when a window around it stopped that', async () => {
    const world = new World().fails('test.undo_a', 'no');
    const inner = window([write('a'), pause(60 * minute)], 'undo', 'inner');
    let asked = 0;
    const { sim, operate } = begin([window([inner], 'park')], world, {
      answer: (activity, input, options, now, run) => {
        if (activity !== engineActivities.window) return world.answer(activity, input, options, now, run);
        asked += 1;
        return { opensAt: now, closesAt: now + (asked === 1 ? 20 : 10) * minute, name: 'night' };
      },
    });
    sim.at(30 * minute, () => void operate('skip', 'night'));
    expect((await sim.finish()).left).toMatchObject([{ step: 'a' }]);
  });

  it('item by item and done again in a batch is a new write there too', async () => {
    const world = new World();
    const each: Step = {
      id: 'each',
      kind: 'forEach',
      items: 'inputs.list',
      as: 'one',
      concurrency: 1,
      steps: [write('a')],
    };
    const items: (string | undefined)[] = [];
    const windowed = windows(world);
    let full = -1;
    const { sim, operate } = begin([window([each, { ...pause(60 * minute) }])], world, {
      isFull: () => {
        full -= 1;
        return full === 0;
      },
      answer: (activity, input, options, now, run) => {
        if (activity === 'test.a') items.push(options.item);
        return windowed(activity, input, options, now, run);
      },
    });
    sim.at(20 * minute, () => {
      full = 2;
      operate('retry', 'night');
    });
    await sim.finish();
    expect(items).toEqual(['[0]', '[1]', '[0]~1', '[1]~1']);
  });

  it('by the caller of a runbook names what was completed by hand in it', async () => {
    const called = planOf([write('x')], { hash: 'called', runbook: 'called', inputs });
    const call: Step = {
      id: 'call',
      kind: 'runbook',
      runbook: 'called',
      planHash: 'called',
      with: { who: 'ada', list: [] },
    };
    const world = new World().fails('test.x', 'no');
    const clock = new VirtualClock(0);
    const sim = simulate(startOf(planOf([call, pause()]), { plans: { called } }), {
      answer: world.answer,
      clock,
      onChild: (run) => {
        clock.after(minute, () => {
          run.commands.tell('complete', { principal: owner, step: 'x', output: {} });
        });
      },
    });
    sim.at(5 * minute, () => {
      sim.run.commands.tell('abort', { principal: owner, comment: 'no more' });
    });
    expect((await sim.finish()).left).toMatchObject([{ step: 'call/x' }]);
  });
});

describe('a write of which nobody knows whether it took hold', () => {
  it('stays named when a later round of it answers', async () => {
    const world = new World().fails('test.a', 'no answer', 'Timeout');
    const repeat: Step = {
      id: 'again',
      kind: 'repeat',
      until: 'false',
      every: { ms: minute },
      atMost: 2,
      steps: [write('a')],
      onError: 'continue',
    };
    const { sim, operate } = begin([repeat], world);
    await sim.settle();
    operate('skip', 'a');
    expect((await sim.finish()).left).toMatchObject([{ step: 'a' }]);
  });
});

describe('a write for an item whose answer was lost', () => {
  it('stays named when the item is done in a batch that leaves it out', async () => {
    const world = new World().fails('test.a', 'no answer', 'Timeout');
    const each: Step = {
      id: 'each',
      kind: 'forEach',
      items: 'inputs.list',
      as: 'one',
      concurrency: 1,
      steps: [write('a', { if: 'inputs.who == "ada"' })],
    };
    let full = -1;
    const { sim, amend, operate } = begin([each], world, {
      isFull: () => {
        full -= 1;
        return full === 0;
      },
    });
    await sim.settle();
    amend({ who: 'eve' });
    full = 1;
    operate('retry', 'each');
    expect((await sim.finish()).left).toMatchObject([{ step: 'a[0]' }]);
  });
});

describe('an approval that may be given afterwards', () => {
  const owed = (more = {}) => sign({ retroactive: true, ...more });

  it('is asked for once, however many rounds come before the answer', async () => {
    const repeat: Step = {
      id: 'again',
      kind: 'repeat',
      until: 'false',
      every: { ms: minute },
      atMost: 3,
      steps: [owed(), write('a')],
      onError: 'continue',
    };
    const { sim, vote } = begin([repeat]);
    sim.at(10 * minute, () => {
      vote();
    });
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('opens its review also after the window in which it was asked for', async () => {
    const world = new World().once(engineActivities.openTask, () => ({ people: [owner.id] }));
    const { sim, vote } = begin([window([owed()])], world, { answer: windows(world) });
    sim.at(20 * minute, () => void vote(dana, 'reject'));
    sim.at(30 * minute, () => {
      sim.run.commands.tell('complete', {
        principal: owner,
        step: 'sign.review',
        output: { decision: 'stays' },
      });
    });
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('parks when people cannot be asked again, and goes on with a retry', async () => {
    const world = new World();
    const { sim, vote, amend, operate } = begin([owed({ show: who }), pause()], world);
    await sim.settle();
    world.fails(engineActivities.openGate, 'no directory');
    amend({ who: 'eve' });
    await sim.settle();
    operate('retry', 'sign');
    await sim.settle();
    vote();
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('an approval that is asked for again in a later round', () => {
  it('settles what was proposed in an earlier one', async () => {
    const repeat: Step = {
      id: 'again',
      kind: 'repeat',
      until: 'false',
      every: { ms: 10 * minute },
      atMost: 2,
      steps: [sign({ show: who }), write('a')],
      onError: 'continue',
    };
    const { sim, vote, amend } = begin([repeat]);
    await sim.settle();
    vote();
    sim.at(minute, () => void amend({ who: 'eve' }));
    sim.at(20 * minute, () => void vote());
    expect((await sim.finish()).status).toBe('succeeded');
    expect(kinds(sim)).toContain('proposal.fell');
  });
});

describe('A called runbook with a `unique` key', () => {
  it('is begun once at a time for the same: the second parks with a reason, and is begun once the first has ended', async () => {
    const called = planOf([pause()], { hash: 'called', runbook: 'called', title: 'Rotate', unique: 'all' });
    const call = (id: string): Step => ({
      id,
      kind: 'runbook',
      runbook: 'called',
      planHash: 'called',
      with: {},
    });
    const start = startOf(
      planOf([{ id: 'both', kind: 'parallel', branches: { one: [call('a')], two: [call('b')] } }]),
      { plans: { called } },
    );
    const checked: Json = { inputs: {}, workflowId: 'called-all' };
    const answer: Answer = (activity) => (activity === engineActivities.checkInputs ? checked : {});
    const sim = simulate(start, { answer });
    await sim.settle();
    const parked = sim.run.state.view().steps.find(({ status }) => status === 'parked');
    expect(parked?.failure?.message).toMatch(
      /"Rotate" runs once at a time for the same \(`unique`\), and run .*\/a is live/,
    );
    sim.at(5 * minute, () => sim.run.commands.tell('retry', { principal: owner, step: 'b' }));
    sim.at(11 * minute, () => sim.run.commands.tell('retry', { principal: owner, step: 'b' }));
    expect(await sim.finish()).toMatchObject({ status: 'succeeded' });
    // Too early the first time; the second time it did all its work.
    expect(sim.clock.now() - (sim.run.state.startedAt ?? 0)).toBe(21 * minute);
  });
});
