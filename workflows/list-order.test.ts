import { describe, expect, it } from '@jest/globals';
import type { ForEachStep, Json, JsonObject, Step } from '../plan/plan.ts';
import { action, planOf, startOf } from './testing.ts';
import { VirtualClock } from './virtual/clock.ts';
import { type SimulationOptions, simulate } from './virtual/simulate.ts';

function list(more: Partial<ForEachStep>): Step {
  return {
    id: 'each',
    kind: 'forEach',
    items: 'inputs.list',
    as: 'item',
    concurrency: 4,
    collect: 1_000,
    steps: [action('look', { effect: 'read', with: { of: { $expr: 'item' } } })],
    ...more,
  };
}

/** The first items take the longest. */
async function collected(items: string[], slow: number, more: Partial<ForEachStep>): Promise<string[]> {
  const clock = new VirtualClock(0);
  const answer: SimulationOptions['answer'] = async (_, input) => {
    const { of = null } = input as JsonObject;
    const late = slow - items.indexOf(String(of));
    if (late > 0)
      await new Promise<void>((resolve) => clock.after((late === slow ? 1 : late) * 60_000, resolve));
    return { is: of };
  };
  const outputs = { all: { $expr: 'steps.each.output.collected' } };
  const start = startOf(planOf([list(more)], { outputs }), { inputs: { list: items } });
  const result = await simulate(start, { clock, answer }).finish();
  const all = (result.outputs?.all ?? []) as { look: { is: Json } }[];
  return all.map(({ look }) => String(look.is));
}

const letters = ['a', 'b', 'c', 'd', 'e'];

describe('What a list collects', () => {
  it('comes in the order of the list, whichever item was done first', async () => {
    expect(await collected(letters, 2, { inOrder: true })).toEqual(letters);
  });

  it('comes as it was done where the plan is older than that', async () => {
    expect(await collected(letters, 2, {})).toEqual(['c', 'd', 'e', 'a', 'b']);
  });

  it('comes in the order of the list in batches too', async () => {
    const many = Array.from({ length: 700 }, (_, index) => `item ${index}`);
    expect(await collected(many, 3, { inOrder: true, concurrency: 10 })).toEqual(many);
  });
});
