/** The orders that the supplier has taken. Every change is an effect first, and is made from that effect alone. */
import type { Effect, Effects } from '../effects.ts';

export interface OrderItem {
  lineNumber: string;
  partNumber: string;
  description: string;
  quantity: number;
}

export interface OrderRecord {
  orderId: string;
  payloadId: string;
  items: OrderItem[];
  /** What the order says, beside its items, for the tests to look at. */
  header: Record<string, unknown>;
  cancelled: boolean;
  shipped: boolean;
}

/** Where confirmations and ship notices go, once somebody has said so. */
export interface Callback {
  url: string;
  /** From the order to the ship notice. */
  delayMs: number;
}

const firstSerial = 9001;

export class Orders {
  callback: Callback | undefined;
  private readonly orders = new Map<string, OrderRecord>();
  private nextSerial = firstSerial;
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
    for (const effect of effects.list({ system: 'supplier' })) this.apply(effect);
  }

  reset(): void {
    this.orders.clear();
    this.callback = undefined;
    this.nextSerial = firstSerial;
  }

  list(): OrderRecord[] {
    return [...this.orders.values()];
  }

  find(orderId: string): OrderRecord | undefined {
    return this.orders.get(orderId);
  }

  take(order: Omit<OrderRecord, 'cancelled' | 'shipped'>): void {
    this.change('order.received', order.orderId, { order });
  }

  cancel(orderId: string): void {
    this.change('order.cancelled', orderId, {});
  }

  /** Hands serial numbers out in order, one for each piece, unless they are given. */
  ship(order: OrderRecord, given?: string[]): string[] {
    const pieces = order.items.reduce((sum, item) => sum + item.quantity, 0);
    const serialNumbers =
      given ?? Array.from({ length: pieces }, (_, index) => `SN-${this.nextSerial + index}`);
    this.change('order.shipped', order.orderId, { serialNumbers, counted: given === undefined });
    return serialNumbers;
  }

  callTo(callback: Callback): void {
    this.change('callback.set', callback.url, { callback });
  }

  private change(effect: string, subject: string, detail: Record<string, unknown>): void {
    this.apply(this.effects.add('supplier', effect, subject, detail));
  }

  private apply({ effect, subject, detail = {} }: Effect): void {
    if (effect === 'callback.set') {
      this.callback = detail.callback as Callback;
      return;
    }
    if (effect === 'order.received') {
      const order = detail.order as Omit<OrderRecord, 'cancelled' | 'shipped'>;
      this.orders.set(subject, { ...order, cancelled: false, shipped: false });
      return;
    }
    const order = this.orders.get(subject);
    if (!order) return;
    if (effect === 'order.cancelled') order.cancelled = true;
    if (effect === 'order.shipped') {
      order.shipped = true;
      if (detail.counted) this.nextSerial += (detail.serialNumbers as string[]).length;
    }
  }
}
