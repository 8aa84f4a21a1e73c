import { describe, expect, it } from '@jest/globals';
import { planOf as compiled, compilePart, problemsOf } from '../compiler/testing.ts';
import type { ForEachStep, JsonObject, RunbookStep, Step } from '../plan/plan.ts';
import type { RunPlan } from './messages.ts';
import { action, owner, planOf, startOf, World } from './testing.ts';
import { simulate } from './virtual/simulate.ts';

const undone = (id: string) => ({
  uses: `test.undo_${id}`,
  with: { item: { $expr: 'item' } },
});
const done = (id: string, more = {}) =>
  action(id, { with: { item: { $expr: 'item' } }, undo: undone(id), ...more });
const failAt = (item: string): Step => ({
  id: `fail_${item}`,
  kind: 'fail',
  reason: { $text: ['No ', { $expr: 'item' }] },
  if: `item == "${item}"`,
});

function list(steps: Step[], more: Partial<ForEachStep> = {}): ForEachStep {
  return { id: 'all', kind: 'forEach', items: '["a", "b", "c"]', as: 'item', concurrency: 1, steps, ...more };
}

const called = (world: World) =>
  world.calls
    .filter(({ activity }) => activity.startsWith('test.'))
    .map(({ activity, input }) => `${activity.slice(5)} ${(input as JsonObject).item ?? ''}`.trim());

const outputOf = (sim: ReturnType<typeof simulate>) => sim.run.state.steps.get('all')?.output as JsonObject;

describe('A step that fails on purpose', () => {
  it('ends the run as failed with its words, takes back what was done, and asks nobody', async () => {
    const world = new World();
    const undo = { uses: 'test.undo', with: {} };
    const fail: Step = {
      id: 'no',
      kind: 'fail',
      reason: { $text: ['No seat for ', { $expr: 'inputs.who' }] },
    };
    const sim = simulate(
      startOf(planOf([action('a', { undo }), fail, action('b')]), { inputs: { who: 'ada' } }),
      world,
    );
    expect(await sim.finish()).toMatchObject({ status: 'failed', reason: 'No seat for ada' });
    expect(world.actions()).toEqual(['test.a', 'test.undo']);
    expect(sim.run.state.journal.map(({ kind }) => kind)).not.toContain('step.parked');
  });

  it('ends its item alone, which counts as failed and not among those that are tolerated', async () => {
    const world = new World();
    const sim = simulate(
      startOf(planOf([list([done('x'), failAt('b'), done('y')]), action('after')])),
      world,
    );
    expect((await sim.finish()).status).toBe('succeeded');
    expect(called(world)).toEqual(['x a', 'y a', 'x b', 'x c', 'y c', 'after']);
    expect(outputOf(sim)).toEqual({
      total: 3,
      succeeded: 2,
      failed: 1,
      failures: [{ index: 1, message: 'No b' }],
    });
  });

  it('is settled: a list that is tried again for other items does not begin it anew', async () => {
    const world = new World().fails('test.y', 'broken');
    const sim = simulate(startOf(planOf([list([failAt('a'), done('y')])])), world);
    await sim.settle();
    expect(sim.run.state.parked.has('all')).toBe(true);
    sim.run.commands.retry({ step: 'all', principal: owner });
    await sim.finish();
    expect(outputOf(sim)).toMatchObject({ succeeded: 2, failed: 1, failures: [{ index: 0 }] });
    expect(sim.run.state.journal.filter(({ step }) => step === 'fail_a[0]')).toHaveLength(2);
  });

  it('in a runbook that is called for an item ends that item, and elsewhere the run that it is in', async () => {
    const inner: RunPlan = planOf(
      [{ id: 'no', kind: 'fail', reason: 'not this one', if: 'inputs.item == "b"' }, action('x')],
      { hash: 'inner', runbook: 'inner' },
    );
    const call: RunbookStep = {
      id: 'call',
      kind: 'runbook',
      runbook: 'inner',
      planHash: 'inner',
      with: { item: { $expr: 'item' } },
    };
    const inList = simulate(startOf(planOf([list([call])]), { plans: { inner } }), new World());
    expect((await inList.finish()).status).toBe('succeeded');
    expect(outputOf(inList)).toMatchObject({ failed: 1, failures: [{ index: 1, message: 'not this one' }] });
    const alone = { ...call, with: { item: 'b' }, onError: 'abort' as const };
    const plain = simulate(startOf(planOf([alone]), { plans: { inner } }), new World());
    expect(await plain.finish()).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('ended as failed: not this one'),
    });
  });

  it('gives nothing, takes no `onError`, and leaves nothing behind it to be reached', () => {
    const steps = 'steps:\n  - id: no\n    fail: Never.\n';
    expect(compiled(steps).steps).toEqual([{ id: 'no', kind: 'fail', reason: 'Never.' }]);
    expect(problemsOf(`${steps}    onError: continue\n`)).toEqual([expect.stringMatching(/^8:5 CS1726 /)]);
    const closing = (text: string) =>
      problemsOf(`steps:\n  - wait: { for: 1m }\nfinally:\n${text}`).map((line) => line.slice(0, 15));
    expect(closing('  - fail: Never.\n')).toEqual([expect.stringContaining('CS1724')]);
    expect(
      closing('  - forEach: [1]\n    as: one\n    steps:\n      - { if: one == 1, fail: Never. }\n'),
    ).toEqual([]);
    expect(problemsOf(`${steps}  - wait: { for: 1m }\n`)).toEqual([expect.stringMatching(/^8:5 CS1707 /)]);
  });
});

describe('A list that takes back what fails', () => {
  it('takes back what was done for that item, the last first, and goes on with all others', async () => {
    const world = new World();
    const sim = simulate(
      startOf(planOf([list([done('x'), done('y'), failAt('b'), done('z')], { onItemError: 'undo' })])),
      world,
    );
    expect((await sim.finish()).status).toBe('succeeded');
    expect(called(world)).toEqual([
      'x a',
      'y a',
      'z a',
      'x b',
      'y b',
      'undo_y b',
      'undo_x b',
      'x c',
      'y c',
      'z c',
    ]);
    expect(outputOf(sim)).toMatchObject({ succeeded: 2, failed: 1 });
    expect(sim.run.state.steps.get('x[1]')?.status).toBe('undone');
  });

  it('does so for one that broke, and stops where more broke than its author tolerates', async () => {
    const broken = () => new World().fails('test.y', 'broken').fails('test.y', 'broken');
    const any = simulate(startOf(planOf([list([done('x'), done('y')], { onItemError: 'undo' })])), broken());
    await any.finish();
    expect(outputOf(any)).toMatchObject({ succeeded: 1, failed: 2 });
    const world = broken();
    const few = simulate(
      startOf(planOf([list([done('x'), done('y')], { onItemError: 'undo', tolerate: { count: 1 } })])),
      world,
    );
    await few.settle();
    expect(few.run.state.parked.get('all')?.failure.message).toContain('2 of 3 items failed');
    few.run.commands.retry({ step: 'all', principal: owner });
    expect((await few.finish()).status).toBe('succeeded');
    expect(called(world)).toEqual([
      'x a',
      'y a',
      'undo_x a',
      'x b',
      'y b',
      'undo_x b',
      'x a',
      'y a',
      'x b',
      'y b',
      'x c',
      'y c',
    ]);
  });

  it('takes each back once, and the rest when the run is called off', async () => {
    const world = new World();
    const steps = [
      list([done('x'), failAt('b')], { onItemError: 'undo' }),
      { id: 'rest', kind: 'wait', for: { ms: 3_600_000 } } as Step,
    ];
    const sim = simulate(startOf(planOf(steps)), world);
    await sim.settle();
    sim.run.commands.abort({ principal: owner, comment: 'enough' });
    await sim.finish();
    expect(called(world)).toEqual(['x a', 'x b', 'undo_x b', 'x c', 'undo_x c', 'undo_x a']);
  });

  it('waits for a person where taking it back fails, while the others go on', async () => {
    const world = new World().fails('test.undo_x', 'cannot');
    const sim = simulate(
      startOf(planOf([list([done('x'), failAt('a')], { onItemError: 'undo', concurrency: 2 })])),
      world,
    );
    await sim.settle();
    expect([...sim.run.state.parked.keys()]).toEqual(['x[0]']);
    expect(called(world)).toContain('x c');
    sim.run.commands.retry({ step: 'x[0]', principal: owner });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(called(world).filter((call) => call.startsWith('undo'))).toEqual(['undo_x a', 'undo_x a']);
  });

  it('does so in lists that are too long for one history, lists inside them included', async () => {
    const world = new World();
    const inner: ForEachStep = {
      ...list([
        action('in', {
          with: { item: { $expr: 'one' } },
          undo: { uses: 'test.undo_in', with: { item: { $expr: 'one' } } },
        }),
        { ...failAt('x'), if: 'one == "n1" && item == "5"' },
      ]),
      id: 'inner',
      items: '["n0", "n1"]',
      as: 'one',
      onItemError: 'undo',
    };
    const many = Array.from({ length: 2_000 }, (_, at) => String(at));
    const sim = simulate(
      startOf(
        planOf([
          list([done('x'), inner, failAt('7')], {
            items: 'inputs.many',
            onItemError: 'undo',
            concurrency: 50,
          }),
        ]),
        { inputs: { many } },
      ),
      world,
    );
    expect((await sim.finish()).status).toBe('succeeded');
    expect(outputOf(sim)).toMatchObject({ total: 2_000, succeeded: 1_999, failed: 1 });
    const undos = called(world).filter((call) => call.startsWith('undo'));
    expect(undos.sort()).toEqual(['undo_in n0', 'undo_in n1', 'undo_in n1', 'undo_x 7']);
  });

  it('says so where nothing in it can be taken back', () => {
    const text = (undo: string) => `steps:
  - forEach: [a@example.com]
    as: person
    onItemError: undo
    steps:
      - id: account
        uses: entra.createUser
        with: { userPrincipalName: "\${{ person }}", displayName: A, usageLocation: DE }
${undo}`;
    const codes = (undo: string) => compilePart(text(undo)).diagnostics.map(({ code }) => code);
    expect(codes('')).toEqual(['CS1727']);
    expect(
      codes('        undo: { uses: entra.deleteUser, with: { user: "${{ steps.account.output.id }}" } }\n'),
    ).toEqual([]);
  });
});
