import { describe, expect, it } from '@jest/globals';
import { Problem } from './problem.ts';
import { RefusalLimit } from './refusal-limit.ts';

describe('Refusals of one person in one run', () => {
  it('are taken up to twenty an hour, and nobody else is held up by them', () => {
    let now = 0;
    const limit = new RefusalLimit(() => now);
    for (let count = 0; count < 20; count += 1) {
      limit.check('r1', 'kim@example.com');
      limit.add('r1', 'kim@example.com');
    }
    expect(() => limit.check('r1', 'kim@example.com')).toThrow(Problem);
    limit.check('r1', 'lee@example.com');
    limit.check('r2', 'kim@example.com');
    now = 3_600_001;
    limit.check('r1', 'kim@example.com');
    limit.add('r1', 'kim@example.com');
    limit.check('r1', 'kim@example.com');
  });
});
