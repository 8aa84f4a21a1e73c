import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { type TObject, Type } from 'typebox';
import type { Effect } from '../../plan/plan.ts';
import { activitiesOf } from './activity.ts';
import { defineAction } from './define-action.ts';
import { defineConnector } from './define-connector.ts';
import { PermanentFailure } from './failures.ts';
import type { AttemptRecord } from './services.ts';
import { activityHost, testClient, testServices } from './testing.ts';

const call = { run: 'run-1', runbook: 'new-hire', step: 'account' };
const secret = 'canary-credential-1';

/** An attempt whose body is the test's, and everything in the order in which it happened. */
function attempt(
  effect: Effect,
  run: () => Promise<{ password: string }>,
  refuses: (entry: AttemptRecord) => boolean = () => false,
) {
  const happened: (AttemptRecord | 'done')[] = [];
  const services = {
    ...testServices({ test: { token: { $secret: 'token' } } }, { token: secret }),
    record: async (entry: AttemptRecord) => {
      if (refuses(entry)) throw new Error('The database cannot be reached.');
      happened.push(entry);
    },
  };
  const action = defineAction({
    name: 'test.action',
    title: 'Test',
    description: 'Tests.',
    effect,
    source: 'None',
    input: Type.Object({}),
    output: Type.Object({ password: Type.String() }),
    sensitive: ['password'],
    examples: [],
    run: async () => {
      happened.push('done');
      return run();
    },
  });
  const connector = defineConnector({
    name: 'test',
    title: 'The test system',
    settings: Type.Object({ token: Type.String() }, { additionalProperties: false }) as TObject,
    sameSystem: [],
    connect: testClient,
    actions: [action],
  });
  const body = activitiesOf([connector], services).test?.['test.action'];
  const host = activityHost({ activityType: 'test.action', attempt: 3 });
  return {
    happened,
    host,
    result: host.run(async () => body?.({}, call)).catch((error: unknown) => error),
  };
}

const password = async () => ({ password: 'canary-first-password' });
const typesOf = (happened: (AttemptRecord | 'done')[]) =>
  happened.map((each) => (each === 'done' ? each : each.event.type));

describe('An attempt that changes something', () => {
  it.each(['write', 'destructive'] as const)(
    '(%s) is on record before it begins and when it has ended',
    async (effect) => {
      const { happened, result } = attempt(effect, password);
      await result;
      expect(typesOf(happened)).toEqual(['begun', 'done', 'succeeded']);
      expect(happened[0]).toEqual({
        call,
        action: 'test.action',
        effect,
        attempt: 3,
        event: { type: 'begun', input: {} },
      });
      expect(JSON.stringify(happened)).not.toContain('canary-first-password');
      expect(happened[2]).toMatchObject({ event: { output: await result } });
    },
  );

  it('does nothing when its beginning cannot be recorded, and is tried again', async () => {
    const { happened, result } = attempt('write', password, () => true);
    const failure = await result;
    expect(happened).toEqual([]);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'RetryableFailure',
      nonRetryable: false,
      message:
        'test.action was not begun, since that could not be put on record. The database cannot be reached.',
    });
  });

  it('waits for its end to be recorded while the database is away', async () => {
    let tries = 0;
    const { happened, result } = attempt('write', password, ({ event }) => {
      if (event.type === 'succeeded') tries += 1;
      return tries === 1;
    });
    expect(await result).toMatchObject({ password: { $sealed: expect.any(String) } });
    expect(tries).toBe(2);
    expect(typesOf(happened)).toEqual(['begun', 'done', 'succeeded']);
  });

  it('that fails is on record with the words that people read, and no secret', async () => {
    const { happened, result } = attempt('write', async () => {
      throw new PermanentFailure(`no such user for ${secret}`, { requestId: 'req-7' });
    });
    await result;
    expect(happened[2]).toMatchObject({
      event: {
        type: 'failed',
        failure: { type: 'PermanentFailure', message: 'no such user for [secret]', requestId: 'req-7' },
      },
    });
  });
});

describe('An attempt that only reads', () => {
  it('leaves one record, at its end', async () => {
    const { happened, result } = attempt('read', password);
    await result;
    expect(typesOf(happened)).toEqual(['done', 'succeeded']);
  });

  it('that is cancelled says so', async () => {
    const { happened, host, result } = attempt('read', () => new Promise(() => {}));
    await new Promise((resolve) => setTimeout(resolve, 20));
    host.cancel();
    await result;
    expect(typesOf(happened)).toEqual(['done', 'cancelled']);
  });
});
