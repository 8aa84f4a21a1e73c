import { describe, expect, it } from '@jest/globals';
import type { Json, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { action, approve, owner, person, planOf, startOf, vote, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const dana = person('dana@example.com');

describe('steps', () => {
  it('run in the order in which they are written, each with its evaluated input', async () => {
    const world = new World().once('test.first', () => ({ id: 'u1' }));
    const plan = planOf([
      action('first', { with: { name: { $expr: 'inputs.given + "." + inputs.family' } } }),
      action('second', {
        with: {
          user: { $expr: 'steps.first.output.id' },
          note: { $text: ['Hi ', { $expr: 'inputs.given' }] },
        },
      }),
    ]);
    const sim = simulate(startOf(plan, { inputs: { given: 'Ada', family: 'Lee' } }), world);
    const result = await sim.finish();
    expect(result.status).toBe('succeeded');
    expect(world.calls.map((call) => call.input)).toEqual([
      { name: 'Ada.Lee' },
      { user: 'u1', note: 'Hi Ada' },
    ]);
  });

  it('are skipped when their `if` is false', async () => {
    const world = new World();
    const plan = planOf([
      action('laptop', { if: 'inputs.remote' }),
      action('badge', { if: '!inputs.remote' }),
    ]);
    const sim = simulate(startOf(plan, { inputs: { remote: false } }), world);
    await sim.finish();
    expect(world.actions()).toEqual(['test.badge']);
    expect(sim.run.state.view().steps.map((step) => step.status)).toEqual(['skipped', 'succeeded']);
  });

  it('of a group run their `else` when its `if` is false', async () => {
    const world = new World();
    const plan = planOf([
      { id: 'g', kind: 'group', if: 'false', steps: [action('yes')], else: [action('no')] },
    ]);
    await simulate(startOf(plan), world).finish();
    expect(world.actions()).toEqual(['test.no']);
  });

  it('in parallel branches all start before any has ended', async () => {
    let running = 0;
    let most = 0;
    const slow = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return {};
    };
    const world = new World().once('test.a', slow).once('test.b', slow);
    const plan = planOf([
      { id: 'p', kind: 'parallel', branches: { one: [action('a')], two: [action('b')] } },
    ]);
    await simulate(startOf(plan), world).finish();
    expect(most).toBe(2);
  });

  it('give the run its outputs', async () => {
    const world = new World().once('test.make', () => ({ id: 7 }));
    const plan = planOf([action('make')], { outputs: { user: { $expr: 'steps.make.output.id' } } });
    const result = await simulate(startOf(plan), world).finish();
    expect(result.outputs).toEqual({ user: 7 });
  });
});

describe('a step that fails after its retries', () => {
  it('parks, tells the owner, and goes on when the owner retries it', async () => {
    const world = new World().fails('test.make', 'No free licences.');
    const sim = simulate(startOf(planOf([action('make'), action('after')])), world);
    await sim.settle();
    expect(sim.run.state.view().status).toBe('parked');
    expect(sim.run.state.summary().waitingOn).toMatchObject([
      { step: 'make', kind: 'parked', role: 'it-coordinators' },
    ]);
    expect(world.calls.at(-1)?.activity).toBe(engineActivities.tellOwner);
    sim.run.commands.retry({ step: 'make', principal: owner });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.make', 'test.make', 'test.after']);
  });

  it('is retried with the input the owner gives', async () => {
    const world = new World().fails('test.make', 'No such licence.');
    const sim = simulate(startOf(planOf([action('make', { with: { sku: 'E9' } })])), world);
    await sim.settle();
    // Whoever edits it sees what was tried, until it has worked.
    expect(sim.run.state.view().steps[0]?.input).toEqual({ sku: 'E9' });
    sim.run.commands.retry({ step: 'make', principal: owner, with: { sku: 'E3' } });
    await sim.finish();
    expect(sim.run.state.view().steps[0]).not.toHaveProperty('input');
    expect(world.calls.filter((call) => call.activity === 'test.make').map((call) => call.input)).toEqual([
      { sku: 'E9' },
      { sku: 'E3' },
    ]);
  });

  it('does not go on for somebody who is not the owner', async () => {
    const sim = simulate(startOf(planOf([action('make')])), new World().fails('test.make', 'no'));
    await sim.settle();
    expect(() => sim.run.commands.checkRetry({ step: 'make', principal: dana })).toThrow(
      'dana@example.com may not operate step "test.make": only its owner may (role:it-coordinators).',
    );
  });

  it('may be completed by hand, with the output later steps use', async () => {
    const world = new World().fails('test.make', 'no');
    const plan = planOf([action('make'), action('use', { with: { id: { $expr: 'steps.make.output.id' } } })]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    sim.run.commands.complete({ step: 'make', principal: owner, output: { id: 'by-hand' } });
    await sim.finish();
    expect(world.calls.at(-1)?.input).toEqual({ id: 'by-hand' });
  });

  it('cannot be skipped when a later step needs its output', async () => {
    const sim = simulate(
      startOf(planOf([action('make', { needed: true })])),
      new World().fails('test.make', 'no'),
    );
    await sim.settle();
    expect(() => sim.run.commands.checkSkip({ step: 'make', principal: owner, comment: 'done' })).toThrow(
      'Later steps use the output of "test.make", so it cannot be skipped.',
    );
  });

  it('cannot be skipped or completed for those who are to sign, when it is an approval or contains one', async () => {
    const window: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'night',
      freeze: [],
      overrun: 'park',
      steps: [{ id: 'group', kind: 'group', steps: [approve('inner', ['dana@example.com'])] }],
    };
    const world = new World()
      .fails(engineActivities.openGate, 'Nobody could sign.')
      .fails(engineActivities.window, 'No such calendar.');
    const plan = planOf([
      { id: 'both', kind: 'parallel', branches: { a: [approve('gate', ['dana@example.com'])], b: [window] } },
      action('after'),
    ]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    expect([...sim.run.state.parked.keys()].sort()).toEqual(['gate', 'night']);
    for (const [step, words] of [
      ['gate', '"gate" is an approval, which nobody may skip or complete'],
      ['night', '"night" contains an approval, which nobody may skip or complete'],
    ] as const) {
      const command = { step, principal: owner, comment: 'in a hurry' };
      expect(() => sim.run.commands.checkSkip(command)).toThrow(words);
      expect(() => sim.run.commands.checkComplete({ ...command, output: {} })).toThrow(words);
    }
    expect(world.actions()).toEqual([]);
  });

  it('cannot be skipped when it calls a runbook that asks for a signature', async () => {
    const called = planOf([approve('gate', ['dana@example.com'])], { runbook: 'called' });
    const call: Step = {
      id: 'call',
      kind: 'runbook',
      runbook: 'called',
      planHash: 'h',
      with: { who: { $expr: 'inputs.list[0]' } },
    };
    const start = startOf(planOf([call]), { plans: { h: called }, inputs: { list: [] } });
    const sim = simulate(start, new World());
    await sim.settle();
    expect(() => sim.run.commands.checkSkip({ step: 'call', principal: owner, comment: 'no' })).toThrow(
      '"call" contains an approval',
    );
  });

  it('goes on as failed when its author said `onError: continue`', async () => {
    const world = new World().fails('test.make', 'no');
    const plan = planOf([
      action('make', { onError: 'continue' }),
      action('tell', { if: 'steps.make.status == "failed"' }),
    ]);
    const result = await simulate(startOf(plan), world).finish();
    expect(result.status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.make', 'test.tell']);
  });

  it('parks when an expression cannot be computed, saying which', async () => {
    const plan = planOf([action('make', { with: { first: { $expr: 'inputs.groups[0]' } } })]);
    const sim = simulate(startOf(plan, { inputs: { groups: [] } }), new World());
    await sim.settle();
    expect(sim.run.state.view().steps[0]?.failure?.message).toContain(
      '${{ inputs.groups[0] }} could not be computed',
    );
  });
});

describe('an aborted run', () => {
  it('finishes the write that has begun, so that it can be taken back', async () => {
    let finish: (value: Json) => void = () => {};
    const world = new World().once('test.make', () => new Promise<Json>((resolve) => (finish = resolve)));
    const plan = planOf([
      action('make', { undo: { uses: 'test.unmake', with: { id: { $expr: 'steps.make.output.id' } } } }),
      action('after'),
    ]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    sim.run.commands.abort({ principal: owner, comment: 'not coming' });
    await sim.settle();
    finish({ id: 'u1' });
    expect((await sim.finish()).status).toBe('cancelled');
    expect(world.actions()).toEqual(['test.make', 'test.unmake']);
    expect(world.calls.at(-1)?.input).toEqual({ id: 'u1' });
  });

  const undoable = (id: string) => action(id, { undo: { uses: `test.undo_${id}`, with: { what: id } } });

  it('takes completed steps back, the last one first, then runs `finally`', async () => {
    const world = new World().fails('test.c', 'stuck');
    const plan = planOf([undoable('a'), undoable('b'), undoable('c')], { finally: [action('close')] });
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    sim.run.commands.abort({ principal: owner, comment: 'wrong person' });
    const result = await sim.finish();
    expect(result).toMatchObject({
      status: 'cancelled',
      reason: 'aborted by owner@example.com: wrong person',
    });
    expect(world.actions()).toEqual([
      'test.a',
      'test.b',
      'test.c',
      'test.undo_b',
      'test.undo_a',
      'test.close',
    ]);
  });

  it('takes nothing back that a step says it has not done', async () => {
    const undo = (id: string) => ({ if: `steps.${id}.output.changed`, uses: `test.undo_${id}`, with: {} });
    const world = new World()
      .once('test.a', () => ({ changed: false }))
      .once('test.b', () => ({ changed: true }))
      .fails('test.c', 'no');
    const plan = planOf([
      action('a', { undo: undo('a') }),
      action('b', { undo: undo('b') }),
      action('c', { onError: 'abort' }),
    ]);
    const sim = simulate(startOf(plan), world);
    await sim.finish();
    expect(world.actions()).toEqual(['test.a', 'test.b', 'test.c', 'test.undo_b']);
    expect(sim.run.state.view().steps.map(({ status }) => status)).toEqual(['succeeded', 'undone', 'failed']);
  });

  it('asks somebody whether to take a step back when nothing says whether it did anything', async () => {
    const undo = { if: 'steps.a.output.changed', uses: 'test.undo_a', with: {} };
    const world = new World().once('test.a', () => ({})).fails('test.b', 'no');
    const plan = planOf([action('a', { undo }), action('b', { onError: 'abort' })]);
    const sim = simulate(startOf(plan), world);
    await sim.settle();
    expect(sim.run.state.view().status).toBe('parked');
    expect(world.actions()).not.toContain('test.undo_a');
  });

  it('parks an undo that fails, and goes on with the others once it is settled', async () => {
    const world = new World().fails('test.c', 'stuck').fails('test.undo_b', 'locked');
    const sim = simulate(startOf(planOf([undoable('a'), undoable('b'), action('c')])), world);
    await sim.settle();
    sim.run.commands.abort({ principal: owner, comment: 'stop' });
    await sim.settle();
    expect(sim.run.state.view().status).toBe('parked');
    sim.run.commands.skip({ step: 'b', principal: owner, comment: 'removed by hand' });
    await sim.finish();
    expect(world.actions()).toEqual(['test.a', 'test.b', 'test.c', 'test.undo_b', 'test.undo_a']);
  });

  it('needs a reason', async () => {
    const sim = simulate(startOf(planOf([approve('gate', [dana.id])])), new World());
    await sim.settle();
    expect(() => sim.run.commands.checkAbort({ principal: owner })).toThrow('needs a reason');
  });

  it('from outside takes its steps back too', async () => {
    const world = new World();
    const sim = simulate(startOf(planOf([undoable('a'), approve('gate', [dana.id])])), world);
    await sim.settle();
    sim.cancel();
    const result = await sim.finish();
    expect(result.status).toBe('cancelled');
    expect(world.actions()).toEqual(['test.a', 'test.undo_a']);
  });
});

describe('the journal', () => {
  it('numbers every fact without a gap', async () => {
    const sim = simulate(startOf(planOf([action('a'), approve('gate', [dana.id])])), new World());
    await sim.settle();
    sim.run.commands.vote(vote(dana, 'approve'));
    await sim.finish();
    const { journal } = sim.run.state;
    expect(journal.map((entry) => entry.seq)).toEqual(journal.map((_, index) => index + 1));
    expect(journal.map((entry) => entry.kind)).toEqual([
      'run.started',
      'step.started',
      'step.succeeded',
      'step.started',
      'gate.opened',
      'vote',
      'gate.approved',
      'step.succeeded',
      'run.ended',
    ]);
  });
});
