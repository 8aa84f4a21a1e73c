/** What came from outside and may wake a run: kept first, handed to one wait each, and forgotten after a month. */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/plan.ts';
import { type Database, jsonb, type Row, storable } from './database.ts';

export interface NewEvent {
  name: string;
  /** Which of these events: the number of an order, the id of a device. */
  key: string;
  data: JsonObject;
  /** Who sent it: a person's address, or a system. */
  source: string;
  /** Of whoever sent it: `role:NAME`. */
  roles?: string[];
  /** The sender's own mark: the same mark again is the same event. */
  sourceKey: string;
}

export interface StoredEvent extends Omit<NewEvent, 'sourceKey' | 'roles'> {
  id: string;
  receivedAt: string;
  /** The run it is for, once one waits for it. */
  runId?: string;
  deliveredAt?: string;
}

/** An event together with the wait that it is to end. */
export interface DueEvent extends StoredEvent {
  runId: string;
  workflowId: string;
  step: string;
  roles: string[];
}

const keptDays = 30;
/** What was shipped of an order counts until the last part of it comes. */
const keptDaysOfOrders = 400;
const mostForgotten = 1_000;
/** More events for the same wait than this are handed out in the next round. */
const mostPairs = 5_000;
/** Any number that nothing else uses for a lock in this database. */
const handOutLock = 7_402_612;

export class Events {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Keeps an event. One that was kept before is given back as it stands. */
  async keep({ name, key, data, source, sourceKey, roles = [] }: NewEvent): Promise<StoredEvent> {
    const [row] = await this.database.query(
      `insert into events (name, key, data, source, source_key, roles) values ($1, $2, $3, $4, $5, $6)
       on conflict (source, source_key) do update set source = excluded.source returning *`,
      [storable(name), storable(key), jsonb(data), storable(source), storable(sourceKey), roles],
    );
    if (!row) throw new Error('an event was neither inserted nor found');
    return eventOf(row);
  }

  /** Whether there is anything to hand out or to tell. */
  async areAnyOpen(): Promise<boolean> {
    const [row] = await this.database.query(
      `select exists (select 1 from events where run_id is null)
         or exists (select 1 from events where run_id is not null and delivered_at is null) as open`,
    );
    return row?.open === true;
  }

  /** Hands each event that is nobody's yet to a wait for it that takes it from its sender: the oldest event to the oldest wait. */
  async handOut(): Promise<void> {
    await this.database.transaction(async (query) => {
      await query('select pg_advisory_xact_lock($1)', [handOutLock]);
      const fitting = await query(
        `select distinct e.id::text, e.received_at, w.run_id, w.step, w.since, w.since::text as moment
         from events e join waiting w on w.event_name = e.name and w.event_key = e.key
           join runs r on r.id = w.run_id
         where e.run_id is null and r.ended_at is null
           and (w.event_from is null or e.source = any(w.event_from) or e.roles && w.event_from)
           and not exists (select 1 from events o where o.run_id = w.run_id and o.step = w.step and o.wait_since = w.since)
         order by e.received_at, e.id::text, w.since, w.run_id, w.step limit $1`,
        [mostPairs],
      );
      for (const { id, run_id: runId, step, moment } of pairsOf(fitting))
        await query(
          'update events set run_id = $2, step = $3, wait_since = $4::timestamptz where id::text = $1',
          [id, runId, step, moment],
        );
    });
  }

  /** Those that are for a run and that it has not taken yet, without those that are left alone for now. */
  async due(except: string[] = [], limit = 50): Promise<DueEvent[]> {
    const rows = await this.database.query(
      `select e.*, r.workflow_id from events e join runs r on r.id = e.run_id
       where e.delivered_at is null and not (e.id::text = any($2)) order by e.received_at limit $1`,
      [limit, except],
    );
    return rows.map((row) => ({
      ...eventOf(row),
      runId: String(row.run_id),
      workflowId: String(row.workflow_id),
      step: String(row.step),
      roles: row.roles as string[],
    }));
  }

  async delivered(id: string): Promise<void> {
    await this.database.query('update events set delivered_at = now() where id = $1', [id]);
  }

  /**
   * The run does not wait for it any more: it is anybody's again, unless the run's journal shows that it had taken it
   * and only the answer was lost.
   */
  async refused(id: string): Promise<void> {
    await this.database.query(
      `update events e set
         delivered_at = case when t.taken then now() end,
         run_id = case when t.taken then e.run_id end,
         step = case when t.taken then e.step end,
         wait_since = case when t.taken then e.wait_since end
       from (select exists (select 1 from journal j join events f on f.run_id = j.run_id
               where f.id = $1 and j.kind = 'event' and j.data->>'id' = f.id::text) as taken) t
       where e.id = $1 and e.delivered_at is null`,
      [id],
    );
  }

  /** The oldest of them: what is left is forgotten at the next look. */
  async forgetOld(): Promise<void> {
    for (const [days, which] of [
      [keptDays, `source not like 'cxml: %'`],
      [keptDaysOfOrders, 'true'],
    ] as const)
      await this.database.query(
        `delete from events where id = any(array(
           select id from events where received_at < now() - $1 * interval '1 day' and ${which} order by received_at limit $2))`,
        [days, mostForgotten],
      );
  }

  async list(limit = 50): Promise<StoredEvent[]> {
    const rows = await this.database.query('select * from events order by received_at desc limit $1', [
      Math.min(limit, 500),
    ]);
    return rows.map(eventOf);
  }
}

function eventOf(row: Row): StoredEvent {
  return {
    id: String(row.id),
    name: String(row.name),
    key: String(row.key),
    data: row.data as JsonObject,
    source: String(row.source),
    receivedAt: (row.received_at as Date).toISOString(),
    ...defined({
      runId: row.run_id ? String(row.run_id) : undefined,
      deliveredAt: row.delivered_at ? (row.delivered_at as Date).toISOString() : undefined,
    }),
  };
}

/** In their order, each event and each wait once. */
function pairsOf(fitting: readonly Row[]): Row[] {
  const used = new Set<string>();
  return fitting.filter(({ id, run_id: runId, step, moment }) => {
    const [event, wait] = [`event ${id}`, `wait ${JSON.stringify([runId, step, moment])}`];
    if (used.has(event) || used.has(wait)) return false;
    used.add(event).add(wait);
    return true;
  });
}
