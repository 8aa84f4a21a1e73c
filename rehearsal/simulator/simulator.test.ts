/** Histories of generated plans: what must hold of every run holds of each of them. */
import { describe, expect, it } from '@jest/globals';
import { tellHistory } from './history.ts';

const histories = 2_000;

describe('Simulated histories', () => {
  it('break no promise, whatever plan, world and people do', async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= histories; seed += 1) {
      const told = await tellHistory(seed);
      broken.push(...told.broken.map((each) => `seed ${seed}: ${each}`));
    }
    expect(broken).toEqual([]);
  }, 120_000);

  it('are the same again by the same seed', async () => {
    const [first, second] = [await tellHistory(7), await tellHistory(7)];
    expect(second.history.world.journal).toEqual(first.history.world.journal);
    expect(second.did).toEqual(first.did);
  });
});
