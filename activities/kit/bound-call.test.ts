/** What a run hears of a call: that it is ours, whatever went wrong with it. */
import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Json } from '../../plan/plan.ts';
import { answerMark, type BoundCall } from '../../plan/sealed.ts';
import { boundActivities, type CallRegister } from './bound-call.ts';
import { activityHost } from './testing.ts';

const call: BoundCall = {
  run: 'run-1',
  runbook: 'new-hire',
  step: 'account',
  activity: 'test.action',
  start: 'start-1',
  plan: 'plan-1',
  place: 1,
};

class Away extends Error {
  override readonly name = 'StoreUnavailable';
}

function asked(
  work: () => Promise<Json>,
  register: Partial<CallRegister> = {},
  startToCloseTimeoutMs = 60_000,
) {
  const known: CallRegister = {
    executionOf: async (_, execution) => execution,
    mayBeUnbound: async () => false,
    refused: async () => {},
    ...register,
  };
  const activity = boundActivities({ 'test.action': work }, known)['test.action'];
  const host = activityHost({
    workflowExecution: { workflowId: 'w', runId: 'run-1' },
    startToCloseTimeoutMs,
    heartbeatDetails: 'told before',
  });
  const answer = host.run(async () => activity?.({ $call: call, input: null })) as Promise<Json>;
  return { host, answer };
}

const failureOf = (answer: Promise<Json>) =>
  answer.then(
    () => undefined,
    (error: ApplicationFailure) => error,
  );

describe('A call that fails', () => {
  it.each<[string, Error, string]>([
    ['as foreseen', ApplicationFailure.nonRetryable('no such user', 'PermanentFailure'), 'PermanentFailure'],
    ['as nobody foresaw', new TypeError('x is undefined'), 'RetryableFailure'],
    ['since the database is away', new Away('The database cannot be reached.'), 'RetryableFailure'],
  ])('%s says so under its seal', async (_, error, type) => {
    const failure = await failureOf(asked(() => Promise.reject(error)).answer);
    expect(failure).toMatchObject({
      type,
      message: error.message,
      details: [{ answers: answerMark(call) }],
    });
  });

  it('before it began, since the database is away, says so under its seal too', async () => {
    const executionOf = () => Promise.reject(new Away('The database cannot be reached.'));
    const { answer } = asked(async () => 'done', { executionOf }, 1_500);
    expect(await failureOf(answer)).toMatchObject({ details: [{ answers: answerMark(call) }] });
  });

  it('since it was stopped is left to Temporal', async () => {
    const stopped = new CancelledFailure('CANCELLED');
    expect(await failureOf(asked(() => Promise.reject(stopped)).answer)).toBe(stopped);
  });
});

describe('A call that comes while the database is away', () => {
  it('waits for it, says meanwhile that it is at work, and keeps what an earlier attempt told', async () => {
    let looks = 0;
    const executionOf = async (_: string, execution: string) => {
      looks += 1;
      if (looks < 2) throw new Away('The database cannot be reached.');
      return execution;
    };
    const { answer, host } = asked(async () => 'done', { executionOf });
    expect(await answer).toMatchObject({ output: 'done' });
    expect(looks).toBe(2);
    expect(host.heartbeats).toBeGreaterThan(0);
    expect(host.told).toBe('told before');
  });
});
