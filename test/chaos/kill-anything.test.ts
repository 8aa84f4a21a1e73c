import { describe, expect, it } from '@jest/globals';
import { randomOf } from '../../bench/random.ts';
import { chaos, type Victim } from './harness.ts';

/** A seed that failed is given again by COUNTERSIGN_CHAOS_SEED; `npm run bench chaos` has many more moments. */
const seed = Number(process.env.COUNTERSIGN_CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

interface Round {
  kills: number;
  victims: Victim[];
  procedures: boolean;
  hires: { plain: number; aborted: number; amended: number };
}

const rounds: [string, Round][] = [
  [
    'the worker alone',
    { kills: 5, victims: ['worker'], procedures: false, hires: { plain: 3, aborted: 2, amended: 1 } },
  ],
  [
    'worker, gateway, Temporal and PostgreSQL',
    {
      kills: 7,
      victims: ['worker', 'gateway', 'temporal', 'postgres'],
      procedures: true,
      hires: { plain: 1, aborted: 1, amended: 1 },
    },
  ],
];

describe('Kills at random moments, with aborts and amendments among what happens,', () => {
  it.each(rounds)(
    'of %s lose nothing, double nothing, leave nothing behind and leave nothing shown wrongly',
    async (name, round) => {
      const random = randomOf(seed);
      const { moments, findings } = await chaos({ ...round, name: `chaos-${round.kills}`, random });
      expect({ name, seed, moments, findings }).toEqual({ name, seed, moments, findings: [] });
      expect(moments).toHaveLength(round.kills);
    },
    600_000,
  );
});
