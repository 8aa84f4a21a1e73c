/** The connection to PostgreSQL, and its migrations. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { errorText } from '../plan/error-text.ts';
import { packageRoot } from './package-root.ts';

/** The database cannot be reached now. Whoever asked should be told to try again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** It answers, and has no room to write. */
  readonly full: boolean;
  constructor(cause: unknown) {
    const why = errorText(cause);
    const full = isFull(cause);
    super(
      full
        ? `The database takes nothing more (${why}). Make room where PostgreSQL keeps its data.`
        : `The database cannot be reached (${why}). Try again; if it stays away, check DATABASE_URL.`,
      { cause },
    );
    this.full = full;
  }
}

export type Row = Record<string, unknown>;
/**
 * `name` is for statements of every step of every run, and theirs alone: the database then plans them once a connection. None of them may
 * give `*`, which a migration would change under a process that is still running.
 */
export type Query = (text: string, values?: unknown[], name?: string) => Promise<Row[]>;

/** Longest time of one query. */
const queryLimitMs = 30_000;

/** Longest time of a look whether it is there. */
const pingLimitMs = 3_000;

/** SQLSTATE classes and system errors that mean "not now", not "wrong". */
const awayCodes = /^(08|57P|53)|^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT)$/;

/** PostgreSQL: disk_full, or the same in the system's words. */
function isFull(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return code === '53100' || code === 'ENOSPC' || /no space left on device/i.test(message ?? '');
}

export class Database {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({
      connectionString: url,
      // A dozen runs that start within a second are no reason to fail: they wait for their turn.
      max: 10,
      connectionTimeoutMillis: 10_000,
      // A database that stopped answering is away: whoever asked is told so.
      query_timeout: queryLimitMs,
      keepAlive: true,
    });
    // A connection that breaks while idle is replaced at the next query; without a listener it would end the process.
    this.pool.on('error', () => {});
  }

  async query(text: string, values: unknown[] = [], name?: string): Promise<Row[]> {
    try {
      return (await this.pool.query(configOf(text, values, name))).rows as Row[];
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** Writes one row, soon or not at all: a database that only reads, as one whose disk is full, does not work. */
  async ping(): Promise<void> {
    const write = this.query(
      'insert into health (id, at) values (true, now()) on conflict (id) do update set at = now()',
    );
    write.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      const why = new Error(`it did not answer within ${pingLimitMs / 1000} s`);
      timer = setTimeout(() => reject(new StoreUnavailable(why)), pingLimitMs);
    });
    await Promise.race([write, tooLong]).finally(() => clearTimeout(timer));
  }

  /** Runs the body in one transaction. */
  async transaction<T>(body: (query: Query) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw asStoreError(error);
    }
    // A connection that breaks says so as an event too, which would end the process.
    const ignore = () => {};
    client.on('error', ignore);
    const release = (broken: boolean) => {
      client.removeListener('error', ignore);
      client.release(broken);
    };
    try {
      await client.query('begin');
      const result = await body(
        async (text, values = [], name) => (await client.query(configOf(text, values, name))).rows as Row[],
      );
      await client.query('commit');
      release(false);
      return result;
    } catch (error) {
      // A client whose rollback fails too is broken: it is thrown away.
      const broken = await client.query('rollback').then(
        () => false,
        () => true,
      );
      release(broken);
      throw asStoreError(error);
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

function configOf(text: string, values: unknown[], name: string | undefined): pg.QueryConfig {
  return name === undefined ? { text, values } : { text, values, name };
}

export function asStoreError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  const away =
    (code && awayCodes.test(code)) ||
    isFull(error) ||
    /Connection terminated|not queryable|timeout exceeded when trying to connect|Query read timeout/.test(
      message ?? '',
    );
  return away ? new StoreUnavailable(error) : error;
}

/** Any number that no other program uses for its own lock in this database. */
const migrationLock = 7_402_611;

/** Brings the database to this version's tables, all of them or none. Safe to call from several processes at once. */
export async function migrate(
  database: Database,
  folder = ownMigrations(),
  isWanted: (name: string) => boolean = () => true,
): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  await database.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [migrationLock]);
    // Whoever may make no tables can still see that all of them are there.
    const [made] = await query("select to_regclass('migrations') is not null as made");
    if (!made?.made)
      await query(
        'create table migrations (name text primary key, checksum text not null, at timestamptz not null default now())',
      );
    const done = new Map(
      (await query('select name, checksum from migrations')).map((row) => [row.name, row.checksum]),
    );
    for (const name of done.keys()) {
      if (!files.includes(String(name)))
        throw new Error(
          `The database has migration ${name}, which this version does not know: a newer version has been here. Start that version, or restore an older database.`,
        );
    }
    for (const name of files.filter(isWanted)) {
      const sql = await readFile(join(folder, name), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const known = done.get(name);
      if (known === undefined) {
        await query(sql).catch((error: unknown) => Promise.reject(inMigration(name, error)));
        await query('insert into migrations (name, checksum) values ($1, $2)', [name, checksum]);
      } else if (known !== checksum) {
        throw new Error(
          `Migration ${name} was changed after it was applied. Restore the file and add a new migration instead.`,
        );
      }
    }
  });
}

function inMigration(name: string, error: unknown): unknown {
  const known = asStoreError(error);
  if (known instanceof StoreUnavailable || !(error instanceof Error)) return known;
  return new Error(`Migration ${name} failed, nothing was changed: ${error.message}`, { cause: error });
}

export function ownMigrations(): string {
  return join(packageRoot(), 'store', 'migrations');
}

/** PostgreSQL's text holds neither the NUL character nor half a surrogate pair; what others send may. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

/** JSON for a `jsonb` parameter. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? storable(item) : item));
}
