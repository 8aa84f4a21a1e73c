import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type Static, type TObject, Type } from 'typebox';
import type { Effect, Json, JsonObject } from '../../plan/plan.ts';
import { activitiesOf } from './activity.ts';
import type { AttemptClient } from './attempt-client.ts';
import { keyOf } from './call.ts';
import { type ActionContext, defineAction } from './define-action.ts';
import { defineConnector } from './define-connector.ts';
import { delay } from './delay.ts';
import { PermanentFailure, RateLimited, RetryableFailure } from './failures.ts';
import { activityHost, type Host, testClient, testServices } from './testing.ts';

const call = { run: 'run-1', runbook: 'new-hire', step: 'account' };
const secret = 'canary-credential-1';
const credentials = { token: secret };

const inputSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'A name.' }),
    day: Type.Optional(Type.String({ format: 'date', description: 'A day.' })),
    level: Type.Optional(Type.Enum(['low', 'high'], { description: 'A level.' })),
  },
  { additionalProperties: false },
);
const outputSchema = Type.Object({
  echo: Type.String({ description: 'What was said.' }),
  password: Type.Optional(Type.String({ description: 'A password.' })),
});

type Run = (
  input: Static<typeof inputSchema>,
  context: ActionContext<AttemptClient & { token: string }>,
) => Promise<JsonObject>;

/** An activity whose body is the test's. */
function activity(
  run: Run,
  services = testServices({ test: { token: { $secret: 'token' } } }, credentials),
  effect: Effect = 'write',
) {
  const action = defineAction({
    name: 'test.action',
    title: 'Test',
    description: 'Tests.',
    effect,
    source: 'None',
    input: inputSchema,
    output: outputSchema,
    sensitive: ['password'],
    examples: [],
    run: run as never,
  });
  const connector = defineConnector({
    name: 'test',
    title: 'The test system',
    settings: Type.Object({ token: Type.String() }, { additionalProperties: false }) as TObject,
    sameSystem: [],
    connect: testClient,
    actions: [action],
    callsPerSecond: 1000,
  });
  const body = activitiesOf([connector], services).test?.['test.action'];
  if (!body) throw new Error('no activity');
  return {
    services,
    call: (value: Json, host: Host = activityHost(), context = call) => host.run(() => body(value, context)),
  };
}

async function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`expected an ApplicationFailure, got ${error}`);
}

describe('What goes into an action', () => {
  it('has its references resolved, deep inside texts', async () => {
    const { services, call } = activity(async ({ name }) => ({ echo: String(name.length) }));
    const $sealed = services.seal.seal('opened!');
    const value: Json = { name: { $text: ['a ', { $sealed }, ' b ', { $secret: 'token' }] } };
    expect(await call(value)).toEqual({ echo: String(`a opened! b ${secret}`.length) });
  });

  it('is refused for good, naming each field and what it should be', async () => {
    const { call } = activity(async () => ({ echo: '' }));
    const failure = await failureOf(call({ day: 'tomorrow', level: 'middle', colour: 'red' }));
    expect(failure.nonRetryable).toBe(true);
    expect(failure.type).toBe('PermanentFailure');
    expect(failure.message).toContain('`name` is missing.');
    expect(failure.message).toContain('`day` must be a date such as 2026-01-31, and is "tomorrow".');
    expect(failure.message).toContain('`level` must be one of "low", "high", and is "middle".');
    expect(failure.message).toContain('`colour` is not known here. Known are: name, day, level.');
  });

  it('is not quoted in a refusal when part of it was sealed', async () => {
    const { services, call } = activity(async () => ({ echo: '' }));
    const failure = await failureOf(call({ name: 'x', day: { $sealed: services.seal.seal('canary-day') } }));
    expect(failure.message).toContain('`day` must be a date');
    expect(failure.message).not.toContain('canary');
  });

  it('fails for good when a secret or a key is missing', async () => {
    const { call } = activity(async () => ({ echo: '' }));
    const noSecret = await failureOf(call({ name: { $secret: 'nowhere' } }));
    expect(noSecret.message).toContain('There is no secret "nowhere"');
    const noKey = await failureOf(call({ name: { $sealed: 'v1.k9.AAAA' } }));
    expect(noKey.message).toContain('sealed with the key "k9"');
    expect([noSecret.nonRetryable, noKey.nonRetryable]).toEqual([true, true]);
  });

  it('says how to configure a connector that is not configured', async () => {
    const { call } = activity(async () => ({ echo: '' }), testServices());
    const failure = await failureOf(call({ name: 'x' }));
    expect(failure.message).toBe(
      'The test system is not configured. Add its settings under connectors: test: in countersign.yaml.',
    );
  });
});

describe('The context of an action', () => {
  it('has a key that only the step and item of the run decide', () => {
    expect(keyOf(call)).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(keyOf({ ...call, runbook: 'renamed' })).toBe(keyOf(call));
    const others = [
      { ...call, run: 'run-2' },
      { ...call, step: 'licence' },
      { ...call, item: '1' },
      { ...call, step: 'account1' },
    ];
    expect(new Set([call, ...others].map(keyOf)).size).toBe(5);
  });

  it('derives the same secret at every attempt, and another for another step', async () => {
    const { call: attempt } = activity(async (_, { secretFor }) => ({ echo: `is ${secretFor('password')}` }));
    const first = await attempt({ name: 'x' });
    expect(await attempt({ name: 'y' })).toEqual(first);
    expect(await attempt({ name: 'x' }, activityHost(), { ...call, step: 'other' })).not.toEqual(first);
  });
});

describe('What comes out of an action', () => {
  it('is sealed where the action says so', async () => {
    const { services, call } = activity(async () => ({ echo: 'done', password: 'canary-password' }));
    const result = (await call({ name: 'x' })) as { password: { $sealed: string } };
    expect(JSON.stringify(result)).not.toContain('canary');
    expect(services.seal.open(result.password.$sealed)).toBe('canary-password');
  });

  it('is sealed wherever a secret or an opened value comes back', async () => {
    const { services, call } = activity(async ({ name }) => ({ echo: `You said ${name}` }));
    const parts: Json[] = [{ $secret: 'token' }, { $sealed: services.seal.seal('canary-name') }];
    for (const part of parts) {
      const result = (await call({ name: part })) as { echo: { $sealed: string } };
      expect(JSON.stringify(result)).not.toContain('canary');
      expect(services.seal.open(result.echo.$sealed)).toContain('You said canary');
    }
  });

  it('must have the promised form and be small enough for a run to keep', async () => {
    const wrong = await failureOf(activity(async () => ({ echo: 7 })).call({ name: 'x' }));
    expect(wrong.message).toContain('`echo` must be text');
    const large = await failureOf(activity(async () => ({ echo: 'x'.repeat(300_000) })).call({ name: 'x' }));
    expect(large.message).toContain('answer of 293 KB is more than the 256 KB a run can keep');
    expect([wrong.nonRetryable, large.nonRetryable]).toEqual([true, true]);
  });
});

describe('A failure', () => {
  const details = { status: 429, requestId: 'req-1' };

  it('that may pass is retryable, with the wait that the service asked for', async () => {
    const limited = activity(async () => {
      throw new RateLimited('Slow down.', details, 7_000);
    });
    const failure = await failureOf(limited.call({ name: 'x' }));
    expect(failure).toMatchObject({
      type: 'RateLimited',
      nonRetryable: false,
      nextRetryDelay: 7_000,
      details: [details],
    });
    const busy = activity(async () => {
      throw new RetryableFailure('Busy.', { status: 503 });
    });
    expect(await failureOf(busy.call({ name: 'x' }))).toMatchObject({
      type: 'RetryableFailure',
      nonRetryable: false,
      details: [{ status: 503 }],
    });
  });

  it('that will not pass ends the attempts', async () => {
    const refused = activity(async () => {
      throw new PermanentFailure('No such user.', { status: 404, requestId: 'req-2' });
    });
    const failure = await failureOf(refused.call({ name: 'x' }));
    expect(failure).toMatchObject({ type: 'PermanentFailure', nonRetryable: true, message: 'No such user.' });
  });

  it('that nobody foresaw is retried, and shows people no stack', async () => {
    const broken = activity(async () => {
      throw new TypeError('x is not a function');
    });
    const failure = await failureOf(broken.call({ name: 'x' }));
    expect(failure).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    expect(failure.message).toBe('test.action failed in a way it does not know: x is not a function');
    expect(failure.stack).not.toContain(' at ');
    expect(failure.cause).toBeUndefined();
  });

  it('never carries a credential, an opened value or a value the action made up', async () => {
    const { services, call } = activity(async ({ name }, { conceal }) => {
      conceal('canary-invented');
      throw new PermanentFailure(`Bad token ${secret} for ${name}: canary-invented`);
    });
    const failure = await failureOf(call({ name: { $sealed: services.seal.seal('canary-sealed') } }));
    expect(failure.message).toBe('Bad token [secret] for [secret]: [secret]');
    expect(JSON.stringify([failure.stack, failure.details])).not.toContain('canary');
  });
});

describe('An attempt', () => {
  it('heartbeats at once and while it works', async () => {
    const host = activityHost();
    await activity(async () => {
      expect(host.heartbeats).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      return { echo: '' };
    }).call({ name: 'x' }, host);
    expect(host.heartbeats).toBeGreaterThanOrEqual(3);
  });

  it('is given what the first one found, as long as one follows the other', async () => {
    let looks = 0;
    const forgetful = activity(async (_, { rememberBeforeWrite }) => {
      const found = await rememberBeforeWrite(async () => `look ${++looks}`);
      if (hosts.length === 1) throw new RetryableFailure('Away.');
      return { echo: found };
    });
    const hosts = [activityHost()];
    await failureOf(forgetful.call({ name: 'x' }, hosts[0]));
    hosts.push(activityHost({ heartbeatDetails: hosts[0]?.told }));
    expect(await forgetful.call({ name: 'x' }, hosts[1])).toEqual({ echo: 'look 1' });
    expect(hosts[1]?.told).toMatchObject({ memory: { found: 'look 1' } });
    expect(await forgetful.call({ name: 'x' }, activityHost())).toEqual({ echo: 'look 2' });
    // Old bytes of another activity, which whoever has Temporal may send as a heartbeat.
    const anothers = activityHost({ heartbeatDetails: hosts[0]?.told, activityId: 'another' });
    expect(await forgetful.call({ name: 'x' }, anothers)).toEqual({ echo: 'look 3' });
  });

  it('is given what the first one of all found, also when a person has it tried again, unless its input was changed', async () => {
    const kept = new Map<string, unknown>();
    const services = {
      ...testServices({ test: { token: { $secret: 'token' } } }, credentials),
      firstLook: async (key: string, found: Json) => {
        if (!kept.has(key)) kept.set(key, found);
        return kept.get(key) as Json;
      },
    };
    let looks = 0;
    const { call: attempt } = activity(
      async (_, { rememberBeforeWrite }) => ({
        echo: await rememberBeforeWrite(async () => `look ${++looks}`),
      }),
      services,
    );
    expect(await attempt({ name: 'x' }, activityHost())).toEqual({ echo: 'look 1' });
    expect(await attempt({ name: 'x' }, activityHost())).toEqual({ echo: 'look 1' });
    expect(await attempt({ name: 'y' }, activityHost())).toEqual({ echo: 'look 3' });
  });

  it('changes nothing while what was there before cannot be kept', async () => {
    const services = {
      ...testServices({ test: { token: { $secret: 'token' } } }, credentials),
      firstLook: () => Promise.reject(new Error('The database is away.')),
    };
    const failure = await failureOf(
      activity(
        async (_, { rememberBeforeWrite }) => ({ echo: await rememberBeforeWrite(async () => 'x') }),
        services,
      ).call({ name: 'x' }),
    );
    expect(failure).toMatchObject({ nonRetryable: false });
    expect(failure.message).toBe(
      'Nothing was changed, since what was there before could not be kept. The database is away.',
    );
  });

  it('of a read ends as cancelled when the run is cancelled', async () => {
    const host = activityHost();
    const slow = activity(
      async (_, { client }) => {
        host.cancel();
        await delay(10_000, client.signal);
        return { echo: '' };
      },
      undefined,
      'read',
    );
    await expect(slow.call({ name: 'x' }, host)).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('of a write that has begun comes to its end when the run is cancelled, so that it can be taken back', async () => {
    const host = activityHost();
    const slow = activity(async (_, { client }) => {
      host.cancel();
      await delay(50, client.signal);
      return { echo: 'done' };
    });
    expect(await slow.call({ name: 'x' }, host)).toEqual({ echo: 'done' });
  });

  it('of a write that fails after the run was cancelled says how, since it may not have been done', async () => {
    const host = activityHost();
    const broken = activity(async () => {
      host.cancel();
      throw new PermanentFailure('There is no such user.');
    });
    expect((await failureOf(broken.call({ name: 'x' }, host))).message).toBe('There is no such user.');
  });

  it('of a write that has not begun ends as cancelled', async () => {
    const host = activityHost();
    host.cancel();
    const never = activity(async () => ({ echo: 'done' }));
    await expect(never.call({ name: 'x' }, host)).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('keeps the result of work that was done when the cancellation came', async () => {
    const host = activityHost();
    const quick = activity(async () => {
      host.cancel();
      return { echo: 'done' };
    });
    expect(await quick.call({ name: 'x' }, host)).toEqual({ echo: 'done' });
  });

  it('ends with its time, even when the action ignores the signal', async () => {
    const deaf = activity(() => new Promise(() => {}));
    const failure = await failureOf(deaf.call({ name: 'x' }, activityHost({ startToCloseTimeoutMs: 200 })));
    expect(failure.message).toBe('test.action did not finish within the 0.2 s of an attempt.');
    expect(failure.nonRetryable).toBe(false);
  });

  it('waits its turn when the connector allows only so many calls a second', async () => {
    const connector = defineConnector({
      name: 'test',
      title: 'Test',
      settings: Type.Object({}),
      sameSystem: [],
      connect: () => testClient({}),
      callsPerSecond: 4,
      actions: [
        defineAction({
          name: 'test.read',
          title: 'Read',
          description: 'Reads.',
          effect: 'read',
          source: 'None',
          input: Type.Object({}),
          output: Type.Object({}),
          examples: [],
          run: async () => ({}),
        }),
      ],
    });
    const read = activitiesOf([connector], testServices({ test: {} })).test?.['test.read'];
    const started = performance.now();
    await Promise.all(Array.from({ length: 8 }, () => activityHost().run(async () => read?.({}, call))));
    // Four at once, then four more at a quarter of a second each.
    expect(performance.now() - started).toBeGreaterThan(900);
  });
});
