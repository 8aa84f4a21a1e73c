/** What the engine itself asks of the world takes the time that it takes, and stops no run. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approve } from '../../workflows/testing.ts';
import { until } from '../support/stack.ts';
import { EngineStack } from './engine-stack.ts';
import { act, ended, planOf } from './plans.ts';

/** Longer than a worker may be silent. */
const tellMs = 5_000;
const runs = 12;

describe('Where a mail server is slow', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('slow-mail', { TEST_TELL_MS: String(tellMs) });
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('twelve runs that are started within a second open their approvals, tell each person once, and end', async () => {
    const plan = planOf([approve('sign', ['a@example.com']), act('after')]);
    const all = await Promise.all(Array.from({ length: runs }, () => stack.run(plan)));
    await Promise.all(
      all.map((run) =>
        until(`${run.workflowId} to be open`, async () => {
          const { gates, status } = await run.view();
          return gates.length > 0 || status === 'parked' ? true : undefined;
        }),
      ),
    );
    for (const run of all) expect(await run.vote('sign', 'a@example.com')).toBeUndefined();
    expect(await Promise.all(all.map(ended))).toEqual(all.map(() => 'succeeded'));
    expect(stack.told().filter(({ to }) => to.includes('a@example.com'))).toHaveLength(runs);
  });
});
