/** How the database stands, asked over one connection: changes nothing. */
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { defined } from '../plan/defined.ts';
import { ownMigrations } from './database.ts';

export interface DatabaseState {
  /** Such as 18.4. */
  version: string;
  /** 180004 for 18.4. */
  versionNumber: number;
  /** Of this version, and not applied. */
  pending: string[];
  /** Applied, and of no version that is known here. */
  unknown: string[];
  /** Tables in which this account may not write, although it must. */
  closed: string[];
  /** Whether this account may make tables. */
  mayCreate: boolean;
  /** Ticket system -> when something that was believed came of it. */
  lastDelivery: Map<string, Date>;
  /** Of the audit records that are sent elsewhere: what the last try met, and how many runs wait. */
  auditStream?: { chains: number; lastError?: string };
}

const connectMs = 8_000;

/** Rejects as `pg` does, with its codes. */
export async function databaseState(url: string, systems: readonly string[]): Promise<DatabaseState> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    query_timeout: connectMs,
  });
  // Told of what went wrong after it is of no more interest, Node would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return await stateOf(client, systems);
  } finally {
    await client.end().catch(() => {});
  }
}

async function stateOf(client: pg.Client, systems: readonly string[]): Promise<DatabaseState> {
  const rows = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
  const [server] = await rows(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            to_regclass('migrations') is not null as migrated, has_schema_privilege(current_schema(), 'create') as may`,
  );
  const own = (await readdir(ownMigrations())).filter((name) => name.endsWith('.sql')).sort();
  const done = server.migrated ? (await rows('select name from migrations')).map(({ name }) => name) : [];
  const pending = own.filter((name) => !done.includes(name));
  const whole = server.migrated && pending.length === 0;
  return {
    version: String(server.version).split(' ')[0] ?? '',
    versionNumber: server.number,
    pending,
    unknown: done.filter((name) => !own.includes(name)),
    closed: whole ? await closedTables(rows) : [],
    mayCreate: server.may === true,
    lastDelivery: whole ? await lastDeliveries(rows, systems) : new Map(),
    ...defined({ auditStream: whole ? await streamOf(rows) : undefined }),
  };
}

type Rows = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

async function closedTables(rows: Rows): Promise<string[]> {
  const closed = await rows(
    `select tablename from pg_tables where schemaname = current_schema() and tablename <> 'migrations'
      and not has_table_privilege(format('%I.%I', schemaname, tablename), 'insert') order by tablename`,
  );
  return closed.map(({ tablename }) => String(tablename));
}

async function streamOf(rows: Rows): Promise<NonNullable<DatabaseState['auditStream']>> {
  const [row] = await rows(
    'select (select count(*) from audit_due) as chains, (select last_error from audit_stream) as error',
  );
  const error = row?.error;
  return { chains: Number(row?.chains ?? 0), ...defined({ lastError: error ? String(error) : undefined }) };
}

async function lastDeliveries(rows: Rows, systems: readonly string[]): Promise<Map<string, Date>> {
  const last = new Map<string, Date>();
  for (const system of systems) {
    const [row] = await rows(
      'select received_at from deliveries where system = $1 and believed order by received_at desc limit 1',
      [system],
    );
    if (row) last.set(system, row.received_at as Date);
  }
  return last;
}
