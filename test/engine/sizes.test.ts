/** What is more than Temporal takes at once, though each part of it is small enough. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { approve } from '../../workflows/testing.ts';
import { until } from '../support/stack.ts';
import { EngineStack } from './engine-stack.ts';
import { noiseOf } from './noise.ts';
import { act, ended, planOf, wait } from './plans.ts';

const outputs = 20;
const outputOf = 240 * 1024;
const inputs = 10;
const inputOf = 480 * 1024;

describe('A run', () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = await EngineStack.start('sizes');
  }, 300_000);

  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const giving = Array.from({ length: outputs }, (_, index) => act(`give${index}`, { noise: outputOf }));

  it('whose outputs are large together can be looked at and called off', async () => {
    const run = await stack.run(planOf([...giving, wait('hold', 600_000)]));
    // Its view is read once: each reading is five megabytes.
    await until('all to be given', async () => run.calls().length >= outputs || undefined);
    await run.at('hold', 'waiting');
    expect((await run.view()).steps).toHaveLength(outputs + 1);
    expect(await run.operate('abort', { comment: 'enough' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
  }, 120_000);

  it('that hands on much in one moment goes on, or parks and says so', async () => {
    const reads: Step[][] = giving.map((each, index) => [
      act(`use${index}`, { given: { $expr: `steps.${each.id}.output.noise + steps.give0.output.noise` } }),
    ]);
    const branches = Object.fromEntries(reads.map((steps, index) => [`branch${index}`, steps]));
    const run = await stack.run(
      planOf([...giving, { id: 'all', kind: 'parallel', branches }, wait('hold', 600_000)]),
    );
    await until('all to be used', async () => run.calls().length >= 2 * outputs || undefined, 60_000);
    await run.at('hold', 'waiting');
    expect(await run.operate('abort', { comment: 'enough' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
  }, 120_000);

  const texts = (names: readonly string[]) => ({
    plan: {
      inputs: Object.fromEntries(
        names.map((name) => [name, { schema: { type: 'string' }, required: true }] as const),
      ),
    },
    start: { inputs: Object.fromEntries(names.map((name) => [name, ''])) },
  });
  const steps = [
    wait('first', 8_000),
    approve('sign', ['a@example.com']),
    act('after'),
    wait('hold', 600_000),
  ];

  it('takes no inputs that are large together, says so by name, and goes on', async () => {
    const names = Array.from({ length: inputs }, (_, index) => `text${index}`);
    const { plan, start } = texts(names);
    const run = await stack.run(planOf(steps, plan), start);
    const answers: (string | undefined)[] = [];
    for (const name of names)
      answers.push(await run.operate('amend', { inputs: { [name]: noiseOf(inputOf) } }));
    expect(answers[0]).toBeUndefined();
    for (const answer of answers.slice(1))
      expect(answer).toBe(
        'Together the inputs have 961 KB, and a run can take 512 KB. Give less, such as ids instead of whole records.',
      );
    expect(await run.vote('sign', 'a@example.com')).toBeUndefined();
    await run.at('hold', 'waiting');
    expect(await run.operate('abort', { comment: 'enough' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
  }, 120_000);

  it('of which people would be shown too much parks, and can be looked at and called off', async () => {
    const { plan, start } = texts(['text']);
    const run = await stack.run(planOf(steps, plan), start);
    // Whoever signs is shown what each changed, before and after.
    for (let times = 0; times < 3; times += 1)
      expect(await run.operate('amend', { inputs: { text: noiseOf(inputOf) } })).toBeUndefined();
    const { steps: views } = await run.at('sign', 'parked');
    expect(views.find(({ id }) => id === 'sign')?.failure).toMatchObject({ type: 'TooLarge' });
    expect((await run.journal()).length).toBeGreaterThan(3);
    expect(await run.operate('abort', { comment: 'enough' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
  }, 120_000);
});
