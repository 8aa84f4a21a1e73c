/** What goes wrong in the engine itself: nobody is asked about it, so the worker says it. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENGINE_VERSION } from '../../workflows/messages.ts';
import { until } from '../support/stack.ts';
import { EngineStack } from './engine-stack.ts';
import { act, planOf } from './plans.ts';

describe('A run of a newer engine', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('loud');
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('is not carried out by an older worker, which says so in its log, and waits for one that can', async () => {
    const newer = ENGINE_VERSION + 1;
    const run = await stack.run(planOf([act('first')]), { engine: newer });
    const words = `This run was begun by version ${newer} of the engine, and this worker knows ${ENGINE_VERSION} at most. Upgrade the worker.`;
    await until('the worker to say so', async () => stack.workerLog.includes(words) || undefined);
    await pause(2_000);
    expect(run.calls()).toEqual([]);
    expect((await run.handle.describe()).status.name).toBe('RUNNING');
  });
});
