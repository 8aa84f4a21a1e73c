/**
 * Writes what runs say of themselves. What a worker tells of many runs goes by one transaction, of which most statements are for all of
 * them; what a run said when it was asked goes by itself. Nothing is written that says what stands there already.
 */
import type { RunSummary } from '../workflows/journal.ts';
import { type Database, jsonb, type Query, type Row } from './database.ts';
import { addSaid, addTold, isDoubted, isWholeJournal, type JournalBatch } from './journal-entries.ts';
import { announceRuns } from './listen.ts';
import { journalIn } from './run-rows.ts';
import { isSaidAlready, saveSummary } from './run-summaries.ts';
import { addPeople, addWords, gatherPeople, peopleOfEntry, wordsIn, wordsOfEntry } from './run-words.ts';

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

/** What a worker told, with at least one entry. */
interface Told {
  batch: JournalBatch;
  lastSeq: number;
  /** How many of its entries were not there yet. */
  added: number;
  /** Its run as it stands, with the entries and before the summary. */
  row: Row;
}

/** Runs of which this process remembers how far it wrote. */
const mostRemembered = 20_000;

export class JournalWriter {
  private readonly database: Database;
  private readonly seal: JournalSeal | undefined;
  /** Run id -> up to where its journal had no gap when this process wrote last. */
  private readonly wholeTo = new Map<string, number>();

  constructor(database: Database, seal: JournalSeal | undefined) {
    this.database = database;
    this.seal = seal;
  }

  /** All of them or none; of each run one. Gives up to where the journal of each has no gap. */
  async appendTold(batches: readonly JournalBatch[]): Promise<Map<string, number>> {
    // In one order, so that no two writers wait for each other.
    const given = batches
      .filter(({ entries }) => entries.length > 0)
      .toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
    if (given.length === 0) return new Map();
    const written = await this.database.transaction(async (query) => {
      const listed = await listedOf(query, given);
      const added = await addTold(query, listed);
      const rows = await stateOf(query, listed);
      await noteForRequesters(query, listed);
      const found = new Map(given.map((batch) => [batch.runId, lastSeqOf(batch)]));
      for (const batch of listed) {
        const { runId } = batch;
        const row = rows.get(runId);
        if (!row) throw new Error(`the run ${runId} was neither listed nor found`);
        const told = { batch, lastSeq: lastSeqOf(batch), added: added.get(runId) ?? 0, row };
        found.set(runId, await this.settle(query, told));
      }
      await announceRuns(query, new Map(listed.map(({ runId, summary }) => [runId, summary.status])));
      return found;
    });
    for (const [runId, upTo] of written) this.remember(runId, upTo);
    return written;
  }

  /** What the run itself said when it was asked, at the moment `askedAt`. */
  async appendSaid(batch: JournalBatch & { askedAt: number }): Promise<number> {
    const { entries, runId, askedAt, summary } = batch;
    if (entries.length === 0) return 0;
    const lastSeq = lastSeqOf(batch);
    this.wholeTo.delete(runId);
    return this.database.transaction(async (query) => {
      // Told late of one whose time was over: nothing of it is to come back.
      if (await announce(query, batch)) return lastSeq;
      const doubted = await addSaid(query, batch, lastSeq, askedAt);
      await noteForRequesters(query, [batch]);
      await saveSummary(query, runId, lastSeq, summary);
      await makeFindable(query, batch, true);
      await gatherPeople(query, runId, await journalIn(query, runId));
      await announceRuns(query, new Map([[runId, summary.status]]));
      const { contiguousTo, isWhole } = await wholeUpTo(query, runId);
      const isOwnWord = isWholeJournal(entries);
      const isSealedSo = (await this.seal?.(query, batch, { isWhole, isOwnWord })) ?? true;
      await askAgain(query, batch, { isInDoubt: doubted || !isSealedSo, contiguousTo, lastSeq });
      return contiguousTo;
    });
  }

  /** What one run's entries bring with them. */
  private async settle(query: Query, told: Told): Promise<number> {
    const { batch, lastSeq, added, row } = told;
    const { runId, entries, summary } = batch;
    const doubted = added < entries.length && (await isDoubted(query, runId, entries, added));
    const isNews = !isSaidAlready(row, summary);
    if (isNews) await saveSummary(query, runId, lastSeq, summary);
    await makeFindable(query, batch, isNews);
    const short = doubted ? undefined : this.goesOn(told);
    const { contiguousTo, isWhole } =
      short === undefined ? await wholeUpTo(query, runId) : { contiguousTo: short, isWhole: false };
    const isSealedSo = (await this.seal?.(query, batch, { isWhole, isOwnWord: false })) ?? true;
    const isInDoubt = doubted || !isSealedSo;
    if (isInDoubt || row.is_asked) await askAgain(query, batch, { isInDoubt, contiguousTo, lastSeq });
    return contiguousTo;
  }

  /** Up to where the journal has no gap, where that is known without looking at all of it: a live run that goes on. */
  private goesOn({ batch: { runId, entries }, lastSeq, added, row }: Told): number | undefined {
    const upTo = this.wholeTo.get(runId) ?? 0;
    const isNext = entries[0]?.seq === upTo + 1 && lastSeq === upTo + entries.length;
    const isLive = row.ended_at === null && entries.every(({ kind }) => kind !== 'run.ended');
    return isNext && isLive && added === entries.length && !row.has_later ? lastSeq : undefined;
  }

  private remember(runId: string, upTo: number): void {
    this.wholeTo.delete(runId);
    this.wholeTo.set(runId, upTo);
    const [oldest] = this.wholeTo.keys();
    if (this.wholeTo.size > mostRemembered && oldest !== undefined) this.wholeTo.delete(oldest);
  }
}

function lastSeqOf({ entries }: JournalBatch): number {
  return entries.at(-1)?.seq ?? 0;
}

/**
 * Locks their rows, so that one journal is written by one at a time, and adds those that nobody has added. Gives those that are listed with
 * that: told late of one whose time was over, nothing of it is to come back.
 */
async function listedOf(query: Query, batches: readonly JournalBatch[]): Promise<JournalBatch[]> {
  const ids = batches.map(({ runId }) => runId);
  const rows = await query(
    'select id from runs where id = any($1) order by id for update',
    [ids],
    'lock-runs',
  );
  const known = new Set(rows.map(({ id }) => String(id)));
  const listed: JournalBatch[] = [];
  for (const batch of batches) {
    const tellsOfItself = batch.entries.some(({ kind }) => kind === 'run.started');
    const removed = (!known.has(batch.runId) || tellsOfItself) && (await announce(query, batch));
    if (!removed) listed.push(batch);
  }
  return listed;
}

async function stateOf(query: Query, batches: readonly JournalBatch[]): Promise<Map<string, Row>> {
  const rows = await query(
    `select r.id, r.status, r.reason, r.subject, extract(epoch from r.ended_at) * 1000 as ended_at,
       r.asked_at is not null as is_asked,
       exists (select 1 from journal j where j.run_id = r.id and j.seq > g.seq) as has_later,
       coalesce((
         select jsonb_agg(jsonb_build_object('step', w.step, 'kind', w.kind, 'title', w.title, 'assignee', w.assignee,
           'since', extract(epoch from w.since) * 1000, 'deadline', extract(epoch from w.deadline) * 1000,
           'name', w.event_name, 'key', w.event_key, 'from', w.event_from))
         from waiting w where w.run_id = r.id), '[]') as waiting
     from jsonb_to_recordset($1::jsonb) as g(id text, seq integer) join runs r using (id)`,
    [jsonb(batches.map((batch) => ({ id: batch.runId, seq: lastSeqOf(batch) })))],
    'runs-told',
  );
  return new Map(rows.map((row) => [String(row.id), row]));
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

/**
 * What a run says of itself in its first entry, for the index: nobody else adds one that another run started, and whoever started it
 * may have died before. Title (the plan's, where
 * it says none), kind, owner, requester, hash of the plan, ticket, and the run it is part of.
 */
function announced(entries: JournalBatch['entries']): unknown[] {
  const said = entries.find(({ kind }) => kind === 'run.started')?.data ?? {};
  const { title = null, kind = 'other', owner = '', requester = '', planHash = null, ticket, partOf } = said;
  return [title, kind, owner, requester, planHash, ticket ? jsonb(ticket) : null, partOf ?? null];
}

/** Whoever started a run by hand knows that it has begun; a run that another one started is that one's affair. */
async function noteForRequesters(query: Query, batches: readonly JournalBatch[]): Promise<void> {
  const notes = batches.flatMap(({ runId, entries }) =>
    entries
      .filter(({ kind, data }) =>
        kind === 'run.started'
          ? data?.cause === 'ticket' && !data.partOf
          : kind === 'run.ended' && !data?.partOf,
      )
      .map(({ kind }) => ({ runId, kind })),
  );
  if (notes.length === 0) return;
  await query(
    `insert into notices (run_id, kind) select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
    [notes.map(({ runId }) => runId), notes.map(({ kind }) => kind)],
  );
}

/** What the run can be found by from now on. `isNews`: its summary says something else than before. */
async function makeFindable(
  query: Query,
  { runId, runbook, entries, summary }: JournalBatch,
  isNews: boolean,
): Promise<void> {
  const shown: Partial<RunSummary> = isNews ? summary : {};
  const waitedFor = (shown.waitingOn ?? []).flatMap(({ people }) => people);
  await addPeople(query, runId, [...entries.flatMap(peopleOfEntry), ...waitedFor]);
  await addWords(query, runId, [
    ...(shown.subject ? wordsIn(shown.subject) : []),
    ...(entries[0]?.seq === 1 ? wordsIn(`${runbook} ${runId}`) : []),
    ...entries.flatMap(wordsOfEntry),
  ]);
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

interface Standing {
  isInDoubt: boolean;
  contiguousTo: number;
  lastSeq: number;
}

/** Whoever asks it may die too: then it is asked as one that was told something. */
async function askAgain(
  query: Query,
  { runId, summary }: JournalBatch,
  { isInDoubt, contiguousTo, lastSeq }: Standing,
): Promise<void> {
  if (isInDoubt) await query('update runs set asked_at = coalesce(asked_at, now()) where id = $1', [runId]);
  else if (summary.endedAt !== undefined && contiguousTo >= lastSeq)
    await query('update runs set asked_at = null where id = $1 and asked_at is not null', [runId]);
}
