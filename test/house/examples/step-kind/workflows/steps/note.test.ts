import { describe, expect, it } from '@jest/globals';
import { planOf, startOf, World } from '../testing.ts';
import { simulate } from '../virtual/simulate.ts';

describe('a note', () => {
  it('stands in the run’s outputs', async () => {
    const plan = planOf([{ id: 'handed', kind: 'note', note: 'The device was handed over.' }], {
      outputs: { said: { $expr: 'steps.handed.output.text' } },
    });
    const sim = simulate(startOf(plan), new World());
    expect(await sim.finish()).toEqual({
      status: 'succeeded',
      outputs: { said: 'The device was handed over.' },
    });
  });
});
