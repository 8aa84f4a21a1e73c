/** What coordinators look at together: steps that parked for one reason, and how things stand. */
import { defined } from '../plan/defined.ts';
import type { Database, Row } from './database.ts';

export interface ParkedStepRow {
  run: string;
  title: string;
  subject?: string;
  ticket?: { key: string };
  runbook: string;
  owner: string;
  step: string;
  stepTitle: string;
  /** Milliseconds since 1970. */
  since: number;
  message: string;
}

export interface Standing {
  /** Of runs that have not ended, by status. */
  live: Record<string, number>;
  /** Signatures and tasks whose time has passed. */
  overdue: number;
  /** Gates that are open, and how long, in milliseconds; absent where none is. */
  gates: { open: number; median?: number; oldest?: number };
  /** Of runs that ended in the last 30 days: milliseconds. */
  durations: {
    runbook: string;
    title: string;
    ended: number;
    succeeded: number;
    median: number;
    longest: number;
  }[];
}

export class Overview {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Oldest first. `person` limits it to runs that concern them. */
  async parked(limit: number, person?: string): Promise<ParkedStepRow[]> {
    const rows = await this.database.query(
      `select distinct on (w.since, w.run_id, w.step) r.id, r.title, r.subject, r.ticket, r.runbook, r.owner, w.step,
         w.title as step_title, extract(epoch from w.since) * 1000 as since, (
           select j.data->>'message' from journal j
           where j.run_id = w.run_id and j.step = w.step and j.kind = 'step.parked' order by j.seq desc limit 1) as message
       from waiting w join runs r on r.id = w.run_id
       where w.kind = 'parked' and r.ended_at is null
         and ($2::text is null or exists (select 1 from run_people p where p.run_id = r.id and p.person = $2))
       order by w.since, w.run_id, w.step limit $1`,
      [limit, person?.toLowerCase() ?? null],
    );
    return rows.map(parkedOf);
  }

  async standing(now = Date.now()): Promise<Standing> {
    const { database } = this;
    const [live, [overdue], [gates], durations] = await Promise.all([
      database.query('select status, count(*) as count from runs where ended_at is null group by status'),
      database.query(
        `select count(distinct (run_id, step)) as count from waiting
         where kind in ('gate', 'task') and deadline < to_timestamp($1 / 1000.0)`,
        [now],
      ),
      database.query(
        `select count(*) as open, percentile_cont(0.5) within group (order by age) as median, max(age) as oldest from (
           select $1 - extract(epoch from min(since)) * 1000 as age from waiting where kind = 'gate' group by run_id, step) g`,
        [now],
      ),
      database.query(
        `select runbook, max(title) as title, count(*) as ended, count(*) filter (where status = 'succeeded') as succeeded,
           percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at)) * 1000 as median,
           max(extract(epoch from ended_at - started_at)) * 1000 as longest
         from runs where ended_at >= to_timestamp($1 / 1000.0) - interval '30 days'
         group by runbook order by count(*) desc, runbook limit 50`,
        [now],
      ),
    ]);
    const numberOf = (value: unknown) => (value === null ? undefined : Math.round(Number(value)));
    return {
      live: Object.fromEntries(live.map(({ status, count }) => [String(status), Number(count)])),
      overdue: Number(overdue?.count ?? 0),
      gates: {
        open: Number(gates?.open ?? 0),
        ...defined({ median: numberOf(gates?.median ?? null), oldest: numberOf(gates?.oldest ?? null) }),
      },
      durations: durations.map((row) => ({
        runbook: String(row.runbook),
        title: String(row.title),
        ended: Number(row.ended),
        succeeded: Number(row.succeeded),
        median: Math.round(Number(row.median)),
        longest: Math.round(Number(row.longest)),
      })),
    };
  }
}

function parkedOf(row: Row): ParkedStepRow {
  const { key } = (row.ticket ?? {}) as { key?: string };
  return {
    run: String(row.id),
    title: String(row.title),
    ...defined({
      subject: row.subject ? String(row.subject) : undefined,
      ticket: key === undefined ? undefined : { key },
    }),
    runbook: String(row.runbook),
    owner: String(row.owner),
    step: String(row.step),
    stepTitle: String(row.step_title),
    since: Math.round(Number(row.since)),
    message: String(row.message ?? ''),
  };
}
