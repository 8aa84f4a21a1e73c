/** Taking something back that is stopped by what is around it: it is brought to its end before the step begins again. */
import { describe, expect, it } from '@jest/globals';
import type { Json, Step } from '../plan/plan.ts';
import { engineActivities } from './engine-activities.ts';
import type { RunStart } from './messages.ts';
import { CallFailure } from './port.ts';
import { action, owner, planOf, startOf, World } from './testing.ts';
import { Stalled } from './virtual/clock.ts';
import { type Simulation, simulate } from './virtual/simulate.ts';

const hour = 3_600_000;

const withUndo = (id: string, more = {}) =>
  action(id, {
    undo: { uses: `test.undo_${id}`, with: { id: { $expr: `steps.${id}.output.id` } } },
    ...more,
  });

const list = (steps: Step[], more: Partial<Extract<Step, { kind: 'forEach' }>> = {}): Step => ({
  id: 'each',
  kind: 'forEach',
  items: 'inputs.list',
  as: 'one',
  concurrency: 1,
  onItemError: 'undo',
  tolerate: { count: 0 },
  steps,
  ...more,
});

const night = (
  id: string,
  steps: Step[],
  overrun: Extract<Step, { kind: 'window' }>['overrun'] = 'park',
): Step => ({ id, kind: 'window', calendar: id, freeze: [], overrun, steps });

/** What was called, in order, under which key; windows are open for an hour, or as long as is said here. */
function told(steps: Step[], world: World, { more = {}, openMs = {} as Record<string, number> } = {}) {
  const calls: string[] = [];
  const plan = planOf(steps, { inputs: { list: { schema: { type: 'array' }, required: true } } });
  const start = startOf(plan, { inputs: { list: ['a'] }, ...more } as Partial<RunStart>);
  let made = 0;
  const sim = simulate(start, {
    answer: async (activity, input, options, now, run) => {
      if (activity === engineActivities.window) {
        const { calendar } = input as { calendar: string };
        return { opensAt: now, closesAt: now + (openMs[calendar] ?? hour), name: calendar };
      }
      if (activity.startsWith('test.'))
        calls.push(`${activity.replace('test.', '')} ${options.step}${options.item ?? ''}`);
      const answer = await world.answer(activity, input, options, now, run);
      made += 1;
      return activity.startsWith('test.') ? { id: `made-${made}`, ...(answer as object) } : answer;
    },
  });
  return { sim, calls };
}

async function come(sim: Simulation): Promise<void> {
  await sim.finish().catch((error) => {
    if (!(error instanceof Stalled)) throw error;
  });
}

const lost = (world: World, name: string) => world.fails(name, 'no answer came', 'Timeout');
const retry = (sim: Simulation, step: string) => sim.run.commands.retry({ principal: owner, step });

describe('An item whose undo got no answer before its window closed', () => {
  const item = () => [withUndo('first'), action('second')];

  it('is taken back to its end before it is done again, and then under another key', async () => {
    const world = lost(new World().fails('test.second', 'no'), 'test.undo_first');
    const { sim, calls } = told([night('n', [list(item())])], world);
    await come(sim);
    expect(calls).toEqual(['first first[0]', 'second second[0]', 'undo_first first[0].undo']);
    expect([...sim.run.state.parked.keys()]).toEqual(['n']);
    retry(sim, 'n');
    expect(await sim.finish()).toMatchObject({ status: 'succeeded' });
    expect(calls.slice(3)).toEqual(['undo_first first[0].undo', 'first first[0]~1', 'second second[0]']);
    expect(sim.run.state.left.size).toBe(0);
  });

  it('is done again under another key also where a person gave the undo up', async () => {
    const world = lost(lost(new World().fails('test.second', 'no'), 'test.undo_first'), 'test.undo_first');
    const { sim, calls } = told([night('n', [list(item())])], world);
    await come(sim);
    retry(sim, 'n');
    await sim.settle();
    expect([...sim.run.state.parked.keys()]).toEqual(['first[0]']);
    sim.run.commands.skip({ principal: owner, step: 'first[0]', comment: 'seen to by hand' });
    const { status, left } = await sim.finish();
    expect(status).toBe('succeeded');
    expect(left?.map(({ why }) => why)).toEqual([
      'its undo was given up on by owner@example.com: seen to by hand',
    ]);
    expect(calls.slice(3)).toEqual(['undo_first first[0].undo', 'first first[0]~1', 'second second[0]']);
  });

  it('is taken back first too where a list around it, and no window, begins it again', async () => {
    const world = lost(new World().fails('test.second', 'no'), 'test.undo_first');
    world.once('test.beside', () => new Promise((_, reject) => setTimeout(() => reject(no()), 20)));
    const inner = list(item(), { as: 'two' });
    const outer: Step = {
      ...list([{ id: 'both', kind: 'parallel', branches: { one: [inner], two: [action('beside')] } }]),
      id: 'outer',
    };
    delete (outer as { onItemError?: string }).onItemError;
    const { sim, calls } = told([outer], world);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await come(sim);
    const before = calls.length;
    expect(calls).toContain('undo_first first[0][0].undo');
    retry(sim, 'outer');
    expect(await sim.finish()).toMatchObject({ status: 'succeeded' });
    const after = calls.slice(before);
    expect(after).not.toContain('first first[0][0]');
    expect(after.indexOf('undo_first first[0][0].undo')).toBeLessThan(after.indexOf('first first[0][0]~1'));
  });

  it('is not begun again where the run was called off meanwhile', async () => {
    const world = lost(new World().fails('test.second', 'no'), 'test.undo_first');
    const { sim, calls } = told([night('n', [list(item())])], world);
    await come(sim);
    let answer = () => {};
    world.once('test.undo_first', () => new Promise((resolve) => (answer = () => resolve({}))));
    retry(sim, 'n');
    await sim.settle();
    sim.run.commands.abort({ principal: owner, comment: 'enough' });
    answer();
    expect((await sim.finish()).status).toBe('cancelled');
    expect(calls.slice(3)).toEqual(['undo_first first[0].undo']);
    const begun = sim.run.state.journal.filter(
      ({ kind, step }) => kind === 'step.started' && step === 'each',
    );
    expect(begun).toHaveLength(1);
  });

  it('names which of a list were left, where its window is skipped', async () => {
    const many = Array.from({ length: 700 }, (_, index) => index);
    const world = new World();
    const wait: Step = { id: 'w', kind: 'wait', for: { ms: hour } };
    let stop = () => {};
    world.once('test.undo_first', () => new Promise((_, reject) => (stop = () => reject(no('Timeout')))));
    const inner = night('inner', [list([withUndo('first')]), wait], 'undo');
    const { sim } = told([night('outer', [inner])], world, {
      more: { inputs: { list: many } },
      openMs: { inner: hour / 2 },
    });
    sim.at(hour + 1, () => stop());
    await come(sim);
    sim.run.commands.skip({ principal: owner, step: 'outer', comment: 'another night' });
    const { left } = await sim.finish();
    expect(left?.at(0)?.why).toMatch(
      /^its window closed on it, and taking first\[.*and others back was stopped/,
    );
  });

  it('goes on as it did in a run that an older engine began', async () => {
    const world = lost(new World().fails('test.second', 'no'), 'test.undo_first');
    const { sim, calls } = told([night('n', [list(item())])], world, { more: { engine: 5 } });
    await come(sim);
    retry(sim, 'n');
    await sim.finish();
    expect(calls.slice(3)).toEqual(['first first[0]', 'second second[0]']);
  });
});

describe('A window that is taken back when a window around it closes', () => {
  it('counts nothing as done that was taken back, also of its lists', async () => {
    const world = lost(new World(), 'test.undo_first');
    const wait: Step = { id: 'w', kind: 'wait', if: 'inputs.slow', for: { ms: hour } };
    const each = list([withUndo('first')]);
    const inner = night('inner', [each, withUndo('after'), wait], 'undo');
    const { sim, calls } = told([night('outer', [inner])], world, {
      more: { inputs: { list: ['a', 'b'], slow: true } },
      openMs: { inner: hour / 2 },
    });
    await come(sim);
    expect(calls).toEqual([
      'first first[0]',
      'first first[1]',
      'after after',
      'undo_after after.undo',
      'undo_first first[1].undo',
    ]);
    sim.run.commands.amend({ principal: owner, inputs: { slow: false } });
    retry(sim, 'outer');
    expect(await sim.finish()).toMatchObject({ status: 'succeeded' });
    expect(calls.slice(5)).toEqual([
      'undo_first first[1].undo',
      'undo_first first[0].undo',
      'first first[0]~1',
      'first first[1]~1',
      'after after~1',
    ]);
  });
});

describe('A list done in children whose taking back is stopped', () => {
  it('takes back the rest of it, and does each again as a new write', async () => {
    const many = Array.from({ length: 1_300 }, (_, index) => index);
    const world = new World();
    let asked = 0;
    const slow = () => {
      asked += 1;
      // The fourth undo has no answer before the window around it closes.
      return asked === 4 ? new Promise<Json>((_, reject) => (stop = () => reject(no('Timeout')))) : {};
    };
    let stop = () => {};
    for (let count = 0; count < 6; count += 1) world.once('test.undo_first', slow);
    const wait: Step = { id: 'w', kind: 'wait', if: 'inputs.slow', for: { ms: hour } };
    const each = list([withUndo('first')]);
    const inner = night('inner', [each, wait], 'undo');
    const { sim, calls } = told([night('outer', [inner])], world, {
      more: { inputs: { list: many, slow: true } },
      openMs: { inner: hour / 2 },
    });
    sim.at(hour + 1, () => stop());
    await come(sim);
    const undone = () => new Set(calls.filter((call) => call.startsWith('undo_')));
    expect(undone().size).toBe(4);
    sim.run.commands.amend({ principal: owner, inputs: { slow: false } });
    retry(sim, 'outer');
    expect(await sim.finish()).toMatchObject({ status: 'succeeded' });
    expect(undone().size).toBe(1_300);
    expect(new Set(calls.filter((call) => call.endsWith('~1'))).size).toBe(1_300);
  });
});

function no(type = 'PermanentFailure'): CallFailure {
  return new CallFailure({ type, message: 'no' });
}
