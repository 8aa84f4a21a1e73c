/** What becomes of runs and of what is under way when a worker is replaced by another build. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/stack.ts';
import { EngineStack } from './engine-stack.ts';
import { act, ended, planOf, task, undo } from './plans.ts';

describe('A deployment', () => {
  let stack: EngineStack;
  let newer: ChildProcess | undefined;

  beforeAll(async () => {
    stack = await EngineStack.start('deployments', { TEST_BUILD: 'old', TEST_GRACE_MS: '10000' });
  }, 300_000);

  afterAll(async () => {
    if (newer) {
      newer.kill('SIGKILL');
      await once(newer, 'exit');
    }
    await stack.stop();
  }, 60_000);

  /** What an operator does with Temporal's own command line. */
  async function makeCurrent(buildId: string): Promise<void> {
    const { connection, options } = stack.stranger();
    await until(`${buildId} to be known to Temporal`, async () => {
      try {
        await connection.workflowService.setWorkerDeploymentCurrentVersion({
          namespace: options.namespace,
          deploymentName: 'test',
          buildId,
          identity: 'an operator',
        });
        return true;
      } catch (error) {
        if (/not found|missing/i.test(String(error))) return undefined;
        throw error;
      }
    });
  }

  const buildsOf = (run: string) => [...new Set(stack.calls(run).map(({ build }) => build))];

  it('leaves a run that is pinned with the build it began with, and starts new ones with the current build', async () => {
    await makeCurrent('old');
    const begun = await stack.run(planOf([act('first'), task, act('last')]));
    await begun.at('desk', 'waiting');
    newer = await stack.startBeside({ TEST_BUILD: 'new' });
    await makeCurrent('new');
    const later = await stack.run(planOf([act('first'), act('last')]));
    expect(await ended(later)).toBe('succeeded');
    expect(buildsOf(later.id)).toEqual(['new']);
    expect(await begun.operate('complete', { step: 'desk', output: { serial: 'C02XY' } })).toBeUndefined();
    expect(await ended(begun)).toBe('succeeded');
    expect(begun.calls()).toEqual(['first', 'last']);
    expect(buildsOf(begun.id)).toEqual(['old']);
  }, 90_000);

  it('lets a worker that is asked to stop finish what it has begun, once', async () => {
    await makeCurrent('old');
    // Longer than a worker gives without being told how long.
    const run = await stack.run(planOf([act('write', { ms: 6_500 }, { undo })]));
    await until('the write to begin', async () => (stack.begun(run.id, 'write') ? true : undefined));
    expect(await stack.stopWorker()).toBe(0);
    expect(run.calls()).toEqual(['write']);
    expect(stack.attempts(run.id, 'write')).toBe(1);
    await stack.startWorker();
    expect(await ended(run)).toBe('succeeded');
    expect(run.calls()).toEqual(['write']);
  }, 90_000);
});
