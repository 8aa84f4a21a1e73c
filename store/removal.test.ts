import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Plan } from '../plan/plan.ts';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { Seal } from '../vault/seal.ts';
import { pruneBy } from '../worker/retention.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { planHash } from './audit/file.ts';
import { verify } from './audit/verify.ts';
import { Database } from './database.ts';
import { openStore, type Store } from './store.ts';

const database = await testDatabase();
const day = 86_400_000;
/** As words: digests in the chain have `ada` among their letters now and then. */
const herName = '\\mada\\M|lovelace';
const seal = new Seal({ current: 'k1', keys: { k1: Buffer.alloc(32, 7) } });

const content = {
  format: 1,
  runbook: 'new-hire',
  title: 'New hire',
  kind: 'onboarding',
  steps: [],
  finally: [],
};
const plan = { ...content, hash: planHash(content as unknown as Plan) } as unknown as Plan;

describeWith(database)('finished runs', () => {
  let store: Store;
  let direct: Database;
  beforeAll(async () => {
    store = await openStore(database?.url ?? '', seal);
    direct = new Database(database?.url ?? '');
  });
  afterAll(async () => {
    await direct.close();
    await store.close();
    await database?.drop();
  });

  /** One that ended so many days ago; it asked a person about "Ada Lovelace". */
  async function ended(id: string, kind: string, daysAgo: number): Promise<void> {
    const at = Date.now() - daysAgo * day;
    const data = {
      requester: 'kim@example.com',
      cause: 'manual',
      kind,
      owner: 'role:it',
      inputs: { name: 'Ada Lovelace' },
    };
    const entries: JournalEntry[] = [
      {
        seq: 1,
        at,
        kind: 'run.started',
        data: { ...data, planHash: plan.hash, title: 'New hire', subject: 'Ada Lovelace' },
      },
      { seq: 2, at: at + 1, kind: 'run.ended', data: { status: 'succeeded' } },
    ];
    await store.runs.savePlan(plan);
    await store.runs.appendJournal({
      runId: id,
      workflowId: `new-hire-ada.lovelace-${id}`,
      runbook: 'new-hire',
      entries,
      summary: { status: 'succeeded', endedAt: at + 1, waitingOn: [], subject: 'Ada Lovelace' },
    });
    await direct.query(
      `insert into gate_paper (run_id, gate, opened, kind, content) values ($1, 'sign', 1, 'asked', '{"shown": "Ada Lovelace"}')`,
      [id],
    );
    await store.outbox.put({
      id: `mail-${id}`,
      to: ['kim@example.com'],
      subject: 'Ada Lovelace',
      text: 'Ada',
      about: { page: 'run', id },
    });
    await store.outbox.sent(`mail-${id}`);
  }

  /** Where anything still says so, by table. */
  async function tablesWith(id: string, words: string): Promise<string[]> {
    const tables = [
      'runs',
      'journal',
      'run_words',
      'gate_paper',
      'recorded_output',
      'run_notes',
      'outbox',
      'audit',
      'removed_runs',
      'events',
    ];
    const found: string[] = [];
    for (const table of tables) {
      const rows = await direct.query(
        `select 1 from ${table} t where t::text like $1 and t::text ~* $2 limit 1`,
        [`%${id}%`, words],
      );
      if (rows.length > 0) found.push(table);
    }
    return found;
  }

  const pruned = async (settings: Parameters<typeof pruneBy>[0]) => {
    const gone: Record<string, number> = {};
    for await (const { what, count } of pruneBy(settings, store.removal))
      gone[what] = (gone[what] ?? 0) + count;
    return gone;
  };
  const verdictOf = async (id: string) => {
    const file = await store.audit.file(id);
    if (!file) throw new Error(`no file of ${id}`);
    return verify(file, seal);
  };

  it('go after the time of their kind, with all that says what they were about', async () => {
    await ended('old-hire', 'onboarding', 800);
    await ended('old-change', 'change', 800);
    await ended('new-hire', 'onboarding', 3);
    expect(await tablesWith('old-hire', herName)).toEqual([
      'runs',
      'journal',
      'run_words',
      'gate_paper',
      'outbox',
    ]);
    expect(await pruned({ runs: '7 years', kinds: { onboarding: { runs: '1 year' } } })).toEqual({ runs: 1 });
    expect(await tablesWith('old-hire', `${herName}|kim@`)).toEqual(['audit']);
    expect((await store.runs.list()).map(({ id }) => id).sort()).toEqual(['new-hire', 'old-change']);
  });

  it('leave records that verify and say what went by which rule', async () => {
    const verdict = await verdictOf('old-hire');
    expect(verdict).toMatchObject({
      intact: true,
      signatures: 'checked',
      records: 3,
      removed: { what: 'runs', rule: 'onboarding: 1 year' },
    });
    expect(await store.runs.find('old-h')).toMatchObject({
      id: 'old-hire',
      title: 'new-hire',
      removed: { at: expect.any(String) },
    });
  });

  it('stay listed without their journals where these go first', async () => {
    const settings = { runs: '7 years', journals: '1 year', kinds: {} };
    expect(await pruned(settings)).toEqual({ journals: 1 });
    expect(await pruned(settings)).toEqual({});
    expect(await store.runs.journal('old-change')).toEqual([]);
    expect(await store.runs.list({ text: 'lovelace' })).toHaveLength(2);
    expect(await verdictOf('old-change')).toMatchObject({ intact: true, removed: { what: 'journals' } });
    expect(await verdictOf('new-hire')).not.toHaveProperty('removed');
  });

  it('are told when a journal went without a record of it', async () => {
    await direct.query(`delete from journal where run_id = 'new-hire'`);
    expect(await verdictOf('new-hire')).toMatchObject({ intact: false });
  });

  it('keep what people were shown from whoever has no record that it may go', async () => {
    await direct.query(`select remove_papers(array['new-hire'])`);
    expect(await tablesWith('new-hire', 'ada')).toContain('gate_paper');
  });

  it('leave it known which deliveries started them, and come back by none that is sent once more', async () => {
    const started = await store.deliveries.receive('jira', 'once', 'body', undefined);
    await store.deliveries.finish(started.id, { outcome: 'started', runId: 'old-hire' });
    await direct.query(`update deliveries set received_at = now() - interval '1 year'`);
    expect(await pruned({ deliveries: '90 days', kinds: {} })).toEqual({ deliveries: 1 });
    expect(await pruned({ deliveries: '90 days', kinds: {} })).toEqual({});
    expect(await store.deliveries.find(started.id)).toMatchObject({ body: '', outcome: 'started' });
    expect((await store.deliveries.receive('jira', 'once', 'body', undefined)).outcome).toBe('started');
    await store.runs.add({
      id: 'old-hire',
      workflowId: 'new-hire-ada.lovelace-old-hire',
      runbook: 'new-hire',
      title: 'New hire',
      kind: 'onboarding',
      owner: 'role:it',
      requester: 'kim@example.com',
      startedAt: new Date().toISOString(),
      planHash: 'none',
    });
    expect((await store.runs.list()).map(({ id }) => id)).not.toContain('old-hire');
    await direct.query('delete from deliveries');
  });

  it('come back by no journal that is told late', async () => {
    const before = await tablesWith('old-hire', '');
    const entries: JournalEntry[] = [
      { seq: 1, at: 0, kind: 'run.started', data: { subject: 'Ada Lovelace' } },
      { seq: 2, at: 1, kind: 'step.started', step: 'look', data: {} },
    ];
    const batch = { runId: 'old-hire', workflowId: 'w', runbook: 'new-hire', entries };
    const told = await store.runs.appendJournal({ ...batch, summary: { status: 'running', waitingOn: [] } });
    expect(told).toEqual({ contiguousTo: 2 });
    expect(await tablesWith('old-hire', '')).toEqual(before);
  });

  it('leave deliveries and messages that are not handled yet, and of those that were not believed nothing', async () => {
    const kept = await store.deliveries.receive('jira', 'd1', 'body', undefined);
    const handled = await store.deliveries.receive('jira', 'd2', 'body', undefined);
    await store.deliveries.finish(handled.id, { outcome: 'not for us', reason: 'nobody knows Ada Lovelace' });
    await store.deliveries.addReplay(handled.id, 'kim@example.com', {
      outcome: 'not for us',
      reason: 'nobody knows Ada Lovelace',
    });
    await store.deliveries.refuse('jira', 'Ada Lovelace', 'not signed');
    await direct.query(`update deliveries set received_at = now() - interval '1 year'`);
    await store.outbox.put({ id: 'unsent', to: [], subject: 's', text: 't' });
    await direct.query(`update outbox set sent_at = sent_at - interval '1 year'`);
    const settings = { deliveries: '90 days', messages: '90 days', kinds: {} };
    expect(await pruned(settings)).toEqual({ deliveries: 2, messages: 2 });
    expect((await store.deliveries.list()).map(({ id }) => id).sort()).toEqual([kept.id, handled.id].sort());
    const left = await store.deliveries.find(handled.id);
    expect(left).toMatchObject({ body: '', outcome: 'not for us', emptiedAt: expect.any(String) });
    expect(JSON.stringify(left)).not.toContain('Lovelace');
    expect((await store.deliveries.receive('jira', 'd2', 'body', undefined)).outcome).toBe('not for us');
    expect(await store.outbox.wasSent('unsent')).toBe(false);
  });
});
