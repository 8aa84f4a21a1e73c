import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { defined } from '../plan/defined.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import type { JournalEntry, RunSummary, WaitingOn } from '../workflows/journal.ts';
import type { JournalBatch, NewRun } from './runs.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();
const began = Date.parse('2026-03-02T08:00:00.000Z');

function newRun(id: string, more: Partial<NewRun> = {}): NewRun {
  return {
    id,
    workflowId: `new-hire-${id}`,
    runbook: 'new-hire',
    title: 'New hire onboarding',
    kind: 'onboarding',
    owner: 'role:it-coordinators',
    requester: 'kim@example.com',
    startedAt: new Date(began).toISOString(),
    planHash: 'a1b2',
    ...more,
  };
}

function entry(seq: number, more: Partial<JournalEntry> = {}): JournalEntry {
  return { seq, at: began + seq * 1_000, kind: 'step.started', step: `step${seq}`, ...more };
}

function batch(runId: string, entries: JournalEntry[], summary: Partial<RunSummary> = {}): JournalBatch {
  return {
    runId,
    workflowId: `new-hire-${runId}`,
    runbook: 'new-hire',
    entries,
    summary: { status: 'running', waitingOn: [], ...summary },
  };
}

const gate: WaitingOn = {
  step: 'signoff',
  title: 'The manager signs off',
  kind: 'gate',
  people: ['dana@example.com', 'alex@example.com'],
  since: began,
  deadline: began + 60_000,
};
const parked: WaitingOn = {
  step: 'account',
  title: 'Create the account',
  kind: 'parked',
  people: [],
  role: 'it-coordinators',
  since: began + 1,
};

describeWith(database)('the run index', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });

  it('gives a run back as it was added', async () => {
    const ticket = {
      system: 'jira',
      key: 'HR-1',
      id: '1',
      url: 'https://jira.example.com/HR-1',
      summary: 'Ada',
    };
    await store.runs.add(newRun('whole', { ticket }));
    expect(await store.runs.find('whole')).toEqual({
      ...newRun('whole', { ticket }),
      status: 'running',
      waitingOn: [],
    });
  });

  it('finds a run by the beginning of its id, if only one begins so', async () => {
    await store.runs.add(newRun('prefix-abc'));
    await store.runs.add(newRun('prefix-abd'));
    await store.runs.add(newRun('prefix-ab'));
    expect(await store.runs.find('prefix-abc')).toMatchObject({ id: 'prefix-abc' });
    expect(await store.runs.find('prefix-abd')).toMatchObject({ id: 'prefix-abd' });
    expect(await store.runs.find('prefix-a')).toBe('ambiguous');
    // A whole id counts, even where others begin with it.
    expect(await store.runs.find('prefix-ab')).toMatchObject({ id: 'prefix-ab' });
    expect(await store.runs.find('prefix_ab')).toBeUndefined();
    expect(await store.runs.find('pre%')).toBeUndefined();
  });

  it('keeps the status that the run’s own journal announced before it was added', async () => {
    await store.runs.appendJournal(batch('early', [entry(1)], { status: 'waiting', waitingOn: [gate] }));
    await store.runs.add(newRun('early'));
    expect(await store.runs.find('early')).toMatchObject({
      title: 'New hire onboarding',
      status: 'waiting',
      waitingOn: [{ ...gate, people: ['alex@example.com', 'dana@example.com'] }],
    });
  });

  it('takes the newest summary, whatever order they come in', async () => {
    await store.runs.add(newRun('order'));
    await store.runs.appendJournal(batch('order', [entry(3)], { status: 'parked', waitingOn: [parked] }));
    await store.runs.appendJournal(
      batch('order', [entry(1), entry(2)], { status: 'waiting', waitingOn: [gate] }),
    );
    expect(await store.runs.find('order')).toMatchObject({ status: 'parked', waitingOn: [parked] });
    const endedAt = began + 9_000;
    await store.runs.appendJournal(
      batch('order', [entry(4)], { status: 'rejected', reason: 'No.', endedAt }),
    );
    expect(await store.runs.find('order')).toMatchObject({
      status: 'rejected',
      reason: 'No.',
      endedAt: new Date(endedAt).toISOString(),
      waitingOn: [],
    });
  });

  it('lists by status, newest first, page by page', async () => {
    for (let n = 0; n < 5; n += 1) {
      const startedAt = new Date(began - Math.floor(n / 2) * 1_000).toISOString();
      await store.runs.add(newRun(`page-${n}`, { startedAt }));
      await store.runs.appendJournal(batch(`page-${n}`, [entry(1)], { status: 'undoing' }));
    }
    const seen: string[] = [];
    for (let after: { startedAt: string; id: string } | undefined; ; ) {
      const page = await store.runs.list({ status: ['undoing'], limit: 2, ...defined({ after }) });
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1);
      if (!after) break;
    }
    expect(seen).toEqual(['page-1', 'page-0', 'page-3', 'page-2', 'page-4']);
  });

  it('finds runs with a signature or a task whose time has passed', async () => {
    const waiting = { status: 'waiting' as const };
    const late = { ...gate, deadline: Date.now() - 60_000 };
    await store.runs.add(newRun('overdue-1'));
    await store.runs.add(newRun('overdue-2'));
    await store.runs.appendJournal(batch('overdue-1', [entry(1)], { ...waiting, waitingOn: [late] }));
    const later = { ...gate, deadline: Date.now() + 3_600_000 };
    await store.runs.appendJournal(batch('overdue-2', [entry(1)], { ...waiting, waitingOn: [later] }));
    const found = (await store.runs.list({ overdue: true })).map(({ id }) => id);
    expect(found.filter((id) => id.startsWith('overdue'))).toEqual(['overdue-1']);
  });

  it('knows who each run waits for: people by their address in any case, roles by name', async () => {
    await store.runs.appendJournal(batch('inbox-1', [entry(1)], { status: 'waiting', waitingOn: [gate] }));
    await store.runs.appendJournal(batch('inbox-2', [entry(1)], { status: 'parked', waitingOn: [parked] }));
    const inbox = async (person: string, roles: string[] = []) =>
      (await store.runs.list({ waitingFor: { person, roles } }))
        .map(({ id }) => id)
        .filter((id) => id.startsWith('inbox'));
    expect(await inbox('Dana@Example.com')).toEqual(['inbox-1']);
    expect(await inbox('sam@example.com', ['it-coordinators'])).toEqual(['inbox-2']);
    expect(await inbox('it-coordinators')).toEqual([]);
    await store.runs.appendJournal(batch('inbox-1', [entry(2)]));
    expect(await inbox('dana@example.com')).toEqual([]);
  });

  it('shows a wait for nobody in particular too', async () => {
    const moment: WaitingOn = { step: 'settle', title: 'Settle', kind: 'moment', people: [], since: began };
    await store.runs.appendJournal(batch('moment', [entry(1)], { status: 'waiting', waitingOn: [moment] }));
    expect(await store.runs.find('moment')).toMatchObject({ waitingOn: [moment] });
  });
});

describeWith(database)('a journal', () => {
  let store: Store;
  let own: Awaited<ReturnType<typeof testDatabase>>;
  beforeAll(async () => {
    own = await testDatabase();
    store = await openStore(own?.url ?? '');
  });
  afterAll(async () => {
    await store.close();
    await own?.drop();
  });

  it('comes back as it was written, from any number on', async () => {
    const entries = [entry(1, { kind: 'run.started', data: { by: 'kim', n: 1.5 } }), entry(2), entry(3)];
    await store.runs.appendJournal(batch('written', entries));
    expect(await store.runs.journal('written')).toEqual(entries);
    expect(await store.runs.journal('written', 1, 1)).toEqual([entry(2)]);
  });

  it('holds each entry once', async () => {
    await store.runs.appendJournal(batch('once', [entry(1)]));
    await store.runs.appendJournal(batch('once', [entry(1), entry(2)]));
    expect(await store.runs.journal('once')).toEqual([entry(1), entry(2)]);
  });

  it('holds none that is told in two ways, so that the run is asked which it is', async () => {
    await store.runs.appendJournal(batch('doubted', [entry(1), entry(2)]));
    const other = entry(2, { data: { changed: true } });
    expect(await store.runs.appendJournal(batch('doubted', [other, entry(3)]))).toEqual({ contiguousTo: 1 });
    expect(await store.runs.journal('doubted')).toEqual([entry(1), entry(3)]);
  });

  it('says up to where it has no gap', async () => {
    expect(await store.runs.appendJournal(batch('gap', [entry(2)]))).toEqual({ contiguousTo: 0 });
    expect(await store.runs.appendJournal(batch('gap', [entry(5)]))).toEqual({ contiguousTo: 0 });
    expect(await store.runs.appendJournal(batch('gap', [entry(1)]))).toEqual({ contiguousTo: 2 });
    expect(await store.runs.appendJournal(batch('gap', [entry(3), entry(4)]))).toEqual({ contiguousTo: 5 });
  });

  it('is written of many runs at once, each up to where it has no gap', async () => {
    await store.runs.appendJournal(batch('many-2', [entry(1), entry(2)]));
    const ended = entry(3, { kind: 'run.ended' });
    const written = await store.runs.appendJournals([
      batch('many-1', [entry(1), entry(2)], { status: 'waiting', waitingOn: [gate] }),
      batch('many-2', [entry(2, { data: { changed: true } }), entry(3)]),
      batch('many-3', [entry(2)]),
      batch('many-4', [entry(1), entry(2), ended], { status: 'succeeded', endedAt: began }),
    ]);
    expect(Object.fromEntries(written)).toEqual({ 'many-1': 2, 'many-2': 1, 'many-3': 0, 'many-4': 3 });
    expect(await store.runs.find('many-1')).toMatchObject({
      status: 'waiting',
      waitingOn: [{ step: 'signoff' }],
    });
    expect(await store.runs.journal('many-2')).toEqual([entry(1), entry(3)]);
    expect(await store.runs.find('many-4')).toMatchObject({ status: 'succeeded' });
    expect(await store.runs.appendJournal(batch('many-1', [entry(4)]))).toEqual({ contiguousTo: 2 });
    expect(await store.runs.appendJournal(batch('many-1', [entry(3)]))).toEqual({ contiguousTo: 4 });
  });

  it('leaves the run as it is while its summary says what it said', async () => {
    await store.runs.add(newRun('same'));
    const waits: Partial<RunSummary> = { status: 'waiting', subject: 'Ada', waitingOn: [gate] };
    const version = async () => {
      const client = new pg.Client(own?.url);
      await client.connect();
      const { rows } = await client.query(
        `select xmin::text as run, (select array_agg(w.xmin::text) from waiting w where w.run_id = r.id) as waits,
           (select xmin::text from run_words where run_id = r.id) as words from runs r where id = 'same'`,
      );
      await client.end();
      return rows[0];
    };
    await store.runs.appendJournal(batch('same', [entry(1)], waits));
    const before = await version();
    await store.runs.appendJournal(batch('same', [entry(2), entry(3)], waits));
    expect(await version()).toEqual(before);
    // What is older than what was said last is still older, though that was not written.
    await store.runs.appendJournal(batch('same', [entry(2)], { status: 'parked', waitingOn: [parked] }));
    expect(await store.runs.find('same')).toMatchObject({ status: 'waiting' });
    await store.runs.appendJournal(batch('same', [entry(4)], { ...waits, waitingOn: [] }));
    expect(await store.runs.find('same')).toMatchObject({ waitingOn: [] });
  });

  it('loses and doubles nothing when several workers write it at once', async () => {
    const entries = Array.from({ length: 20 }, (_, n) => entry(n + 1));
    await Promise.all(
      entries.map((_, n) =>
        store.runs.appendJournal(batch('at-once', entries.slice(Math.max(0, n - 2), n + 1))),
      ),
    );
    expect(await store.runs.journal('at-once')).toEqual(entries);
  });

  it('holds whatever text an outside system answered', async () => {
    const data = { message: "nul \0, half \uD83D, '; drop table journal; --", literal: '\\u0000' };
    await store.runs.appendJournal(batch('odd', [entry(1, { data })], { reason: 'nul \0' }));
    expect((await store.runs.journal('odd'))[0]?.data).toEqual({
      message: "nul \uFFFD, half \uFFFD, '; drop table journal; --",
      literal: '\\u0000',
    });
  });
});
