import { afterAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { describeWith, testDatabase } from '../test/support/services.ts';
import { Seal } from '../vault/seal.ts';
import { type BackupLine, dump, load } from './backup.ts';
import { openStore } from './store.ts';

const [one, two] = [await testDatabase(), await testDatabase()];
afterAll(() => Promise.all([one?.drop(), two?.drop()]));

const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 7) } });

async function asked(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function* given(lines: BackupLine[]): AsyncGenerator<BackupLine> {
  yield* lines;
}

describeWith(one && two)('A backup of the database', () => {
  const [from, to] = [one?.url ?? '', two?.url ?? ''];
  const lines: BackupLine[] = [];

  it('holds everything of one moment, and gives it back to an empty database, whose chains verify', async () => {
    const store = await openStore(from, seal);
    for (const kind of ['run.started', 'run.ended'] as const)
      await store.audit.append({
        runId: 'r1',
        kind,
        actor: 'kim.okafor@example.com',
        data: { title: 'Ünïcode "quoted"', nothing: null, deep: { list: [1, 2.5, true] } },
      });
    await store.runs.add({
      id: 'r1',
      workflowId: 'w1',
      runbook: 'one',
      title: 'One',
      kind: 'other',
      owner: 'role:it',
      planHash: 'h1',
      requester: 'kim.okafor@example.com',
      startedAt: '2026-01-02T03:04:05.678Z',
    });
    await store.outbox.put({ id: 'm1', to: ['a.lee@example.com'], subject: 'Hello', text: 'Two\nlines' });
    await store.gatewayKeys.list('g1', 'public');
    await asked(from, `insert into vendors (name) values ('Example Hardware')`);
    const before = await store.audit.records('r1');
    await store.close();
    const rows = await dump(
      from,
      async (line) => void lines.push(JSON.parse(JSON.stringify(line)) as BackupLine),
    );
    expect(await load(to, given(lines))).toBe(rows);
    const restored = await openStore(to, seal);
    expect(await restored.audit.records('r1')).toEqual(before);
    // The chain goes on from where it was.
    await restored.audit.append({
      runId: 'r1',
      kind: 'people.told',
      actor: 'kim.okafor@example.com',
      data: {},
    });
    expect(await restored.runs.find('r1')).toMatchObject({
      title: 'One',
      startedAt: '2026-01-02T03:04:05.678Z',
    });
    expect(await restored.gatewayKeys.find('g1')).toBe('public');
    await restored.close();
    const [{ id } = {}] = await asked(to, `insert into vendors (name) values ('Another') returning id`);
    expect(Number(id)).toBe(2);
    const tables = `select table_name from information_schema.tables where table_schema = 'public' order by 1`;
    expect(await asked(to, tables)).toEqual(await asked(from, tables));
  });

  it('is not restored over something that is there', async () => {
    await expect(load(to, given(lines))).rejects.toThrow('Restore into an empty one');
  });

  it('that ends in the middle, lacks rows or is of a newer version restores nothing', async () => {
    const third = await testDatabase();
    const url = third?.url ?? '';
    await expect(load(url, given(lines.slice(0, -1)))).rejects.toThrow('ends in the middle');
    const first = lines.findIndex((line) => 'row' in line);
    await expect(load(url, given(lines.toSpliced(first, 1)))).rejects.toThrow(/should have \d+ rows and has/);
    const [head] = lines;
    const newer = { ...head, migrations: ['999-newer.sql'] } as BackupLine;
    await expect(load(url, given([newer, ...lines.slice(1)]))).rejects.toThrow('999-newer.sql');
    expect(await asked(url, 'select 1 from audit')).toEqual([]);
    // Whole, it is restored after all of them.
    expect(await load(url, given(lines))).toBeGreaterThan(4);
    await third?.drop();
  });
});
