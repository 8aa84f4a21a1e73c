import { describe, expect, it } from '@jest/globals';
import type { Json, Step, WaitStep, WindowStep } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import type { EventRequest } from './messages.ts';
import { action, approve, owner, person, planOf, startOf, vote, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2026, 0, 5, 9);
const dana = person('dana@example.com');
const lee = person('lee@example.com');

function wait(more: Partial<WaitStep>): WaitStep {
  return { id: 'settle', kind: 'wait', ...more };
}

describe('a wait', () => {
  it('takes as long as it says', async () => {
    const sim = simulate(startOf(planOf([wait({ for: { ms: 30 * day } }), action('after')])), new World());
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.clock.now() - now).toBe(30 * day);
  });

  it('until a moment that an amended input names follows the amendment', async () => {
    const world = new World();
    const start = startOf(
      planOf([wait({ until: { $expr: 'inputs.start' } }), action('after')], {
        inputs: { start: { schema: { type: 'string' }, required: true } },
      }),
      { inputs: { start: '2026-02-01T08:00:00Z' } },
    );
    const sim = simulate(start, world);
    sim.at(day, () => {
      sim.run.commands.amend({ principal: owner, inputs: { start: '2026-01-20T08:00:00Z' } });
    });
    await sim.finish();
    expect(new Date(sim.clock.now()).toISOString()).toBe('2026-01-20T08:00:00.000Z');
  });

  it('for an event goes on with what the event brings, also when it came before the wait began', async () => {
    const event = { name: 'order.shipped', key: { $expr: 'steps.order.output.id' } };
    const world = new World().once('test.order', () => ({ id: 'o1' }));
    const plan = planOf([
      action('order'),
      wait({ event }),
      action('use', { with: { tracking: { $expr: 'steps.settle.output.tracking' } } }),
    ]);
    const sim = simulate(startOf(plan), world);
    sim.run.commands.event({ name: 'order.shipped', key: 'o2', data: { tracking: 'other' } });
    sim.run.commands.event({ name: 'order.shipped', key: 'o1', data: { tracking: 'T-1' } });
    await sim.finish();
    expect(world.calls.at(-1)?.input).toEqual({ tracking: 'T-1' });
  });

  it('for an event takes one meant for it, and refuses one once it is over', async () => {
    const event = { name: 'order.shipped', key: 'o1' };
    const sim = simulate(
      startOf(planOf([wait({ event }), wait({ id: 'rest', for: { ms: hour } })])),
      new World(),
    );
    const request = {
      name: 'order.shipped',
      key: 'o1',
      data: {},
      step: 'settle',
      id: 'e1',
      source: 'kim@example.com',
    };
    sim.at(hour, () => {
      expect(sim.run.state.summary().waitingOn).toMatchObject([{ kind: 'event', event }]);
      expect(() => sim.run.commands.tell('event', { ...request, key: 'o2' })).toThrow('does not wait for');
      sim.run.commands.tell('event', request);
    });
    sim.at(hour + 1, () => {
      expect(() => sim.run.commands.tell('event', { ...request, id: 'e2' })).toThrow(
        'Step "settle" does not wait for order.shipped o1 any more.',
      );
    });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.journal.filter(({ kind }) => kind === 'event')).toMatchObject([
      { data: { ...event, id: 'e1', source: 'kim@example.com' } },
    ]);
  });

  it('for an event that some may send takes it from them alone, also when it came before or was meant for another wait', async () => {
    const event = {
      name: 'order.shipped',
      key: 'o1',
      from: ['cxml: Acme', 'Buyer@example.com', 'role:warehouse', { $expr: 'inputs.buyer' }],
    };
    const taken = async (sent: Partial<EventRequest>[], meant = true) => {
      const sim = simulate(
        startOf(planOf([wait({ event })]), { inputs: { buyer: 'rep@example.com' } }),
        new World(),
      );
      await sim.settle();
      for (const each of sent) {
        const request = { name: 'order.shipped', key: 'o1', data: { by: each.source ?? '' }, ...each };
        if (meant) sim.run.commands.tell('event', { ...request, step: 'settle' });
        else sim.run.commands.event(request);
      }
      await sim.settle();
      return sim.run.state.view().steps[0]?.output;
    };
    for (const source of ['cxml: Acme', 'buyer@example.com', 'rep@example.com'])
      expect(await taken([{ source }])).toEqual({ by: source });
    expect(await taken([{ source: 'x@example.com', roles: ['role:warehouse'] }])).toEqual({
      by: 'x@example.com',
    });
    for (const stranger of [{}, { source: 'x@example.com', roles: ['role:it'] }]) {
      await expect(taken([stranger])).rejects.toThrow(/may not send order.shipped o1/);
      expect(await taken([stranger, { source: 'cxml: Acme' }], false)).toEqual({ by: 'cxml: Acme' });
    }
  });

  it('for an event that does not come parks, or goes on where its author said so', async () => {
    const event = { name: 'order.shipped', key: 'o1' };
    const parks = simulate(startOf(planOf([wait({ event, within: { ms: hour } })])), new World());
    await expect(parks.finish()).rejects.toThrow('waits for somebody who never comes');
    expect(parks.run.state.view().steps[0]?.failure?.message).toBe('No "order.shipped" for o1 came in time.');

    const world = new World();
    const goesOn = planOf([
      wait({ event, within: { ms: hour }, onExpiry: 'continue' }),
      action('chase', { if: 'steps.settle.status == "expired"' }),
    ]);
    await simulate(startOf(goesOn), world).finish();
    expect(world.actions()).toEqual(['test.chase']);
  });
});

describe('a task', () => {
  const task: Step = {
    id: 'desk',
    kind: 'task',
    to: 'role:it',
    instructions: { $text: ['Place it on desk ', { $expr: 'inputs.desk' }] },
    form: { serial: { type: 'string' } },
    within: { ms: 8 * hour },
  };
  const world = () =>
    new World().once(engineActivities.openTask, () => ({ people: [dana.id], deadline: now + 8 * hour }));

  it('gives its report as its output', async () => {
    const w = world();
    const plan = planOf([task, action('use', { with: { serial: { $expr: 'steps.desk.output.serial' } } })]);
    const sim = simulate(startOf(plan, { inputs: { desk: 'D7' } }), w);
    await sim.settle();
    expect(sim.run.state.view().tasks).toMatchObject([{ step: 'desk', instructions: 'Place it on desk D7' }]);
    expect(() => sim.run.commands.checkComplete({ step: 'desk', principal: lee, output: {} })).toThrow(
      'lee@example.com was not asked to do "desk". Asked: dana@example.com.',
    );
    sim.run.commands.complete({ step: 'desk', principal: dana, output: { serial: 'S1' } });
    await sim.finish();
    expect(w.calls.at(-1)?.input).toEqual({ serial: 'S1' });
  });

  it('waits for those whom it names, also once an input that its instructions read is another', async () => {
    const inputs = { desk: { schema: { type: 'string' }, required: true } };
    const plan = planOf([{ ...task, to: dana.id }], { inputs });
    const sim = simulate(startOf(plan, { inputs: { desk: 'D7' } }), new World());
    await sim.settle();
    sim.run.commands.amend({ principal: owner, inputs: { desk: 'D8' } });
    await sim.settle();
    expect(sim.run.state.summary().waitingOn).toMatchObject([
      { step: 'desk', people: [dana.id], deadline: now + 8 * hour },
    ]);
  });

  it('that is not done in time parks', async () => {
    const sim = simulate(startOf(planOf([task]), { inputs: { desk: 'D7' } }), world());
    sim.at(9 * hour, () => expect(sim.run.state.view().status).toBe('parked'));
    sim.at(10 * hour, () => sim.run.commands.skip({ step: 'desk', principal: owner, comment: 'not needed' }));
    expect((await sim.finish()).status).toBe('succeeded');
  });
});

describe('a window', () => {
  const window = (overrun: WindowStep['overrun'], steps: Step[]): WindowStep => ({
    id: 'night',
    kind: 'window',
    calendar: 'prod',
    freeze: [],
    overrun,
    steps,
  });
  /** A window every day from `from` to `to` hours after the run's start, closing with it. */
  const calendar = (world: World, opensAfter: number, closesAfter: number) => {
    for (let times = 0; times < 5; times += 1) {
      world.once(engineActivities.window, () => ({
        opensAt: now + opensAfter * hour,
        closesAt: now + closesAfter * hour,
        name: 'Night',
      }));
    }
    return world;
  };

  it('is waited for, then its steps run', async () => {
    const world = calendar(new World(), 13, 15);
    const sim = simulate(startOf(planOf([window('park', [action('patch')])])), world);
    await sim.finish();
    expect(world.calls.find((call) => call.activity === 'test.patch')?.at).toBe(now + 13 * hour);
  });

  it('that closes before the work is done takes back what was done in it', async () => {
    let finish: (value: Json) => void = () => {};
    const world = calendar(new World(), 0, 1).once(
      'test.slow',
      () => new Promise((resolve) => (finish = resolve)),
    );
    const plan = planOf([
      action('before', { undo: { uses: 'test.undo_before', with: {} } }),
      window('undo', [
        action('patch', { undo: { uses: 'test.undo_patch', with: {} } }),
        action('slow'),
        action('never'),
      ]),
    ]);
    const sim = simulate(startOf(plan), world);
    sim.at(2 * hour, () => finish({}));
    await expect(sim.finish()).rejects.toThrow();
    expect(world.actions()).toEqual(['test.before', 'test.patch', 'test.slow', 'test.undo_patch']);
    expect(sim.run.state.view().status).toBe('parked');
  });

  it('that was done in time leaves no timer behind: time stands still until somebody comes', async () => {
    const plan = planOf([window('park', [action('patch')]), approve('sign', [dana.id])]);
    const sim = simulate(startOf(plan), calendar(new World(), 0, 1_000));
    await expect(sim.finish()).rejects.toThrow('never comes');
    expect(sim.clock.now() - now).toBeLessThan(day);
  });

  it('that is frozen while its work goes on begins nothing more, and asks again within it', async () => {
    const open = { opensAt: now, closesAt: now + 30 * hour, name: 'Night' };
    const world = new World();
    for (let times = 0; times < 3; times += 1)
      world.once(engineActivities.window, () =>
        times < 2 ? open : { ...open, opensAt: now + 20 * hour, frozenBy: 'year-end' },
      );
    const steps = ['first', 'second', 'third'].flatMap((id): Step[] => [
      action(id),
      { id: `${id}Wait`, kind: 'wait', for: { ms: hour } },
    ]);
    const frozen = { ...window('park', steps), freeze: ['year-end'] };
    const sim = simulate(startOf(planOf([frozen])), world);
    await expect(sim.finish()).rejects.toThrow();
    const asked = world.calls.filter(({ activity }) => activity === engineActivities.window);
    expect(asked.map(({ at }) => (at - now) / hour)).toEqual([0, 1, 2]);
    expect(world.actions()).toEqual(['test.first', 'test.second']);
    expect(sim.run.state.view().steps.find(({ kind }) => kind === 'window')?.failure?.message).toContain(
      '"year-end" froze the window',
    );
  });

  it('lets what is under way finish where its author said so, and begins nothing after its close', async () => {
    const world = calendar(new World(), 0, 1);
    const plan = planOf([window('finish', [wait({ for: { ms: 2 * hour } }), action('patch')])]);
    const sim = simulate(startOf(plan), world);
    await expect(sim.finish()).rejects.toThrow();
    expect(sim.run.state.journal.map((entry) => entry.kind)).toContain('window.overrun');
    expect(sim.run.state.view().steps.find(({ kind }) => kind === 'window')?.failure?.message).toContain(
      'closed before the work was done. Retry waits for the next window.',
    );
    expect(world.actions()).toEqual([]);
  });
});

describe('forEach', () => {
  const each = (more = {}): Step => ({
    id: 'groups',
    kind: 'forEach',
    items: 'inputs.groups',
    as: 'group',
    concurrency: 2,
    steps: [action('add', { with: { group: { $expr: 'group' } } })],
    ...more,
  });
  const start = (steps: Step[]) => startOf(planOf(steps), { inputs: { groups: ['a', 'b', 'c', 'd'] } });

  it('does its steps for every item', async () => {
    const world = new World();
    const sim = simulate(start([each({ collect: 2 })]), world);
    await sim.finish();
    expect(world.calls.map((call) => call.input)).toEqual([
      { group: 'a' },
      { group: 'b' },
      { group: 'c' },
      { group: 'd' },
    ]);
    expect(sim.run.state.view().steps[0]?.output).toMatchObject({ total: 4, succeeded: 4, failed: 0 });
  });

  it('begins none when there are more items than its author allows', async () => {
    const world = new World();
    const sim = simulate(start([each({ upTo: 3 })]), world);
    await sim.settle();
    expect(sim.run.state.view().steps[0]?.failure?.message).toContain(
      'There are 4 items, and the runbook allows 3 (`upTo`). None was begun.',
    );
    expect(world.actions()).toEqual([]);
    const enough = new World();
    await simulate(start([each({ upTo: 4 })]), enough).finish();
    expect(enough.actions()).toHaveLength(4);
  });

  it('tolerates as many failures as its author said', async () => {
    const world = new World().fails('test.add', 'no such group');
    const sim = simulate(start([each({ tolerate: { fraction: 0.25 } })]), world);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.view().steps[0]?.output).toMatchObject({
      succeeded: 3,
      failed: 1,
      failures: [{ index: 0, message: 'no such group' }],
    });
  });

  it('stops and parks once more fail, and a retry does only what is left', async () => {
    const world = new World().once('test.add', () => ({})).fails('test.add', 'no such group');
    const sim = simulate(start([each({ concurrency: 1 })]), world);
    await sim.settle();
    expect(sim.run.state.view().steps[0]?.failure?.message).toBe(
      '1 of 4 items failed, more than are tolerated. Item 2: no such group',
    );
    expect(world.actions()).toHaveLength(2);
    sim.run.commands.retry({ step: 'groups', principal: owner });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.calls.filter((call) => call.activity === 'test.add').map((call) => call.input)).toEqual([
      { group: 'a' },
      { group: 'b' },
      { group: 'b' },
      { group: 'c' },
      { group: 'd' },
    ]);
  });
});

describe('repeat', () => {
  const poll = (atMost: number | { ms: number }): Step => ({
    id: 'poll',
    kind: 'repeat',
    until: 'steps.look.output.ready',
    every: { ms: hour },
    atMost,
    steps: [action('look', { effect: 'read' })],
  });

  it('looks again until it holds', async () => {
    const world = new World()
      .once('test.look', () => ({ ready: false }))
      .once('test.look', () => ({ ready: false }))
      .once('test.look', () => ({ ready: true }));
    const sim = simulate(startOf(planOf([poll(10)])), world);
    await sim.finish();
    expect(sim.clock.now() - now).toBe(2 * hour);
  });

  it.each([[2], [{ ms: 1.5 * hour }]])('parks when it did not hold after %j', async (atMost) => {
    const world = new World();
    for (let times = 0; times < 5; times += 1) world.once('test.look', () => ({ ready: false }));
    const sim = simulate(startOf(planOf([poll(atMost)])), world);
    await expect(sim.finish()).rejects.toThrow();
    expect(sim.run.state.parked.get('poll')?.failure.message).toContain('did not hold after 2 tries');
  });
});

describe('end', () => {
  it('stops the run in the status its author chose, with the reason', async () => {
    const world = new World();
    const plan = planOf([
      { id: 'stop', kind: 'end', if: 'inputs.off', status: 'cancelled', reason: { $text: ['not needed'] } },
      action('never'),
    ]);
    const result = await simulate(startOf(plan, { inputs: { off: true } }), world).finish();
    expect(result).toEqual({ status: 'cancelled', reason: 'not needed' });
    expect(world.actions()).toEqual([]);
  });
});

describe('a called runbook', () => {
  const child = planOf([action('greet', { with: { who: { $expr: 'inputs.who' } } })], {
    runbook: 'send-welcome',
    hash: 'child',
    outputs: { greeted: { $expr: 'inputs.who' } },
  });
  const call: Step = {
    id: 'tell',
    kind: 'runbook',
    runbook: 'send-welcome',
    planHash: 'child',
    with: { who: 'Ada' },
  };

  it('runs with its own inputs and gives its outputs', async () => {
    const world = new World();
    const plan = planOf([call], { outputs: { who: { $expr: 'steps.tell.output.greeted' } } });
    const result = await simulate(startOf(plan, { plans: { child } }), world).finish();
    expect(result.outputs).toEqual({ who: 'Ada' });
    expect(world.calls.find(({ activity }) => activity.startsWith('test.'))?.input).toEqual({ who: 'Ada' });
  });
});

describe('a run that is cancelled while it waits for a called runbook', () => {
  it('ends with it, and parks nothing', async () => {
    const called = planOf([{ id: 'later', kind: 'wait', for: { ms: hour } }], { runbook: 'called' });
    const plan = planOf([{ id: 'call', kind: 'runbook', runbook: 'called', planHash: 'h', with: {} }]);
    const sim = simulate(startOf(plan, { plans: { h: called } }), new World());
    await sim.settle();
    sim.cancel();
    expect((await sim.finish()).status).toBe('cancelled');
    expect(sim.run.state.journal.map((entry) => entry.kind)).not.toContain('step.parked');
  });
});

describe('an operator', () => {
  it('pauses a run before its next step, and resumes it', async () => {
    const world = new World();
    const sim = simulate(startOf(planOf([action('a'), action('b')])), world);
    sim.run.commands.pause({ principal: owner });
    await sim.settle();
    expect(world.actions()).toEqual(['test.a']);
    expect(sim.run.state.view().status).toBe('paused');
    sim.run.commands.resume({ principal: owner });
    await sim.finish();
    expect(world.actions()).toEqual(['test.a', 'test.b']);
  });

  it('changes inputs: votes are void, people are asked again, and whoever changed them may not sign', async () => {
    const world = new World();
    const plan = planOf([approve('gate', [dana.id, owner.id], { quorum: 1 })], {
      inputs: { licence: { schema: { type: 'string' }, required: true } },
    });
    const sim = simulate(startOf(plan, { inputs: { licence: 'E3' } }), world);
    await sim.settle();
    sim.run.commands.amend({ principal: owner, inputs: { licence: 'E5' } });
    await sim.settle();
    expect(world.calls.filter((call) => call.activity === engineActivities.openGate)).toHaveLength(2);
    expect(sim.run.state.view().gates[0]?.shown).toMatchObject({ inputs: { licence: 'E5' } });
    expect(() => sim.run.commands.checkVote(vote(owner, 'approve'))).toThrow(
      'changed the inputs of this run',
    );
    expect(() => sim.run.commands.checkVote(vote(dana, 'approve'))).toThrow('is not what you were shown');
    sim.run.commands.vote(vote(dana, 'approve', { hash: 'shown 2' }));
    expect((await sim.finish()).status).toBe('succeeded');
  });

  it('cannot amend an input that the runbook does not have', async () => {
    const sim = simulate(startOf(planOf([approve('gate', [dana.id])])), new World());
    await sim.settle();
    expect(() => sim.run.commands.checkAmend({ principal: owner, inputs: { typo: 1 } })).toThrow(
      'The runbook has no input "typo".',
    );
  });

  it('asks others to sign, and votes of those who stay asked keep counting', async () => {
    const plan = planOf([approve('gate', [dana.id, lee.id], { quorum: 'all' })]);
    const world = new World().once(engineActivities.openGate, () => ({
      approvers: [dana.id, lee.id],
      needed: 2,
      hash: 'shown',
      eligible: [dana.id, lee.id, 'kim@example.com'],
    }));
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'approve'));
    sim.run.commands.reassign({ step: 'gate', principal: owner, from: [dana.id, 'kim@example.com'] });
    await sim.settle();
    expect(sim.run.state.view().gates[0]?.approvers).toEqual([dana.id, 'kim@example.com']);
    sim.run.commands.vote(vote(person('kim@example.com'), 'approve'));
    expect((await sim.finish()).status).toBe('succeeded');
  });
});
