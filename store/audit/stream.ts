/**
 * How far audit records were sent to whoever collects them outside: chain by chain, so that each arrives in its order, and nothing is struck
 * off before it was taken. What is sent when a process dies is sent again.
 */
import type { Database } from '../database.ts';
import { recordOf } from './audit.ts';
import type { AuditRecord } from './record.ts';

export interface StreamState {
  /** Chains that go further than they were sent. */
  chains: number;
  /** Since when the first of them waits, in seconds; 0 when none does. */
  oldestSeconds: number;
  /** What the last try met, while it is tried again. */
  lastError?: string;
}

/** Longest time between two tries. */
const longestWaitSeconds = 5 * 60;

export class AuditStream {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * From now on what is written is due. The first time only what comes from now on, unless all is to be sent; after a time in which
   * nothing was sent, what was written in it too.
   */
  async begin({ fromBeginning }: { fromBeginning: boolean }): Promise<void> {
    await this.database.transaction(async (query) => {
      // Whoever is writing a record now has not seen that it is due: they end first, and the next ones see it.
      await query('lock table audit_heads in share row exclusive mode');
      const [made] = await query(
        'insert into audit_stream default values on conflict do nothing returning id',
      );
      if (!made) return;
      const [sent] = await query('select 1 from audit_sent limit 1');
      if (!sent && !fromBeginning)
        await query('insert into audit_sent (run_id, seq) select run_id, seq from audit_heads where seq > 0');
      await query(
        `insert into audit_due (run_id, seq)
         select h.run_id, h.seq from audit_heads h left join audit_sent s using (run_id) where h.seq > coalesce(s.seq, 0)
         on conflict (run_id) do update set seq = greatest(audit_due.seq, excluded.seq)`,
      );
    });
  }

  /**
   * Nothing is due any more, until it begins again; but not while another gateway sends, whose configuration is newer or older than
   * whose does not. The wait is longer than the longest between two tries.
   */
  async endUnlessHeld(): Promise<void> {
    await this.database.query(
      'delete from audit_stream where held_until < now() - make_interval(secs => $1)',
      [2 * longestWaitSeconds],
    );
  }

  /**
   * Whether this process sends now, for so long: two at once would put a chain out of order. Another does, or the next try is not due:
   * it waits. Where it ended meanwhile it is to begin again.
   */
  async hold(by: string, seconds: number): Promise<'holds' | 'waits' | 'ended'> {
    const [row] = await this.database.query(
      `with held as (
         update audit_stream set held_by = $1, held_until = now() + make_interval(secs => $2)
         where (held_by = $1 or held_until <= now()) and due_at <= now() returning 1)
       select exists (select 1 from held) as held, exists (select 1 from audit_stream) as begun`,
      [by, seconds],
    );
    if (row?.held) return 'holds';
    return row?.begun ? 'waits' : 'ended';
  }

  /** The next records, each chain in its order, the one that has waited longest first. */
  async due(limit: number): Promise<AuditRecord[]> {
    const rows = await this.database.query(
      `with due as (
         select d.run_id, d.since, coalesce(s.seq, 0) as sent from audit_due d left join audit_sent s using (run_id)
         order by d.since, d.run_id limit $1)
       select a.* from due join audit a on a.run_id = due.run_id and a.seq > due.sent
       order by due.since, a.run_id, a.seq limit $1`,
      [limit],
    );
    // Noted while it was being sent: nothing of it is left.
    if (rows.length === 0)
      await this.database.query(
        `with free as materialized (
           select d.run_id from audit_due d join audit_sent s using (run_id) where d.seq <= s.seq for update of d skip locked)
         delete from audit_due d using free, audit_sent s
         where d.run_id = free.run_id and d.run_id = s.run_id and d.seq <= s.seq`,
      );
    return rows.map(recordOf);
  }

  /** They were taken, down to the last of them. */
  async sent(records: readonly Pick<AuditRecord, 'runId' | 'seq'>[]): Promise<void> {
    const ends = new Map(records.map(({ runId, seq }) => [runId, seq]));
    await this.database.transaction(async (query) => {
      await query(
        `insert into audit_sent (run_id, seq) select * from unnest($1::text[], $2::integer[])
         on conflict (run_id) do update set seq = greatest(audit_sent.seq, excluded.seq)`,
        [[...ends.keys()], [...ends.values()]],
      );
      // Whoever writes several chains has them locked in an order of their own: one that is being written is left due, and waited for by
      // nobody. If nothing comes of that writing, it is struck off where nothing of it is found.
      await query(
        `with free as materialized (select run_id from audit_due where run_id = any($1::text[]) for update skip locked)
         delete from audit_due d using free, unnest($1::text[], $2::integer[]) as taken(run_id, seq)
         where d.run_id = free.run_id and d.run_id = taken.run_id and d.seq <= taken.seq`,
        [[...ends.keys()], [...ends.values()]],
      );
      await query('update audit_stream set attempts = 0, last_error = null, sent_at = now()');
    });
  }

  /** Tried again later: after a second, then twice as long each time, up to five minutes. */
  async failed(why: string): Promise<void> {
    await this.database.query(
      `update audit_stream set attempts = attempts + 1, last_error = $2,
         due_at = now() + make_interval(secs => least($1, 2 ^ least(attempts, 20)))`,
      [longestWaitSeconds, why],
    );
  }

  async state(): Promise<StreamState> {
    const [row] = await this.database.query(
      `select count(*) as chains, extract(epoch from now() - min(since)) as seconds,
         (select last_error from audit_stream) as error from audit_due`,
    );
    return {
      chains: Number(row?.chains ?? 0),
      oldestSeconds: Math.max(0, Number(row?.seconds ?? 0)),
      ...(row?.error ? { lastError: String(row.error) } : {}),
    };
  }
}
