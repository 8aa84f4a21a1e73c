/**
 * What becomes of finished runs after the time that `retention` says: their journals, their rows and what belongs to them go, a bounded
 * number at once. The chain of records stays, and has a record of what went.
 */
import { defined } from '../plan/defined.ts';
import type { Audit } from './audit/audit.ts';
import type { Database, Query, Row } from './database.ts';
import { runOf, selectRuns } from './run-rows.ts';
import { addWords, wordsOfRun } from './run-words.ts';

export type Prunable = 'journals' | 'runs';

/** Of one kind of runbook, or of what they left: how long it is kept, as PostgreSQL reads it. */
export interface Rule {
  what: Prunable;
  kind: string;
  age: string;
}

const engine = 'countersign';

/** Runs of one transaction: each has its record in its own chain. */
const mostRuns = 50;
const mostRows = 1_000;

export class Removal {
  private readonly database: Database;
  private readonly audit: Pick<Audit, 'appendIn'>;

  constructor(database: Database, audit: Pick<Audit, 'appendIn'>) {
    this.database = database;
    this.audit = audit;
  }

  /** How many are due now, and when the oldest of them ended. */
  async due({ what, kind, age }: Rule): Promise<{ count: number; oldest?: string }> {
    const [row] = await this.database.query(
      `select count(*) as count, min(ended_at) as oldest from runs where ${dueNow(what)}`,
      [kind, age],
    );
    return counted(row);
  }

  /** Some of those that are due, the oldest first: gives how many. */
  prune(rule: Rule): Promise<number> {
    const { what, kind, age } = rule;
    return this.database.transaction(async (query) => {
      const rows = await query(
        `select id from runs where ${dueNow(what)} order by ended_at limit $3 for update skip locked`,
        [kind, age, mostRuns],
      );
      const ids = rows.map(({ id }) => String(id));
      for (const id of ids) {
        const data = { what, rule: `${kind}: ${age}` };
        await this.audit.appendIn(query, { runId: id, kind: 'run.pruned', actor: engine, data });
      }
      if (ids.length === 0) return 0;
      await removeJournals(query, ids);
      if (what === 'runs') await removeRuns(query, ids);
      else await keepListed(query, ids);
      return ids.length;
    });
  }

  async dueDeliveries(age: string): Promise<{ count: number; oldest?: string }> {
    const [row] = await this.database.query(
      `select count(*) as count, min(received_at) as oldest from deliveries
       where received_at < now() - $1::interval and outcome <> 'received' and emptied_at is null`,
      [age],
    );
    return counted(row);
  }

  /**
   * One whose run is live is still compared with what comes later of the same ticket. Of one that was believed what it said goes, and why
   * it became what it did; it stays itself, so that it is known when it comes once more: many systems sign no moment with what they send.
   */
  async pruneDeliveries(age: string): Promise<number> {
    const emptied = await this.database.query(
      `with emptied as (
         update deliveries set body = '', reason = null, emptied_at = now() where id = any(array(
           select d.id from deliveries d
           where d.received_at < now() - $1::interval and d.emptied_at is null and d.believed and d.outcome <> 'received'
             and not exists (select 1 from runs r where r.id = d.run_id and r.ended_at is null)
           order by d.received_at limit $2)) returning id),
       replays as (
         update delivery_replays set reason = null where delivery_id in (select id from emptied) and reason is not null)
       select id from emptied`,
      [age, mostRows],
    );
    const gone = await this.database.query(
      `delete from deliveries where id = any(array(
         select id from deliveries where received_at < now() - $1::interval and not believed
         order by received_at limit $2)) returning 1`,
      [age, mostRows],
    );
    return emptied.length + gone.length;
  }

  async dueMessages(age: string): Promise<{ count: number; oldest?: string }> {
    const [row] = await this.database.query(
      'select count(*) as count, min(sent_at) as oldest from outbox where sent_at < now() - $1::interval',
      [age],
    );
    return counted(row);
  }

  /** What was sent; of notices too, once their run has ended: while it is live its journal may be told again, and they with it. */
  async pruneMessages(age: string): Promise<number> {
    const messages = await this.database.query(
      `delete from outbox where id = any(array(
         select id from outbox where sent_at < now() - $1::interval order by sent_at limit $2)) returning 1`,
      [age, mostRows],
    );
    const notices = await this.database.query(
      `delete from notices where sent_at < now() - $1::interval and run_id = any(array(
         select n.run_id from notices n where n.sent_at < now() - $1::interval
           and not exists (select 1 from runs r where r.id = n.run_id and r.ended_at is null)
         order by n.sent_at limit $2)) returning 1`,
      [age, mostRows],
    );
    return messages.length + notices.length;
  }
}

/** $1 is the kind, $2 the age. */
function dueNow(what: Prunable): string {
  const ended = 'kind = $1 and ended_at < now() - $2::interval';
  return what === 'runs' ? ended : `${ended} and pruned_at is null`;
}

function counted(row: Row | undefined): { count: number; oldest?: string } {
  const oldest = row?.oldest as Date | null | undefined;
  return { count: Number(row?.count ?? 0), ...defined({ oldest: oldest?.toISOString() }) };
}

/** The record of it stands in each chain already: without that, papers of approvals stay. */
async function removeJournals(query: Query, ids: readonly string[]): Promise<void> {
  await query('delete from journal where run_id = any($1)', [ids]);
  await query('select remove_papers($1)', [ids]);
  await query('delete from run_list where run_id = any($1)', [ids]);
  await query('delete from run_notes where run_id = any($1)', [ids]);
  await query('delete from run_words where run_id = any($1)', [ids]);
}

/** Found by what the list still shows of it. */
async function keepListed(query: Query, ids: readonly string[]): Promise<void> {
  await query('update runs set pruned_at = now() where id = any($1)', [ids]);
  const rows = await query(`${selectRuns} where r.id = any($1)`, [ids]);
  for (const run of rows.map(runOf)) await addWords(query, run.id, wordsOfRun(run));
}

/** With all that belongs to them. What is left says nothing of anybody. */
async function removeRuns(query: Query, ids: readonly string[]): Promise<void> {
  await query(
    `insert into removed_runs (id, workflow_id, runbook, kind, owner, plan_hash, part_of, status, started_at, ended_at)
     select id, case when workflow_id ~ '^[0-9a-f-]{36}/' then workflow_id else id end, runbook, kind, case when owner like 'role:%' then owner else '' end, plan_hash, part_of, status,
       started_at, ended_at
     from runs where id = any($1) on conflict (id) do nothing`,
    [ids],
  );
  await query('delete from notices where run_id = any($1)', [ids]);
  await query(`delete from outbox where about->>'id' = any($1) and sent_at is not null`, [ids]);
  await query('delete from events where run_id = any($1)', [ids]);
  await query('delete from runs where id = any($1)', [ids]);
}
