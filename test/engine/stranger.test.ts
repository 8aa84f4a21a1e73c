/**
 * Somebody with all of Temporal and none of our keys: starts, sends, answers and schedules what they like, with bytes of their
 * own and with old ones of ours. Nothing comes of it, and it stands on record.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { type Payload, RawValue } from '@temporalio/common';
import type { RunStart } from '../../workflows/messages.ts';
import { approve, requester, startOf } from '../../workflows/testing.ts';
import { until } from '../support/stack.ts';
import { EngineStack, type LiveRun } from './engine-stack.ts';
import { act, ended, planOf, wait } from './plans.ts';
import { answerQuery, commandOf, eventsOf, payloadsOf, scheduleAs } from './stranger.ts';

const bytesOf = (payload: Payload) => RawValue.fromPayload(payload);
const vote = { step: 'gate', decision: 'approve', principal: { id: 'a@example.com', roles: [] } };

describe('A stranger with all of Temporal and no keys', () => {
  let stack: EngineStack;
  let stranger: Client;

  beforeAll(async () => {
    stack = await EngineStack.start('stranger');
    stranger = stack.stranger();
  }, 300_000);

  afterAll(() => stack.stop(), 60_000);

  /** What the run says to it. */
  async function sends(run: LiveRun, update: string, argument: unknown): Promise<string> {
    try {
      await stranger.workflow.getHandle(run.workflowId).executeUpdate(update, { args: [argument] });
      return 'taken';
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      return error.cause?.message ?? error.message;
    }
  }

  async function gated(quorum = 1): Promise<LiveRun> {
    const from = ['a@example.com', 'b@example.com'];
    const run = await stack.run(planOf([approve('gate', from, { quorum }), act('wipe')]));
    await run.at('gate', 'waiting');
    return run;
  }

  async function onRecord(run: string, why: RegExp): Promise<void> {
    await until(`a refusal of ${run} like ${why}`, async () =>
      stack.refused(run).some((refused) => why.test(refused.why)) ? true : undefined,
    );
  }

  it('cannot vote with words of their own, in whatever form', async () => {
    const run = await gated();
    const { gates } = await run.view();
    const plain = { ...vote, hash: gates[0]?.hash };
    const given = {
      run: run.id,
      command: 'vote',
      person: 'a@example.com',
      at: Date.now(),
      number: 'n',
      request: plain,
    };
    const forged = { $command: JSON.stringify(given), key: 'g-test', signature: 'AAAA' };
    for (const argument of [plain, { $opened: { ...given, key: 'g-test' } }, forged])
      expect(await sends(run, 'vote', argument)).toMatch(/not encrypted by this installation/);
    await onRecord(run.id, /not encrypted by this installation/);
    expect((await run.view()).gates[0]?.votes).toEqual([]);
    expect(run.calls()).toEqual([]);
  });

  it('cannot send again what was taken, or a vote whose author has voted since', async () => {
    const run = await gated(2);
    const { gates } = await run.view();
    const early = await payloadsOf(await run.sealed('vote', { ...vote, hash: gates[0]?.hash }));
    expect(await run.vote('gate', 'a@example.com')).toBeUndefined();
    const taken = commandOf(await eventsOf(stranger, run));
    expect(await sends(run, 'vote', bytesOf(taken))).toMatch(/it was taken before/);
    expect(await sends(run, 'vote', bytesOf(early))).toMatch(/a@example.com has voted again since/);
    await onRecord(run.id, /voted again since/);
  });

  it('cannot give one run what was signed for another, or as something else', async () => {
    const [one, other] = [await gated(2), await gated(2)];
    const { gates } = await one.view();
    const signed = await payloadsOf(await one.sealed('vote', { ...vote, hash: gates[0]?.hash }));
    expect(await sends(other, 'vote', bytesOf(signed))).toMatch(/signed for the run/);
    const owner = { principal: { id: 'owner@example.com', roles: ['it'] } };
    const paused = await payloadsOf(await one.sealed('pause', owner));
    expect(await sends(one, 'resume', bytesOf(paused))).toMatch(/signed as pause, not as resume/);
    expect((await one.view()).status).toBe('waiting');
  });

  it('begins nothing with a start of their own, or with a copied one', async () => {
    const run = await stack.run(planOf([act('once')]));
    expect(await ended(run)).toBe('succeeded');
    const [copied] =
      (await eventsOf(stranger, run))[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const begin = async (workflowId: string, argument: unknown) => {
      const type = run.workflowId.replace(/-\d+$/, '');
      const handle = await stranger.workflow.start(type, {
        workflowId,
        taskQueue: 'countersign',
        args: [argument],
      });
      return { handle, id: handle.firstExecutionRunId };
    };
    for (const argument of [
      startOf(planOf([act('mine')])),
      { ...startOf(planOf([act('mine')])), engine: 2 },
      bytesOf(copied as Payload),
    ]) {
      const { handle, id } = await begin(`${run.workflowId}-elsewhere`, argument);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'NotSealed' } });
      await onRecord(id, /start/);
    }
    // The same start under the same id, now that the first has ended.
    const { handle, id } = await begin(run.workflowId, bytesOf(copied as Payload));
    await onRecord(id, /begun before by the same start/);
    expect(stack.calls().filter(({ step }) => step === 'mine')).toEqual([]);
    expect(stack.calls(id)).toEqual([]);
    await handle.terminate();
  });

  it('gets nothing done twice by a reset', async () => {
    const run = await stack.run(planOf([act('once')]));
    await run.result();
    const reset = await stranger.workflowService.resetWorkflowExecution({
      namespace: stranger.options.namespace,
      workflowExecution: { workflowId: run.workflowId, runId: run.id },
      workflowTaskFinishEventId: 4 as never,
      requestId: 'again',
    });
    await onRecord(run.id, /started again or reset in Temporal/);
    expect(run.calls()).toEqual(['once']);
    await stranger.workflow.getHandle(run.workflowId, reset.runId).terminate();
  });

  it('is not believed as the answer or the failure of a call', async () => {
    const earlier = await stack.run(planOf([act('look', { give: { id: 'old' } })]));
    await earlier.result();
    const old = (await eventsOf(stranger, earlier)).flatMap(
      (event) => event.activityTaskCompletedEventAttributes?.result?.payloads ?? [],
    )[0] as Payload;
    const answer = (result: Payload) => (run: LiveRun) =>
      stranger.workflowService.respondActivityTaskCompletedById({
        namespace: stranger.options.namespace,
        workflowId: run.workflowId,
        runId: run.id,
        activityId: '1',
        result: { payloads: [result] },
      });
    const fail = (run: LiveRun) =>
      stranger.workflowService.respondActivityTaskFailedById({
        namespace: stranger.options.namespace,
        workflowId: run.workflowId,
        runId: run.id,
        activityId: '1',
        failure: {
          message: 'gone',
          applicationFailureInfo: { type: 'PermanentFailure', nonRetryable: true },
        },
      });
    const json = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"id":"mine"}') };
    for (const lie of [answer(old), answer(json), fail]) {
      const plan = planOf([
        act('look', { ms: 4_000, give: { id: 'true' } }, { onError: 'continue' }),
        act('after'),
      ]);
      const run = await stack.run(plan);
      await until('the call to be under way', async () => {
        const [pending] = (await run.handle.describe()).raw.pendingActivities ?? [];
        return pending?.lastStartedTime ? true : undefined;
      });
      await lie(run);
      const view = await run.at('look', 'parked');
      expect(view.steps[0]?.failure).toMatchObject({ type: 'NotOurs' });
      await onRecord(run.id, /answer is not believed/);
      expect(run.calls('test.do')).not.toContain('after');
      await run.operate('retry', { step: 'look' });
      expect(await ended(run)).toBe('succeeded');
    }
  }, 60_000);

  it('gets no action carried out by scheduling it, before its gate or as another one', async () => {
    const run = await stack.run(
      planOf([act('one'), approve('gate', ['a@example.com']), act('wipe', {}, { uses: 'test.undo' })]),
    );
    const other = await stack.run(planOf([act('elsewhere'), wait('long', 600_000)]));
    await run.at('gate', 'waiting');
    await other.at('long', 'waiting');
    const calledBy = async (each: LiveRun) =>
      (await eventsOf(stranger, each)).flatMap(
        (event) => event.activityTaskScheduledEventAttributes?.input?.payloads ?? [],
      )[0] as Payload;
    const [own, others] = [await calledBy(run), await calledBy(other)];
    const plain = [{}, { run: run.id, runbook: 'x', step: 'wipe' }].map((value) => ({
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(JSON.stringify(value)),
    }));
    await stack.killWorker();
    const before = stack.calls().length;
    await scheduleAs(stranger, run, [
      { activity: 'test.undo', input: [own] },
      { activity: 'test.do', input: [others] },
      { activity: 'test.undo', input: plain },
    ]);
    await stack.startWorker();
    await onRecord(run.id, /sealed as a call of test.do/);
    await onRecord(other.id, /sealed for another execution/);
    await onRecord(run.id, /not encrypted by this installation/);
    expect(stack.calls()).toHaveLength(before);
  }, 60_000);

  it('cannot let one run speak for another', async () => {
    const [one, other] = [await gated(), await gated()];
    const asked = await stranger.workflowService.queryWorkflow({
      namespace: stranger.options.namespace,
      execution: { workflowId: other.workflowId },
      query: { queryType: 'view' },
    });
    await stack.killWorker();
    const asking = one.view().then(
      () => 'believed',
      (error: Error) => error.message,
    );
    await answerQuery(stranger, one, asked.queryResult?.payloads ?? []);
    expect(await asking).toMatch(/is not its own, so it is not believed/);
    await stack.startWorker();
    expect((await one.view()).gates).toHaveLength(1);
  }, 60_000);

  it('cannot do it with what a schedule carries, which begins runs of that schedule alone', async () => {
    const plan = planOf([act('once')]);
    const start = startOf(plan, { requester: { ...requester, id: 'schedule' }, cause: { type: 'schedule' } });
    const $start = {
      number: 'countersign/x/1',
      workflow: `${plan.runbook}-scheduled`,
      scheduled: true as const,
    };
    const honest = await stack.begin(`${$start.workflow}-2026-11-27T08:00:00Z`, { $start, start });
    expect(await ended(honest)).toBe('succeeded');
    for (const id of [`${$start.workflow}-elsewhere`, 'anything']) {
      const run = await stack.begin(id, { $start, start });
      await expect(run.result()).rejects.toMatchObject({ cause: { type: 'NotSealed' } });
    }
    const target = await gated();
    const [carried] =
      (await eventsOf(stranger, honest))[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(await sends(target, 'amend', bytesOf(carried as Payload))).toMatch(/no gateway has signed it/);
  });

  it('finds no way through a run of the engine before, unless it was live when calls began to be bound', async () => {
    const plan = planOf([wait('settle', 1_500), approve('gate', ['a@example.com']), act('do')]);
    const start: RunStart = { ...startOf(plan), engine: 2 };
    const live = await stack.begin('older-live', start);
    appendFileSync(join(stack.folder, 'unbound.log'), `${live.id}\n`);
    const late = await stack.begin('older-late', start);
    await live.at('gate', 'waiting');
    const { gates } = await live.view();
    expect(await sends(live, 'vote', { ...vote, hash: gates[0]?.hash })).toMatch(/does not believe this/);
    expect(await live.vote('gate', 'a@example.com')).toBeUndefined();
    expect(await ended(live)).toBe('succeeded');
    expect((await late.at('gate', 'parked')).steps.find(({ id }) => id === 'gate')?.failure).toMatchObject({
      type: 'NotOurs',
    });
    await onRecord(late.id, /bound to no run/);
  }, 60_000);
});
