import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../workflows/testing.ts';
import { until } from '../support/stack.ts';
import { EngineStack } from './engine-stack.ts';
import { planOf } from './plans.ts';

let stack: EngineStack;

beforeAll(async () => {
  stack = await EngineStack.start('first');
}, 300_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

interface Attempt {
  run: string;
  attempt: number;
  found: string;
}

function attempts(run: string): Attempt[] {
  const file = join(stack.folder, 'attempts.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Attempt).filter((each) => each.run === run);
}

function start(told: { fails: number; ms: number }) {
  const step = action('look', { uses: 'test.remember', with: told });
  return stack.run(planOf([step], { outputs: { found: { $expr: 'steps.look.output.found' } } }));
}

describe('What a run computes', () => {
  it('may be a table, which is read in the sandbox that runs are kept in', async () => {
    const rows = { $expr: 'parseCsv("name,team\\n\\"Lee, Jr\\",Sales")' };
    const run = await stack.run(
      planOf([action('look', { uses: 'test.remember', with: { fails: 0, ms: 0 } })], { outputs: { rows } }),
    );
    expect((await run.result()).outputs?.rows).toEqual([{ name: 'Lee, Jr', team: 'Sales' }]);
  }, 60_000);
});

describe('What the first attempt of a step found', () => {
  it('is what the attempts after it get, though they fail at once', async () => {
    const run = await start({ fails: 2, ms: 0 });
    const { outputs } = await run.result();
    const made = attempts(run.id);
    expect(made.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(made.map(({ found }) => found))).toEqual(new Set([outputs?.found]));
  }, 60_000);

  it('outlives the worker', async () => {
    const run = await start({ fails: 0, ms: 6_000 });
    await until('the first attempt', async () => attempts(run.id)[0]);
    // Heartbeats are sent in bundles, a second or two apart.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await stack.restartWorker();
    const { outputs } = await run.result();
    const made = attempts(run.id);
    expect(made.length).toBeGreaterThan(1);
    expect(new Set(made.map(({ found }) => found))).toEqual(new Set([outputs?.found]));
  }, 60_000);
});
