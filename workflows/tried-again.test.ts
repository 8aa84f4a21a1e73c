/** Steps that are tried again elsewhere: in another window, in another round, in a batch. */
import { describe, expect, it } from '@jest/globals';
import type { Json, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import { action, owner, planOf, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const hour = 3_600_000;
const pause: Step = { id: 'rest', kind: 'wait', for: { ms: 2 * hour } };
const each = (id: string, steps: Step[]): Step => ({
  id,
  kind: 'forEach',
  items: 'inputs.list',
  as: 'one',
  concurrency: 1,
  steps,
});

describe('a list in a window', () => {
  it('that was left half done in one window is done anew after the next one took it back', async () => {
    // For an item of a list nobody is waited for inside the window: it fails, and is entered again.
    const window: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'nights',
      freeze: [],
      overrun: 'undo',
      steps: [each('list', [action('x', { undo: { uses: 'test.undo_x', with: {} } })]), pause],
    };
    const opens = (hours: number) => (input: Json) => {
      const { now } = input as { now: number };
      return { opensAt: now, closesAt: now + hours * hour, name: 'night' };
    };
    const world = new World().fails('test.x', 'no');
    for (const hours of [1, 1, 9]) world.once(engineActivities.window, opens(hours));
    const sim = simulate(startOf(planOf([each('around', [window])]), { inputs: { list: ['a'] } }), world);
    for (let tries = 0; tries < 2; tries += 1) {
      await sim.finish().catch(() => {});
      sim.run.commands.tell('retry', { principal: owner, step: 'around' });
    }
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.x', 'test.x', 'test.undo_x', 'test.x']);
  });
});

describe('an item that is taken back where it fails', () => {
  it('takes back also what was done for it in a window of before', async () => {
    const undone = (id: string) => action(id, { undo: { uses: `test.undo_${id}`, with: {} } });
    const list = {
      ...each('list', [undone('x'), undone('y'), pause]),
      onItemError: 'undo',
      tolerate: { count: 1 },
    } as Step;
    const window: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'nights',
      freeze: [],
      overrun: 'park',
      steps: [list],
    };
    const world = new World().once('test.x', () => ({})).fails('test.x', 'no');
    for (const hours of [1, 9])
      world.once(engineActivities.window, (input) => {
        const { now } = input as { now: number };
        return { opensAt: now, closesAt: now + hours * hour, name: 'night' };
      });
    const sim = simulate(startOf(planOf([window]), { inputs: { list: ['a'] } }), world);
    await sim.finish().catch(() => {});
    sim.run.commands.tell('retry', { principal: owner, step: 'night' });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(world.actions()).toEqual(['test.x', 'test.y', 'test.x', 'test.undo_y', 'test.undo_x']);
  });
});

describe('a list that is done again with more items', () => {
  it('leaves as it was what the journal says of the first time', async () => {
    const list = { ...each('list', [action('x')]), collect: 5 } as Step;
    const window: Step = {
      id: 'night',
      kind: 'window',
      calendar: 'nights',
      freeze: [],
      overrun: 'park',
      steps: [list, pause],
    };
    const world = new World();
    for (const hours of [1, 9])
      world.once(engineActivities.window, (input) => {
        const { now } = input as { now: number };
        return { opensAt: now, closesAt: now + hours * hour, name: 'night' };
      });
    const inputs = { list: { schema: { type: 'array' }, required: true } };
    const sim = simulate(startOf(planOf([window], { inputs }), { inputs: { list: ['a'] } }), world);
    await sim.finish().catch(() => {});
    sim.run.commands.tell('amend', { principal: owner, inputs: { list: ['a', 'b'] } });
    sim.run.commands.tell('retry', { principal: owner, step: 'night' });
    expect((await sim.finish()).status).toBe('succeeded');
    const done = sim.run.state.journal.filter(
      ({ kind, step }) => kind === 'step.succeeded' && step === 'list',
    );
    expect(
      done.map(({ data }) => (data as { output: { collected: Json[] } }).output.collected.length),
    ).toEqual([1, 2]);
  });
});

describe('a write of an earlier round that nobody answered', () => {
  it('is named at the end, also where a later round is done in a batch', async () => {
    const repeat: Step = {
      id: 'poll',
      kind: 'repeat',
      until: 'steps.look.output.turn >= 2',
      every: { ms: 1_000 },
      atMost: 3,
      steps: [action('look', { effect: 'read', needed: true }), each('each', [action('x')])],
    };
    const world = new World()
      .once('test.look', () => ({ turn: 1 }))
      .once('test.look', () => ({ turn: 2 }))
      .fails('test.x', 'no answer came', 'Timeout');
    let looks = 0;
    const sim = simulate(startOf(planOf([repeat]), { inputs: { list: ['a'] } }), {
      answer: world.answer,
      isFull: () => ++looks === 2,
    });
    await sim.settle();
    sim.run.commands.tell('skip', { principal: owner, step: 'each', comment: 'later' });
    expect(await sim.finish()).toMatchObject({
      left: [{ step: 'x[0]', why: expect.stringContaining('not known') }],
    });
    expect(sim.run.state.journal.map(({ kind }) => kind)).toContain('batch.ended');
  });
});
