/** What ticket systems sent, each delivery once, and what became of it. */
import { type Database, type Row, storable } from './database.ts';

export type Outcome =
  | 'received'
  | 'started'
  | 'told'
  | 'kept'
  | 'already'
  | 'not for us'
  | 'rejected'
  | 'failed';

export interface Delivery {
  id: string;
  system: string;
  deliveryKey: string;
  transitionKey?: string;
  receivedAt: string;
  outcome: Outcome;
  reason?: string;
  runId?: string;
  attempts: number;
}

/** How bodies look at rest: a ticket may hold what is sensitive to the run that it starts. */
export interface Cipher {
  encrypt(text: string): string;
  /** Gives back as it is what was kept before bodies were encrypted. */
  decrypt(text: string): string;
}

const plain: Cipher = { encrypt: (text) => text, decrypt: (text) => text };

export class Deliveries {
  private readonly database: Database;
  private readonly cipher: Cipher;

  constructor(database: Database, cipher = plain) {
    this.database = database;
    this.cipher = cipher;
  }

  /** Keeps a delivery before anything is done about it. One seen before is counted again and returned as it stands. */
  async receive(system: string, deliveryKey: string, body: string): Promise<Delivery> {
    const [row] = await this.database.query(
      `insert into deliveries (system, delivery_key, body) values ($1, $2, $3)
       on conflict (system, delivery_key) do update set attempts = deliveries.attempts + 1 returning *`,
      [system, storable(deliveryKey), this.cipher.encrypt(storable(body))],
    );
    if (!row) throw new Error('a delivery was neither inserted nor found');
    return deliveryOf(row);
  }

  async finish(
    id: string,
    result: { outcome: Outcome; reason?: string; runId?: string; transitionKey?: string },
  ): Promise<void> {
    await this.database.query(
      `update deliveries set outcome = $2, reason = $3, run_id = $4, transition_key = coalesce($5, transition_key) where id = $1`,
      [id, result.outcome, result.reason ?? null, result.runId ?? null, result.transitionKey ?? null],
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

  async list(limit = 50): Promise<Delivery[]> {
    const rows = await this.database.query('select * from deliveries order by received_at desc limit $1', [
      Math.min(limit, 500),
    ]);
    return rows.map(deliveryOf);
  }

  async body(id: string): Promise<{ system: string; body: string } | undefined> {
    const [row] = await this.database.query('select system, body from deliveries where id::text = $1', [id]);
    return row ? { system: String(row.system), body: this.cipher.decrypt(String(row.body)) } : undefined;
  }
}

function deliveryOf(row: Row): Delivery {
  return {
    id: String(row.id),
    system: String(row.system),
    deliveryKey: String(row.delivery_key),
    ...(row.transition_key ? { transitionKey: String(row.transition_key) } : {}),
    receivedAt: (row.received_at as Date).toISOString(),
    outcome: row.outcome as Outcome,
    ...(row.reason ? { reason: String(row.reason) } : {}),
    ...(row.run_id ? { runId: String(row.run_id) } : {}),
    attempts: Number(row.attempts),
  };
}
