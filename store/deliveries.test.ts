import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Seal } from '../activities/kit/seal.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
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
    expect(await store.deliveries.body(id)).toEqual({ system: 'jira', body: '{}' });
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
    const [first] = await store.deliveries.list(1);
    expect(first).toMatchObject({ id, outcome: 'received', attempts: 1 });
  });

  it('is kept whatever characters it holds, and is nothing but text to the database', async () => {
    const body = "\0 \uD800 '; drop table deliveries; --";
    const { id } = await store.deliveries.receive('jira', "odd'\0key", body);
    expect((await store.deliveries.body(id))?.body).toBe("\uFFFD \uFFFD '; drop table deliveries; --");
    expect((await store.deliveries.receive('jira', "odd'\0key", body)).id).toBe(id);
  });

  it('is encrypted in the table where there are keys, and opened for whoever asks with them', async () => {
    const seal = new Seal({ current: 'k1', keys: { k1: randomBytes(32) } });
    const sealed = await openStore(database?.url ?? '', seal);
    const { id } = await sealed.deliveries.receive('jira', 'sealed', '{"reason":"illness"}');
    expect(await sealed.deliveries.body(id)).toEqual({ system: 'jira', body: '{"reason":"illness"}' });
    expect((await store.deliveries.body(id))?.body).toMatch(/^v1\.k1\.[\w-]+$/);
    const { id: earlier } = await store.deliveries.receive('jira', 'from before', '{}');
    expect(await sealed.deliveries.body(earlier)).toEqual({ system: 'jira', body: '{}' });
    await sealed.close();
  });

  it('has no body under an id that is none', async () => {
    expect(await store.deliveries.body('not-an-id')).toBeUndefined();
  });
});
