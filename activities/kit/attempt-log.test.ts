import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { type TObject, Type } from 'typebox';
import type { Effect } from '../../plan/plan.ts';
import { activitiesOf } from './activity.ts';
import { defineAction } from './define-action.ts';
import { defineConnector } from './define-connector.ts';
import { ensure } from './ensure.ts';
import { PermanentFailure } from './failures.ts';
import type { WriteGuard } from './leave.ts';
import type { AttemptRecord, Services } from './services.ts';
import { activityHost, testClient, testServices } from './testing.ts';
import { NotCovered } from './warrants/not-covered.ts';

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

describe('An attempt that looks before it changes something', () => {
  /** What it looks for is there or not, or cannot be found; everything in the order in which it happened. */
  function looking(
    look: () => Promise<{ there: boolean }>,
    more: Partial<Services> = {},
    told?: unknown,
    startToCloseTimeoutMs = 60_000,
  ) {
    const happened: string[] = [];
    const services: Services = {
      ...testServices({ test: { token: { $secret: 'token' } } }, { token: secret }),
      record: async ({ event }) => void happened.push(event.type),
      recordWithLook: async ({ event }, { found }) => {
        happened.push(`${event.type} with ${JSON.stringify(found)}`);
        return found;
      },
      firstLook: async (_, found) => {
        happened.push('look kept alone');
        return found;
      },
      ...more,
    };
    const made = ensure<object, unknown, { there: boolean }, { did: boolean }>({
      look: async () => {
        happened.push('look');
        return look();
      },
      isDone: ({ there }) => there,
      change: async () => void happened.push('change'),
      begins: true,
      output: ({ did }) => ({ did }),
      words: { done: () => 'is there', would: () => 'would make it' },
    });
    const action = defineAction({
      name: 'test.action',
      title: 'Test',
      description: 'Tests.',
      effect: 'write',
      source: 'None',
      input: Type.Object({}),
      output: Type.Object({ did: Type.Boolean() }),
      examples: [],
      ...made,
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
    const host = activityHost({ activityType: 'test.action', heartbeatDetails: told, startToCloseTimeoutMs });
    return {
      happened,
      host,
      result: host.run(async () => body?.({}, call)).catch((error: unknown) => error),
    };
  }

  it('is on record together with what it found, before it changes anything', async () => {
    const { happened, result } = looking(async () => ({ there: false }));
    expect(await result).toEqual({ did: true });
    expect(happened).toEqual(['look', 'begun with {"there":false}', 'change', 'succeeded']);
  });

  it('is on record too where it finds nothing to do, and where an attempt before it has told what it found', async () => {
    const first = looking(async () => ({ there: true }));
    expect(await first.result).toEqual({ did: false });
    expect(first.happened).toEqual(['look', 'begun with {"there":true}', 'succeeded']);
    const next = looking(async () => ({ there: false }), {}, first.host.told);
    await next.result;
    expect(next.happened).toEqual(['look', 'begun', 'change', 'succeeded']);
  });

  it('changes nothing when its beginning cannot be recorded', async () => {
    const { happened, result } = looking(async () => ({ there: false }), {
      recordWithLook: () => Promise.reject(new Error('The database cannot be reached.')),
    });
    expect(await result).toMatchObject({
      message:
        'test.action was not begun, since that could not be put on record. The database cannot be reached.',
    });
    expect(happened).not.toContain('change');
  });

  it('looks at nothing that nobody signed', async () => {
    const guard: WriteGuard = {
      effectOf: async ({ effect }) => effect,
      decide: () => Promise.reject(new NotCovered('nobody signed it')),
      forget: () => {},
      done: async () => {},
      refused: async () => {},
    };
    const { happened, result } = looking(async () => ({ there: false }), { guard });
    expect(await result).toMatchObject({ message: 'Not carried out: nobody signed it.' });
    expect(happened).toEqual([]);
  });

  it('is decided on anew where that has changed since', async () => {
    const decided: boolean[] = [];
    const guard: WriteGuard = {
      effectOf: async ({ effect }) => effect,
      decide: async () => {
        decided.push(true);
        if (decided.length > 1) throw new NotCovered('it was countersigned meanwhile');
        return { unchanged: {} };
      },
      forget: () => {},
      done: async () => {},
      refused: async () => {},
    };
    const { happened, result } = looking(async () => ({ there: false }), {
      guard,
      recordWithLook: () => Promise.reject(Object.assign(new Error('changed'), { name: 'Changed' })),
    });
    expect(await result).toMatchObject({ message: 'Not carried out: it was countersigned meanwhile.' });
    expect(happened).toEqual(['look']);
  });

  it('that cannot look has a beginning and an end on record', async () => {
    const { happened, result } = looking(() => Promise.reject(new PermanentFailure('no such user')));
    expect(await result).toMatchObject({ message: 'no such user' });
    expect(happened).toEqual(['look', 'begun', 'failed']);
  });

  it('whose beginning is held up past its time begins once, changes nothing, and has its end on record', async () => {
    const looks: string[] = [];
    const { happened, result } = looking(
      async () => ({ there: false }),
      {
        recordWithLook: async (_, { found }) => {
          looks.push('begun with a look');
          await new Promise((resolve) => setTimeout(resolve, 600));
          return found;
        },
      },
      undefined,
      200,
    );
    expect(await result).toMatchObject({ message: expect.stringContaining('did not finish within') });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(looks).toHaveLength(1);
    expect(happened).toEqual(['look', 'failed']);
  });

  it('has its end on record where it was begun and the answer to that was lost', async () => {
    const { happened, result } = looking(async () => ({ there: false }), {
      recordWithLook: () => Promise.reject(new Error('The connection was lost.')),
      record: async ({ event }) => {
        if (event.type === 'begun') throw Object.assign(new Error('begun'), { name: 'BegunBefore' });
        happened.push(event.type);
      },
    });
    expect(await result).toMatchObject({ message: expect.stringContaining('The connection was lost.') });
    expect(happened).toEqual(['look', 'failed']);
  });

  it('is called anew where its warrant has changed since and no attempt before it began', async () => {
    const { happened, result } = looking(async () => ({ there: false }), {
      recordWithLook: () => Promise.reject(Object.assign(new Error('not begun'), { name: 'NotBegun' })),
    });
    expect(await result).toMatchObject({ type: 'NotCurrent', nonRetryable: true });
    expect(happened).toEqual(['look']);
  });
});
