/** Many chains appended to by one statement, beside others who append to the same ones. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { Seal } from '../../vault/seal.ts';
import { Database, type Row, StoreUnavailable } from '../database.ts';
import { openStore, type Store } from '../store.ts';
import { Audit, BegunBefore, NotBegun } from './audit.ts';
import { type AuditEntry, hashOfRecord } from './record.ts';

const database = await testDatabase();
const seal = new Seal({ current: 'k1', keys: { k1: randomBytes(32) } });

/** Counts its statements, and loses the answer to the next one that appends. */
class WatchedDatabase extends Database {
  statements = 0;
  losesAnswer = false;
  override async query(text: string, values: unknown[] = []): Promise<Row[]> {
    this.statements += 1;
    const rows = await super.query(text, values);
    if (!this.losesAnswer || !text.includes('insert into audit')) return rows;
    this.losesAnswer = false;
    throw new StoreUnavailable(new Error('Connection terminated'));
  }
  override transaction<T>(body: Parameters<Database['transaction']>[0]): Promise<T> {
    this.statements += 4;
    return super.transaction(body) as Promise<T>;
  }
}

describeWith(database)('records of many runs at once', () => {
  let store: Store;
  let watched: WatchedDatabase;
  let audit: Audit;

  beforeAll(async () => {
    store = await openStore(database?.url ?? '', seal);
    watched = new WatchedDatabase(database?.url ?? '');
    audit = new Audit(watched, seal);
  });

  afterAll(async () => {
    await watched.close();
    await store.close();
    await database?.drop();
  });

  const told = (runId: string, call: string, kind: AuditEntry['kind'] = 'people.told'): AuditEntry => ({
    runId,
    kind,
    actor: 'countersign',
    data: { call },
  });

  async function chainOf(runId: string): Promise<string[]> {
    const records = await store.audit.records(runId);
    records.forEach((record, index) => {
      expect(record.seq).toBe(index + 1);
      expect(record.previous).toBe(records[index - 1]?.hash ?? record.previous);
      expect(hashOfRecord(record)).toBe(record.hash);
    });
    return records.map(({ data }) => String(data.call));
  }

  it('say that a call which was to be begun before was not', async () => {
    const again = (run: string) =>
      audit.appendWhere(told(run, 'a', 'action.begun'), { begun: 'a', papers: { runs: [run], count: 0 } });
    await expect(again('never begun')).rejects.toThrow(NotBegun);
    await audit.append(told('once begun', 'a', 'action.begun'));
    await again('once begun');
    expect(await chainOf('once begun')).toEqual(['a', 'a']);
  });

  it('take a statement for many of them, each in its own order', async () => {
    const runs = Array.from({ length: 30 }, (_, index) => `many-${index}`);
    await Promise.all(runs.map((run) => audit.append(told(run, 'first'))));
    const before = watched.statements;
    const calls = Array.from({ length: 10 }, (_, index) => `call-${index}`);
    await Promise.all(calls.flatMap((call) => runs.map((run) => audit.append(told(run, call)))));
    expect(watched.statements - before).toBeLessThan(40);
    for (const run of runs) expect(await chainOf(run)).toEqual(['first', ...calls]);
  });

  it('keep with a beginning what its step found, unless something was before, or it may not begin', async () => {
    const begin = (run: string, call: string, found: string, notBegun = call) =>
      audit.appendWhere(told(run, call, 'action.begun'), { notBegun }, { key: `look of ${run}`, found });
    const runs = Array.from({ length: 5 }, (_, index) => `look-${index}`);
    await Promise.all(runs.map((run) => audit.append(told(run, 'first'))));
    const before = watched.statements;
    expect(await Promise.all(runs.map((run) => begin(run, 'one', run)))).toEqual(runs);
    expect(watched.statements - before).toBeLessThan(3);
    expect(await begin('look-0', 'two', 'another')).toBe('look-0');
    await expect(begin('look-1', 'two', 'another', 'one')).rejects.toThrow(BegunBefore);
    // Where another process has written meanwhile, the record and the look are kept by a transaction of their own.
    await store.audit.append(told('look-2', 'theirs'));
    expect(await begin('look-2', 'two', 'another')).toBe('look-2');
    await audit.append(told('look-new', 'first'));
    await store.audit.append(told('look-new', 'theirs'));
    expect(await begin('look-new', 'one', 'found')).toBe('found');
    expect(await store.firstLooks.read('look of look-new')).toBe('found');
    await expect(
      audit.appendWhere(
        told('look-3', 'three', 'action.begun'),
        { notBegun: 'one' },
        { key: 'look of nobody', found: 'x' },
      ),
    ).rejects.toThrow(BegunBefore);
    expect(await store.firstLooks.read('look of nobody')).toBeUndefined();
    for (const run of runs) expect((await chainOf(run)).slice(0, 2)).toEqual(['first', 'one']);
  });

  it('go on where another process has written meanwhile', async () => {
    await audit.append(told('shared', 'ours'));
    await store.audit.append(told('shared', 'theirs'));
    await Promise.all([
      audit.append(told('shared', 'ours again')),
      audit.append(told('many-0', 'beside it')),
    ]);
    expect(await chainOf('shared')).toEqual(['ours', 'theirs', 'ours again']);
  });

  it('are written although one of them was decided on what has changed', async () => {
    await Promise.all([
      audit.append(told('begun', 'a', 'action.begun')),
      audit.append(told('not begun', 'b')),
    ]);
    const outcomes = await Promise.allSettled([
      audit.appendWhere(told('begun', 'a', 'action.begun'), { notBegun: 'a' }),
      audit.appendWhere(told('not begun', 'c', 'action.begun'), { notBegun: 'c' }),
      audit.append(told('many-1', 'beside them')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[0]).toMatchObject({ reason: expect.any(BegunBefore) });
    expect(await chainOf('begun')).toEqual(['a']);
    expect(await chainOf('not begun')).toEqual(['b', 'c']);
  });

  it('are written although the database takes one of them not at all', async () => {
    await Promise.all([
      audit.append(told('twice', 'one', 'run.started')),
      audit.append(told('once', 'one', 'run.started')),
    ]);
    const outcomes = await Promise.allSettled([
      audit.append(told('twice', 'two', 'run.started')),
      audit.append(told('once', 'two')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await chainOf('twice')).toEqual(['one']);
    expect(await chainOf('once')).toEqual(['one', 'two']);
  });

  it('wait for none whose chain somebody else has locked', async () => {
    await Promise.all([audit.append(told('locked', 'one')), audit.append(told('free', 'one'))]);
    let isWritten = false;
    let late: Promise<void> | undefined;
    const other = new Database(database?.url ?? '');
    await other.transaction(async (query) => {
      await query('select 1 from audit_heads where run_id = $1 for update', ['locked']);
      late = audit.append(told('locked', 'two')).then(() => {
        isWritten = true;
      });
      await audit.append(told('free', 'two'));
      await audit.append(told('free', 'three'));
      expect(isWritten).toBe(false);
    });
    await late;
    await other.close();
    expect(await chainOf('locked')).toEqual(['one', 'two']);
    expect(await chainOf('free')).toEqual(['one', 'two', 'three']);
  });

  it('of which nobody knows whether they were written fail, and are in their chains once at most', async () => {
    await Promise.all([audit.append(told('lost', 'one')), audit.append(told('lost too', 'one'))]);
    watched.losesAnswer = true;
    const outcomes = await Promise.allSettled([
      audit.append(told('lost', 'two')),
      audit.append(told('lost too', 'two')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await audit.append(told('lost', 'three'));
    expect(await chainOf('lost')).toEqual(['one', 'two', 'three']);
    expect(await chainOf('lost too')).toEqual(['one', 'two']);
  });
});
