/** What a run says that it is and waits for, as its row and the inboxes have it. */
import type { RunSummary, WaitingOn } from '../workflows/journal.ts';
import { jsonb, type Query, type Row, storable } from './database.ts';
import { announceInbox } from './listen.ts';

/** An entry may have come while the run was being asked: what is younger than that stays. */
const marginMs = 5_000;

/** Entries behind the run's last, and the summary that came with them or with another one of its number. */
export async function forgetWhatNeverWas(
  query: Query,
  runId: string,
  lastSeq: number,
  askedAt: number,
): Promise<void> {
  await query('delete from journal where run_id = $1 and seq > $2 and at < to_timestamp($3 / 1000.0)', [
    runId,
    lastSeq,
    askedAt - marginMs,
  ]);
  await query(
    `update runs set summary_seq = $2 - 1 where id = $1 and summary_seq >= $2
       and not exists (select 1 from journal where run_id = $1 and seq > $2)`,
    [runId, lastSeq],
  );
}

/** Whether a run stands there as its summary has it, so that nothing is to be written. `row` has times in milliseconds. */
export function isSaidAlready(
  row: Row,
  { status, reason, endedAt, subject, waitingOn }: RunSummary,
): boolean {
  const there = [
    row.status,
    row.reason,
    row.subject,
    row.ended_at === null ? null : Math.round(Number(row.ended_at)),
  ];
  const told = [status, reason ?? null, subject ?? null, endedAt ?? null];
  if (JSON.stringify(there) !== JSON.stringify(told)) return false;
  const waiting = waitingOn.flatMap((wait) =>
    waitedFor(wait).map((assignee) => waitText({ ...wait, assignee, ...wait.event })),
  );
  const before = (row.waiting as Row[]).map(waitText);
  return JSON.stringify(before.sort()) === JSON.stringify(waiting.sort());
}

function waitText({ step, kind, title, assignee, since, deadline, name, key, from }: Row): string {
  const moments = [since, deadline ?? null].map((at) => (at === null ? null : Math.round(Number(at))));
  return JSON.stringify([step, kind, title, assignee, ...moments, name ?? null, key ?? null, from ?? null]);
}

/**
 * The newest summary wins, whatever order they come in; it replaces what the run was waiting for. One that said nothing new was not
 * written, so that the journal tells which is the newest too.
 */
export async function saveSummary(
  query: Query,
  runId: string,
  seq: number,
  summary: RunSummary,
): Promise<void> {
  const found = await query(
    `with updated as (
       update runs set status = $3, reason = $4, ended_at = to_timestamp($5 / 1000.0), subject = $6, summary_seq = $2
       where id = $1 and summary_seq < $2 and not exists (select 1 from journal where run_id = $1 and seq > $2)
       returning id),
     before as (
       delete from waiting where run_id in (select id from updated) returning step, assignee, since, deadline)
     select step, assignee, extract(epoch from since) * 1000 as since, extract(epoch from deadline) * 1000 as deadline
     from updated left join before on true`,
    [
      runId,
      seq,
      summary.status,
      summary.reason === undefined ? null : storable(summary.reason),
      summary.endedAt ?? null,
      summary.subject === undefined ? null : storable(summary.subject),
    ],
  );
  if (found.length === 0) return;
  const before = found.filter(({ step }) => step !== null);
  const rows = summary.waitingOn.flatMap((waiting) =>
    waitedFor(waiting).map((assignee) => ({ ...waiting, assignee })),
  );
  const changed = changedAssignees(before, rows);
  if (changed.length > 0) await announceInbox(query, changed);
  if (rows.length === 0) return;
  await query(
    `insert into waiting (run_id, step, kind, title, assignee, since, deadline, event_name, event_key, event_from)
     select $1, w.step, w.kind, w.title, w.assignee, to_timestamp(w.since / 1000.0), to_timestamp(w.deadline / 1000.0),
       w.event->>'name', w.event->>'key',
       case when w.event ? 'from' then array(select jsonb_array_elements_text(w.event->'from')) end
     from jsonb_to_recordset($2::jsonb) as w(step text, kind text, title text, assignee text,
       since double precision, deadline double precision, event jsonb)
     on conflict do nothing`,
    [runId, jsonb(rows)],
  );
}

/** Whose inboxes are no longer what they were. */
function changedAssignees(before: readonly Row[], after: readonly Row[]): string[] {
  const keyOf = ({ step, assignee, since, deadline }: Row) =>
    [step, assignee, Math.round(Number(since)), Math.round(Number(deadline ?? 0))].join(' ');
  const [old, now] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  const changed = [
    ...before.filter((row) => !now.has(keyOf(row))),
    ...after.filter((row) => !old.has(keyOf(row))),
  ].map(({ assignee }) => String(assignee));
  return [...new Set(changed)].filter((assignee) => assignee !== '');
}

function waitedFor(waiting: WaitingOn): string[] {
  const people = waiting.people.map((person) => `person:${person.toLowerCase()}`);
  if (waiting.role) people.push(`role:${waiting.role}`);
  return people.length > 0 ? people : [''];
}
