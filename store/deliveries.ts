/** What ticket systems sent, each delivery once, and what became of it. */
import { defined } from '../plan/defined.ts';
import type { Json } from '../plan/plan.ts';
import { type Database, jsonb, type Row, storable } from './database.ts';

export type Outcome =
  | 'received'
  | 'started'
  | 'told'
  | 'kept'
  | 'already'
  | 'not for us'
  | 'late'
  | 'rejected'
  | 'failed';

/** What a delivery is about, and its place among those of its ticket. */
export interface DeliveryPlace {
  ticketId: string;
  /** The system's own number of the change. */
  number?: number;
  /** When the ticket was changed, by the system's clock: milliseconds since 1970. */
  at?: number;
  became?: Json;
  changed: string[];
}

/** A change of the same ticket that came after another one, by the system's own order. */
export interface LaterChange {
  id: string;
  outcome: Outcome;
  runId?: string;
  became?: Json;
  changed: string[];
  /** What it said is gone, and cannot be looked at again. */
  isEmptied: boolean;
}

export interface Delivery {
  id: string;
  system: string;
  deliveryKey: string;
  transitionKey?: string;
  receivedAt: string;
  /** False when its signature, its moment or its secret was wrong: whoever sent it, nobody acts on it. */
  believed: boolean;
  outcome: Outcome;
  reason?: string;
  runId?: string;
  attempts: number;
  /** When `retention` removed what it said. */
  emptiedAt?: string;
}

/** How bodies look at rest: a ticket may hold what is sensitive to the run that it starts. */
export interface Cipher {
  encrypt(text: string): string;
  /** Gives back as it is what was kept before bodies were encrypted. */
  decrypt(text: string): string;
}

const plain: Cipher = { encrypt: (text) => text, decrypt: (text) => text };
/** What became of a delivery that somebody had handled again. */
export interface Replay {
  at: string;
  by: string;
  outcome: Outcome;
  reason?: string;
  runId?: string;
}

export interface DeliveryInFull extends Delivery {
  body: string;
  replays: Replay[];
}

export interface Result {
  outcome: Outcome;
  reason?: string;
  runId?: string;
  transitionKey?: string;
}

export interface DeliveryFilter {
  outcome?: Outcome;
  limit?: number;
}

/**
 * Bounds of what anybody can make us keep: bytes of a body, deliveries of a system an hour, and deliveries of a
 * system in all.
 */
export const unbelievedLimits = { body: 64 * 1024, anHour: 1_000, inAll: 2_000 } as const;

/** Why a delivery is not settled that may have acted. */
const begun = 'it is being handled';

/** All but the body, which may be large. */
const columns =
  'id, system, delivery_key, transition_key, received_at, believed, outcome, reason, run_id, attempts, emptied_at';

export class Deliveries {
  private readonly database: Database;
  private readonly cipher: Cipher;

  constructor(database: Database, cipher = plain) {
    this.database = database;
    this.cipher = cipher;
  }

  /**
   * Keeps a delivery before anything is done about it. One seen before, under its key or as the report of the same change, is counted
   * again and returned as it stands.
   */
  async receive(system: string, deliveryKey: string, body: string, place?: DeliveryPlace): Promise<Delivery> {
    const key = storable(deliveryKey);
    const [row] = await this.database.query(
      `with seen as (
         update deliveries set attempts = attempts + 1 where id = (
           select id from deliveries where system = $1 and believed and transition_key = $2 and delivery_key <> $2
           order by run_id nulls last, received_at limit 1) returning *),
       made as (
         insert into deliveries (system, delivery_key, body, ticket_id, number, changed_at, became, changed)
         select $1, $2, $3, $4, $5::bigint, to_timestamp($6::float8 / 1000.0), $7::jsonb, $8::text[]
         where not exists (select 1 from seen)
         on conflict (system, delivery_key) do update set attempts = deliveries.attempts + 1 returning *)
       select * from seen union all select * from made`,
      [system, key, this.cipher.encrypt(storable(body)), ...placeValues(place)],
    );
    if (!row) throw new Error('a delivery was neither inserted nor found');
    return deliveryOf(row);
  }

  /** Of a delivery that was kept before its place was. */
  async place(id: string, place: DeliveryPlace): Promise<void> {
    await this.database.query(
      `update deliveries set ticket_id = $2, number = $3, changed_at = to_timestamp($4 / 1000.0), became = $5, changed = $6
       where id = $1 and ticket_id is null`,
      [id, ...placeValues(place)],
    );
  }

  /** What is known of the same ticket that happened after this, the oldest first. Where neither has a number, nothing is. */
  async later(system: string, id: string, { ticketId, number, at }: DeliveryPlace): Promise<LaterChange[]> {
    const rows = await this.database.query(
      `select id, outcome, run_id, became, changed, emptied_at from deliveries
       where system = $1 and ticket_id = $2 and believed and id <> $3
         and coalesce(number > $4::bigint, changed_at > to_timestamp($5 / 1000.0), false)
       order by number nulls last, changed_at limit 1000`,
      [system, storable(ticketId), id, number ?? null, at ?? null],
    );
    return rows.map((row) => ({
      id: String(row.id),
      outcome: row.outcome as Outcome,
      changed: (row.changed ?? []) as string[],
      isEmptied: row.emptied_at !== null,
      ...defined({
        became: (row.became ?? undefined) as Json | undefined,
        runId: row.run_id ? String(row.run_id) : undefined,
      }),
    }));
  }

  /** Believed, kept and not settled yet, ticket by ticket in the order of their own numbers. */
  async unsettled(
    systems: readonly string[],
    { quietMs = 0, limit = 100 }: { quietMs?: number; limit?: number } = {},
  ): Promise<Delivery[]> {
    const rows = await this.database.query(
      `select * from deliveries where outcome = 'received' and believed and system = any($1)
         and received_at < now() - $2 * interval '1 millisecond'
       order by system, ticket_id nulls last, number nulls last, changed_at nulls last, received_at limit $3`,
      [systems, quietMs, limit],
    );
    return rows.map(deliveryOf);
  }

  /** Those of the same ticket that come before this by the system's own order. */
  async unsettledBefore(
    system: string,
    id: string,
    { ticketId, number, at }: DeliveryPlace,
  ): Promise<Delivery[]> {
    const rows = await this.database.query(
      `select * from deliveries where system = $1 and ticket_id = $2 and outcome = 'received' and believed and id <> $3
         and coalesce(number < $4::bigint, changed_at < to_timestamp($5 / 1000.0), false)
       order by number nulls last, changed_at, received_at`,
      [system, storable(ticketId), id, number ?? null, at ?? null],
    );
    return rows.map(deliveryOf);
  }

  /** Whether no other one of its ticket is kept and not settled, and what became of this one by now: by one look. */
  async standing(
    system: string,
    id: string,
    ticketId: string,
  ): Promise<{ isAlone: boolean; now?: Result | undefined }> {
    const rows = await this.database.query(
      `select id, outcome, reason, run_id from deliveries where id = $3
       union all
       select id, outcome, reason, run_id from deliveries
       where system = $1 and ticket_id = $2 and outcome = 'received' and believed and id <> $3`,
      [system, storable(ticketId), id],
    );
    const own = rows.find((row) => String(row.id) === id);
    return { isAlone: rows.every((row) => row === own), now: own && resultOf(own) };
  }

  /** From now on it may have acted, whatever is known of that. */
  async begin(id: string): Promise<void> {
    await this.database.query(`update deliveries set reason = $2 where id = $1 and outcome = 'received'`, [
      id,
      begun,
    ]);
  }

  /** Those of a ticket that were begun and are not settled, the newest first. */
  async begun(system: string, ticketId: string): Promise<Delivery[]> {
    const rows = await this.database.query(
      `select * from deliveries where system = $1 and ticket_id = $2 and outcome = 'received' and reason = $3 and believed
       order by number desc nulls last, changed_at desc, received_at desc`,
      [system, storable(ticketId), begun],
    );
    return rows.map(deliveryOf);
  }

  /** What became of it by now. */
  async outcomeOf(id: string): Promise<Result | undefined> {
    const [row] = await this.database.query('select * from deliveries where id = $1', [id]);
    return row && resultOf(row);
  }

  /**
   * Keeps a delivery that is not believed, within the limits: past those of the hour it is counted only, and the oldest
   * make room. Its key is our own, so that it cannot take the place of a true one. False when it was only counted.
   */
  async refuse(system: string, body: string, reason: string): Promise<boolean> {
    const [hour] = await this.database.query(
      `insert into unbelieved_counts as counts (system, hour, count) values ($1, date_trunc('hour', now()), 1)
       on conflict (system, hour) do update set count = counts.count + 1 returning count`,
      [system],
    );
    const count = Number(hour?.count);
    if (count > unbelievedLimits.anHour) return false;
    await this.database.query(
      `insert into deliveries (system, delivery_key, body, believed, outcome, reason)
       values ($1, 'unbelieved:' || gen_random_uuid(), $2, false, 'rejected', $3)`,
      [system, this.cipher.encrypt(storable(shortened(body))), storable(reason)],
    );
    // Now and then is enough: the limit may be passed by as many as come between.
    if (count % 100 === 1) await this.makeRoom(system);
    return true;
  }

  /** Of each system, how many of the last day were not believed and not kept either. */
  async countedOnly(): Promise<Record<string, number>> {
    const rows = await this.database.query(
      `select system, sum(count - $1) as more from unbelieved_counts
       where count > $1 and hour > now() - interval '1 day' group by system`,
      [unbelievedLimits.anHour],
    );
    return Object.fromEntries(rows.map(({ system, more }) => [String(system), Number(more)]));
  }

  async finish(id: string, result: Result): Promise<void> {
    await this.database.query(
      `update deliveries set outcome = $2, reason = $3, run_id = $4, transition_key = coalesce($5, transition_key) where id = $1`,
      [id, result.outcome, result.reason ?? null, result.runId ?? null, result.transitionKey ?? null],
    );
  }

  async addReplay(
    id: string,
    by: string,
    { outcome, reason, runId }: Omit<Replay, 'at' | 'by'>,
  ): Promise<void> {
    await this.database.query(
      'insert into delivery_replays (delivery_id, by, outcome, reason, run_id) values ($1, $2, $3, $4, $5)',
      [id, by, outcome, reason ?? null, runId ?? null],
    );
  }

  /** The run that an earlier delivery of the same transition started. */
  async runOfTransition(system: string, transitionKey: string): Promise<string | undefined> {
    const [row] = await this.database.query(
      `select run_id from deliveries where system = $1 and transition_key = $2 and run_id is not null limit 1`,
      [system, transitionKey],
    );
    return row?.run_id === undefined ? undefined : String(row.run_id);
  }

  /** The newest first. */
  async list({ outcome, limit = 50 }: DeliveryFilter = {}): Promise<Delivery[]> {
    const rows = await this.database.query(
      `select ${columns} from deliveries where $1::text is null or outcome = $1 order by received_at desc limit $2`,
      [outcome ?? null, Math.min(limit, 500)],
    );
    return rows.map(deliveryOf);
  }

  /** By id, or by as much of its beginning as is unique. */
  async find(idOrPrefix: string): Promise<DeliveryInFull | 'ambiguous' | undefined> {
    if (!/^[0-9a-f-]{4,36}$/i.test(idOrPrefix)) return undefined;
    const reach = idsFrom(idOrPrefix.toLowerCase());
    if (!reach) return undefined;
    const [row, second] = await this.database.query(
      'select * from deliveries where id between $1::uuid and $2::uuid order by id limit 2',
      reach,
    );
    if (!row) return undefined;
    if (second) return 'ambiguous';
    const replays = await this.database.query(
      'select * from delivery_replays where delivery_id = $1 order by at',
      [row.id],
    );
    return {
      ...deliveryOf(row),
      body: row.emptied_at === null ? this.cipher.decrypt(String(row.body)) : '',
      replays: replays.map(replayOf),
    };
  }

  private async makeRoom(system: string): Promise<void> {
    await this.database.query(
      `delete from deliveries where system = $1 and not believed and received_at < (
         select received_at from deliveries where system = $1 and not believed
         order by received_at desc offset $2 limit 1)`,
      [system, unbelievedLimits.inAll],
    );
    await this.database.query(
      `delete from unbelieved_counts where system = $1 and hour < now() - interval '30 days'`,
      [system],
    );
  }
}

/** The first id that begins so, and the last: by them the index is asked, which it cannot be for the beginning of a text. */
function idsFrom(beginning: string): [string, string] | undefined {
  const [first, last] = ['0', 'f'].map(
    (digit) =>
      beginning + 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'.replaceAll('x', digit).slice(beginning.length),
  );
  const isId = (text = '') => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isId(first) && isId(last) ? [String(first), String(last)] : undefined;
}

function placeValues(place: DeliveryPlace | undefined): unknown[] {
  if (!place) return [null, null, null, null, null];
  const { ticketId, number, at, became, changed } = place;
  return [
    storable(ticketId),
    number ?? null,
    at ?? null,
    became === undefined ? null : jsonb(became),
    changed.map(storable),
  ];
}

function shortened(body: string): string {
  return Buffer.from(body).subarray(0, unbelievedLimits.body).toString('utf8');
}

function deliveryOf(row: Row): Delivery {
  return {
    id: String(row.id),
    system: String(row.system),
    deliveryKey: String(row.delivery_key),
    ...defined({ transitionKey: row.transition_key ? String(row.transition_key) : undefined }),
    receivedAt: (row.received_at as Date).toISOString(),
    believed: row.believed === true,
    ...resultOf(row),
    attempts: Number(row.attempts),
    ...defined({ emptiedAt: (row.emptied_at as Date | null)?.toISOString() }),
  };
}

function replayOf(row: Row): Replay {
  return { at: (row.at as Date).toISOString(), by: String(row.by), ...resultOf(row) };
}

function resultOf(row: Row): Pick<Delivery, 'outcome' | 'reason' | 'runId'> {
  return {
    outcome: row.outcome as Outcome,
    ...defined({
      reason: row.reason ? String(row.reason) : undefined,
      runId: row.run_id ? String(row.run_id) : undefined,
    }),
  };
}
