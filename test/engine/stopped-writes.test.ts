/** What becomes of a write when its worker is killed and its run is called off: Temporal itself tries nothing again that is to stop. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { packageRoot } from '../../store/package-root.ts';
import { until } from '../support/stack.ts';
import { EngineStack, type LiveRun } from './engine-stack.ts';
import { act, ended, planOf, undo } from './plans.ts';

/** Longer than it takes to notice that a worker was lost. */
const slow = { ms: 4_000 };

describe('A run that is called off after its worker was killed', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('stopped-writes');
  }, 300_000);

  afterAll(async () => {
    if (process.env.RECORD_HISTORIES) await stack.record(join(packageRoot(), 'test', 'histories'));
    await stack.stop();
  }, 60_000);

  async function begun(step: Step): Promise<LiveRun> {
    const run = await stack.run(planOf([act('before', {}, { undo }), step, act('after')]));
    await run.at(step.id, 'running');
    await until('the write to begin', async () => (stack.begun(run.id, step.id) ? true : undefined));
    return run;
  }

  const leftOf = async (run: LiveRun) =>
    (await run.journal()).filter(({ kind }) => kind === 'step.left').map(({ step }) => step);

  it('during a write has the write finished and takes it back', async () => {
    const run = await begun(act('write', slow, { undo }));
    await run.operate('abort', { comment: 'withdrawn' });
    await stack.restartWorker();
    expect(await ended(run)).toBe('cancelled');
    expect(run.calls()).toEqual(['before', 'write', 'write.undo', 'before.undo']);
    expect(await leftOf(run)).toEqual([]);
  }, 60_000);

  it('while a write waits to be tried again has the write finished and takes it back', async () => {
    const retry = { attempts: 6, firstMs: 60_000, factor: 1, maxMs: 60_000 };
    const run = await begun(act('write', slow, { undo, retry }));
    await stack.restartWorker();
    // It was noticed by then that the worker was lost.
    await pause(4_000);
    await run.operate('abort', { comment: 'withdrawn' });
    expect(await ended(run)).toBe('cancelled');
    expect(run.calls()).toEqual(['before', 'write', 'write.undo', 'before.undo']);
    expect(await leftOf(run)).toEqual([]);
  }, 60_000);

  it('ends well in a step that goes on after a failure', async () => {
    const run = await begun(act('write', slow, { undo, onError: 'continue' }));
    await run.operate('abort', { comment: 'withdrawn' });
    await stack.restartWorker();
    expect(await ended(run)).toBe('cancelled');
    expect(run.calls()).toEqual(['before', 'write', 'write.undo', 'before.undo']);
  }, 60_000);

  it('neither begins nor names a write that had not begun', async () => {
    const run = await stack.run(
      planOf([act('before', {}, { undo }), act('write', {}, { uses: 'nobody.does', undo })]),
    );
    await run.at('write', 'running');
    await stack.restartWorker();
    await run.operate('abort', { comment: 'withdrawn' });
    expect(await ended(run)).toBe('cancelled');
    expect(run.calls()).toEqual(['before', 'before.undo']);
    expect(await leftOf(run)).toEqual([]);
  }, 60_000);

  it('does not send once more what destroys and cannot be taken back, and names it', async () => {
    const run = await begun(act('wipe', slow, { effect: 'destructive' }));
    await run.operate('abort', { comment: 'withdrawn' });
    await stack.restartWorker();
    expect(await ended(run)).toBe('cancelled');
    expect(run.calls()).toEqual(['before', 'before.undo']);
    expect(await leftOf(run)).toEqual(['wipe']);
  }, 60_000);

  it('is no failure of the step, however often the worker was lost', async () => {
    const retry = { attempts: 2, firstMs: 100, factor: 1, maxMs: 100 };
    const run = await begun(act('write', slow, { undo, retry }));
    for (let lost = 0; lost < 3; lost++) {
      const before = stack.attempts(run.id, 'write');
      await stack.restartWorker();
      await until('the next attempt', async () =>
        stack.attempts(run.id, 'write') > before ? true : undefined,
      );
    }
    expect(await ended(run)).toBe('succeeded');
    expect(run.calls()).toEqual(['before', 'write', 'after']);
  }, 90_000);
});
