/** What was not believed, or was called and not signed, over all runs: as it stands on record. */
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Database } from '../database.ts';

export interface Refusal {
  /** Of whichever run it was said to be, also one that is not ours. */
  run: string;
  record: number;
  at: string;
  /** The action, or what was sent to the run: `vote`. */
  what: string;
  step?: string;
  why: string;
  /** Further ones of this run are not on record. */
  andMore?: true;
  /** Of a run that is listed. */
  title?: string;
  runbook?: string;
}

export interface RefusalFilter {
  run?: string;
  /** Only earlier ones: a moment, RFC 3339. */
  before?: string;
  limit: number;
}

export class Refusals {
  private readonly database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.database = database;
  }

  /** The last first. */
  async list({ run, before, limit }: RefusalFilter): Promise<Refusal[]> {
    const rows = await this.database.query(
      `select audit.run_id, audit.seq, audit.at, audit.step, audit.data, runs.title, runs.runbook
       from audit left join runs on runs.id = audit.run_id
       where audit.kind = 'call.refused' and ($1::text is null or audit.run_id = $1)
         and ($2::timestamptz is null or audit.at < $2)
       order by audit.at desc, audit.run_id, audit.seq desc limit $3`,
      [run ?? null, before ?? null, limit],
    );
    return rows.map((row) => {
      const { what, why, andMore } = row.data as JsonObject;
      return defined({
        run: String(row.run_id),
        record: Number(row.seq),
        at: (row.at as Date).toISOString(),
        what: String(what),
        step: (row.step as string | null) ?? undefined,
        why: String(why),
        andMore: andMore === true ? (true as const) : undefined,
        title: (row.title as string | null) ?? undefined,
        runbook: (row.runbook as string | null) ?? undefined,
      });
    });
  }
}
