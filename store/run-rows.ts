/** Rows of the run index and of the journals, and what they are read into. */
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import type { JournalEntry, WaitingOn } from '../workflows/journal.ts';
import type { RunStatus, Ticket } from '../workflows/messages.ts';
import type { Query, Row } from './database.ts';

export interface RunRow {
  id: string;
  workflowId: string;
  runbook: string;
  title: string;
  /** What it is about, where its runbook says so. */
  subject?: string;
  kind: string;
  owner: string;
  planHash?: string;
  /** The run whose step started this one. */
  partOf?: string;
  requester: string;
  ticket?: Ticket;
  status: RunStatus;
  reason?: string;
  startedAt: string;
  endedAt?: string;
  waitingOn: WaitingOn[];
  /** Of a run that is no longer listed: only its records are left. */
  removed?: { at: string };
}

/** Runs that are no longer listed, in the form of those that are. */
export const selectRemoved = `
  select r.*, r.runbook as title, '' as requester, null as subject, null as ticket, null as reason, '[]'::jsonb as waiting
  from removed_runs r`;

export const selectRuns = `
  select r.*, coalesce((
    select jsonb_agg(jsonb_build_object('step', w.step, 'kind', w.kind, 'title', w.title, 'assignee', w.assignee,
      'since', extract(epoch from w.since) * 1000, 'deadline', extract(epoch from w.deadline) * 1000,
      'event', w.event_name, 'eventKey', w.event_key) order by w.since, w.step, w.assignee)
    from waiting w where w.run_id = r.id), '[]') as waiting
  from runs r`;

export function runOf(row: Row): RunRow {
  return {
    id: String(row.id),
    workflowId: String(row.workflow_id),
    runbook: String(row.runbook),
    title: String(row.title),
    kind: String(row.kind),
    owner: String(row.owner),
    ...defined({
      subject: row.subject ? String(row.subject) : undefined,
      planHash: row.plan_hash ? String(row.plan_hash) : undefined,
      partOf: row.part_of ? String(row.part_of) : undefined,
    }),
    requester: String(row.requester),
    ...defined({ ticket: row.ticket ? (row.ticket as Ticket) : undefined }),
    status: row.status as RunStatus,
    ...defined({ reason: row.reason ? String(row.reason) : undefined }),
    startedAt: (row.started_at as Date).toISOString(),
    ...defined({ endedAt: row.ended_at ? (row.ended_at as Date).toISOString() : undefined }),
    waitingOn: waitingOf(row.waiting as Record<string, Json>[]),
    ...defined({ removed: row.removed_at ? { at: (row.removed_at as Date).toISOString() } : undefined }),
  };
}

/** One entry a step again, from one row an assignee. */
function waitingOf(rows: Record<string, Json>[]): WaitingOn[] {
  const steps = new Map<string, WaitingOn>();
  for (const row of rows) {
    const step = String(row.step);
    const entry: WaitingOn = steps.get(step) ?? {
      step,
      title: String(row.title),
      kind: row.kind as WaitingOn['kind'],
      people: [],
      since: Math.round(Number(row.since)),
      ...defined({
        deadline: row.deadline === null ? undefined : Math.round(Number(row.deadline)),
        event: row.event === null ? undefined : { name: String(row.event), key: String(row.eventKey) },
      }),
    };
    const assignee = String(row.assignee);
    if (assignee.startsWith('person:')) entry.people.push(assignee.slice(7));
    if (assignee.startsWith('role:')) entry.role = assignee.slice(5);
    steps.set(step, entry);
  }
  return [...steps.values()];
}

export const selectJournal =
  'select seq, extract(epoch from at) * 1000 as at, kind, step, data from journal where run_id = $1';

export function entryOf(row: Row): JournalEntry {
  return {
    seq: Number(row.seq),
    at: Math.round(Number(row.at)),
    kind: row.kind as JournalEntry['kind'],
    ...defined({
      step: row.step ? String(row.step) : undefined,
      data: row.data ? (row.data as JsonObject) : undefined,
    }),
  };
}

export async function journalIn(query: Query, runId: string): Promise<JournalEntry[]> {
  return (await query(`${selectJournal} order by seq`, [runId])).map(entryOf);
}
