/** What waits, and for how long: each by an index over what has not been done yet, so that nothing of what is over is read. */
import type { Database } from './database.ts';

export interface Backlog {
  count: number;
  /** Of the oldest, in seconds; 0 when there is none. */
  oldestSeconds: number;
}

export class Lag {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Status -> how many runs have it that have not ended. */
  async liveRuns(): Promise<Map<string, number>> {
    const rows = await this.database.query(
      'select status, count(*) as count from runs where ended_at is null group by status',
    );
    return new Map(rows.map(({ status, count }) => [String(status), Number(count)]));
  }

  /** Kind of step -> those that wait. */
  async waiting(): Promise<Map<string, Backlog>> {
    const rows = await this.database.query(
      `select kind, count(distinct (run_id, step)) as count, extract(epoch from now() - min(since)) as seconds
       from waiting group by kind`,
    );
    return new Map(rows.map((row) => [String(row.kind), backlogOf(row)]));
  }

  /** Deliveries that were kept and not yet handled. */
  deliveries(): Promise<Backlog> {
    return this.one(
      `select count(*) as count, extract(epoch from now() - min(received_at)) as seconds
       from deliveries where outcome = 'received' and believed`,
    );
  }

  /** Mails that nobody has taken yet, those that are tried again later among them. */
  outbox(): Promise<Backlog> {
    return this.one(
      `select count(*) as count, extract(epoch from now() - min(created_at)) as seconds
       from outbox where sent_at is null`,
    );
  }

  private async one(text: string): Promise<Backlog> {
    const [row] = await this.database.query(text);
    return backlogOf(row ?? {});
  }
}

function backlogOf({ count, seconds }: Record<string, unknown>): Backlog {
  return { count: Number(count ?? 0), oldestSeconds: Math.max(0, Number(seconds ?? 0)) };
}
