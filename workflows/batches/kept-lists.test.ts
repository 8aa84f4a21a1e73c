import { describe, expect, it } from '@jest/globals';
import type { ForEachStep, Json, JsonObject } from '../../plan/plan.ts';
import { engineActivities, type ReadListInput } from '../engine-activities.ts';
import { CallFailure } from '../port.ts';
import { action, approve, owner, planOf, startOf, World } from '../testing.ts';
import { simulate } from '../virtual/simulate.ts';

const people = Array.from({ length: 1_300 }, (_, index) => ({ name: `p${index}`, enabled: index % 2 === 0 }));
const list = { id: 'list', count: people.length, sha256: 'a'.repeat(64) };
const inPieces = 64;

function each(more: Partial<ForEachStep> = {}): ForEachStep {
  const join = action('join', {
    with: { who: { $expr: 'person.name' }, of: { $expr: 'size(steps.read.output.users)' } },
  });
  return {
    id: 'all',
    kind: 'forEach',
    items: 'steps.read.output.users',
    as: 'person',
    concurrency: 5,
    steps: [join],
    ...more,
  };
}

function run(step: ForEachStep, { lost = (): boolean => false, fails = [] as string[], size = 0 } = {}) {
  const world = new World();
  const joined: string[] = [];
  const asked: number[][] = [];
  const failing = new Set(fails);
  const sim = simulate(startOf(planOf([action('read'), step])), {
    answer: (activity, input, options, now) => {
      const { who } = input as { who?: string };
      if (activity === 'test.read') return { users: { $list: list } };
      if (activity === engineActivities.readList) {
        const { items } = input as unknown as ReadListInput;
        if (lost()) throw new CallFailure({ type: 'PermanentFailure', message: 'The list is not there.' });
        asked.push(items);
        const some = items.slice(0, inPieces).map((at) => ({ ...people[at], note: 'x'.repeat(size) }));
        return { items: some as unknown as Json[] };
      }
      if (activity !== 'test.join' || !who) return world.answer(activity, input, options, now, '');
      if (failing.delete(who)) throw new CallFailure({ type: 'PermanentFailure', message: `no ${who}` });
      expect((input as JsonObject).of).toBe(people.length);
      joined.push(who);
      return { who };
    },
  });
  return { sim, joined, asked };
}

describe('a forEach over a list that is kept beside the run', () => {
  it('does each item once, and hands no item through the run that reads them', async () => {
    const { sim, joined } = run(each());
    expect((await sim.finish()).status).toBe('succeeded');
    expect([...joined].sort()).toEqual(people.map(({ name }) => name).sort());
    const { output } = sim.run.state.view().steps.find(({ id }) => id === 'all') ?? {};
    expect(output).toMatchObject({ total: 1_300, succeeded: 1_300, failed: 0 });
    expect(JSON.stringify(sim.run.state.journal)).not.toContain('"p7"');
  });

  it('retried, reads and does what failed alone', async () => {
    const { sim, joined, asked } = run(each(), { fails: ['p640'] });
    sim.at(3_600_000, () => void sim.run.commands.retry({ principal: owner, step: 'all' }));
    expect((await sim.finish()).status).toBe('succeeded');
    expect(joined).toHaveLength(1_300);
    expect(new Set(joined).size).toBe(1_300);
    // Five are done at once: those beside it were, and nothing before it is read again.
    expect(asked.findLast((items) => items.includes(640))?.slice(0, 2)).toEqual([640, 645]);
  });

  it('parks with nothing done where the list is gone, and goes on once it is back', async () => {
    let lost = true;
    const { sim, joined } = run(each(), { lost: () => lost });
    sim.at(3_600_000, () => {
      expect(joined).toEqual([]);
      lost = false;
      void sim.run.commands.retry({ principal: owner, step: 'all' });
    });
    expect((await sim.finish()).status).toBe('succeeded');
    const parked = sim.run.state.journal.find(({ kind }) => kind === 'step.parked');
    expect(parked?.data?.message).toBe('The list is not there.');
    expect(joined).toHaveLength(1_300);
  });

  it('does in further parts what one history has no room for', async () => {
    const { sim, joined } = run(each(), { size: 10_000 });
    expect((await sim.finish()).status).toBe('succeeded');
    expect(new Set(joined).size).toBe(1_300);
    const batches = sim.run.state.journal.filter(({ kind }) => kind === 'batch.ended');
    expect(batches.length).toBeGreaterThan(3);
  });

  it('collects of what its steps gave', async () => {
    const { sim } = run(each({ collect: 3, inOrder: true }));
    await sim.finish();
    const { output } = sim.run.state.view().steps.find(({ id }) => id === 'all') ?? {};
    const collected = (output as { collected: Json[] }).collected;
    expect(collected).toEqual(['p0', 'p1', 'p2'].map((who) => ({ join: { who } })));
  });

  it('stops where there are more than the runbook allows', async () => {
    const { sim, joined } = run(each({ upTo: 1_000 }));
    await sim.settle();
    expect(joined).toEqual([]);
    const failure = sim.run.state.view().steps.find(({ id }) => id === 'all')?.failure;
    expect(failure?.message).toMatch(/^There are 1300 items, and the runbook allows 1000/);
  });

  it('says of steps that wait for people that there are too many, and how it can be done', async () => {
    const { sim } = run(each({ steps: [approve('sign', ['a@example.com'])] }));
    await sim.settle();
    const failure = sim.run.state.view().steps.find(({ id }) => id === 'all')?.failure;
    expect(failure?.message).toMatch(/^There are 1300 items, and steps that wait for people/);
  });
});

describe('an expression over a list that is kept beside the run', () => {
  const failureOf = async (items: string) => {
    const { sim } = run(each({ items }));
    await sim.settle();
    return sim.run.state.view().steps.find(({ id }) => id === 'all')?.failure?.message;
  };

  it.each([
    ['filter', 'steps.read.output.users.filter(u, u.enabled)'],
    ['map', 'steps.read.output.users.map(u, u.name)'],
    ['groupBy', 'steps.read.output.users.groupBy(u, u.enabled).map(g, g.key)'],
    ['+', 'steps.read.output.users + []'],
    ['[0]', 'steps.read.output.users[0].friends'],
    ['in', '"p1" in steps.read.output.users ? [] : []'],
  ])('that needs all its items with %s says what can be done instead', async (what, items) => {
    const message = await failureOf(items);
    expect(message).toContain(
      `\`${what}\` needs all items of a list of 1300 items that is kept beside the run`,
    );
    expect(message).toContain('go through the list with forEach');
  });

  it('can say how many there are, and hand the list on', async () => {
    const { sim, joined } = run(
      each({ items: 'size(steps.read.output.users) > 1000 ? steps.read.output.users : []' }),
    );
    expect((await sim.finish()).status).toBe('succeeded');
    expect(joined).toHaveLength(1_300);
  });
});
