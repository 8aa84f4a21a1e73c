/** What one person did, and was asked, over all runs. */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/plan.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { Ticket } from '../workflows/messages.ts';
import type { Database, Row } from './database.ts';

export interface Doing {
  run: { id: string; title: string; subject?: string; runbook: string; planHash?: string; ticket?: Ticket };
  entry: JournalEntry;
}

export interface DoingsAsked {
  /** RFC 3339, or a day; the end is not in it. */
  from?: string;
  before?: string;
  limit: number;
}

export class Doings {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** The oldest first: asked for, asked to sign or to do, voted, changed, decided, done by hand. */
  async of(person: string, { from, before, limit }: DoingsAsked): Promise<Doing[]> {
    const rows = await this.database.query(
      `select r.id, r.title, r.subject, r.runbook, r.plan_hash, r.ticket, j.seq, extract(epoch from j.at) * 1000 as at, j.kind, j.step, j.data
       from run_people p join runs r on r.id = p.run_id join journal j on j.run_id = p.run_id
       where p.person = $1 and ($3::timestamptz is null or p.started_at < $3::timestamptz) and ($2::timestamptz is null or j.at >= $2::timestamptz) and ($3::timestamptz is null or j.at < $3::timestamptz) and (
         (j.kind = 'run.started' and lower(r.requester) = $1)
         or lower(j.data->>'by') = $1 or lower(j.data->>'completedBy') = $1 or lower(j.data->>'recordedBy') = $1
         or (j.kind in ('gate.opened', 'gate.escalated') and j.data->'approvers' ? $1)
         or (j.kind = 'gate.approved' and j.data->'by' ? $1)
         or (j.kind in ('task.opened', 'task.escalated') and j.data->'people' ? $1))
       order by j.at, j.run_id, j.seq limit $4`,
      [person.toLowerCase(), from ?? null, before ?? null, limit],
    );
    return rows.map(doingOf);
  }
}

function doingOf(row: Row): Doing {
  return {
    run: {
      id: String(row.id),
      title: String(row.title),
      runbook: String(row.runbook),
      ...defined({
        subject: row.subject ? String(row.subject) : undefined,
        planHash: row.plan_hash ? String(row.plan_hash) : undefined,
        ticket: row.ticket ? (row.ticket as Ticket) : undefined,
      }),
    },
    entry: {
      seq: Number(row.seq),
      at: Math.round(Number(row.at)),
      kind: row.kind as JournalEntry['kind'],
      ...defined({
        step: row.step ? String(row.step) : undefined,
        data: row.data ? (row.data as JsonObject) : undefined,
      }),
    },
  };
}
