import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { approve } from '../../workflows/testing.ts';
import { EngineStack, type LiveRun } from './engine-stack.ts';
import { act, ended, planOf, task, wait } from './plans.ts';

/** Every kind of wait: a plan that gets into it, how to know, and how to go on. */
const waits: Record<
  string,
  { plan: Step[]; step: string; status: string; goOn: (run: LiveRun) => Promise<unknown> }
> = {
  'an approval': {
    plan: [approve('sign', ['a@example.com'], { within: { ms: 600_000 } })],
    step: 'sign',
    status: 'waiting',
    goOn: (run) => run.vote('sign', 'a@example.com'),
  },
  'a task': {
    plan: [task],
    step: 'desk',
    status: 'waiting',
    goOn: (run) => run.operate('complete', { step: 'desk', output: { serial: 'X1' } }),
  },
  'a length of time': {
    plan: [wait('settle', 12_000)],
    step: 'settle',
    status: 'waiting',
    goOn: async () => undefined,
  },
  'an event': {
    plan: [{ id: 'shipped', kind: 'wait', event: { name: 'order.shipped', key: 'o1' } }],
    step: 'shipped',
    status: 'waiting',
    goOn: (run) => run.tell('event', { name: 'order.shipped', key: 'o1', data: {} }),
  },
  'a window': {
    plan: [
      { id: 'night', kind: 'window', calendar: 'soon', freeze: [], overrun: 'finish', steps: [act('patch')] },
    ],
    step: 'night',
    status: 'waiting',
    goOn: async () => undefined,
  },
  'a parked step': {
    plan: [act('broken', { fail: 1 })],
    step: 'broken',
    status: 'parked',
    goOn: (run) => run.operate('retry', { step: 'broken' }),
  },
  'a parked undo': {
    plan: [
      act('made', {}, { undo: { uses: 'test.undo', with: { fail: 1 } } }),
      { id: 'stop', kind: 'end', status: 'failed' },
    ],
    step: 'made',
    status: 'parked',
    goOn: (run) => run.operate('retry', { step: 'made' }),
  },
  'the next round of a repeat': {
    plan: [
      {
        id: 'poll',
        kind: 'repeat',
        until: 'steps.probe.output.n > 0',
        every: { ms: 12_000 },
        atMost: 2,
        steps: [act('probe', { give: { n: 0 } }, { onError: 'continue' })],
      },
    ],
    step: 'probe',
    status: 'succeeded',
    goOn: async (run) => {
      await run.at('poll', 'parked');
      await run.operate('skip', { step: 'poll', comment: 'never' });
    },
  },
};

describe('A power cut (worker and server killed) leaves as it was a run that waits for', () => {
  let cut: EngineStack;

  beforeAll(async () => {
    // Late enough that a slow machine has started the stack and brought every run to its wait before it opens.
    const soon = new Date(Date.now() + 60_000).toISOString().slice(0, 19);
    const calendars = {
      soon: { timezone: 'UTC', windows: [{ name: 'soon', from: soon, to: '2100-01-01' }] },
    };
    cut = await EngineStack.start('power-cut', { TEST_CALENDARS: JSON.stringify(calendars) });
  }, 300_000);

  afterAll(async () => {
    await cut.stop();
  }, 60_000);

  // All at once: one power cut for the lot, as it would be.
  it(Object.keys(waits).join(', '), async () => {
    const runs = new Map<string, LiveRun>();
    for (const [name, { plan }] of Object.entries(waits))
      runs.set(name, await cut.run(planOf([...plan, act('after')], { finally: [act('last')] })));
    const paused = await cut.run(planOf([wait('short', 1_500), act('after')]));
    await paused.operate('pause', { comment: 'hold on' });
    for (const [name, run] of runs) {
      const { step, status } = waits[name] ?? { step: '', status: '' };
      await run.at(step, status);
    }
    await cut.restartAll();
    expect((await paused.view()).status).toBe('paused');
    expect(paused.calls()).toEqual([]);
    await paused.operate('resume', {});
    expect(await ended(paused)).toBe('succeeded');
    for (const [name, run] of runs) {
      const { goOn, step, status } = waits[name] ?? {};
      if (status === 'waiting' || status === 'parked')
        expect({ name, there: (await run.view()).steps.some(({ id }) => id === step) }).toEqual({
          name,
          there: true,
        });
      await goOn?.(run);
      const result = await run.result();
      expect({ name, status: result.status }).toEqual({
        name,
        status: name === 'a parked undo' ? 'failed' : 'succeeded',
      });
      expect(run.calls().filter((call) => call === 'last')).toEqual(['last']);
    }
  }, 180_000);
});
