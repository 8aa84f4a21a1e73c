import { describe, expect, it } from '@jest/globals';
import { graceMs } from '../processes/grace.ts';
import { workerVersion } from './deployment.ts';

describe('What whoever deploys a worker says', () => {
  it('gives what it has begun five seconds, or as many as COUNTERSIGN_GRACE says', () => {
    expect([graceMs(''), graceMs('60'), graceMs('3600')]).toEqual([5_000, 60_000, 3_600_000]);
  });

  it.each(['0', '3601', '30s', '-1', '1e3'])(
    'is refused where COUNTERSIGN_GRACE is %s, with what to write',
    (said) => {
      expect(() => graceMs(said)).toThrow('Write a number of seconds from 1 to 3600, such as 60.');
    },
  );

  it('names the build where runs stay with theirs, and nothing otherwise', () => {
    expect(workerVersion(undefined)).toBeUndefined();
    process.env.COUNTERSIGN_BUILD = '2026-07';
    try {
      expect(workerVersion({ runs: 'pinned' })).toEqual({
        deployment: 'countersign',
        build: '2026-07',
        runs: 'pinned',
      });
    } finally {
      delete process.env.COUNTERSIGN_BUILD;
    }
  });
});
