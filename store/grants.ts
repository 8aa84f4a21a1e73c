/**
 * Two accounts of the database: one owns the tables and changes their form (`countersign migrate`), the other is that of gateway and
 * workers, which can add to what is kept for good and can neither change nor remove any of it.
 */
import { Database, migrate } from './database.ts';

/** Kept for good: read and added to, and nothing else. */
export const appendOnly = [
  'audit',
  'declared_action',
  'gate_paper',
  'gateway_key',
  'plans',
  'register_history',
  'register_imports',
  'run_start',
  'warrant_key',
];

/** What of them may move on all the same, by column. Heads of chains move on by one record at a time, which a trigger holds. */
const movesOn = ['audit_heads', 'recorded_output'];

const roleName = /^[a-z_][a-z0-9_]{0,62}$/;

/** Brings the tables up to date and gives the role what gateway and workers need. Idempotent. */
export async function migrateAndGrant(url: string, role: string): Promise<void> {
  if (!roleName.test(role))
    throw new Error(`"${role}" is no name of a role: small letters, digits and _, beginning with a letter.`);
  const database = new Database(url);
  try {
    await migrate(database);
    await database.transaction(async (query) => {
      const [found] = await query('select 1 from pg_roles where rolname = $1', [role]);
      if (!found)
        throw new Error(
          `The database has no role ${role}. Make it: create role ${role} login password '…', then run this again.`,
        );
      const tables = (
        await query(
          'select quote_ident(tablename) as name from pg_tables where schemaname = current_schema()',
        )
      ).map(({ name }) => String(name));
      const schema = await schemaOf(query);
      await query(`grant usage on schema ${schema} to ${role}`);
      for (const table of tables) {
        await query(`revoke all on ${table} from ${role}, public`);
        await query(`grant ${rightsOn(table)} on ${table} to ${role}`);
      }
      await query(`grant usage, select on all sequences in schema ${schema} to ${role}`);
    });
  } finally {
    await database.close();
  }
}

function rightsOn(table: string): string {
  if (table === 'migrations') return 'select';
  if (appendOnly.includes(table)) return 'select, insert';
  if (movesOn.includes(table)) return 'select, insert, update';
  return 'select, insert, update, delete';
}

async function schemaOf(query: (text: string) => Promise<Record<string, unknown>[]>): Promise<string> {
  const [row] = await query('select quote_ident(current_schema()) as name');
  return String(row?.name);
}
