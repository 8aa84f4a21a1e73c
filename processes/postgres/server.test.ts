import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, StoreUnavailable } from '../../store/database.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { isAlive } from '../local-server.ts';
import { type PostgresServer, provisionPostgres } from './server.ts';

const shared = await testDatabase();
afterAll(() => shared?.drop());
const declared = process.env.DATABASE_URL;

describe('DATABASE_URL', () => {
  afterEach(() => {
    if (declared === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = declared;
  });

  it('is used as it is, and stopping leaves that server alone', async () => {
    process.env.DATABASE_URL = 'postgres://db.example.com/countersign';
    const server = await provisionPostgres({ dataFolder: 'unused', log: () => {} });
    expect(server).toMatchObject({ url: 'postgres://db.example.com/countersign', source: 'DATABASE_URL' });
    await server.stop();
  });
});

describeWith(shared)('a PostgreSQL of our own', () => {
  let folder = '';
  const servers: PostgresServer[] = [];
  const open: Database[] = [];

  beforeAll(() => {
    delete process.env.DATABASE_URL;
  });
  beforeEach(async () => {
    // A folder that only its owner may enter, as a clone below root's home is.
    folder = await mkdtemp(join(tmpdir(), 'countersign-pg-'));
  });
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
    for (const server of servers.splice(0)) await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => {
    if (declared !== undefined) process.env.DATABASE_URL = declared;
  });

  const start = async () => {
    const server = await provisionPostgres({ dataFolder: folder, log: () => {} });
    servers.push(server);
    return server;
  };
  const connect = (server: PostgresServer) => {
    const database = new Database(server.url);
    open.push(database);
    return database;
  };

  it('keeps its data, its port and its password over a restart', async () => {
    const first = await start();
    await connect(first).query('create table kept as select 42 as answer');
    await open.pop()?.close();
    await first.stop();
    await first.ended;
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await connect(second).query('select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('stores text in UTF-8 whatever the machine’s language', async () => {
    const database = connect(await start());
    expect(await database.query('show server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
  });

  it('keeps its password from others', async () => {
    await start();
    const { mode } = await stat(join(folder, 'postgres', 'server.json'));
    expect(mode & 0o077).toBe(0);
  });

  it('has every acknowledged row after SIGKILL', async () => {
    const first = await start();
    const database = connect(first);
    await database.query('create table rows (n int)');
    await database.query('insert into rows select generate_series(1, 500)');
    process.kill(first.pid ?? 0, 'SIGKILL');
    await first.ended;
    // A connection's own process outlives the server by a moment.
    await expect(untilRefused(database)).rejects.toBeInstanceOf(StoreUnavailable);
    const second = await start();
    expect(second.url).toBe(first.url);
    // The same pool finds the server again.
    expect(await database.query('select count(*)::int as n from rows')).toEqual([{ n: 500 }]);
  });

  it('replaces a server whose owner is gone', async () => {
    const first = await start();
    const memory = join(folder, 'postgres', 'server.json');
    const remembered = JSON.parse(await readFile(memory, 'utf8')) as Record<string, unknown>;
    await writeFile(memory, JSON.stringify({ ...remembered, owner: await deadProcess() }));
    const second = await start();
    expect(await isAlive(first.pid ?? 0)).toBe(false);
    expect(second.url).toBe(first.url);
  });

  it('is not started twice over the same files', async () => {
    const { pid } = await start();
    await expect(start()).rejects.toThrow(
      new RegExp(`already runs over .*data \\(process ${pid}, started by process ${process.pid}\\)`),
    );
  });

  it('does not believe a process id that another program has by now', async () => {
    const first = await start();
    await first.stop();
    const pidFile = join(folder, 'postgres', 'data', 'postmaster.pid');
    await writeFile(pidFile, `${process.pid}\n`);
    expect((await start()).url).toBe(first.url);
  });

  it('is set up anew after a set-up that was interrupted', async () => {
    const first = await start();
    await first.stop();
    await rm(join(folder, 'postgres', 'data', 'PG_VERSION'));
    expect(await connect(await start()).query('select 1 as up')).toEqual([{ up: 1 }]);
  });

  it('says why it could not start, and the way out', async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(folder, 'postgres', 'data', 'postgresql.conf'), 'max_connections = many\n');
    await expect(start()).rejects.toThrow(/did not start in .*many.*Set DATABASE_URL/s);
  });
});

async function deadProcess(): Promise<number> {
  const child = spawn('true', { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}

async function untilRefused(database: Database): Promise<void> {
  for (;;) {
    await database.query('select 1');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
