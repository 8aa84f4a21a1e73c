/**
 * All tables as they are at one moment, as lines of JSON, and back. By SQL alone, so that no program of PostgreSQL's has to be there, and
 * none of the very version of the server.
 */
import { readdir } from 'node:fs/promises';
import { Database, jsonb, migrate, ownMigrations, type Query } from './database.ts';

/** The first line. */
export interface BackupHead {
  format: 'countersign-backup';
  version: 1;
  at: string;
  /** Those that the tables have. */
  migrations: string[];
}

/** What follows: a table before its rows, sequences, and at the end how many rows there were. */
export type BackupLine =
  | BackupHead
  | { table: string }
  | { row: unknown }
  | { sequence: string; last: string }
  | { end: { rows: number } };

const rowsAtOnce = 500;

/** One transaction, so that everything is of one moment while gateway and workers go on. */
export async function dump(url: string, write: (line: BackupLine) => Promise<void>): Promise<number> {
  const database = new Database(url);
  try {
    return await database.transaction(async (query) => {
      await query('set transaction isolation level repeatable read, read only');
      const migrations = (await query('select name from migrations order by name')).map(({ name }) =>
        String(name),
      );
      await write({ format: 'countersign-backup', version: 1, at: new Date().toISOString(), migrations });
      let rows = 0;
      for (const { table, columns } of await tablesOf(query)) {
        await write({ table });
        const shown = `jsonb_build_object(${columns.map((name) => `'${name}', t."${name}"`).join(', ')})`;
        await query(`declare backup no scroll cursor for select ${shown} as row from "${table}" t`);
        for (;;) {
          const found = await query(`fetch ${rowsAtOnce} from backup`);
          for (const { row } of found) await write({ row });
          rows += found.length;
          if (found.length < rowsAtOnce) break;
        }
        await query('close backup');
      }
      for (const { name, last } of await query(
        'select sequencename as name, last_value::text as last from pg_sequences where schemaname = current_schema() and last_value is not null',
      ))
        await write({ sequence: String(name), last: String(last) });
      await write({ end: { rows } });
      return rows;
    });
  } finally {
    await database.close();
  }
}

/** Into a database that has nothing of ours: all of it or nothing. Gives how many rows that were. */
export async function load(url: string, lines: AsyncIterable<BackupLine>): Promise<number> {
  const database = new Database(url);
  try {
    const iterator = lines[Symbol.asyncIterator]();
    const head = (await iterator.next()).value as BackupHead | undefined;
    await prepared(database, head);
    const rows = await database.transaction((query) => loaded(query, iterator));
    // The tables of this version, where the backup is of an older one.
    await migrate(database);
    return rows;
  } finally {
    await database.close();
  }
}

async function prepared(database: Database, head: BackupHead | undefined): Promise<void> {
  if (head?.format !== 'countersign-backup') throw new Error('This is no backup of Countersign.');
  if (head.version !== 1)
    throw new Error(
      `This backup has the form ${head.version}, which this version does not know. Use a newer one.`,
    );
  const own = await readdir(ownMigrations());
  const unknown = head.migrations.filter((name) => !own.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `This backup is of a newer version: it has ${unknown.join(', ')}, which this one does not know. Restore it with that version.`,
    );
  const [found] = await database.query("select to_regclass('migrations') is not null as made");
  if (found?.made && (await isEmpty(database, head.migrations))) return;
  if (found?.made)
    throw new Error(
      'This database has tables of Countersign already. Restore into an empty one: nothing was changed.',
    );
  await migrate(database, undefined, (name) => head.migrations.includes(name));
}

/** As an earlier try leaves it, whose rows were all taken back. */
async function isEmpty(database: Database, migrations: readonly string[]): Promise<boolean> {
  return database.transaction(async (query) => {
    const done = (await query('select name from migrations order by name')).map(({ name }) => String(name));
    if (done.join() !== [...migrations].sort().join()) return false;
    for (const { table } of await tablesOf(query))
      if ((await query(`select 1 from "${table}" limit 1`)).length > 0) return false;
    return true;
  });
}

async function loaded(query: Query, lines: AsyncIterator<BackupLine>): Promise<number> {
  const tables = new Map((await tablesOf(query)).map((each) => [each.table, each]));
  let into: Table | undefined;
  let batch: unknown[] = [];
  let rows = 0;
  const flush = async () => {
    if (into && batch.length > 0) await insert(query, into, batch);
    rows += batch.length;
    batch = [];
  };
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const line = next.value;
    if ('row' in line) {
      batch.push(line.row);
      if (batch.length >= rowsAtOnce) await flush();
      continue;
    }
    await flush();
    if ('table' in line) {
      into = tables.get(line.table);
      if (!into)
        throw new Error(
          `The backup has the table ${line.table}, which there is none of. Nothing was restored.`,
        );
    } else if ('sequence' in line)
      await query('select setval(quote_ident($1)::regclass, $2)', [line.sequence, line.last]);
    else if ('end' in line) {
      if (line.end.rows !== rows)
        throw new Error(
          `The backup should have ${line.end.rows} rows and has ${rows}. Nothing was restored.`,
        );
      return rows;
    }
  }
  throw new Error('The backup ends in the middle. Nothing was restored.');
}

async function insert(query: Query, { table, columns }: Table, rows: unknown[]): Promise<void> {
  const names = columns.map((name) => `"${name}"`).join(', ');
  await query(
    `insert into "${table}" (${names}) overriding system value
     select ${names} from jsonb_populate_recordset(null::"${table}", $1::jsonb)`,
    [jsonb(rows)],
  );
}

interface Table {
  table: string;
  /** Without those that are computed. */
  columns: string[];
}

/** Those that others refer to first. */
async function tablesOf(query: Query): Promise<Table[]> {
  const columns = await query(
    `select table_name as table, array_agg(column_name::text order by ordinal_position) as columns
     from information_schema.columns
     where table_schema = current_schema() and is_generated = 'NEVER' and table_name <> 'migrations'
       and table_name in (select tablename from pg_tables where schemaname = current_schema())
     group by table_name order by table_name`,
  );
  const references = await query(
    `select conrelid::regclass::text as of, confrelid::regclass::text as to
     from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace`,
  );
  const left = columns.map((row) => ({ table: String(row.table), columns: row.columns as string[] }));
  const order: Table[] = [];
  while (left.length > 0) {
    const at = left.findIndex(({ table }) =>
      references.every(
        ({ of, to }) => of !== table || to === table || !left.some((other) => other.table === to),
      ),
    );
    // Tables that refer to each other in a circle there are none.
    order.push(...left.splice(Math.max(0, at), 1));
  }
  return order;
}
