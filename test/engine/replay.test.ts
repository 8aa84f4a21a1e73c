import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import type { Step } from '../../plan/plan.ts';
import { quietTemporalLog } from '../../processes/temporal-logging.ts';
import { packageRoot } from '../../store/package-root.ts';
import { replayOptions } from '../../worker/migrate-check.ts';
import { action } from '../../workflows/testing.ts';
import { EngineStack } from './engine-stack.ts';
import { act, planOf } from './plans.ts';
import { workersConverter } from './sealing.ts';

quietTemporalLog();

/** Looks, and looks again until it is ready: the first item is at once, the others never at the first look. */
const poll: Step = {
  id: 'poll',
  kind: 'repeat',
  until: 'steps.look.output.ready',
  every: { ms: 20 },
  atMost: 2,
  steps: [
    action('look', {
      uses: 'test.read',
      effect: 'read',
      with: { ms: { $expr: 'item.ms' }, give: { ready: { $expr: 'item.ready' } } },
    }),
  ],
};

/** The slowest comes first, so that the answers come in another order than the questions. */
const items = Array.from({ length: 12 }, (_, index) => ({ ms: 240 - index * 20, ready: index % 3 === 0 }));

describe('A worker that was not there before', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('replay');
  }, 300_000);

  afterAll(async () => {
    if (process.env.RECORD_HISTORIES) await stack.record(join(packageRoot(), 'test', 'histories'));
    await stack.stop();
  }, 60_000);

  it('goes on with a run whose reads overlap, since they come back in the same order in a replay', async () => {
    const run = await stack.run(
      planOf([
        {
          id: 'each',
          kind: 'forEach',
          items: JSON.stringify(items),
          as: 'item',
          concurrency: 6,
          tolerate: { count: items.length },
          steps: [poll, act('do')],
        },
      ]),
    );
    expect((await run.result()).status).toBe('succeeded');
    const history = await run.handle.fetchHistory();
    const bundle = join(packageRoot(), 'dist', 'workflow-bundle.js');
    await Worker.runReplayHistory(replayOptions(bundle, workersConverter()), history, run.workflowId);
  });
});
