import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { Seal } from '../vault/seal.ts';
import { type DeliveryInFull, unbelievedLimits } from './deliveries.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();

describeWith(database)('a ticket system’s delivery', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  it('that comes ten times at once is kept once, and counted', async () => {
    const received = await Promise.all(
      Array.from({ length: 10 }, () => store.deliveries.receive('jira', 'ten-times', '{}')),
    );
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    expect(received.map(({ attempts }) => attempts).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });

  it('is another one when another system sends the same key', async () => {
    const one = await store.deliveries.receive('jira', 'shared', '{}');
    const other = await store.deliveries.receive('servicenow', 'shared', '{}');
    expect(other.id).not.toBe(one.id);
  });

  it('that was seen before is returned as it stands, with what became of it', async () => {
    const { id } = await store.deliveries.receive('jira', 'seen', '{}');
    await store.deliveries.finish(id, { outcome: 'started', runId: 'run-1', transitionKey: 'HR-1:41' });
    expect(await store.deliveries.receive('jira', 'seen', '{"other":true}')).toMatchObject({
      id,
      outcome: 'started',
      runId: 'run-1',
      transitionKey: 'HR-1:41',
      attempts: 2,
    });
    expect(await store.deliveries.find(id)).toMatchObject({ system: 'jira', body: '{}', replays: [] });
  });

  it('leads another delivery of the same transition to the run it started', async () => {
    expect(await store.deliveries.runOfTransition('jira', 'HR-2:41')).toBeUndefined();
    const failed = await store.deliveries.receive('jira', 'failed-first', '{}');
    await store.deliveries.finish(failed.id, { outcome: 'failed', reason: 'no', transitionKey: 'HR-2:41' });
    expect(await store.deliveries.runOfTransition('jira', 'HR-2:41')).toBeUndefined();
    const { id } = await store.deliveries.receive('jira', 'then-started', '{}');
    await store.deliveries.finish(id, { outcome: 'started', runId: 'run-2', transitionKey: 'HR-2:41' });
    expect(await store.deliveries.runOfTransition('jira', 'HR-2:41')).toBe('run-2');
    expect(await store.deliveries.runOfTransition('servicenow', 'HR-2:41')).toBeUndefined();
  });

  it('is listed with the newest first', async () => {
    const { id } = await store.deliveries.receive('jira', 'newest', '{}');
    const [first] = await store.deliveries.list({ limit: 1 });
    expect(first).toMatchObject({ id, outcome: 'received', attempts: 1 });
  });

  it('is kept whatever characters it holds, and is nothing but text to the database', async () => {
    const body = "\0 \uD800 '; drop table deliveries; --";
    const { id } = await store.deliveries.receive('jira', "odd'\0key", body);
    expect(await store.deliveries.find(id)).toHaveProperty(
      'body',
      "\uFFFD \uFFFD '; drop table deliveries; --",
    );
    expect((await store.deliveries.receive('jira', "odd'\0key", body)).id).toBe(id);
  });

  it('is encrypted in the table where there are keys, and opened for whoever asks with them', async () => {
    const seal = new Seal({ current: 'k1', keys: { k1: randomBytes(32) } });
    const sealed = await openStore(database?.url ?? '', seal);
    const { id } = await sealed.deliveries.receive('jira', 'sealed', '{"reason":"illness"}');
    expect(await sealed.deliveries.find(id)).toMatchObject({ body: '{"reason":"illness"}' });
    expect(await store.deliveries.find(id)).toMatchObject({
      body: expect.stringMatching(/^v1\.k1\.[\w-]+$/),
    });
    const { id: earlier } = await store.deliveries.receive('jira', 'from before', '{}');
    expect(await sealed.deliveries.find(earlier)).toMatchObject({ body: '{}' });
    await sealed.close();
  });

  it('is found by the beginning of its id, and not under an id that is none', async () => {
    const { id } = await store.deliveries.receive('jira', 'to-be-found', '{"a":1}');
    expect(await store.deliveries.find(id.slice(0, 18))).toMatchObject({ id, body: '{"a":1}' });
    for (const none of ['not-an-id', '', '%', '00000000'])
      expect(await store.deliveries.find(none)).toBeUndefined();
  });

  it('that is not believed is kept with its reason, and takes no true one’s place', async () => {
    expect(await store.deliveries.refuse('zendesk', '{"key":"X"}', 'no signature')).toBe(true);
    const [refused] = await store.deliveries.list({ outcome: 'rejected', limit: 1 });
    expect(refused).toMatchObject({ system: 'zendesk', believed: false, reason: 'no signature' });
    const real = await store.deliveries.receive('zendesk', refused?.deliveryKey.slice(-36) ?? '', '{}');
    expect(real).toMatchObject({ believed: true, attempts: 1, outcome: 'received' });
  });

  it('that is not believed fills the database neither by size nor by number', async () => {
    const { body: mostBytes, anHour } = unbelievedLimits;
    await store.deliveries.refuse('flood', 'ä'.repeat(mostBytes), 'too long');
    const [long] = await store.deliveries.list({ outcome: 'rejected', limit: 1 });
    const kept = await store.deliveries.find(long?.id ?? '');
    expect(Buffer.byteLength((kept as DeliveryInFull).body)).toBe(mostBytes);
    for (let sent = 1; sent < anHour; sent += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, anHour - sent) }, () => store.deliveries.refuse('flood', '', 'no')),
      );
    expect(await store.deliveries.countedOnly()).toEqual({});
    expect(await store.deliveries.refuse('flood', '', 'no')).toBe(false);
    expect(await store.deliveries.refuse('flood', '', 'no')).toBe(false);
    expect(await store.deliveries.countedOnly()).toEqual({ flood: 2 });
    expect(await store.deliveries.refuse('another', '', 'no')).toBe(true);
  });

  it('remembers who had it handled again, and what became of it', async () => {
    const { id } = await store.deliveries.receive('jira', 'again', '{}');
    await store.deliveries.addReplay(id, 'kim.okafor@example.com', { outcome: 'started', runId: 'run-9' });
    const found = (await store.deliveries.find(id)) as DeliveryInFull;
    expect(found.replays).toMatchObject([
      { by: 'kim.okafor@example.com', outcome: 'started', runId: 'run-9' },
    ]);
  });
});
