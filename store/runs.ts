/** The run index, the inbox and the journals. */
import { defined, unlessEmpty } from '../plan/defined.ts';
import type { Plan } from '../plan/plan.ts';
import { callsOf } from '../workflows/evidence/kept-plan.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { RunStatus, Ticket } from '../workflows/messages.ts';
import { type Database, jsonb, type Query } from './database.ts';
import type { JournalBatch } from './journal-entries.ts';
import { type JournalSeal, JournalWriter } from './journal-writer.ts';
import { announceRuns } from './listen.ts';
import { concerns, listRuns, type RunFilter } from './run-list.ts';
import {
  entryOf,
  journalIn,
  type RunRow,
  runOf,
  selectJournal,
  selectRemoved,
  selectRuns,
} from './run-rows.ts';
import { addPeople, addWords, wordsIn, wordsOfEntry, wordsOfRun } from './run-words.ts';
import { catchUpWords } from './word-catch-up.ts';

export type { JournalBatch } from './journal-entries.ts';
export type { JournalSeal } from './journal-writer.ts';
export type { RunFilter } from './run-list.ts';
export type { RunRow } from './run-rows.ts';
export { journalIn } from './run-rows.ts';

export type NewRun = Pick<
  RunRow,
  'id' | 'workflowId' | 'runbook' | 'title' | 'kind' | 'owner' | 'requester' | 'startedAt'
> & { planHash: string; ticket?: Ticket };

export class Runs {
  private readonly database: Database;
  private readonly writer: JournalWriter;

  /** `seal` puts on record how each run began and ended, together with the journal entries that say so. */
  constructor(database: Database, seal?: JournalSeal) {
    this.database = database;
    this.writer = new JournalWriter(database, seal);
  }

  async savePlan(plan: Plan, commit?: string): Promise<void> {
    await this.database.query(
      'insert into plans (hash, runbook, plan, commit) values ($1, $2, $3, $4) on conflict (hash) do nothing',
      [plan.hash, plan.runbook, jsonb(plan), commit ?? null],
    );
  }

  /** By the first half of its hash, as calls name it. */
  async planLike(mark: string): Promise<Plan | undefined> {
    const rows = await this.database.query('select plan from plans where hash like $1 limit 2', [`${mark}%`]);
    return rows.length === 1 && /^[0-9a-f]+$/.test(mark) ? (rows[0]?.plan as Plan) : undefined;
  }

  /** Where it runs, and by which plan; undefined for one that is not listed. */
  async whereabouts(id: string): Promise<{ workflowId: string; planHash?: string } | undefined> {
    const [row] = await this.database.query('select workflow_id, plan_hash from runs where id = $1', [id]);
    if (!row) return undefined;
    const { workflow_id: workflowId, plan_hash: planHash } = row;
    return { workflowId: String(workflowId), ...(planHash ? { planHash: String(planHash) } : {}) };
  }

  async plan(hash: string): Promise<Plan | undefined> {
    return planIn((text, values) => this.database.query(text, values), hash);
  }

  /** Adds a run that was just started. One that its own journal has already announced keeps its status. */
  async add(run: NewRun): Promise<void> {
    await this.database.transaction(async (query) => {
      // A delivery of long ago that comes once more finds its run in Temporal; the list has no place for it any more.
      const [removed] = await query('select 1 from removed_runs where id = $1', [run.id]);
      if (removed) return;
      await query(
        `insert into runs (id, workflow_id, runbook, title, kind, owner, plan_hash, requester, ticket, status, started_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'running', $10)
       on conflict (id) do update set title = excluded.title, kind = excluded.kind, owner = excluded.owner,
         plan_hash = excluded.plan_hash, requester = excluded.requester, ticket = excluded.ticket`,
        [
          run.id,
          run.workflowId,
          run.runbook,
          run.title,
          run.kind,
          run.owner,
          run.planHash,
          run.requester,
          run.ticket ? jsonb(run.ticket) : null,
          run.startedAt,
        ],
      );
      await addPeople(query, run.id, partiesOf(run));
      await addWords(query, run.id, wordsOfRun(run));
    });
  }

  /**
   * Adds journal entries, each once, and takes over the summary if it is the newest. Returns up to where the journal
   * has no gap.
   */
  async appendJournal(batch: JournalBatch): Promise<{ contiguousTo: number }> {
    const { askedAt, runId } = batch;
    const contiguousTo =
      askedAt === undefined
        ? (await this.writer.appendTold([batch])).get(runId)
        : await this.writer.appendSaid({ ...batch, askedAt });
    return { contiguousTo: contiguousTo ?? 0 };
  }

  /** The same of what a worker told of many runs, of each once: all of it or none. By run. */
  appendJournals(batches: readonly JournalBatch[]): Promise<Map<string, number>> {
    return this.writer.appendTold(batches);
  }

  /** Runs that should be doing something, and of which nothing has been heard for a while. */
  async silentRuns(silentMs: number, limit: number) {
    const rows = await this.database.query(
      `select r.id, r.workflow_id, r.runbook, coalesce(j.last, 0) as last, coalesce(j.count, 0) as count
       from runs r left join lateral (
         select max(seq) as last, count(*) as count, max(at) as at from journal where run_id = r.id) j on true
       where r.status in ('running', 'undoing') and coalesce(j.at, r.started_at) < now() - $1 * interval '1 millisecond'
       order by r.started_at limit $2`,
      [silentMs, limit],
    );
    return rows.map((row) => ({
      runId: String(row.id),
      workflowId: String(row.workflow_id),
      runbook: String(row.runbook),
      // With a gap anywhere, all of it is asked again: entries that are there already are kept once.
      contiguousTo: Number(row.last) === Number(row.count) ? Number(row.last) : 0,
    }));
  }

  /** The run with this id, or the only one whose id, or whose id's last part, begins so. */
  async find(idOrPart: string): Promise<RunRow | 'ambiguous' | undefined> {
    const [whole] = await this.database.query(`${selectRuns} where r.id = $1`, [idOrPart]);
    if (whole) return runOf(whole);
    const beginning = `${idOrPart.replace(/[\\%_]/g, '\\$&')}%`;
    const listed = await this.database.query(
      `${selectRuns} where r.id like $1 or split_part(r.id, '-', 5) like $1 limit 2`,
      [beginning],
    );
    const rows =
      listed.length > 0
        ? listed
        : await this.database.query(`${selectRemoved} where r.id like $1 limit 2`, [beginning]);
    const [first, second] = rows.map(runOf);
    return second ? 'ambiguous' : first;
  }

  async list(filter: RunFilter = {}): Promise<RunRow[]> {
    return listRuns((text, values) => this.database.query(text, values), filter);
  }

  /** Whether a person asked for the run, owns it, was asked in it, or did something in it. */
  async concerns(id: string, person: string): Promise<boolean> {
    const rows = await this.database.query(`select 1 from runs r where r.id = $1 and ${concerns('$2')}`, [
      id,
      person.toLowerCase(),
    ]);
    return rows.length > 0;
  }

  /** Whether it works: it waits for nobody and has not ended. One that is not listed yet does. */
  async isWorking(id: string): Promise<boolean> {
    const [row] = await this.database.query('select status from runs where id = $1', [id]);
    return row === undefined || row.status === 'running';
  }

  /** The runs that a ticket started and that have not ended, without those that they started themselves. */
  async liveOfTicket({ system, id, key }: Ticket): Promise<RunRow[]> {
    const rows = await this.database.query(
      `${selectRuns} where ${ofTicket('r.')} and r.ended_at is null and r.part_of is null order by r.started_at`,
      [system, id, key],
    );
    return rows.map(runOf);
  }

  /**
   * A ticket that moved to another project has another key, and a ticket that somebody named by hand had no id yet: its live runs
   * are shown with what it is called now. Gives those whose key changed, with the key that they had.
   */
  async renameTicket({ system, id, key, url }: Ticket): Promise<{ run: string; was: string }[]> {
    return this.database.transaction(async (query) => {
      const before = await query(
        `select id, ticket->>'key' as was from runs
         where ${ofTicket()} and ended_at is null and (ticket->>'key' <> $3 or ticket->>'id' <> $2)
         order by id for update`,
        [system, id, key],
      );
      for (const { id: run } of before) {
        await query('update runs set ticket = ticket || $2 where id = $1', [
          run,
          jsonb({ id, key, ...defined({ url: unlessEmpty(url) }) }),
        ]);
        await addWords(query, String(run), wordsIn(key));
        await announceRuns(query, new Map([[String(run), '']]));
      }
      return before
        .map(({ id: run, was }) => ({ run: String(run), was: String(was) }))
        .filter(({ was }) => was !== key);
    });
  }

  /** The run that is live under this workflow id, as far as the list knows. */
  async liveUnder(workflowId: string): Promise<string | undefined> {
    const [row] = await this.database.query(
      'select id from runs where workflow_id = $1 and ended_at is null order by started_at desc limit 1',
      [workflowId],
    );
    return row && String(row.id);
  }

  /** Makes runs that an earlier version listed findable by their words, the newest first. Gives how many: 0 when none is left. */
  catchUpWords(limit = 500): Promise<number> {
    return this.database.transaction((query) => catchUpWords(query, limit, (id) => wordsKeptOf(query, id)));
  }

  async countByStatus(status: RunStatus): Promise<number> {
    const [row] = await this.database.query('select count(*) as count from runs where status = $1', [status]);
    return Number(row?.count ?? 0);
  }

  async journal(runId: string, after = 0, limit = 5_000): Promise<JournalEntry[]> {
    const rows = await this.database.query(`${selectJournal} and seq > $2 order by seq limit $3`, [
      runId,
      after,
      limit,
    ]);
    return rows.map(entryOf);
  }
}

// For whoever reads several of these at one moment, in a transaction of its own.

export async function planIn(query: Database['query'], hash: string): Promise<Plan | undefined> {
  const [row] = await query('select plan from plans where hash = $1', [hash]);
  return row?.plan as Plan | undefined;
}

/** Of the runbooks that a plan calls, and that those call. */
export async function calledPlansIn(query: Database['query'], plan: Plan): Promise<Plan[]> {
  const found = new Map<string, Plan>();
  const left = callsOf(plan);
  for (let hash = left.pop(); hash !== undefined; hash = left.pop()) {
    const called = found.has(hash) ? undefined : await planIn(query, hash);
    if (!called) continue;
    found.set(hash, called);
    left.push(...callsOf(called));
  }
  return [...found.values()];
}

export async function runIn(query: Database['query'], id: string): Promise<RunRow | undefined> {
  const [row] = await query(`${selectRuns} where r.id = $1`, [id]);
  if (row) return runOf(row);
  const [removed] = await query(`${selectRemoved} where r.id = $1`, [id]);
  return removed && runOf(removed);
}

async function wordsKeptOf(query: Query, id: string): Promise<string[]> {
  const run = await runIn(query, id);
  return run ? [...wordsOfRun(run), ...(await journalIn(query, id)).flatMap(wordsOfEntry)] : [];
}

/**
 * `isSameTicket` in SQL, where $1 is the system, $2 the id and $3 the key: by its id, which stays, and by its key where either side
 * knows no other id.
 */
function ofTicket(table = ''): string {
  const [system, id, key] = ['system', 'id', 'key'].map((name) => `${table}ticket->>'${name}'`);
  return `${system} = $1 and (${id} = $2 or (${key} = $3 and (${id} = ${key} or $2 = $3)))`;
}

function partiesOf({ requester, owner }: { requester: string; owner: string }): string[] {
  return [requester, owner].filter((party) => party !== '' && !party.startsWith('role:'));
}
