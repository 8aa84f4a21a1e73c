/** The virtual clock is only worth something if runs do there what they do on Temporal. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineStack } from './engine-stack.ts';
import { compareAll } from './two-ports-lanes.ts';

const plansTried = 32;

describe('A generated plan with a generated sequence of what people do', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('two-ports');
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  // Workers are lost in `npm run bench simulate --real`: here nothing waits for a restart.
  it(`does on Temporal what it does on the virtual clock (${plansTried} plans)`, async () => {
    const { different, seen } = await compareAll(stack, {
      first: 1,
      count: plansTried,
      atOnce: 8,
    });
    expect(different).toEqual([]);
    // Otherwise it would hold because nothing much ever happens.
    for (const what of [
      'succeeded',
      'rejected',
      'cancelled',
      'vote',
      'retry',
      'skip',
      'complete',
      'abort',
      'amend',
      'event',
    ])
      expect({ what, often: (seen.get(what) ?? 0) >= 2 }).toEqual({ what, often: true });
  }, 300_000);
});
