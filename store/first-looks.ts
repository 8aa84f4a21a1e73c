/** What steps found before their first write: kept once, and given back to every later attempt. */
import type { Json } from '../plan/plan.ts';
import { type Database, jsonb, type Query } from './database.ts';

/** Longer than a run that is parked is left alone. */
const keptDays = 180;
const mostForgotten = 1_000;

export class FirstLooks {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** What was kept under this key first, which is what is given unless there was something before. */
  keep(key: string, found: Json): Promise<Json> {
    return keepLook((text, values) => this.database.query(text, values), { key, found });
  }

  /** What stands under this key now, where it may change: undefined while nothing does. */
  async read(key: string): Promise<Json | undefined> {
    const [row] = await this.database.query('select found from first_look where key = $1', [key]);
    return row?.found as Json | undefined;
  }

  async write(key: string, state: Json): Promise<void> {
    await this.database.query(
      `insert into first_look (key, found) values ($1, $2)
       on conflict (key) do update set found = excluded.found, at = now()`,
      [key, jsonb(state)],
    );
  }

  /** The oldest of them: what is left is forgotten at the next look. */
  async forgetOld(): Promise<void> {
    await this.database.query(
      `delete from first_look where key = any(array(
         select key from first_look where at < now() - $1 * interval '1 day' order by at limit $2))`,
      [keptDays, mostForgotten],
    );
  }
}

/** Gives what was kept under this key first, which is this unless there was something before. */
export async function keepLook(query: Query, { key, found }: { key: string; found: Json }): Promise<Json> {
  const [row] = await query(
    `insert into first_look (key, found) values ($1, $2)
     on conflict (key) do update set key = excluded.key returning found`,
    [key, jsonb(found)],
  );
  if (!row) throw new Error('what a step found was neither kept nor there');
  return row.found as Json;
}
