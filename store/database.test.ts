import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../processes/local-server.ts';
import { describeWith, type TestDatabase, testDatabase } from '../test/support/services.ts';
import { Database, migrate, StoreUnavailable } from './database.ts';
import { packageRoot } from './package-root.ts';

const first = await testDatabase();
afterAll(() => first?.drop());

describeWith(first)('migrations', () => {
  let own: TestDatabase | undefined;
  let database: Database;
  let folder = '';

  beforeEach(async () => {
    own = await testDatabase();
    database = new Database(own?.url ?? '');
    folder = await mkdtemp(join(tmpdir(), 'countersign-migrations-'));
    await writeFile(join(folder, '001-people.sql'), 'create table people (name text);');
  });
  afterEach(async () => {
    await database.close();
    await own?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are each applied once, in the order of their names', async () => {
    await writeFile(
      join(folder, '002-add.sql'),
      'alter table people add column age int; insert into people values (1);',
    );
    await migrate(database, folder);
    await migrate(database, folder);
    expect(await database.query('select name from people')).toEqual([{ name: '1' }]);
    expect(await database.query('select name from migrations order by name')).toEqual([
      { name: '001-people.sql' },
      { name: '002-add.sql' },
    ]);
  });

  it('are applied once when several processes start together', async () => {
    await writeFile(join(folder, '002-add.sql'), "insert into people values ('once');");
    await Promise.all(Array.from({ length: 5 }, () => migrate(database, folder)));
    expect(await database.query('select name from people')).toEqual([{ name: 'once' }]);
  });

  it('are all taken back when one of them fails, and it is named', async () => {
    await writeFile(join(folder, '002-wrong.sql'), 'alter table peple add column age int;');
    await expect(migrate(database, folder)).rejects.toThrow(/002-wrong\.sql.*peple/);
    expect(await database.query("select to_regclass('people') as people")).toEqual([{ people: null }]);
  });

  it('may not change once applied', async () => {
    await migrate(database, folder);
    await writeFile(join(folder, '001-people.sql'), 'create table people (name text, age int);');
    await expect(migrate(database, folder)).rejects.toThrow(
      /001-people\.sql was changed after it was applied\. Restore the file/,
    );
  });

  it('refuse a database that a newer version has migrated', async () => {
    await writeFile(join(folder, '002-newer.sql'), 'create table newer (id int);');
    await migrate(database, folder);
    await rm(join(folder, '002-newer.sql'));
    await expect(migrate(database, folder)).rejects.toThrow(/002-newer\.sql.*newer version/);
  });

  it('of this version apply to an empty database', async () => {
    const ours = join(packageRoot(), 'store', 'migrations');
    for (const name of await readdir(ours)) await copyFile(join(ours, name), join(folder, name));
    await rm(join(folder, '001-people.sql'));
    await migrate(database, folder);
    expect(await database.query('select count(*)::int as n from runs')).toEqual([{ n: 0 }]);
  });
});

describe('a database that is away', () => {
  let database: Database;
  beforeAll(async () => {
    database = new Database(`postgres://nobody:none@127.0.0.1:${await freePort()}/none`);
  });
  afterAll(() => database.close());

  it('is told from a wrong query', async () => {
    await expect(database.query('select 1')).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(database.transaction((query) => query('select 1'))).rejects.toThrow(
      /cannot be reached .*Try again/,
    );
  });
});

describeWith(first)('a database that a dozen runs need at once', () => {
  it('lets them wait for their turn', async () => {
    const database = new Database(first?.url ?? '');
    try {
      // Longer than a connection was once waited for, and in more transactions than there were connections.
      const slow = () => database.transaction((query) => query('select pg_sleep(4)'));
      expect(await Promise.all(Array.from({ length: 12 }, slow))).toHaveLength(12);
    } finally {
      await database.close();
    }
  });
});

describeWith(first)('a connection that breaks in a transaction', () => {
  it('rejects as unavailable, and the next transaction gets a new one', async () => {
    const database = new Database(first?.url ?? '');
    try {
      const broken = database.transaction(async (query) => {
        const [row] = await query('select pg_backend_pid() as pid');
        await database.query('select pg_terminate_backend($1)', [row?.pid]);
        await new Promise((resolve) => setTimeout(resolve, 200));
        await query('select 1');
      });
      await expect(broken).rejects.toBeInstanceOf(StoreUnavailable);
      expect(await database.transaction((query) => query('select 1 as up'))).toEqual([{ up: 1 }]);
    } finally {
      await database.close();
    }
  });
});
