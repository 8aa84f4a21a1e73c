import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { Seal } from '../../vault/seal.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import type { JournalBatch } from '../runs.ts';
import { openStore, type Store } from '../store.ts';
import { verify } from './verify.ts';

const database = await testDatabase();
const seal = new Seal({ current: 'k1', keys: { k1: randomBytes(32) } });
const began = Date.parse('2026-03-02T08:00:00.000Z');
const later = 5_000;

describeWith(database)('A run whose worker died right after it told of the end', () => {
  let store: Store;
  let owner: pg.Client;

  beforeAll(async () => {
    store = await openStore(database?.url ?? '', seal);
    owner = new pg.Client({ connectionString: database?.url });
    await owner.connect();
  });

  afterAll(async () => {
    await owner.end();
    await store.close();
    await database?.drop();
  });

  async function findingsOf(run: string): Promise<string[]> {
    const file = await store.audit.file(run);
    if (!file) throw new Error(`no run ${run}`);
    return verify(file, seal).findings.map(({ message }) => message);
  }

  async function ends(run: string): Promise<unknown[]> {
    const records = await store.audit.records(run);
    return records
      .filter(({ kind }) => kind === 'run.ended' || kind === 'run.corrected')
      .map(({ kind, data }) => `${kind} ${data.status}`);
  }

  /** Asked of the run itself, as a comparison does. */
  async function askWhoIsInDoubt(run: string, own: JournalEntry[]): Promise<void> {
    await owner.query(`update runs set asked_at = asked_at - interval '1 minute' where id = $1`, [run]);
    const [found] = (await store.comparisons.asked(50)).filter(({ runId }) => runId === run);
    if (!found) throw new Error(`${run} is not asked`);
    expect(found.contiguousTo).toBe(0);
    await store.runs.appendJournal({ ...batchOf(run, own), askedAt: Date.now() });
    await store.comparisons.compared(found, 20);
    expect(await store.comparisons.asked(50)).toEqual([]);
  }

  it('is asked for all of it once another worker tells otherwise, and its own word is put on record behind the first', async () => {
    const run = 'told-otherwise';
    await store.runs.appendJournal(batchOf(run, journal('succeeded')));
    const own = journal('failed', later);
    await store.runs.appendJournal(batchOf(run, own.slice(3)));
    expect(await findingsOf(run)).toEqual([]);
    await askWhoIsInDoubt(run, own);
    expect(await store.runs.journal(run)).toEqual(own);
    expect(await ends(run)).toEqual(['run.ended succeeded', 'run.corrected failed']);
    expect(await store.runs.find(run)).toMatchObject({ status: 'failed' });
    expect(await findingsOf(run)).toEqual([]);
  });

  it('keeps what is sealed while only a part of it was asked for, and is asked for the rest', async () => {
    const run = 'asked-in-part';
    const told = journal('succeeded');
    const own = journal('succeeded', later);
    await store.runs.appendJournal(batchOf(run, told));
    await store.runs.appendJournal({ ...batchOf(run, own.slice(2)), askedAt: Date.now() });
    expect(await store.runs.journal(run)).toEqual(told);
    expect(await findingsOf(run)).toEqual([]);
    await askWhoIsInDoubt(run, own);
    expect(await store.runs.journal(run)).toEqual(own);
    expect(await findingsOf(run)).toEqual([]);
  });

  it('goes on in the list where it never ended', async () => {
    const run = 'goes-on';
    const own = journal('succeeded', later).slice(0, 3);
    await store.runs.appendJournal(batchOf(run, journal('succeeded')));
    await store.runs.appendJournal(batchOf(run, [...own.slice(2), step(4, later)]));
    await askWhoIsInDoubt(run, [...own, step(4, later), step(5, later)]);
    expect(await store.runs.find(run)).toMatchObject({ status: 'running' });
    const end = { ...ended(6, 'succeeded'), at: began + later };
    await store.runs.appendJournal(batchOf(run, [end]));
    await askWhoIsInDoubt(run, [...own, step(4, later), step(5, later), end]);
    expect((await store.runs.journal(run)).at(-1)).toEqual(end);
    expect(await findingsOf(run)).toEqual([]);
  });

  it('does not have sealed anew what somebody wrote into its journal', async () => {
    const run = 'written-into';
    await store.runs.appendJournal(batchOf(run, journal('succeeded')));
    await owner.query(`update journal set data = '{"by":"eve@example.com"}' where run_id = $1 and seq = 2`, [
      run,
    ]);
    await store.runs.appendJournal({
      ...batchOf(run, journal('succeeded', later).slice(2)),
      askedAt: Date.now(),
    });
    expect(await findingsOf(run)).toContainEqual(
      expect.stringContaining('The journal was changed after the run ended'),
    );
    await askWhoIsInDoubt(run, journal('succeeded', later));
    expect(await findingsOf(run)).toEqual([]);
  });
});

function step(seq: number, after = 0): JournalEntry {
  return { seq, at: began + seq + after, kind: 'step.started', step: `step${seq}` };
}

function ended(seq: number, status: string, after = 0): JournalEntry {
  return { seq, at: began + seq + after, kind: 'run.ended', data: { status } };
}

/** What comes behind its second entry happened that much later, where the worker before did not live to have it kept. */
function journal(status: string, after = 0): JournalEntry[] {
  const data = { requester: 'kim@example.com', cause: 'schedule' };
  return [{ seq: 1, at: began, kind: 'run.started', data }, step(2), step(3, after), ended(4, status, after)];
}

function batchOf(runId: string, entries: JournalEntry[]): JournalBatch {
  const last = entries.at(-1);
  const status = last?.kind === 'run.ended' ? last.data?.status : undefined;
  return {
    runId,
    workflowId: `small-${runId}`,
    runbook: 'small',
    entries,
    summary: {
      status: status === 'succeeded' || status === 'failed' ? status : 'running',
      waitingOn: [],
      ...(status && last ? { endedAt: last.at } : {}),
    },
  };
}
