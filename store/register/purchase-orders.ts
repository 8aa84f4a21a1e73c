/** Orders, with what of each line has come: a line of which something is outstanding is a back-order until it comes or is cancelled. */
import { defined } from '../../plan/defined.ts';
import {
  type OrderQuery,
  type PurchaseOrder,
  type RegisterActor,
  RegisterConflict,
  type RegisteredOrder,
} from '../../plan/register.ts';
import { type Database, jsonb, type Query, type Row } from '../database.ts';
import { partOf, present, selected } from './columns.ts';
import { writeHistory } from './history.ts';

/** Orders of one page. */
const mostOrders = 200;
const ordersUnlessSaid = 50;

const sameNumber = `lower(number) collate "C" = lower($1) collate "C"`;
const orderColumns = selected(['id', 'number', 'vendor', 'orderedOn', 'expectedOn', 'currency', 'cancelled']);
/** Something of it has not come. */
const isOutstanding = `exists (select 1 from purchase_order_lines as each
  where each.order_id = purchase_orders.id and each.delivered < each.quantity)`;

export class PurchaseOrders {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async by(number: string): Promise<RegisteredOrder | undefined> {
    const { orders } = await this.list({ number, limit: 1 });
    return orders[0];
  }

  async list(query: OrderQuery): Promise<{ orders: RegisteredOrder[]; next?: string }> {
    const values: unknown[] = [];
    const when = (value: unknown, condition: (parameter: string) => string) =>
      value === undefined ? [] : [condition(`$${values.push(value)}`)];
    const { status, expectedBy } = query;
    const open = status === 'open' || expectedBy !== undefined;
    const conditions = [
      ...when(
        query.text ? partOf(query.text) : undefined,
        (part) => `(number ilike ${part} or vendor ilike ${part}
        or exists (select 1 from purchase_order_lines as each
          where each.order_id = purchase_orders.id and each.description ilike ${part}))`,
      ),
      ...when(query.number, (number) => `lower(number) collate "C" = lower(${number}) collate "C"`),
      ...when(query.vendor, (vendor) => `lower(vendor) collate "C" = lower(${vendor}) collate "C"`),
      ...when(expectedBy, (day) => `expected_on <= ${day}::date`),
      ...when(query.after, (number) => `number collate "C" > ${number}`),
      ...(open ? [`not cancelled and ${isOutstanding}`] : []),
      ...(status === 'complete' ? [`not cancelled and not ${isOutstanding}`] : []),
      ...(status === 'cancelled' ? ['cancelled'] : []),
    ];
    const limit = Math.min(Math.max(1, query.limit ?? ordersUnlessSaid), mostOrders);
    const rows = await this.database.query(
      `select ${orderColumns} from purchase_orders ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by number collate "C" limit ${limit + 1}`,
      values,
    );
    const page = rows.slice(0, limit);
    const lines = await this.database.query(
      `select order_id, delivered, ${selected(['line', 'description', 'partNumber', 'quantity', 'unitPrice'])}
       from purchase_order_lines where order_id = any($1::bigint[]) order by order_id, line`,
      [page.map(({ id }) => id)],
    );
    const orders = page.map((row) =>
      orderOf(
        row,
        lines.filter(({ order_id }) => order_id === row.id),
      ),
    );
    return { orders, ...defined({ next: rows.length > limit ? orders.at(-1)?.number : undefined }) };
  }

  /** An order that is there stays as it was placed. */
  put({ lines, ...order }: PurchaseOrder, actor: RegisterActor): Promise<void> {
    return this.database.transaction(async (query) => {
      const [row] = await query(
        `insert into purchase_orders (number, vendor, ordered_on, expected_on, currency)
         values ($1, $2, $3::date, $4::date, $5) on conflict (lower(number) collate "C") do nothing returning id`,
        [order.number, order.vendor, order.orderedOn, order.expectedOn ?? null, order.currency ?? null],
      );
      if (!row) return;
      await query(
        `insert into purchase_order_lines (order_id, line, description, part_number, quantity, unit_price)
         select $1, given.line, given.description, given."partNumber", given.quantity, given."unitPrice"
         from jsonb_to_recordset($2::jsonb)
           as given(line integer, description text, "partNumber" text, quantity integer, "unitPrice" numeric)`,
        [row.id, jsonb(lines)],
      );
      const after = { ...order, lines };
      await writeHistory(query, { kind: 'order', subject: Number(row.id), what: 'added', after, ...actor });
    });
  }

  /** How much of each line has come in all; what is not named stays. */
  putDelivered(
    number: string,
    delivered: readonly { line: number; delivered: number }[],
    actor: RegisterActor,
  ): Promise<void> {
    return this.database.transaction(async (query) => {
      const id = await lockedOrder(query, number);
      const rows = await query('select line, delivered from purchase_order_lines where order_id = $1', [id]);
      const there = new Map(rows.map((row) => [Number(row.line), Number(row.delivered)]));
      const unknown = delivered.find(({ line }) => !there.has(line));
      if (unknown)
        throw new RegisterConflict(
          `The order ${number} has no line ${unknown.line}. It has: ${[...there.keys()].join(', ')}.`,
        );
      const news = delivered.filter((each) => there.get(each.line) !== each.delivered);
      for (const each of news)
        await query('update purchase_order_lines set delivered = $3 where order_id = $1 and line = $2', [
          id,
          each.line,
          each.delivered,
        ]);
      if (news.length === 0) return;
      const of = (amount: (line: number) => number | undefined) =>
        Object.fromEntries(news.map(({ line }) => [`line ${line}`, amount(line)]));
      const before = of((line) => there.get(line));
      const after = Object.fromEntries(news.map((each) => [`line ${each.line}`, each.delivered]));
      await writeHistory(query, { kind: 'order', subject: id, what: 'delivered', before, after, ...actor });
    });
  }

  cancel(number: string, cancelled: boolean, actor: RegisterActor): Promise<void> {
    return this.database.transaction(async (query) => {
      const id = await lockedOrder(query, number);
      const [changed] = await query(
        'update purchase_orders set cancelled = $2 where id = $1 and cancelled <> $2 returning id',
        [id, cancelled],
      );
      if (!changed) return;
      const [before, after] = [{ cancelled: !cancelled }, { cancelled }];
      const what = cancelled ? 'cancelled' : 'changed';
      await writeHistory(query, { kind: 'order', subject: id, what, before, after, ...actor });
    });
  }
}

async function lockedOrder(query: Query, number: string): Promise<number> {
  const [row] = await query(`select id from purchase_orders where ${sameNumber} for update`, [number]);
  if (!row) throw new RegisterConflict(`The register has no order ${number}.`);
  return Number(row.id);
}

function orderOf({ id: _, cancelled, ...row }: Row, rows: readonly Row[]): RegisteredOrder {
  const lines = rows.map(({ order_id: _, ...line }) => {
    const each = present<RegisteredOrder['lines'][number]>(line);
    return { ...each, outstanding: Math.max(0, each.quantity - each.delivered) };
  });
  const isOpen = lines.some(({ outstanding }) => outstanding > 0);
  const status = cancelled ? 'cancelled' : isOpen ? 'open' : 'complete';
  return { ...present<Omit<RegisteredOrder, 'lines' | 'status'>>(row), status, lines };
}
