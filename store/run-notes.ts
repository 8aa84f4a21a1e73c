/** What people who work on a run write for each other. Not a part of its evidence: decisions stand in the journal. */
import { type Database, storable } from './database.ts';

export interface RunNote {
  /** Milliseconds since 1970. */
  at: number;
  person: string;
  text: string;
}

export class RunNotes {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** False where the run has as many as one may have. */
  async add(run: string, person: string, text: string, most: number): Promise<boolean> {
    const rows = await this.database.query(
      `insert into run_notes (run_id, person, body) select $1, $2, $3
       where (select count(*) from run_notes where run_id = $1) < $4 returning id`,
      [run, person, storable(text), most],
    );
    return rows.length > 0;
  }

  /** The oldest first. */
  async of(run: string): Promise<RunNote[]> {
    const rows = await this.database.query(
      'select extract(epoch from at) * 1000 as at, person, body from run_notes where run_id = $1 order by id',
      [run],
    );
    return rows.map(({ at, person, body }) => ({
      at: Math.round(Number(at)),
      person: String(person),
      text: String(body),
    }));
  }
}
