/** Declared actions as they were compiled, by their hash: what live runs go by. */
import type { Json } from '../plan/plan.ts';
import { type Database, jsonb } from './database.ts';

export class DeclaredActions {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async keep(hash: string, name: string, content: Json): Promise<void> {
    await this.database.query(
      'insert into declared_action (hash, name, content) values ($1, $2, $3) on conflict (hash) do nothing',
      [hash, name, jsonb(content)],
    );
  }

  async find(hash: string): Promise<Json | undefined> {
    const [row] = await this.database.query('select content from declared_action where hash = $1', [hash]);
    return row?.content as Json | undefined;
  }

  /** Of each name the newest form. */
  async newest(): Promise<{ name: string; hash: string; content: Json }[]> {
    const rows = await this.database.query(
      'select distinct on (name) name, hash, content from declared_action order by name, at desc',
      [],
    );
    return rows as unknown as { name: string; hash: string; content: Json }[];
  }
}
