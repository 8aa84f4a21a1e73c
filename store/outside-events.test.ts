import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { defined } from '../plan/defined.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import type { JournalEntry, WaitingOn } from '../workflows/journal.ts';
import { Database, migrate } from './database.ts';
import { packageRoot } from './package-root.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();
const began = Date.parse('2026-03-02T08:00:00.000Z');

describeWith(database)('an event from outside', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  let mark = 0;
  const keep = (
    key: string,
    more: { sourceKey?: string; data?: Record<string, string>; source?: string; roles?: string[] } = {},
  ) =>
    store.events.keep({
      name: 'order.shipped',
      key,
      data: {},
      source: 'test',
      sourceKey: String(++mark),
      ...more,
    });

  /** A run says what it waits for, as its journal tells it. */
  const waits = (
    run: string,
    key: string | undefined,
    seq = 1,
    entry: Partial<JournalEntry> = {},
    from?: string[],
  ) => {
    const waitingOn: WaitingOn[] = key
      ? [
          {
            step: 'settle',
            title: 'Settle',
            kind: 'event',
            people: [],
            since: began + seq,
            event: { name: 'order.shipped', key, ...defined({ from: from || undefined }) },
          },
        ]
      : [];
    return store.runs.appendJournal({
      runId: run,
      workflowId: `w-${run}`,
      runbook: 'order',
      entries: [{ seq, at: began + seq, kind: 'wait.started', step: 'settle', ...entry }],
      summary: { status: key ? 'waiting' : 'running', waitingOn },
    });
  };
  const due = async (key: string) => {
    await store.events.handOut();
    return (await store.events.due([], 500)).filter((event) => event.key === key);
  };

  it('with the same mark of the same sender is one event', async () => {
    const kept = await Promise.all(Array.from({ length: 5 }, () => keep('once', { sourceKey: 'same' })));
    expect(new Set(kept.map(({ id }) => id)).size).toBe(1);
  });

  it('that comes first is kept for the run that waits later', async () => {
    const { id } = await keep('early', { data: { tracking: 'T-1' } });
    expect(await due('early')).toEqual([]);
    await waits('late-run', 'early');
    expect(await due('early')).toMatchObject([
      { id, runId: 'late-run', workflowId: 'w-late-run', step: 'settle', data: { tracking: 'T-1' } },
    ]);
    await store.events.delivered(id);
    expect(await due('early')).toEqual([]);
    expect((await store.events.list()).find((event) => event.id === id)).toMatchObject({ runId: 'late-run' });
  });

  it('ends one wait: a second one is kept for the next wait, though the index has not heard that the first is over', async () => {
    await waits('two-events', 'twice');
    const first = await keep('twice');
    const second = await keep('twice');
    expect((await due('twice')).map(({ id }) => id)).toEqual([first.id]);
    await store.events.delivered(first.id);
    expect(await due('twice')).toEqual([]);
    await waits('two-events', 'twice', 2);
    expect((await due('twice')).map(({ id }) => id)).toEqual([second.id]);
  });

  it('goes to the run that has waited longest, one event to each run, however many hand out at once', async () => {
    for (const seq of [3, 1, 2]) await waits(`queue-${seq}`, 'queue', seq);
    const events = [await keep('queue'), await keep('queue')];
    await Promise.all(Array.from({ length: 5 }, () => store.events.handOut()));
    expect((await due('queue')).map(({ id, runId }) => [id, runId])).toEqual([
      [events[0]?.id, 'queue-1'],
      [events[1]?.id, 'queue-2'],
    ]);
  });

  it('is handed to a wait that takes it from its sender, and one of a stranger holds none up', async () => {
    const waitsFrom = (run: string, from: string[] | undefined, seq: number) =>
      waits(run, 'named', seq, {}, from);
    await waitsFrom('picky', ['role:warehouse', 'buyer@example.com'], 1);
    const stranger = await keep('named', { source: 'x@example.com', roles: ['role:it'] });
    expect(await due('named')).toEqual([]);
    const clerk = await keep('named', { source: 'y@example.com', roles: ['role:warehouse'] });
    expect(await due('named')).toMatchObject([{ id: clerk.id, runId: 'picky', roles: ['role:warehouse'] }]);
    await waitsFrom('anybody', undefined, 2);
    expect(await due('named')).toMatchObject([{ runId: 'anybody', id: stranger.id }, { runId: 'picky' }]);
    await waitsFrom('third', ['buyer@example.com'], 3);
    const buyer = await keep('named', { source: 'buyer@example.com' });
    expect((await due('named')).map(({ id, runId }) => [id, runId])).toContainEqual([buyer.id, 'third']);
  });

  it('that a run does not wait for any more is anybody’s again', async () => {
    await waits('over', 'again');
    const { id } = await keep('again');
    expect(await due('again')).toMatchObject([{ runId: 'over' }]);
    await waits('over', undefined, 2);
    await store.events.refused(id);
    expect(await due('again')).toEqual([]);
    await waits('other', 'again');
    expect(await due('again')).toMatchObject([{ id, runId: 'other' }]);
  });

  it('is never for a run that has ended, though the index still has it waiting', async () => {
    await waits('ended', 'dead');
    const client = new pg.Client({ connectionString: database?.url });
    await client.connect();
    await client.query(`update runs set ended_at = now() where id = 'ended'`);
    await client.end();
    const { id } = await keep('dead');
    expect(await due('dead')).toEqual([]);
    await waits('rerun', 'dead');
    expect(await due('dead')).toMatchObject([{ id, runId: 'rerun' }]);
  });

  it('that is left alone for now holds up no other', async () => {
    await waits('stuck', 'stuck');
    await waits('well', 'well');
    const stuck = await keep('stuck');
    const well = await keep('well');
    await store.events.handOut();
    const ids = async (except: string[], limit: number) =>
      (await store.events.due(except, limit)).map(({ id }) => id);
    const before = (await ids([], 500)).filter((id) => ![stuck.id, well.id].includes(id));
    expect(await ids(before, 1)).toEqual([stuck.id]);
    expect(await ids([...before, stuck.id], 1)).toEqual([well.id]);
  });

  it('that a run had taken before it ended was delivered, though the answer was lost', async () => {
    await waits('taken', 'lost');
    const { id } = await keep('lost');
    await due('lost');
    await waits('taken', undefined, 2, { kind: 'event', data: { name: 'order.shipped', key: 'lost', id } });
    await store.events.refused(id);
    expect((await store.events.list()).find((event) => event.id === id)).toMatchObject({
      runId: 'taken',
      deliveredAt: expect.any(String),
    });
  });

  it('is forgotten after a month and not before', async () => {
    const [old, recent] = [await keep('old'), await keep('recent')];
    const client = new pg.Client({ connectionString: database?.url });
    await client.connect();
    const age = `update events set received_at = now() - $2 * interval '1 day' where id = $1`;
    await client.query(age, [old.id, 31]);
    await client.query(age, [recent.id, 29]);
    await client.end();
    await store.events.forgetOld();
    const left = (await store.events.list(500)).map((event) => event.id);
    expect([left.includes(old.id), left.includes(recent.id)]).toEqual([false, true]);
  });

  it('is shown with the run that waits for it', async () => {
    await waits('shown', 'CS-7');
    expect(await store.runs.find('shown')).toMatchObject({
      waitingOn: [
        { step: 'settle', kind: 'event', people: [], event: { name: 'order.shipped', key: 'CS-7' } },
      ],
    });
  });
});

const older = await testDatabase();

describeWith(older)('a run that waited for an event before events were kept', () => {
  afterAll(() => older?.drop());

  it('is found by it after the upgrade', async () => {
    const all = join(packageRoot(), 'store', 'migrations');
    const before = await mkdtemp(join(tmpdir(), 'countersign-migrations-'));
    for (const name of await readdir(all))
      if (name < '006') await copyFile(join(all, name), join(before, name));
    const database = new Database(older?.url ?? '');
    await migrate(database, before);
    await rm(before, { recursive: true });
    await database.query(
      `insert into runs (id, workflow_id, runbook, title, kind, owner, requester, status, started_at)
       values ('old', 'w-old', 'order', 'Order', 'other', 'kim@example.com', 'kim@example.com', 'waiting', now())`,
    );
    await database.query(
      `insert into waiting (run_id, step, kind, title, assignee, since) values ('old', 'settle', 'event', 'Settle', '', now())`,
    );
    for (const [seq, key] of [
      [1, 'earlier round'],
      [2, 'CS-9'],
    ])
      await database.query(
        `insert into journal (run_id, seq, at, kind, step, data) values ('old', $1, now(), 'wait.started', 'settle', $2)`,
        [seq, JSON.stringify({ kind: 'event', event: { name: 'order.shipped', key } })],
      );
    await database.close();
    const store = await openStore(older?.url ?? '');
    const { id } = await store.events.keep({
      name: 'order.shipped',
      key: 'CS-9',
      data: {},
      source: 'test',
      sourceKey: '1',
    });
    await store.events.handOut();
    expect(await store.events.due()).toMatchObject([{ id, runId: 'old', step: 'settle' }]);
    await store.close();
  });
});
