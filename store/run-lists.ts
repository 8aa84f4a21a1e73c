/** Lists that are too large for the history of their run, in pieces, each encrypted by whoever keeps it. */
import type { Database } from './database.ts';

/** As long as Temporal keeps the history that names them. */
const keptDays = 365;
/** One statement carries so many pieces. */
const atOnce = 16;

export interface ListPiece {
  /** Place of its first item in the list. */
  first: number;
  content: string;
}

export class RunLists {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** A list that is there already stays as it is: its id stands for its content. */
  async keep(run: string, list: string, pieces: readonly ListPiece[]): Promise<void> {
    for (let from = 0; from < pieces.length; from += atOnce) {
      const some = pieces.slice(from, from + atOnce);
      await this.database.query(
        `insert into run_list (list, run_id, first, content)
         select $1, $2, * from unnest($3::int[], $4::text[]) on conflict (list, first) do nothing`,
        [list, run, some.map(({ first }) => first), some.map(({ content }) => content)],
      );
    }
  }

  /** The piece with this item; undefined where it is not there any more. */
  async piece(list: string, item: number): Promise<ListPiece | undefined> {
    const [row] = await this.database.query(
      'select first, content from run_list where list = $1 and first <= $2 order by first desc limit 1',
      [list, item],
    );
    return row && { first: Number(row.first), content: String(row.content) };
  }

  /** Of runs that ended long ago, and of runs that were never listed. */
  async forgetOld(): Promise<void> {
    await this.database.query(
      `delete from run_list l where at < now() - $1 * interval '1 day'
       and not exists (select from runs r where r.id = l.run_id
         and (r.ended_at is null or r.ended_at > now() - $1 * interval '1 day'))`,
      [keptDays],
    );
  }
}
