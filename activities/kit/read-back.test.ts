import { describe, expect, it } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { type TObject, Type } from 'typebox';
import type { Effect } from '../../plan/plan.ts';
import { activitiesOf, type CallNotes } from './activity.ts';
import { type Action, defineAction } from './define-action.ts';
import { defineConnector } from './define-connector.ts';
import { PermanentFailure } from './failures.ts';
import type { AttemptRecord } from './services.ts';
import { activityHost, testClient, testServices } from './testing.ts';

/** Switches a lamp on. `shows` is what each look at it says, the last for good. */
function lamp(
  shows: boolean[],
  more: { effect?: Effect; preview?: Action['preview']; look?: () => never; timeoutMs?: number } = {},
) {
  const { effect = 'write', look, timeoutMs = 4_000, preview } = more;
  const records: AttemptRecord[] = [];
  const notes: CallNotes = {};
  const counts = { runs: 0, looks: 0 };
  const services = {
    ...testServices({ test: { token: { $secret: 'token' } } }, { token: 'canary-credential-1' }),
    record: async (entry: AttemptRecord) => void records.push(entry),
  };
  const action = defineAction({
    name: 'test.lamp',
    title: 'Lamp',
    description: 'Switches a lamp on.',
    effect,
    source: 'None',
    input: Type.Object({ room: Type.String() }),
    output: Type.Object({ on: Type.Boolean() }),
    examples: [],
    run: async () => {
      counts.runs += 1;
      return { on: true };
    },
    ...(preview === undefined ? {} : { preview }),
    verify: async (_, __, output) => {
      counts.looks += 1;
      look?.();
      return output?.on === true && (shows[counts.looks - 1] ?? shows.at(-1)) === true;
    },
  }) as unknown as Action;
  const connector = defineConnector({
    name: 'test',
    title: 'The test system',
    settings: Type.Object({ token: Type.String() }) as TObject,
    sameSystem: [],
    connect: testClient,
    actions: [action],
  });
  const host = activityHost({ activityType: 'test.lamp', startToCloseTimeoutMs: timeoutMs });
  const body = activitiesOf([connector], services).test?.['test.lamp'];
  const call = { run: 'run-1', runbook: 'evening', step: 'lamp' };
  const result = host.run(async () => body?.({ room: 'lab' }, call, notes));
  const failure = result.then(
    () => undefined,
    (error: ApplicationFailure) => error,
  );
  return { result, failure, records, notes, counts };
}

const would = async () => ({ summary: 'would switch the lamp of lab on' });

describe('A write', () => {
  it('is read back once, which its answer and its record say', async () => {
    const { result, records, notes, counts } = lamp([true]);
    expect(await result).toEqual({ on: true });
    expect(counts).toEqual({ runs: 1, looks: 1 });
    expect(notes).toEqual({ verified: true });
    expect(records.at(-1)?.event).toMatchObject({ type: 'succeeded', verified: true });
  });

  it('is read back again where the system shows it late', async () => {
    const { result, notes, counts } = lamp([false, true]);
    expect(await result).toEqual({ on: true });
    expect(counts).toEqual({ runs: 1, looks: 2 });
    expect(notes).toEqual({ verified: true });
  });

  it('that did not take hold fails its attempt, saying what is not so', async () => {
    const { failure, records, notes } = lamp([false], { preview: would });
    expect(await failure).toMatchObject({
      type: 'RetryableFailure',
      nonRetryable: false,
      message:
        'test.lamp did its work, and read back it is not so: it still would switch the lamp of lab on.',
    });
    expect(notes).toEqual({});
    expect(records.at(-1)?.event).toMatchObject({ type: 'failed' });
  });

  it('names no secret where it says what is not so', async () => {
    const { failure } = lamp([false], {
      preview: async () => ({ summary: 'would say canary-credential-1' }),
    });
    const { message } = (await failure) ?? {};
    expect(message).toContain('it still would say');
    expect(message).not.toContain('canary');
  });

  it('that shows after all when it is asked what is left counts as read back', async () => {
    const preview = async () => ({ summary: 'the lamp of lab is on already', nothingToDo: true });
    const { result, notes } = lamp([false], { preview });
    expect(await result).toEqual({ on: true });
    expect(notes).toEqual({ verified: true });
  });

  it('that cannot be read back for good says that it did its work', async () => {
    const look = () => {
      throw new PermanentFailure('Reading lamps is not allowed.', { status: 403 });
    };
    expect(await lamp([], { look }).failure).toMatchObject({
      nonRetryable: true,
      message: 'test.lamp did its work, and it could not be read back: Reading lamps is not allowed.',
    });
  });

  it('leaves the time of its attempt to its work: further looks have a quarter', async () => {
    const { failure, counts } = lamp([false], { preview: would, timeoutMs: 2_000 });
    expect((await failure)?.message).toContain('read back it is not so');
    expect(counts.looks).toBe(1);
  });
});

describe('A read', () => {
  it('is not read back', async () => {
    const { result, notes, counts } = lamp([true], { effect: 'read' });
    await result;
    expect(counts.looks).toBe(0);
    expect(notes).toEqual({});
  });
});
