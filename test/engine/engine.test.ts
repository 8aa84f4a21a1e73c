import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Step } from '../../plan/plan.ts';
import { packageRoot } from '../../store/package-root.ts';
import { action as anyAction, approve } from '../../workflows/testing.ts';
import { until } from '../support/stack.ts';
import { EngineStack } from './engine-stack.ts';
import { act, ended, planOf, task, undo, wait } from './plans.ts';

let stack: EngineStack;

beforeAll(async () => {
  stack = await EngineStack.start('engine');
}, 300_000);

afterAll(async () => {
  if (process.env.RECORD_HISTORIES) await stack.record(join(packageRoot(), 'test', 'histories'));
  await stack.stop();
}, 60_000);

describe('On a real Temporal server', () => {
  it('steps run in order, each with what the ones before gave; reads and writes alike', async () => {
    const run = await stack.run(
      planOf(
        [
          anyAction('look', { uses: 'test.read', effect: 'read', with: { give: { id: 'u1' } } }),
          act('make', { give: { user: { $expr: 'steps.look.output.id' } } }),
          act('not', {}, { if: 'steps.make.output.user == "nobody"' }),
        ],
        { outputs: { user: { $expr: 'steps.make.output.user' } } },
      ),
    );
    expect(await run.result()).toEqual({ status: 'succeeded', outputs: { user: 'u1' } });
    expect(run.calls()).toEqual(['look', 'make']);
    expect((await run.view()).steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'look succeeded',
      'make succeeded',
      'not skipped',
    ]);
  });

  it('a write that was read back says so in the journal, and so does the undo of one', async () => {
    const run = await stack.run(
      planOf([
        act('kept', { verified: true }, { undo: { uses: 'test.undo', with: { verified: true } } }),
        act('silent', {}, { undo }),
        { id: 'stop', kind: 'end', status: 'cancelled', reason: 'enough' },
      ]),
    );
    await run.result();
    const told = (await run.journal()).flatMap(({ kind, step, data }) =>
      ['step.succeeded', 'step.undone'].includes(kind) ? [[kind, step, data?.verified]] : [],
    );
    expect(told).toEqual([
      ['step.succeeded', 'kept', true],
      ['step.succeeded', 'silent', undefined],
      ['step.undone', 'silent', undefined],
      ['step.undone', 'kept', true],
    ]);
  });

  it('branches run beside each other, groups have their else, and a repeat looks until it holds', async () => {
    const run = await stack.run(
      planOf([
        {
          id: 'both',
          kind: 'parallel',
          branches: { one: [act('a', { ms: 300 })], two: [act('b', { ms: 300 })] },
        },
        { id: 'choice', kind: 'group', if: 'false', steps: [act('c')], else: [act('d')] },
        {
          id: 'poll',
          kind: 'repeat',
          until: 'steps.probe.output.ready',
          every: { ms: 50 },
          atMost: 3,
          steps: [act('probe', { give: { ready: true } })],
        },
        { id: 'stop', kind: 'end', status: 'succeeded', reason: 'done early' },
        act('never'),
      ]),
    );
    expect(await run.result()).toMatchObject({ status: 'succeeded', reason: 'done early' });
    expect(run.calls().sort()).toEqual(['a', 'b', 'd', 'probe.1']);
  });

  it('an approval counts who may, refuses who may not, and says why', async () => {
    const gate = approve('cab', ['role:board'], { quorum: 'majority' });
    const run = await stack.run(planOf([gate, act('apply')]), {
      requester: { id: 'c@example.com', roles: [] },
    });
    expect(await run.vote('cab', 'c@example.com')).toContain('asked for this run');
    expect(await run.vote('cab', 'x@example.com')).toContain('was not asked');
    expect(await run.vote('cab', 'a@example.com', 'approve', { hash: 'old' })).toContain(
      'is not what you were shown',
    );
    expect(await run.vote('cab', 'a@example.com')).toBeUndefined();
    expect(await run.vote('cab', 'a@example.com')).toContain('already voted');
    expect(
      await run.vote('cab', 'b@example.com', 'approve', {
        recorded: { for: 'b@example.com', minutes: 'M1' },
      }),
    ).toContain('may not enter votes');
    const recorded = { recorded: { for: 'b@example.com', minutes: 'M1' } };
    expect(await run.vote('cab', 'clerk@example.com', 'approve', recorded)).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
    expect((await run.journal()).find(({ kind }) => kind === 'gate.approved')?.data).toEqual({
      by: ['a@example.com', 'b@example.com'],
    });
  });

  it('an approval reminds, escalates, and is rejected when nobody answers; what was done is taken back', async () => {
    const gate = approve('sign', ['a@example.com'], {
      within: { ms: 3_000 },
      remind: { ms: 1_000 },
      escalate: 'b@example.com',
    });
    const run = await stack.run(
      planOf([act('made', {}, { undo }), gate, act('never')], { finally: [act('tell')] }),
    );
    expect(await run.result()).toMatchObject({
      status: 'rejected',
      reason: '"sign" was not decided in time',
    });
    expect(run.calls()).toEqual(['made', 'made.undo', 'tell']);
    const kinds = (await run.journal()).map(({ kind }) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(['gate.reminded', 'gate.escalated', 'gate.rejected', 'step.undone']),
    );
    expect(stack.told().some(({ subject }) => subject.startsWith('Nobody answered in time'))).toBe(true);
  });

  it('a signature that comes afterwards holds the end, and a refusal opens a review', async () => {
    const gate = approve('board', ['a@example.com'], { retroactive: true, within: { ms: 60_000 } });
    const run = await stack.run(planOf([gate, act('fix')]));
    await run.at('fix', 'succeeded');
    await stack.restartWorker();
    expect(await run.vote('board', 'a@example.com', 'reject')).toBeUndefined();
    await run.at('board.review', 'waiting');
    expect(
      await run.operate('complete', { step: 'board.review', output: { decision: 'stays' } }),
    ).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
  });

  it('a task waits for its report, which is its output', async () => {
    const run = await stack.run(
      planOf([task], { outputs: { serial: { $expr: 'steps.desk.output.serial' } } }),
    );
    await run.at('desk', 'waiting');
    const output = { serial: 'X1' };
    expect(
      await run.tell('complete', { step: 'desk', output, principal: { id: 'x@example.com', roles: [] } }),
    ).toContain('was not asked');
    expect(await run.operate('complete', { step: 'desk', output })).toBeUndefined();
    expect(await run.result()).toEqual({ status: 'succeeded', outputs: output });
  });

  it('a step that fails parks: retry, retry with other input, complete by hand, skip', async () => {
    const run = await stack.run(
      planOf([
        act('again', { fail: 1, give: { n: 1 } }),
        act('edited', { fail: 9 }),
        act('byHand', { fail: 9 }, { needed: true }),
        act('left', { fail: 9 }),
        act('last', { give: { id: { $expr: 'steps.byHand.output.id' } } }),
      ]),
    );
    await run.at('again', 'parked');
    expect(
      await run.tell('retry', { step: 'again', principal: { id: 'x@example.com', roles: [] } }),
    ).toContain('only its owner may');
    expect(await run.operate('retry', { step: 'again' })).toBeUndefined();
    await run.at('edited', 'parked');
    expect(await run.operate('retry', { step: 'edited', with: { give: {} } })).toBeUndefined();
    await run.at('byHand', 'parked');
    expect(await run.operate('skip', { step: 'byHand', comment: 'no' })).toContain('cannot be skipped');
    expect(await run.operate('complete', { step: 'byHand', output: { id: 'h1' } })).toBeUndefined();
    await run.at('left', 'parked');
    expect(await run.operate('skip', { step: 'left' })).toContain('needs a reason');
    expect(await run.operate('skip', { step: 'left', comment: 'not needed here' })).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
    expect(stack.told().some(({ subject }) => subject.startsWith('Needs you'))).toBe(true);
  });

  it('`onError: continue` goes on, `onError: abort` ends the run and takes back what was done', async () => {
    const goesOn = await stack.run(
      planOf([
        act('try', { fail: 9 }, { onError: 'continue' }),
        act('else', {}, { if: 'steps.try.status == "failed"' }),
      ]),
    );
    expect(await ended(goesOn)).toBe('succeeded');
    expect(goesOn.calls()).toEqual(['try', 'else']);
    const aborts = await stack.run(
      planOf([act('made', {}, { undo }), act('try', { fail: 9 }, { onError: 'abort' })]),
    );
    expect(await ended(aborts)).toBe('failed');
    expect(aborts.calls()).toEqual(['made', 'try', 'made.undo']);
  });

  it('an abort takes back the last step first, parks an undo that fails, and runs `finally`', async () => {
    const run = await stack.run(
      planOf(
        [
          act('one', {}, { undo }),
          act('two', {}, { undo: { uses: 'test.undo', with: { fail: 1 } } }),
          wait('hold', 600_000),
        ],
        { finally: [act('tell', { give: { was: { $expr: 'run.status' } } })] },
      ),
    );
    await run.at('hold', 'waiting');
    expect(await run.operate('abort', {})).toContain('needs a reason');
    expect(await run.operate('abort', { comment: 'withdrawn' })).toBeUndefined();
    await run.at('two', 'parked');
    expect(await run.operate('retry', { step: 'two' })).toBeUndefined();
    expect(await run.result()).toMatchObject({ status: 'cancelled' });
    expect(run.calls()).toEqual(['one', 'two', 'two.undo', 'two.undo', 'one.undo', 'tell']);
    expect((await run.view()).steps.find(({ id }) => id === 'tell')?.output).toEqual({ was: 'cancelled' });
  });

  it('a run is paused before its next step, and inputs amended meanwhile are the ones it uses', async () => {
    const run = await stack.run(
      planOf([wait('first', 1_500), act('use', { give: { day: { $expr: 'inputs.day' } } })], {
        inputs: { day: { schema: { type: 'string' }, required: true } },
        outputs: { day: { $expr: 'steps.use.output.day' } },
      }),
      { inputs: { day: 'Monday' } },
    );
    await run.at('first', 'waiting');
    expect(await run.operate('pause', { comment: 'ask HR' })).toBeUndefined();
    await until('the wait to be over', async () =>
      (await run.view()).steps.some(({ id, status }) => id === 'first' && status === 'succeeded')
        ? true
        : undefined,
    );
    expect(await run.operate('amend', { inputs: { day: 'Tuesday' } })).toBeUndefined();
    expect(run.calls()).toEqual([]);
    expect(await run.operate('resume', {})).toBeUndefined();
    expect(await run.result()).toEqual({ status: 'succeeded', outputs: { day: 'Tuesday' } });
  });

  it('votes on what has changed are void, and others may be asked to sign instead', async () => {
    const run = await stack.run(
      planOf(
        [
          approve('sign', ['a@example.com', 'b@example.com'], { quorum: 2, escalate: 'c@example.com' }),
          act('go'),
        ],
        {
          inputs: { day: { schema: { type: 'string' }, required: true } },
        },
      ),
      { inputs: { day: 'Monday' } },
    );
    expect(await run.vote('sign', 'a@example.com')).toBeUndefined();
    expect(await run.operate('amend', { inputs: { day: 'Tuesday' } })).toBeUndefined();
    await until('the votes to be void', async () =>
      (await run.journal()).some(({ kind }) => kind === 'gate.voided') ? true : undefined,
    );
    expect(await run.vote('sign', 'a@example.com')).toBeUndefined();
    expect(
      await run.operate('reassign', { step: 'sign', from: ['a@example.com', 'c@example.com'] }),
    ).toBeUndefined();
    await until('others to be asked', async () =>
      (await run.view()).gates[0]?.approvers.includes('c@example.com') ? true : undefined,
    );
    expect(await run.vote('sign', 'c@example.com')).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
  });

  it('a vote may be changed until the gate closes, and whoever is away is stood in for', async () => {
    const run = await stack.run(planOf([approve('sign', ['role:away'], { quorum: 'all' }), act('go')]));
    expect(await run.vote('sign', 'absent@example.com')).toContain('was not asked');
    expect(await run.vote('sign', 'a@example.com')).toBeUndefined();
    expect(await run.vote('sign', 'a@example.com', 'reject')).toBeUndefined();
    expect(await run.result()).toMatchObject({ status: 'rejected' });
    const again = await stack.run(planOf([approve('sign', ['role:away'], { quorum: 'all' }), act('go')]));
    expect(await again.vote('sign', 'delegate@example.com')).toBeUndefined();
    expect(await again.vote('sign', 'a@example.com')).toBeUndefined();
    expect(await ended(again)).toBe('succeeded');
    expect((await again.journal()).find(({ kind }) => kind === 'gate.opened')?.data).toMatchObject({
      approvers: ['a@example.com', 'delegate@example.com'],
      standIns: { 'delegate@example.com': 'absent@example.com' },
    });
  });

  it('an author and an operator do not sign, where the organisation says so', async () => {
    const run = await stack.run(
      planOf([act('look', { fail: 1 }), approve('sign', ['owner@example.com', 'role:board'])]),
      { author: 'a@example.com', separate: ['author', 'operator'] },
    );
    await run.at('look', 'parked');
    expect(await run.operate('retry', { step: 'look' })).toBeUndefined();
    expect(await run.vote('sign', 'owner@example.com')).toContain('operated this run');
    expect(await run.vote('sign', 'a@example.com')).toContain('last changed this runbook');
    expect(await run.vote('sign', 'b@example.com')).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
  });

  it('a refusal or a time that has passed is the runbook’s to answer, where its author said so', async () => {
    const soon = { within: { ms: 300 }, onExpiry: 'continue' as const };
    const run = await stack.run(
      planOf([
        approve('sign', ['a@example.com'], { onReject: 'continue' }),
        act('refused', {}, { if: 'steps.sign.status == "rejected"' }),
        { ...task, ...soon } as Step,
        { id: 'shipped', kind: 'wait', event: { name: 'order.shipped', key: 'o1' }, ...soon },
        act('late', {}, { if: 'steps.desk.status == "expired" && steps.shipped.status == "expired"' }),
      ]),
    );
    expect(await run.vote('sign', 'a@example.com', 'reject')).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
    expect(run.calls()).toEqual(['refused', 'late']);
  });

  it('a freeze holds a window closed, and says which it is', async () => {
    const run = await stack.run(
      planOf([
        {
          id: 'night',
          kind: 'window',
          calendar: 'always',
          freeze: ['close'],
          overrun: 'undo',
          steps: [act('patch')],
        },
      ]),
    );
    await run.at('night', 'waiting');
    expect((await run.journal()).find(({ kind }) => kind === 'window.waiting')?.data).toMatchObject({
      frozenBy: 'the audit',
    });
    expect(await run.operate('abort', { comment: 'not this year' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
    expect(run.calls()).toEqual([]);
  });

  it('a window is waited for and its steps run in it; a calendar without one parks at once', async () => {
    const run = await stack.run(
      planOf([
        {
          id: 'night',
          kind: 'window',
          calendar: 'always',
          freeze: [],
          overrun: 'undo',
          steps: [act('patch')],
        },
        { id: 'lost', kind: 'window', calendar: 'never', freeze: [], overrun: 'park', steps: [act('no')] },
      ]),
    );
    const view = await run.at('lost', 'parked');
    expect(view.steps.find(({ id }) => id === 'lost')?.failure?.message).toContain(
      'has no window in the next two years',
    );
    expect(await run.operate('skip', { step: 'lost', comment: 'another night' })).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
    expect(run.calls()).toEqual(['patch']);
  });

  it('another runbook runs as a run of its own, and ends with the one that started it', async () => {
    const inner = { ...planOf([act('send'), wait('long', 600_000)]), hash: 'inner', runbook: 'inner' };
    const plan = planOf([{ id: 'call', kind: 'runbook', runbook: 'inner', planHash: 'inner', with: {} }]);
    const run = await stack.run(plan, { plans: { inner } });
    await until('the inner run to wait', async () =>
      stack.calls().some(({ step }) => step === 'send') ? true : undefined,
    );
    expect(await run.operate('abort', { comment: 'enough' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
    const child = stack.handle(`${run.id}/call`);
    expect(await child.result()).toMatchObject({ output: { status: 'cancelled' } });
  });

  it('600 items are done in batches, each once, and taken back when the run is aborted', async () => {
    const each: Step = {
      id: 'all',
      kind: 'forEach',
      items: 'inputs.items',
      as: 'each',
      concurrency: 20,
      steps: [act('join', { give: { $expr: 'each' } }, { undo: { uses: 'test.undo', with: {} } })],
    };
    const items = Array.from({ length: 600 }, (_, index) => index);
    const run = await stack.run(planOf([each, wait('hold', 600_000)]), { inputs: { items } });
    await until(
      'the first batch',
      async () => ((await run.view()).steps[0]?.progress ? true : undefined),
      60_000,
    );
    await stack.restartWorker();
    await until(
      'all to be done',
      async () => {
        const status = (await run.view()).steps.find(({ id }) => id === 'all')?.status;
        return status === 'succeeded' ? true : undefined;
      },
      60_000,
    );
    expect(new Set(run.calls('test.do')).size).toBe(600);
    expect(await run.operate('abort', { comment: 'wrong list' })).toBeUndefined();
    expect(await ended(run)).toBe('cancelled');
    expect(new Set(run.calls('test.undo')).size).toBe(600);
  }, 180_000);

  it('an item that fails on purpose is taken back alone, a task is chased, and a repeat remembers', async () => {
    const one = act('one', { give: { item: { $expr: 'item' } } }, { undo });
    const each: Step = {
      id: 'each',
      kind: 'forEach',
      items: '["a", "b"]',
      as: 'item',
      concurrency: 1,
      onItemError: 'undo',
      steps: [one, { id: 'no', kind: 'fail', reason: 'not b', if: 'item == "b"' }],
    };
    const again: Step = {
      id: 'again',
      kind: 'repeat',
      state: { count: 0 },
      until: 'state.count >= 2',
      every: { ms: 100 },
      atMost: 5,
      steps: [{ id: 'more', kind: 'set', values: { count: { $expr: 'state.count + 1' } } }],
    };
    const chased = {
      ...task,
      remind: { ms: 1_000 },
      escalate: 'kim@example.com',
      within: { ms: 4_000 },
    } as Step;
    const run = await stack.run(
      planOf([each, again, chased], {
        outputs: { failed: { $expr: 'steps.each.output.failed' }, of: { $expr: 'steps.again.output.state' } },
      }),
    );
    await until('the task to be taken further', async () =>
      (await run.view()).tasks.find(({ people }) => people.length > 1),
    );
    expect(await run.operate('complete', { step: 'desk', output: { serial: 'X1' } })).toBeUndefined();
    expect(await run.result()).toEqual({ status: 'succeeded', outputs: { failed: 1, of: { count: 2 } } });
    expect(run.calls()).toEqual(['one[0]', 'one[1]', 'one[1].undo']);
  });

  it('what is too large to hand on parks, and does not stop the run for good', async () => {
    const run = await stack.run(
      planOf([act('store', { give: { $expr: 'inputs.text + inputs.text' } })], {
        inputs: { text: { schema: { type: 'string' }, required: true } },
      }),
      { inputs: { text: 'x'.repeat(300 * 1024) } },
    );
    const view = await run.at('store', 'parked');
    expect(view.steps[0]?.failure?.type).toBe('TooLarge');
    expect(await run.operate('retry', { step: 'store', with: { give: {} } })).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
  });

  it('what was begun to be taken back, and was stopped, is taken back to its end before it is done again', async () => {
    const one = act('one', {}, { undo: { uses: 'test.undo', with: { fail: 1 } } });
    const list = (id: string, steps: Step[], more = {}): Step => {
      return { id, kind: 'forEach', items: '["a"]', as: id, concurrency: 1, steps, ...more } as Step;
    };
    const undoing = { onItemError: 'undo', tolerate: { count: 0 } };
    const inner = list('inner', [one, act('bad', { fail: 1 })], undoing);
    const late = act('late', { fail: 1, ms: 1_500 });
    const both: Step = { id: 'both', kind: 'parallel', branches: { one: [inner], two: [late] } };
    const run = await stack.run(planOf([list('outer', [both])]));
    await run.at('outer', 'parked');
    expect(run.calls()).toEqual(['one[0][0]', 'bad[0][0]', 'one[0][0].undo', 'late[0]']);
    expect(await run.operate('retry', { step: 'outer' })).toBeUndefined();
    expect(await ended(run)).toBe('succeeded');
    const again = run.calls().slice(4);
    expect(again.filter((call) => call !== 'late[0]')).toEqual([
      'one[0][0].undo',
      'one[0][0]~1',
      'bad[0][0]',
    ]);
  });
});
