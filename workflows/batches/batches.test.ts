import { describe, expect, it } from '@jest/globals';
import type { ForEachStep, Json, Step } from '../../plan/plan.ts';
import { CallFailure } from '../port.ts';
import { action, approve, owner, planOf, startOf, World } from '../testing.ts';
import { simulate } from '../virtual/simulate.ts';

const count = 1_300;
const people = Array.from({ length: count }, (_, index) => `p${index}`);

function each(more: Partial<ForEachStep> = {}): ForEachStep {
  const join = action('join', {
    with: { who: { $expr: 'person' }, group: { $expr: 'steps.group.output.id' } },
    undo: { uses: 'test.leave', with: { who: { $expr: 'person' } } },
  });
  return {
    id: 'all',
    kind: 'forEach',
    items: 'inputs.people',
    as: 'person',
    concurrency: 5,
    steps: [join],
    ...more,
  };
}

function run(
  step: ForEachStep,
  fails: (who: string, before: number) => boolean = () => false,
  end = 'succeeded',
) {
  const tries = new Map<string, number>();
  const joined: string[] = [];
  const world = new World();
  const sim = simulate(
    startOf(
      planOf([
        action('group'),
        step,
        ...(end === 'succeeded' ? [] : [{ id: 'stop', kind: 'end' as const, status: 'failed' as const }]),
      ]),
      { inputs: { people } },
    ),
    {
      answer: (activity, input, options, now) => {
        const { who } = input as { who?: string };
        if (activity === 'test.group') return { id: 'g1' };
        if (activity !== 'test.join' || !who) return world.answer(activity, input, options, now, '');
        const before = tries.get(who) ?? 0;
        tries.set(who, before + 1);
        if (fails(who, before)) throw new CallFailure({ type: 'PermanentFailure', message: `no ${who}` });
        joined.push(who);
        world.calls.push({
          activity,
          input: input as Json,
          step: options.step + (options.item ?? ''),
          at: now,
        });
        return { ok: true };
      },
    },
  );
  return { sim, world, joined };
}

describe('a forEach over many items', () => {
  it('does each once, in batches, with what the steps before it gave', async () => {
    const { sim, world, joined } = run(each());
    expect((await sim.finish()).status).toBe('succeeded');
    expect(joined.sort()).toEqual([...people].sort());
    expect(world.calls[0]?.input).toEqual({ who: 'p0', group: 'g1' });
    expect(world.calls.map(({ step }) => step)).toContain('join[1299]');
    const batches = sim.run.state.journal.filter(({ kind }) => kind === 'batch.ended');
    expect(batches.map(({ data }) => data?.done)).toEqual([500, 1000, 1300]);
    expect(sim.run.state.view().steps.find(({ id }) => id === 'all')?.output).toMatchObject({
      total: count,
      succeeded: count,
      failed: 0,
    });
  });

  it('begins no further batch while the run is paused', async () => {
    const { sim, joined } = run(each(), (who) => {
      if (who === 'p100') sim.run.commands.tell('pause', { principal: owner });
      return false;
    });
    await sim.settle();
    expect(joined).toHaveLength(500);
    sim.run.commands.tell('resume', { principal: owner });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(joined).toHaveLength(count);
  });

  it('tolerates as many failures over all batches as its author said', async () => {
    const bad = (who: string) => Number(who.slice(1)) % 100 === 0;
    const { sim } = run(each({ tolerate: { fraction: 0.01 } }), bad);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(sim.run.state.view().steps.find(({ id }) => id === 'all')?.output).toMatchObject({ failed: 13 });
  });

  it('stops once more fail, parks, and a retry does only what is left', async () => {
    const bad = (who: string, before: number) => before === 0 && ['p700', 'p702'].includes(who);
    const { sim, joined } = run(each({ tolerate: { count: 1 } }), bad);
    sim.at(3_600_000, () => void sim.run.commands.retry({ principal: owner, step: 'all' }));
    expect((await sim.finish()).status).toBe('succeeded');
    const parked = sim.run.state.journal.find(({ kind }) => kind === 'step.parked');
    expect(parked?.data?.message).toBe('2 of 1300 items failed, more than are tolerated. Item 701: no p700');
    expect(joined.length).toBe(count);
    expect(new Set(joined).size).toBe(count);
  });

  it('is taken back item by item when the run ends otherwise', async () => {
    const { sim, world } = run(each(), undefined, 'failed');
    expect((await sim.finish()).status).toBe('failed');
    const left = world.calls.filter(({ activity }) => activity === 'test.leave');
    expect(left.map(({ input }) => (input as { who: string }).who).sort()).toEqual([...people].sort());
    expect(sim.run.state.view().steps.find(({ id }) => id === 'all')?.status).toBe('undone');
  });

  it('takes no item back of which the undo’s own condition says that there is nothing to take back', async () => {
    const join = action('join', {
      with: { who: { $expr: 'person' }, group: { $expr: 'steps.group.output.id' } },
      undo: {
        if: 'person != "p7" && person != "p700"',
        uses: 'test.leave',
        with: { who: { $expr: 'person' } },
      },
    });
    const { sim, world } = run(each({ steps: [join] }), undefined, 'failed');
    await sim.finish();
    const left = world.calls.filter(({ activity }) => activity === 'test.leave');
    const all = people.filter((who) => !['p7', 'p700'].includes(who));
    expect(left.map(({ input }) => (input as { who: string }).who).sort()).toEqual(all.sort());
  });

  it('that is aborted in a batch takes back what that batch had done', async () => {
    const { sim, world, joined } = run(each(), (who) => {
      if (who === 'p620') sim.run.commands.abort({ principal: owner, comment: 'wrong list' });
      return false;
    });
    expect((await sim.finish()).status).toBe('cancelled');
    const left = world.calls.filter(({ activity }) => activity === 'test.leave');
    expect(left.map(({ input }) => (input as { who: string }).who).sort()).toEqual([...joined].sort());
    expect(joined.length).toBeLessThan(640);
  });

  it('parks an undo of an item that fails, and goes on once it is settled', async () => {
    const { sim, world } = run(each(), undefined, 'failed');
    world.fails('test.leave', 'no such member');
    sim.at(3_600_000, () => void sim.run.commands.retry({ principal: owner, step: 'all' }));
    expect((await sim.finish()).status).toBe('failed');
    const parked = sim.run.state.journal.find(({ kind }) => kind === 'step.parked');
    expect(parked?.data?.message).toBe(
      '1 of 300 of its steps could not be taken back. join[1000]: no such member',
    );
    expect(world.calls.filter(({ activity }) => activity === 'test.leave')).toHaveLength(count + 1);
  });

  it('with steps that wait for people says that it cannot, and how it can', async () => {
    const { sim } = run(each({ steps: [approve('sign', ['a@example.com'])] }));
    await sim.settle();
    expect(sim.run.state.view().steps.find(({ id }) => id === 'all')?.failure?.message).toBe(
      'There are 1300 items, and steps that wait for people or events can be done for 500 at most. Divide the list, or let another runbook do them.',
    );
  });
});

describe('a repeat of very many rounds', () => {
  const minute = 60_000;
  const poll: Step = {
    id: 'poll',
    kind: 'repeat',
    until: 'steps.probe.output.n >= inputs.wanted',
    every: { ms: 10 * minute },
    atMost: { ms: 60 * 24 * 60 * minute },
    steps: [
      action('probe', { undo: { uses: 'test.unprobe', with: { n: { $expr: 'steps.probe.output.n' } } } }),
    ],
  };
  const start = (wanted: number, failAt = -1, last = action('after')) => {
    let n = 0;
    const world = new World();
    const items: string[] = [];
    const sim = simulate(startOf(planOf([poll, last as Step]), { inputs: { wanted } }), {
      answer: (activity, input, options, now, run) => {
        if (activity !== 'test.probe') return world.answer(activity, input, options, now, run);
        if (n + 1 === failAt) {
          failAt = -1;
          throw new CallFailure({ type: 'PermanentFailure', message: 'no answer' });
        }
        n += 1;
        items.push(options.item ?? '');
        return { n };
      },
    });
    return { sim, world, items };
  };

  it('is done in batches, each round once, and gives what the last one gave', async () => {
    const { sim, items } = start(3_000);
    expect((await sim.finish()).status).toBe('succeeded');
    expect(items).toEqual(Array.from({ length: 3_000 }, (_, index) => `.${index + 1}`));
    expect(sim.run.state.view().steps[0]?.output).toEqual({ rounds: 3_000 });
    const batches = sim.run.state.journal.filter(({ kind }) => kind === 'batch.ended');
    expect(batches.map(({ data }) => data?.rounds)).toEqual([1_200, 2_400, 3_000]);
    expect(sim.clock.now() - sim.run.state.startedAt).toBe(2_999 * 10 * minute);
  });

  it('parks when a round fails, and goes on with that round', async () => {
    const { sim, items } = start(1_500, 1_300);
    sim.at(40 * 24 * 60 * minute, () => void sim.run.commands.retry({ principal: owner, step: 'poll' }));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(items).toHaveLength(1_500);
    expect(new Set(items).size).toBe(1_500);
  });

  it('is over after its time, and parks', async () => {
    const { sim, items } = start(100_000);
    await expect(sim.finish()).rejects.toThrow('never comes');
    expect(items).toHaveLength(60 * 24 * 6 + 1);
    expect(sim.run.state.parked.get('poll')?.failure.message).toContain('did not hold after 8641 tries');
  });

  it('is taken back round by round', async () => {
    const { sim, world } = start(1_300, -1, { id: 'stop', kind: 'end', status: 'failed' } as never);
    expect((await sim.finish()).status).toBe('failed');
    const undone = world.calls.filter(({ activity }) => activity === 'test.unprobe');
    expect(undone).toHaveLength(1_300);
    expect(undone[0]?.step).toBe('probe.undo');
  });
});

describe('what a run hands on', () => {
  it('parks a step whose input is too large, saying how large it may be', async () => {
    const plan = planOf([action('store', { with: { text: { $expr: 'inputs.text' } } })]);
    const sim = simulate(startOf(plan, { inputs: { text: 'x'.repeat(600 * 1024) } }), new World());
    await sim.settle();
    expect(sim.run.state.view().steps[0]?.failure).toEqual({
      type: 'TooLarge',
      message:
        'The input of test.store has 601 KB, and a run can hand on 512 KB. Hand on less, such as ids instead of whole records.',
    });
  });
});
