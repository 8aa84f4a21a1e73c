/** The run index, the inbox and the journals. */
import { defined, unlessEmpty } from '../plan/defined.ts';
import type { Plan } from '../plan/plan.ts';
import { callsOf } from '../workflows/evidence/kept-plan.ts';
import type { JournalEntry, RunSummary } from '../workflows/journal.ts';
import type { RunStatus, Ticket } from '../workflows/messages.ts';
import { type Database, jsonb, type Query } from './database.ts';
import { announceRun } from './listen.ts';
import { concerns, listRuns, type RunFilter } from './run-list.ts';
import { entryOf, type RunRow, runOf, selectJournal, selectRemoved, selectRuns } from './run-rows.ts';
import { forgetWhatNeverWas, saveSummary } from './run-summaries.ts';
import {
  addPeople,
  addWords,
  gatherPeople,
  peopleOfEntry,
  wordsIn,
  wordsOfEntry,
  wordsOfRun,
} from './run-words.ts';
import { catchUpWords } from './word-catch-up.ts';

export type { RunFilter } from './run-list.ts';
export type { RunRow } from './run-rows.ts';

/** Told of every batch of a run's journal. Gives false where the journal is whole, and another one was sealed before. */
export type JournalSeal = (
  query: Database['query'],
  batch: Pick<JournalBatch, 'runId' | 'entries'>,
  as: {
    /** The journal is whole with it: from its beginning to the run's end. */
    isWhole: boolean;
    /** It is the whole of it, as the run itself said when it was asked: what was sealed before may have been told by a worker that died. */
    isOwnWord: boolean;
  },
) => Promise<boolean>;

export type NewRun = Pick<
  RunRow,
  'id' | 'workflowId' | 'runbook' | 'title' | 'kind' | 'owner' | 'requester' | 'startedAt'
> & { planHash: string; ticket?: Ticket };

/** What a run reported of itself, possibly with a gap before it. */
export interface JournalBatch {
  runId: string;
  workflowId: string;
  runbook: string;
  entries: JournalEntry[];
  summary: RunSummary;
  /**
   * The run was asked for all from the first of these on, at this moment (milliseconds since 1970). Its word stands against what is
   * there: a worker that dies before Temporal has heard of its work has told of what never was.
   */
  askedAt?: number;
}

export class Runs {
  private readonly database: Database;
  private readonly seal: JournalSeal | undefined;

  /** `seal` puts on record how each run began and ended, together with the journal entries that say so. */
  constructor(database: Database, seal?: JournalSeal) {
    this.database = database;
    this.seal = seal;
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
    const { entries, runId } = batch;
    const last = entries.at(-1);
    if (!last) return { contiguousTo: 0 };
    return this.database.transaction(async (query) => {
      // Told late of one whose time was over: nothing of it is to come back.
      if (await announce(query, batch)) return { contiguousTo: last.seq };
      const isDoubted =
        batch.askedAt === undefined
          ? await addTold(query, runId, entries)
          : await addSaid(query, batch, last.seq, batch.askedAt);
      const told = toldToRequester(entries);
      if (told.length > 0)
        await query(
          `insert into notices (run_id, kind) select $1, unnest($2::text[]) on conflict do nothing`,
          [runId, told],
        );
      await saveSummary(query, runId, last.seq, batch.summary);
      await found(query, batch);
      await announceRun(query, runId);
      const { contiguousTo, isWhole } = await wholeUpTo(query, runId);
      const isOwnWord = batch.askedAt !== undefined && isWholeJournal(entries);
      const isSealedSo = (await this.seal?.(query, batch, { isWhole, isOwnWord })) ?? true;
      // Whoever asks it may die too: then it is asked as one that was told something.
      if (isDoubted || !isSealedSo)
        await query('update runs set asked_at = coalesce(asked_at, now()) where id = $1', [runId]);
      else if (batch.summary.endedAt !== undefined && contiguousTo >= last.seq)
        await query('update runs set asked_at = null where id = $1 and asked_at is not null', [runId]);
      return { contiguousTo };
    });
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
         where ${ofTicket()} and ended_at is null and (ticket->>'key' <> $3 or ticket->>'id' <> $2) for update`,
        [system, id, key],
      );
      for (const { id: run } of before) {
        await query('update runs set ticket = ticket || $2 where id = $1', [
          run,
          jsonb({ id, key, ...defined({ url: unlessEmpty(url) }) }),
        ]);
        await addWords(query, String(run), wordsIn(key));
        await announceRun(query, String(run));
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

export async function journalIn(query: Database['query'], runId: string): Promise<JournalEntry[]> {
  return (await query(`${selectJournal} order by seq`, [runId])).map(entryOf);
}

/**
 * Adds a run that nobody else has added, with what it says of itself, and has its journal written by one at a time. True for one that was
 * removed, which is left alone.
 */
async function announce(
  query: Query,
  { runId, workflowId, runbook, entries }: JournalBatch,
): Promise<boolean> {
  const [row] = await query(
    `with removed as (select 1 from removed_runs where id = $1), made as (
       insert into runs
         (id, workflow_id, runbook, started_at, title, kind, owner, requester, plan_hash, ticket, part_of, status)
       select $1, $2, $3, to_timestamp($4::float8 / 1000.0), coalesce($5, (select plan->>'title' from plans where hash = $9), $3),
         $6, $7, $8, $9, $10::jsonb, $11, 'running' where not exists (select 1 from removed)
       on conflict (id) do update set title = excluded.title, kind = excluded.kind, owner = excluded.owner,
         requester = excluded.requester, plan_hash = excluded.plan_hash, ticket = excluded.ticket, part_of = excluded.part_of
         where (runs.part_of is null and excluded.part_of is not null) or (runs.owner = '' and excluded.owner <> ''))
     select exists (select 1 from removed) as removed`,
    [runId, workflowId, runbook, entries[0]?.at, ...announced(entries)],
  );
  return row?.removed === true;
}

/** Up to where the journal has no gap, and whether it is whole with that. */
async function wholeUpTo(query: Query, runId: string): Promise<{ contiguousTo: number; isWhole: boolean }> {
  const [whole] = await query(
    `select j.seq, j.kind from journal j
     where run_id = $1 and not exists (select 1 from journal n where n.run_id = $1 and n.seq = j.seq + 1)
       and exists (select 1 from journal where run_id = $1 and seq = 1)
     order by j.seq limit 1`,
    [runId],
  );
  return { contiguousTo: Number(whole?.seq ?? 0), isWhole: whole?.kind === 'run.ended' };
}

/**
 * What a run says of itself in its first entry, for the index: nobody else adds one that another run started, and whoever started it
 * may have died before. Title (the plan's, where
 * it says none), kind, owner, requester, hash of the plan, ticket, and the run it is part of.
 */
function announced(entries: readonly JournalEntry[]): unknown[] {
  const said = entries.find(({ kind }) => kind === 'run.started')?.data ?? {};
  const { title = null, kind = 'other', owner = '', requester = '', planHash = null, ticket, partOf } = said;
  return [title, kind, owner, requester, planHash, ticket ? jsonb(ticket) : null, partOf ?? null];
}

/** Whoever started a run by hand knows that it has begun; a run that another one started is that one's affair. */
function toldToRequester(entries: readonly JournalEntry[]): string[] {
  return entries
    .filter(({ kind, data }) =>
      kind === 'run.started'
        ? data?.cause === 'ticket' && !data.partOf
        : kind === 'run.ended' && !data?.partOf,
    )
    .map(({ kind }) => kind);
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

/** What the run can be found by from now on. */
async function found(
  query: Query,
  { runId, runbook, entries, summary, askedAt }: JournalBatch,
): Promise<void> {
  const waitedFor = summary.waitingOn.flatMap(({ people }) => people);
  await addPeople(query, runId, [...entries.flatMap(peopleOfEntry), ...waitedFor]);
  if (askedAt !== undefined) await gatherPeople(query, runId, await journalIn(query, runId));
  const words = [
    ...(summary.subject ? wordsIn(summary.subject) : []),
    ...(entries[0]?.seq === 1 ? wordsIn(`${runbook} ${runId}`) : []),
    ...entries.flatMap(wordsOfEntry),
  ];
  await addWords(query, runId, words);
}

const entriesGiven = `jsonb_to_recordset($2::jsonb) as e(seq integer, at double precision, kind text, step text, data jsonb)`;

const insertEntries = `insert into journal (run_id, seq, at, kind, step, data)
  select $1, e.seq, to_timestamp(e.at / 1000.0), e.kind, e.step, e.data from ${entriesGiven}`;

/** Holds of a run's journal that is whole: from its beginning to the run's end. */
const isOver = `exists (
  select 1 from journal where run_id = $1 having count(*) = max(seq) and bool_or(kind = 'run.ended'))`;

const isOtherwise = `(j.at, j.kind, j.step, j.data) is distinct from (to_timestamp(e.at / 1000.0), e.kind, e.step, e.data)`;

/**
 * What a worker tells may never have been: it died, or lost Temporal, before that was kept, and the run went on in another way. Told
 * otherwise by the next one, the entry is in doubt. It is taken out, so that what is missing is asked of the run itself. The journal
 * of a run that has ended is whole, and sealed: what is told otherwise then leaves it as it is, and has the run asked for all of it,
 * since the worker that told of the end may be the one that died. Gives whether anything is in doubt.
 */
async function addTold(query: Query, runId: string, entries: readonly JournalEntry[]): Promise<boolean> {
  const values = [runId, jsonb(entries)];
  const added = await query(
    `${insertEntries} where not ${isOver} on conflict do nothing returning seq`,
    values,
  );
  if (added.length === entries.length) return false;
  // What was added may have been its end.
  const wasLive = added.length > 0 ? 'true' : `not ${isOver}`;
  const doubted = await query(
    `delete from journal where run_id = $1 and ${wasLive} and seq = (
       select min(j.seq) from ${entriesGiven} join journal j on j.run_id = $1 and j.seq = e.seq where ${isOtherwise})
     returning seq`,
    values,
  );
  return doubted.length > 0 || (added.length === 0 && (await isSealedOtherwise(query, runId, entries)));
}

/**
 * What the run itself says stands against what is there. Of a journal that is sealed only all of it does: a part would have the rest,
 * which nobody asked for, sealed anew. Gives whether it is in doubt, and must be asked for all of it.
 */
async function addSaid(
  query: Query,
  { runId, entries }: JournalBatch,
  lastSeq: number,
  askedAt: number,
): Promise<boolean> {
  if (entries[0]?.seq !== 1) {
    const [over] = await query(`select 1 where ${isOver}`, [runId]);
    if (over) return isSealedOtherwise(query, runId, entries);
  }
  await query(`${insertEntries} on conflict ${asTheRunSays}`, [runId, jsonb(entries)]);
  await forgetWhatNeverWas(query, runId, lastSeq, askedAt);
  return false;
}

async function isSealedOtherwise(
  query: Query,
  runId: string,
  entries: readonly JournalEntry[],
): Promise<boolean> {
  const otherwise = await query(
    `select 1 from ${entriesGiven} left join journal j on j.run_id = $1 and j.seq = e.seq
     where ${isOver} and ${isOtherwise} limit 1`,
    [runId, jsonb(entries)],
  );
  return otherwise.length > 0;
}

function isWholeJournal(entries: readonly JournalEntry[]): boolean {
  const last = entries.at(-1);
  return entries[0]?.seq === 1 && last?.kind === 'run.ended' && last.seq === entries.length;
}

const asTheRunSays = `(run_id, seq) do update set at = excluded.at, kind = excluded.kind, step = excluded.step, data = excluded.data
  where (journal.at, journal.kind, journal.step, journal.data) is distinct from (excluded.at, excluded.kind, excluded.step, excluded.data)`;
