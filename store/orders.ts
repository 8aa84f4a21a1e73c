/** Orders to suppliers: what was ordered, as the run that ordered it has on record, and what was told of it since. */
import type { Json, JsonObject } from '../plan/plan.ts';
import type { Database } from './database.ts';

export interface OrderedLine {
  lineNumber: number;
  quantity: number;
}

export class Orders {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Of an order that a step placed. Undefined for any other, and for one whose step did not say. */
  async linesOf(orderId: string): Promise<OrderedLine[] | undefined> {
    const [row] = await this.database.query(
      `select data->'output'->'lines' as lines from journal
       where kind = 'step.succeeded' and data->'output'->>'orderId' = $1 and data->'output' ? 'lines' limit 1`,
      [orderId],
    );
    const lines = (row?.lines ?? undefined) as Json | undefined;
    if (!Array.isArray(lines)) return undefined;
    return lines.flatMap((line) => {
      const { lineNumber, quantity } = (line ?? {}) as JsonObject;
      return typeof lineNumber === 'number' && typeof quantity === 'number' ? [{ lineNumber, quantity }] : [];
    });
  }

  /** All that one sender told of an order, the oldest first. */
  async told(orderId: string, source: string): Promise<{ name: string; data: JsonObject }[]> {
    const rows = await this.database.query(
      `select name, data from events where key = $1 and source = $2 and name like 'order.%' order by received_at, id`,
      [orderId, source],
    );
    return rows.map((row) => ({ name: String(row.name), data: row.data as JsonObject }));
  }
}
