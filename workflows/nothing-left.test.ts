/** Nothing left out, nothing left behind: what happens when things happen at once. */
import { describe, expect, it } from '@jest/globals';
import type { Json, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { CallFailure } from './port.ts';
import { action, approve, owner, person, planOf, startOf, vote, World } from './testing.ts';
import { Stalled } from './virtual/clock.ts';
import { type Simulation, simulate } from './virtual/simulate.ts';

const hour = 3_600_000;

/** Until nothing more can happen by itself. */
async function come(sim: Simulation): Promise<void> {
  await sim.finish().catch((error) => {
    if (!(error instanceof Stalled)) throw error;
  });
}

const withUndo = (id: string, more = {}) =>
  action(id, {
    with: { who: { $expr: 'inputs.who' } },
    undo: { uses: `test.undo_${id}`, with: { who: { $expr: 'inputs.who' } } },
    ...more,
  });

const abort = (sim: Simulation) => sim.run.commands.abort({ principal: owner, comment: 'enough' });
const inputsOf = (world: World, name: string) =>
  world.calls.filter(({ activity }) => activity === name).map(({ input }) => input);

function slow(world: World, name: string): (answer: Json) => void {
  let finish: (value: Json) => void = () => {};
  world.once(name, () => new Promise((resolve) => (finish = resolve)));
  return (answer) => finish(answer);
}

describe('an abort while a write is under way', () => {
  it('waits for the write, takes it back first, and begins nothing after it', async () => {
    const world = new World();
    const answer = slow(world, 'test.b');
    const plan = planOf([withUndo('a'), withUndo('b'), action('c')]);
    const sim = simulate(startOf(plan, { inputs: { who: 'ada' } }), world);
    await sim.settle();
    abort(sim);
    await sim.settle();
    expect(world.actions()).toEqual(['test.a', 'test.b']);
    answer({});
    expect(await sim.finish()).toMatchObject({ status: 'cancelled' });
    expect(world.actions()).toEqual(['test.a', 'test.b', 'test.undo_b', 'test.undo_a']);
  });

  it('takes the run back also when it was the last one', async () => {
    const world = new World();
    const answer = slow(world, 'test.a');
    const sim = simulate(startOf(planOf([withUndo('a')]), { inputs: { who: 'ada' } }), world);
    await sim.settle();
    abort(sim);
    answer({});
    expect((await sim.finish()).status).toBe('cancelled');
    expect(world.actions()).toEqual(['test.a', 'test.undo_a']);
  });

  it('is refused once the closing steps run', async () => {
    const world = new World();
    const answer = slow(world, 'test.last');
    const sim = simulate(startOf(planOf([action('a')], { finally: [action('last')] })), world);
    await sim.settle();
    expect(() => sim.run.commands.checkAbort({ principal: owner, comment: 'enough' })).toThrow(
      'nothing can be taken back any more',
    );
    answer({});
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('of a paused run does not wait for somebody to resume it', async () => {
    const world = new World();
    const plan = planOf([withUndo('a'), { id: 'w', kind: 'wait', for: { ms: hour } }], {
      finally: [action('last')],
    });
    const sim = simulate(startOf(plan, { inputs: { who: 'ada' } }), world);
    await sim.settle();
    sim.run.commands.pause({ principal: owner });
    abort(sim);
    expect((await sim.finish()).status).toBe('cancelled');
    expect(world.actions()).toEqual(['test.a', 'test.undo_a', 'test.last']);
  });
});

describe('an undo', () => {
  it('takes back what was done, whatever the inputs became since', async () => {
    const world = new World();
    const plan = planOf([withUndo('a'), { id: 'w', kind: 'wait', for: { ms: hour } }], {
      inputs: { who: { schema: { type: 'string' }, required: true } },
    });
    const sim = simulate(startOf(plan, { inputs: { who: 'ada' } }), world);
    await sim.settle();
    sim.run.commands.amend({ principal: owner, inputs: { who: 'eve' } });
    abort(sim);
    await sim.finish();
    expect(inputsOf(world, 'test.undo_a')).toEqual([{ who: 'ada' }]);
  });

  it('of a window takes back what was done in it, and nothing of another branch', async () => {
    const world = new World().once(engineActivities.window, (input) => {
      const { now } = input as { now: number };
      return { opensAt: now, closesAt: now + hour, name: 'night' };
    });
    const window: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'night',
      freeze: [],
      overrun: 'undo',
      steps: [withUndo('inside'), { id: 'w', kind: 'wait', for: { ms: 2 * hour } }],
    };
    const plan = planOf([
      {
        id: 'p',
        kind: 'parallel',
        branches: { one: [window], two: [{ id: 'v', kind: 'wait', for: { ms: 1 } }, withUndo('beside')] },
      },
    ]);
    const sim = simulate(startOf(plan, { inputs: { who: 'ada' } }), world);
    await come(sim);
    expect(world.actions()).toEqual(['test.inside', 'test.beside', 'test.undo_inside']);
  });

  it('of three rounds is called three times, each with what its round did', async () => {
    const world = new World();
    let round = 0;
    world.once('test.next', () => ({ who: `p${++round}` }));
    world.once('test.next', () => ({ who: `p${++round}` }));
    world.once('test.next', () => ({ who: `p${++round}` }));
    const plan = planOf([
      {
        id: 'r',
        kind: 'repeat',
        until: 'steps.next.output.who == "p3"',
        every: { ms: 1 },
        atMost: 5,
        steps: [
          action('next', {
            undo: { uses: 'test.undo_next', with: { who: { $expr: 'steps.next.output.who' } } },
          }),
        ],
      },
      { id: 'w', kind: 'wait', for: { ms: hour } },
    ]);
    const sim = simulate(startOf(plan), world);
    sim.at(1_000, () => abort(sim));
    await sim.finish();
    expect(inputsOf(world, 'test.undo_next')).toEqual([{ who: 'p3' }, { who: 'p2' }, { who: 'p1' }]);
  });

  it('of an item that was retried is called once', async () => {
    const world = new World().fails('test.second', 'not yet');
    const plan = planOf([
      {
        id: 'each',
        kind: 'forEach',
        items: '["ada"]',
        as: 'who',
        concurrency: 1,
        steps: [withUndo('first'), action('second')],
      },
      { id: 'w', kind: 'wait', for: { ms: hour } },
    ]);
    const sim = simulate(startOf(plan, { inputs: { who: 'ada' } }), world);
    await sim.settle();
    sim.run.commands.retry({ principal: owner, step: 'each' });
    await sim.settle();
    abort(sim);
    await sim.finish();
    expect(world.actions().filter((name) => name === 'test.undo_first')).toHaveLength(1);
  });

  it('that cannot be computed parks when it is due, and giving it up names it', async () => {
    const world = new World();
    const plan = planOf([
      action('a', { undo: { uses: 'test.undo_a', with: { id: { $expr: 'steps.a.output.id' } } } }),
      { id: 'w', kind: 'wait', for: { ms: hour } },
    ]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    abort(sim);
    await sim.settle();
    expect(sim.run.state.parked.get('a')?.failure.type).toBe('ExpressionFailure');
    sim.run.commands.skip({ principal: owner, step: 'a', comment: 'done by hand' });
    const { left } = await sim.finish();
    expect(left).toEqual([
      { step: 'a', title: 'test.a', why: 'its undo was given up on by owner@example.com: done by hand' },
    ]);
  });

  it('of a step that was completed by hand is not made up: the step is named', async () => {
    const world = new World().fails('test.a', 'no');
    const plan = planOf([withUndo('a'), { id: 'w', kind: 'wait', for: { ms: hour } }]);
    const sim = simulate(startOf(plan, { inputs: { who: 'ada' } }), world);
    await sim.settle();
    sim.run.commands.complete({ principal: owner, step: 'a', output: { removed: ['invented'] } });
    await sim.settle();
    abort(sim);
    const { left } = await sim.finish();
    expect(world.actions()).toEqual(['test.a']);
    expect(left?.[0]?.why).toContain('completed by hand by owner@example.com');
  });

  it('reaches into a called runbook', async () => {
    const called = planOf([withUndo('x'), withUndo('y')], { hash: 'called', runbook: 'called' });
    const plan = planOf([
      { id: 'call', kind: 'runbook', runbook: 'called', planHash: 'called', with: { who: 'bob' } },
      { id: 'w', kind: 'wait', for: { ms: hour } },
    ]);
    const world = new World();
    const sim = simulate(startOf(plan, { plans: { called } }), world);
    await sim.settle();
    expect(world.actions()).toEqual(['test.x', 'test.y']);
    abort(sim);
    await sim.finish();
    expect(world.actions()).toEqual(['test.x', 'test.y', 'test.undo_y', 'test.undo_x']);
    expect(inputsOf(world, 'test.undo_x')).toEqual([{ who: 'bob' }]);
  });
});

describe('a write whose outcome is not known', () => {
  it.each(['Timeout', 'RetryableFailure'])(
    'after a %s is named when the run ends without it',
    async (type) => {
      const world = new World().fails('test.a', 'no answer', type);
      const sim = simulate(startOf(planOf([withUndo('a')]), { inputs: { who: 'ada' } }), world);
      await sim.settle();
      abort(sim);
      const { left } = await sim.finish();
      expect(left).toEqual([
        { step: 'a', title: 'test.a', why: 'it is not known whether it was done: no answer' },
      ]);
      expect(sim.run.state.journal.at(-1)?.data?.left).toEqual(left);
    },
  );

  it('is settled by a retry that is answered', async () => {
    const world = new World().fails('test.a', 'no answer', 'Timeout');
    const sim = simulate(startOf(planOf([action('a')])), world);
    await sim.settle();
    sim.run.commands.retry({ principal: owner, step: 'a' });
    expect((await sim.finish()).left).toBeUndefined();
  });
});

describe('a list', () => {
  const each = (more: Partial<Extract<Step, { kind: 'forEach' }>> = {}): Step => ({
    id: 'each',
    kind: 'forEach',
    items: 'inputs.list',
    as: 'one',
    concurrency: 1,
    steps: [action('add', { with: { one: { $expr: 'one' } } })],
    ...more,
  });
  const listed = (list: Json[]) =>
    startOf(planOf([each()], { inputs: { list: { schema: { type: 'array' }, required: true } } }), {
      inputs: { list },
    });

  it('that does not fit into one history is done to its end in others', async () => {
    const world = new World();
    const list = Array.from({ length: 40 }, (_, index) => index);
    const plan = planOf([each()]);
    let wasFull = false;
    const isFull = () => {
      if (wasFull || world.actions().length < 15) return false;
      wasFull = true;
      return true;
    };
    const sim = simulate(startOf(plan, { inputs: { list } }), { answer: world.answer, isFull });
    const { status } = await sim.finish();
    expect({ status, done: world.actions().length }).toEqual({ status: 'succeeded', done: 40 });
    expect(sim.run.state.view().steps.find(({ id }) => id === 'each')?.output).toMatchObject({
      succeeded: 40,
    });
    // What is done in another history stands in none of this one's steps.
    expect([...sim.run.state.steps.keys()].filter((key) => key.startsWith('add['))).toHaveLength(15);
  });

  it('inside a repeat is done in every round', async () => {
    const world = new World();
    const plan = planOf([
      { id: 'r', kind: 'repeat', until: 'false', every: { ms: 1 }, atMost: 3, steps: [each()] },
    ]);
    await come(simulate(startOf(plan, { inputs: { list: ['a', 'b'] } }), world));
    expect(world.actions()).toHaveLength(6);
  });

  it('that changed before a retry is gone on with by content and not by place', async () => {
    const world = new World();
    world.once('test.add', () => ({}));
    world.fails('test.add', 'no b');
    const sim = simulate(listed(['a', 'b', 'c']), world);
    await sim.settle();
    sim.run.commands.amend({ principal: owner, inputs: { list: ['b', 'c', 'd'] } });
    sim.run.commands.retry({ principal: owner, step: 'each' });
    await sim.finish();
    const calls = world.calls.filter(({ activity }) => activity === 'test.add');
    expect(calls.map(({ input }) => (input as { one: string }).one)).toEqual(['a', 'b', 'b', 'c', 'd']);
  });

  it('tolerates the share that its author wrote, exactly', async () => {
    const world = new World();
    for (let count = 0; count < 29; count += 1) world.fails('test.add', 'no');
    const plan = planOf([each({ tolerate: { fraction: 0.29 } })]);
    const list = Array.from({ length: 100 }, (_, index) => index);
    expect((await simulate(startOf(plan, { inputs: { list } }), world).finish()).status).toBe('succeeded');
  });

  it('counts a called runbook that fails, which does not wait for anybody', async () => {
    const called = planOf([action('x')], { hash: 'called', runbook: 'called' });
    const call: Step = { id: 'call', kind: 'runbook', runbook: 'called', planHash: 'called', with: {} };
    const world = new World().fails('test.x', 'no');
    const plan = planOf([each({ steps: [call], tolerate: { count: 1 } })]);
    const sim = simulate(startOf(plan, { plans: { called }, inputs: { list: ['a', 'b'] } }), world);
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('an event', () => {
  it('ends one wait: the second takes an event of its own', async () => {
    const wait = (id: string): Step => ({ id, kind: 'wait', event: { name: 'shipped', key: 'PO-1' } });
    const plan = planOf([{ id: 'p', kind: 'parallel', branches: { one: [wait('a')], two: [wait('b')] } }]);
    const sim = simulate(startOf(plan), new World());
    await sim.settle();
    sim.run.commands.event({ name: 'shipped', key: 'PO-1', data: { box: 1 } });
    await sim.settle();
    expect(sim.run.state.waits.size).toBe(1);
    sim.run.commands.event({ name: 'shipped', key: 'PO-1', data: { box: 2 } });
    await sim.finish();
    const given = sim.run.state.view().steps.filter(({ kind }) => kind === 'wait');
    expect(given.map(({ output }) => output)).toEqual([{ box: 1 }, { box: 2 }]);
  });
});

describe('what is done again after it was taken back', () => {
  it('is a new write, under a key of its own', async () => {
    const opens = (input: Json) => {
      const { now } = input as { now: number };
      return { opensAt: now, closesAt: now + hour, name: 'night' };
    };
    const world = new World().once(engineActivities.window, opens).once(engineActivities.window, opens);
    const items: (string | undefined)[] = [];
    const window: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'night',
      freeze: [],
      overrun: 'undo',
      steps: [withUndo('patch'), { id: 'w', kind: 'wait', if: 'inputs.slow', for: { ms: 2 * hour } }],
    };
    const plan = planOf([window], { inputs: { slow: { schema: { type: 'boolean' }, required: true } } });
    const sim = simulate(startOf(plan, { inputs: { who: 'ada', slow: true } }), {
      answer: (activity, input, options, now, run) => {
        if (activity === 'test.patch') items.push(options.item);
        return world.answer(activity, input, options, now, run);
      },
    });
    await come(sim);
    sim.run.commands.amend({ principal: owner, inputs: { slow: false } });
    sim.run.commands.retry({ principal: owner, step: 'night' });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.patch', 'test.undo_patch', 'test.patch']);
    expect(items).toEqual([undefined, '~1']);
  });
});

describe('A list that is done in batches', () => {
  it('tells what was done before a step of it ended the run, and that is taken back', async () => {
    const world = new World();
    for (let count = 0; count < 3; count += 1) world.once('test.second', () => ({}));
    world.fails('test.second', 'no');
    const list = Array.from({ length: 700 }, (_, index) => index);
    const each: Step = {
      id: 'each',
      kind: 'forEach',
      items: 'inputs.list',
      as: 'one',
      concurrency: 1,
      steps: [withUndo('first'), action('second', { onError: 'abort' })],
    };
    const sim = simulate(startOf(planOf([each]), { inputs: { who: 'ada', list } }), world);
    expect((await sim.finish()).status).toBe('failed');
    expect(world.actions().filter((name) => name === 'test.first')).toHaveLength(4);
    expect(world.actions().filter((name) => name === 'test.undo_first')).toHaveLength(4);
  });
});

describe('the end of a run', () => {
  it('waits for the owner where its outputs cannot be computed', async () => {
    const plan = planOf([action('a')], { outputs: { id: { $expr: 'steps.a.output.id' } } });
    const sim = simulate(startOf(plan), new World());
    await sim.settle();
    expect(sim.run.state.currentStatus()).toBe('parked');
    sim.run.commands.complete({ principal: owner, step: 'outputs', output: { id: '7' } });
    expect(await sim.finish()).toEqual({ status: 'succeeded', outputs: { id: '7' } });
  });

  it('comes where a closing step that holds an approval is given up on, and nothing behind that is done', async () => {
    const world = new World();
    world.once('countersign.openGate', () => {
      throw new CallFailure({ type: 'PermanentFailure', message: 'nobody is in that role' });
    });
    const sign: Step = { id: 'sign', kind: 'approve', from: ['role:board'], quorum: 1, needed: true };
    const plan = planOf([action('a')], {
      finally: [{ id: 'g', kind: 'group', steps: [sign] }, action('last')],
    });
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    const command = { principal: owner, step: 'sign', comment: 'the board is gone' };
    expect(() => sim.run.commands.checkAbort(command)).toThrow('What is parked there can be skipped');
    expect(() => sim.run.commands.checkComplete({ ...command, output: {} })).toThrow('skip it');
    sim.run.commands.tell('skip', command);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.journal.map(({ kind }) => kind)).toContain('finally.stopped');
    expect(world.actions()).toEqual(['test.a']);
  });

  it.each<[string, Step]>([
    ['wants to end the run', { id: 'no', kind: 'end', status: 'failed', reason: 'too late' }],
    ['may not fail', action('no', { onError: 'abort' })],
    ['is refused', approve('no', ['dana@example.com'])],
  ])('comes also when a closing step %s', async (_, last) => {
    const world = new World().fails('test.no', 'nobody is there');
    const sim = simulate(startOf(planOf([action('a')], { finally: [last] })), world);
    await sim.settle();
    if (last.kind === 'approve')
      sim.run.commands.tell('vote', vote(person('dana@example.com'), 'reject', { step: 'no' }));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.journal.map(({ kind }) => kind)).toContain('finally.stopped');
  });
});
