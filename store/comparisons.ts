/** Which runs are to be compared with Temporal, and what comes of it. */
import { unlessEmpty } from '../plan/defined.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import type { RunStatus } from '../workflows/messages.ts';
import type { Database, Row } from './database.ts';
import { leftBehind } from './left-behind.ts';
import type { Runs } from './runs.ts';

/** A run that has not ended, as far as the list knows. */
export interface ListedRun {
  runId: string;
  workflowId: string;
  runbook: string;
  /** Up to here its journal has no gap. */
  contiguousTo: number;
  /** Length of its history when it was last compared. */
  comparedLength?: number;
  /** It was told something then, as the database writes that moment. */
  askedAt?: string;
}

/** How a run ended that cannot say so itself any more. */
export interface EndFromOutside {
  status: Extract<RunStatus, 'failed' | 'cancelled'>;
  reason: string;
  /** Who ended it here, by force. */
  by?: string;
}

/** A message is on its way into the journal by itself; what is not there after this was lost. */
const onItsWayMs = 1_500;

export class Comparisons {
  private readonly database: Database;
  private readonly runs: Runs;

  constructor(database: Database, runs: Runs) {
    this.database = database;
    this.runs = runs;
  }

  /** The run was told something: it is compared soon. */
  async ask(runId: string): Promise<void> {
    await this.database.query('update runs set asked_at = now() where id = $1 and ended_at is null', [runId]);
  }

  /**
   * Those that were told something, the oldest first; also those that ended before a gap in their journal was closed, or of which
   * something else was told after their end.
   */
  asked(limit: number): Promise<ListedRun[]> {
    return this.claim(
      `asked_at < now() - $1 * interval '1 millisecond' order by asked_at`,
      onItsWayMs,
      limit,
    );
  }

  /** A page of all those that were not compared for so long, the oldest first. */
  due(idleMs: number, limit: number): Promise<ListedRun[]> {
    return this.claim(
      `ended_at is null and coalesce(compared_at, started_at) < now() - $1 * interval '1 millisecond' order by coalesce(compared_at, started_at)`,
      idleMs,
      limit,
    );
  }

  /** Of several workers each gets others. */
  private async claim(which: string, ms: number, limit: number): Promise<ListedRun[]> {
    const rows = await this.database.query(
      `update runs r set compared_at = now() where r.id in (
         select id from runs where ${which} limit $2 for update skip locked)
       returning r.id, r.workflow_id, r.runbook, r.compared_length, r.asked_at::text as asked_at, r.ended_at,
         (select coalesce(max(seq), 0) from journal where run_id = r.id) as last,
         (select count(*) from journal where run_id = r.id) as count`,
      [ms, limit],
    );
    return rows.map(listedOf);
  }

  /** What people see of it is what Temporal says. Asked again meanwhile, it is compared again. */
  async compared({ runId, askedAt }: ListedRun, historyLength: number): Promise<void> {
    await this.database.query(
      `update runs set compared_length = $2, asked_at = case when asked_at = $3::timestamptz then null else asked_at end
       where id = $1`,
      [runId, historyLength, askedAt ?? null],
    );
  }

  /** Those of these runs that the list does not know. */
  async unknown(runIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.query(
      'select id from unnest($1::text[]) as id where not exists (select 1 from runs r where r.id = id.id)',
      [runIds],
    );
    return rows.map(({ id }) => String(id));
  }

  /**
   * Ends a run in the list and in its journal, since it says nothing of itself any more. What it had done and nobody took back is
   * named.
   */
  async end({ runId, workflowId, runbook }: ListedRun, how: EndFromOutside): Promise<void> {
    const row = await this.runs.find(runId);
    if (!row || row === 'ambiguous') return;
    // There is nobody left to ask whether it ended so.
    if (row.endedAt)
      return void (await this.database.query('update runs set asked_at = null where id = $1', [runId]));
    const journal = await this.runs.journal(runId, 0, 100_000);
    const plan = row.planHash ? await this.runs.plan(row.planHash) : undefined;
    const left = leftBehind(plan, journal);
    const { status, reason, by } = how;
    const at = Date.now();
    const data: JsonObject = {
      status,
      reason,
      from: 'outside',
      ...(by ? { by } : {}),
      ...(row.partOf ? { partOf: row.partOf } : {}),
      ...(unlessEmpty(left) ? { left: left as unknown as Json } : {}),
    };
    await this.runs.appendJournal({
      runId,
      workflowId,
      runbook,
      entries: [{ seq: (journal.at(-1)?.seq ?? 0) + 1, at, kind: 'run.ended', data }],
      summary: { status, reason, endedAt: at, waitingOn: [] },
    });
  }
}

function listedOf(row: Row): ListedRun {
  return {
    runId: String(row.id),
    workflowId: String(row.workflow_id),
    runbook: String(row.runbook),
    // With a gap anywhere, all of it is asked again; so is what was sealed.
    contiguousTo: Number(row.last) === Number(row.count) && row.ended_at === null ? Number(row.last) : 0,
    ...(row.compared_length === null ? {} : { comparedLength: Number(row.compared_length) }),
    ...(row.asked_at ? { askedAt: String(row.asked_at) } : {}),
  };
}
