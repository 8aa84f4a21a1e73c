/** What requesters are still to be told of their runs. */
import { defined } from '../plan/defined.ts';
import type { RunStatus, Ticket } from '../workflows/messages.ts';
import type { Database } from './database.ts';

export interface DueNotice {
  runId: string;
  kind: 'run.started' | 'run.ended';
  title: string;
  subject?: string;
  requester: string;
  status: RunStatus;
  reason?: string;
  ticket?: Ticket;
}

export class Notices {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Some that nobody else is sending now. One whose sender died is given out again after a minute. */
  async claim(limit = 20): Promise<DueNotice[]> {
    const rows = await this.database.query(
      `with due as (
         select n.run_id, n.kind from notices n join runs r on r.id = n.run_id
         where n.sent_at is null and r.requester <> ''
           and (n.claimed_at is null or n.claimed_at < now() - interval '1 minute')
         order by n.created_at limit $1 for update of n skip locked)
       update notices n set claimed_at = now() from due, runs r
       where n.run_id = due.run_id and n.kind = due.kind and r.id = n.run_id
       returning n.run_id, n.kind, r.title, r.subject, r.requester, r.status, r.reason, r.ticket`,
      [limit],
    );
    return rows.map((row) => ({
      runId: String(row.run_id),
      kind: row.kind as DueNotice['kind'],
      title: String(row.title),
      requester: String(row.requester),
      status: row.status as RunStatus,
      ...defined({
        subject: row.subject ? String(row.subject) : undefined,
        reason: row.reason ? String(row.reason) : undefined,
        ticket: row.ticket ? (row.ticket as Ticket) : undefined,
      }),
    }));
  }

  async sent({ runId, kind }: Pick<DueNotice, 'runId' | 'kind'>): Promise<void> {
    await this.database.query('update notices set sent_at = now() where run_id = $1 and kind = $2', [
      runId,
      kind,
    ]);
  }
}
