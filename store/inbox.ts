/** What waits for somebody: signatures, tasks, and parked steps of the runs they own. */
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import type { Ticket } from '../workflows/messages.ts';
import type { Database, Row } from './database.ts';

export interface InboxItem {
  run: {
    id: string;
    title: string;
    subject?: string;
    runbook: string;
    kind: string;
    requester: string;
    ticket?: Ticket;
    startedAt: string;
  };
  step: string;
  title: string;
  /** `question`: of whoever signs, to whoever asked for it. */
  kind: 'gate' | 'task' | 'parked' | 'question';
  /** Milliseconds since 1970. */
  since: number;
  deadline?: number;
  role?: string;
  people: string[];
  /** Of a parked step: what went wrong. */
  reason?: string;
  /** Of a question: the other inputs that were suggested with it. */
  suggested?: Suggested[];
}

interface Suggested {
  input: string;
  before: Json;
  after: Json;
}

export interface InboxPage {
  items: InboxItem[];
  /** How many there are in all; the items are the most urgent of them. */
  total: number;
}

export class Inbox {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** The oldest deadline first; what has none last, the oldest first. */
  async of(person: string, roles: readonly string[], limit = 500): Promise<InboxPage> {
    const rows = await this.database.query(
      `with asked as (
         select run_id, step, kind, title, assignee, since, deadline from waiting
         where assignee = any($1) and kind in ('gate', 'task', 'parked')
         union all
         -- Once the gate is closed nobody waits for the answer.
         select q.run_id, q.step, 'question', q.title, q.assignee, q.at, (
             select min(g.deadline) from waiting g where g.run_id = q.run_id and g.step = q.step)
         from open_questions q
         where q.assignee = any($1) and exists (
           select 1 from waiting g where g.run_id = q.run_id and g.step = q.step and g.kind = 'gate')),
       mine as (
         select w.run_id, w.step, min(w.kind) as kind, min(w.title) as title, min(w.since) as since,
           min(w.deadline) as deadline, count(*) over () as total
         from asked w join runs r on r.id = w.run_id
         where r.ended_at is null
         group by w.run_id, w.step
         order by min(w.deadline) nulls last, min(w.since), w.run_id, w.step limit $2)
       select mine.*, extract(epoch from mine.since) * 1000 as since_ms,
         extract(epoch from mine.deadline) * 1000 as deadline_ms, r.title as run_title, r.subject, r.runbook, r.kind as run_kind,
         r.requester, r.ticket, r.started_at, case when mine.kind = 'question' then (
           select jsonb_agg(distinct q.assignee order by q.assignee) from open_questions q
           where q.run_id = mine.run_id and q.step = mine.step)
         else (
           select jsonb_agg(w.assignee order by w.assignee) from waiting w
           where w.run_id = mine.run_id and w.step = mine.step) end as assignees,
         case when mine.kind = 'parked' then (
           select j.data from journal j
           where j.run_id = mine.run_id and j.step = mine.step and j.kind = 'step.parked'
           order by j.seq desc limit 1)
         when mine.kind = 'question' then (
           select a.data from open_questions q join audit a on a.run_id = q.run_id and a.seq = q.question
           where q.run_id = mine.run_id and q.step = mine.step and a.data ? 'instead'
           order by q.question desc limit 1) end as told
       from mine join runs r on r.id = mine.run_id
       order by mine.deadline nulls last, mine.since, mine.run_id, mine.step`,
      [assigneesOf(person, roles), limit],
    );
    return { items: rows.map(itemOf), total: Number(rows[0]?.total ?? 0) };
  }

  /** Whether anything waits for this very person, or they have asked for a run. */
  async concerns(person: string): Promise<boolean> {
    const [row] = await this.database.query(
      `select exists (select 1 from waiting where assignee = $1)
         or exists (select 1 from runs where lower(requester) = $2) as concerns`,
      [`person:${person}`, person],
    );
    return row?.concerns === true;
  }
}

/** As `waiting.assignee` has them. */
export function assigneesOf(person: string, roles: readonly string[]): string[] {
  return [`person:${person.toLowerCase()}`, ...roles.map((role) => `role:${role}`)];
}

function itemOf(row: Row): InboxItem {
  const assignees = row.assignees as string[];
  const role = assignees.find((assignee) => assignee.startsWith('role:'))?.slice(5);
  const told = row.told as JsonObject | null;
  const reason = reasonOf(told);
  return {
    run: {
      id: String(row.run_id),
      title: String(row.run_title),
      runbook: String(row.runbook),
      kind: String(row.run_kind),
      requester: String(row.requester),
      ...defined({ subject: row.subject ? String(row.subject) : undefined }),
      ...defined({ ticket: row.ticket ? (row.ticket as Ticket) : undefined }),
      startedAt: (row.started_at as Date).toISOString(),
    },
    step: String(row.step),
    title: String(row.title),
    kind: row.kind as InboxItem['kind'],
    since: Math.round(Number(row.since_ms)),
    ...defined({
      deadline: row.deadline_ms === null ? undefined : Math.round(Number(row.deadline_ms)),
      role: role || undefined,
    }),
    people: assignees.filter((assignee) => assignee.startsWith('person:')).map((each) => each.slice(7)),
    ...defined({ reason: reason || undefined, suggested: suggestedIn(told) }),
  };
}

function reasonOf(told: JsonObject | null): string | undefined {
  const message = told?.message;
  return typeof message === 'string' ? message : undefined;
}

function suggestedIn(told: JsonObject | null): Suggested[] | undefined {
  return Array.isArray(told?.instead) ? (told.instead as unknown as Suggested[]) : undefined;
}
