/** Lists that somebody looks at again: the filters of the console's address, under a name of their own. */
import type { Database } from './database.ts';

export interface SavedView {
  name: string;
  /** Of the list's address, without `?`. */
  query: string;
}

export class SavedViews {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async of(person: string): Promise<SavedView[]> {
    const rows = await this.database.query(
      'select name, query from saved_views where person = $1 order by created_at, name',
      [person.toLowerCase()],
    );
    return rows.map(({ name, query }) => ({ name: String(name), query: String(query) }));
  }

  /** One of the same name is replaced. False where somebody has as many as anybody may. */
  async save(person: string, { name, query }: SavedView, most: number): Promise<boolean> {
    const rows = await this.database.query(
      `insert into saved_views (person, name, query) select $1, $2, $3
       where (select count(*) from saved_views where person = $1 and name <> $2) < $4
       on conflict (person, name) do update set query = excluded.query returning name`,
      [person.toLowerCase(), name, query, most],
    );
    return rows.length > 0;
  }

  async forget(person: string, name: string): Promise<void> {
    await this.database.query('delete from saved_views where person = $1 and name = $2', [
      person.toLowerCase(),
      name,
    ]);
  }
}
