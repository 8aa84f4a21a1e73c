/** What a role is asked to sign, and was: with what the records tell of it, read for all of them at once. */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/values.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import type { AuditRecord } from './audit/record.ts';
import type { Database, Row } from './database.ts';
import { entryOf, type RunRow, runOf, selectRuns } from './run-rows.ts';

/** Whoever has more before them at once decides about them elsewhere. */
const mostGates = 500;

export interface GateOfRole {
  run: string;
  step: string;
}

export interface OpenGate extends GateOfRole {
  title: string;
  since: number;
  deadline?: number;
}

/** What is read of one run. */
export interface RunFacts {
  row: RunRow;
  /** Without what steps gave. */
  journal: JournalEntry[];
  records: Pick<AuditRecord, 'seq' | 'at' | 'kind' | 'step' | 'actor' | 'data'>[];
}

/** Of the rows `r`: those that this person may see, all of them where it is nobody's. */
const seenBy = (place: string) =>
  `(${place}::text is null or exists (select 1 from run_people p where p.run_id = r.id and p.person = ${place}))`;

/** `more` where there are more than are read at once. */
export interface GatesRead<T extends GateOfRole> {
  gates: T[];
  more: boolean;
}

export class Agenda {
  private readonly database: Database;
  private readonly most: number;

  constructor(database: Database, most = mostGates) {
    this.database = database;
    this.most = most;
  }

  /** The nearest deadline first. `person` limits it to runs that concern them. */
  async open(role: string, person?: string): Promise<GatesRead<OpenGate>> {
    const rows = await this.database.query(
      `select w.run_id, w.step, min(w.title) as title, extract(epoch from min(w.since)) * 1000 as since,
         extract(epoch from min(w.deadline)) * 1000 as deadline
       from waiting w join runs r on r.id = w.run_id
       where w.kind = 'gate' and r.ended_at is null and ${seenBy('$2')} and exists (
         select 1 from audit a
         where a.run_id = w.run_id and a.step = w.step and a.kind = 'gate.opened' and a.data->'from' ? $1)
       group by w.run_id, w.step order by min(w.deadline) nulls last, min(w.since), w.run_id, w.step limit $3`,
      [`role:${role}`, person?.toLowerCase() ?? null, this.most + 1],
    );
    return this.read(rows, (row) => ({
      ...gateOf(row),
      title: String(row.title),
      since: Math.round(Number(row.since)),
      ...defined({ deadline: row.deadline === null ? undefined : Math.round(Number(row.deadline)) }),
    }));
  }

  /** What was asked of it before `to`, in runs that had not ended by `from`: the newest. */
  async asked(
    role: string,
    { from, to }: { from: number; to: number },
    person?: string,
  ): Promise<GatesRead<GateOfRole>> {
    const rows = await this.database.query(
      `select a.run_id, a.step from audit a join runs r on r.id = a.run_id
       where a.kind = 'gate.opened' and a.data->'from' ? $1 and ${seenBy('$2')} and a.at < to_timestamp($4 / 1000.0)
         and (r.ended_at is null or r.ended_at >= to_timestamp($3 / 1000.0))
       group by a.run_id, a.step order by max(a.at) desc limit $5`,
      [`role:${role}`, person?.toLowerCase() ?? null, from, to, this.most + 1],
    );
    return this.read(rows, gateOf);
  }

  /** One more than the most is asked for, to know whether there are more. */
  private read<T extends GateOfRole>(rows: readonly Row[], gate: (row: Row) => T): GatesRead<T> {
    return { gates: rows.slice(0, this.most).map(gate), more: rows.length > this.most };
  }

  /** Of each run, by its id: what its signatures and its window are told from. */
  async facts(runs: readonly string[]): Promise<Map<string, RunFacts>> {
    const ids = [...new Set(runs)];
    if (ids.length === 0) return new Map();
    const { database } = this;
    const [rows, entries, records] = await Promise.all([
      database.query(`${selectRuns} where r.id = any($1)`, [ids]),
      database.query(
        `select run_id, seq, extract(epoch from at) * 1000 as at, kind, step,
           case when kind in ('step.succeeded', 'step.skipped', 'step.undone') then null else data end as data
         from journal where run_id = any($1) and kind ~ $2 order by run_id, seq`,
        [
          ids,
          '^(gate\\.|proposal\\.|vote$|command$|run\\.(started|amended)$|step\\.(succeeded|skipped|undone|expired|cancelled|failed|parked)$)',
        ],
      ),
      database.query(
        `select run_id, seq, at, kind, step, actor, data from audit
         where run_id = any($1) and kind in ('gate.opened', 'question.asked', 'question.answered') order by run_id, seq`,
        [ids],
      ),
    ]);
    const facts = new Map<string, RunFacts>();
    for (const row of rows) facts.set(String(row.id), { row: runOf(row), journal: [], records: [] });
    for (const row of entries) facts.get(String(row.run_id))?.journal.push(entryOf(row));
    for (const row of records) facts.get(String(row.run_id))?.records.push(recordOf(row));
    return facts;
  }
}

function gateOf(row: Row): GateOfRole {
  return { run: String(row.run_id), step: String(row.step) };
}

function recordOf(row: Row): RunFacts['records'][number] {
  return {
    seq: Number(row.seq),
    at: (row.at as Date).toISOString(),
    kind: row.kind as AuditRecord['kind'],
    step: String(row.step),
    actor: String(row.actor),
    data: row.data as JsonObject,
  };
}
