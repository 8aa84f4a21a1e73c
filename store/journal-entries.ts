/** The entries of journals: what a worker told of runs, and what a run itself says, which stands against that. */
import type { JournalEntry, RunSummary } from '../workflows/journal.ts';
import { jsonb, type Query } from './database.ts';
import { forgetWhatNeverWas } from './run-summaries.ts';

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

const entriesGiven = `jsonb_to_recordset($2::jsonb) as e(seq integer, at double precision, kind text, step text, data jsonb)`;

const insertEntries = `insert into journal (run_id, seq, at, kind, step, data)
  select $1, e.seq, to_timestamp(e.at / 1000.0), e.kind, e.step, e.data from ${entriesGiven}`;

/** Holds of a run's journal that is whole: from its beginning to the run's end. */
const isOver = (run: string) => `exists (
  select 1 from journal where run_id = ${run} having count(*) = max(seq) and bool_or(kind = 'run.ended'))`;

/** Cheap to look at, and so before each journal that is over. */
const mayBeOver = (run: string) =>
  `(exists (select 1 from runs r where r.id = ${run} and r.ended_at is not null)
    or exists (select 1 from audit a where a.run_id = ${run} and a.kind = 'run.ended'))`;

const isOtherwise = `(j.at, j.kind, j.step, j.data) is distinct from (to_timestamp(e.at / 1000.0), e.kind, e.step, e.data)`;

/**
 * What workers tell of many runs, by one statement: each entry once, and none of a run whose journal is over, since that is sealed.
 * Gives how many entries of each run were not there yet.
 */
export async function addTold(query: Query, batches: readonly JournalBatch[]): Promise<Map<string, number>> {
  const given = batches.flatMap(({ runId, entries }) => entries.map((entry) => ({ run: runId, ...entry })));
  const rows = await query(
    `with e as materialized (
       select * from jsonb_to_recordset($1::jsonb)
         as e(run text, seq integer, at double precision, kind text, step text, data jsonb)),
     open as materialized (
       select run from (select distinct run from e) g
       where case when ${mayBeOver('g.run')} then not ${isOver('g.run')} else true end)
     insert into journal (run_id, seq, at, kind, step, data)
     select e.run, e.seq, to_timestamp(e.at / 1000.0), e.kind, e.step, e.data from e join open using (run)
     on conflict do nothing returning run_id`,
    [jsonb(given)],
    'add-told',
  );
  const added = new Map<string, number>();
  for (const { run_id: run } of rows) added.set(String(run), (added.get(String(run)) ?? 0) + 1);
  return added;
}

/**
 * What a worker tells may never have been: it died, or lost Temporal, before that was kept, and the run went on in another way. Told
 * otherwise by the next one, the entry is in doubt. It is taken out, so that what is missing is asked of the run itself. The journal
 * of a run that has ended is whole, and sealed: what is told otherwise then leaves it as it is, and has the run asked for all of it,
 * since the worker that told of the end may be the one that died. Gives whether anything is in doubt.
 */
export async function isDoubted(
  query: Query,
  runId: string,
  entries: readonly JournalEntry[],
  added: number,
): Promise<boolean> {
  // What was added may have been its end.
  const wasLive = added > 0 ? 'true' : `not ${isOver('$1')}`;
  const doubted = await query(
    `delete from journal where run_id = $1 and ${wasLive} and seq = (
       select min(j.seq) from ${entriesGiven} join journal j on j.run_id = $1 and j.seq = e.seq where ${isOtherwise})
     returning seq`,
    [runId, jsonb(entries)],
  );
  return doubted.length > 0 || (added === 0 && (await isSealedOtherwise(query, runId, entries)));
}

/**
 * What the run itself says stands against what is there. Of a journal that is sealed only all of it does: a part would have the rest,
 * which nobody asked for, sealed anew. Gives whether it is in doubt, and must be asked for all of it.
 */
export async function addSaid(
  query: Query,
  { runId, entries }: JournalBatch,
  lastSeq: number,
  askedAt: number,
): Promise<boolean> {
  if (entries[0]?.seq !== 1) {
    const [over] = await query(`select 1 where ${isOver('$1')}`, [runId]);
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
     where ${isOver('$1')} and ${isOtherwise} limit 1`,
    [runId, jsonb(entries)],
  );
  return otherwise.length > 0;
}

export function isWholeJournal(entries: readonly JournalEntry[]): boolean {
  const last = entries.at(-1);
  return entries[0]?.seq === 1 && last?.kind === 'run.ended' && last.seq === entries.length;
}

const asTheRunSays = `(run_id, seq) do update set at = excluded.at, kind = excluded.kind, step = excluded.step, data = excluded.data
  where (journal.at, journal.kind, journal.step, journal.data) is distinct from (excluded.at, excluded.kind, excluded.step, excluded.data)`;
