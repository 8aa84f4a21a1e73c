/** Where orders come in, and what people at the supplier's do. */

import type { FastifyInstance } from 'fastify';
import { defined } from '../../plan/defined.ts';
import { Calls } from './calls.ts';
import { credentials } from './credentials.ts';
import { answer, CxmlError, confirmation, readOrderRequest, shipNotice } from './cxml.ts';
import type { OrderRecord, Orders } from './orders.ts';

export const path = '/supplier/cxml';

const usualDelayMs = 1_500;

export class Supplier {
  private readonly orders: Orders;
  private readonly calls = new Calls();

  constructor(orders: Orders) {
    this.orders = orders;
  }

  routes(app: FastifyInstance): void {
    app.addHook('onClose', async () => this.calls.end());
    app.register(async (supplier) => {
      supplier.removeAllContentTypeParsers();
      supplier.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
      supplier.post(path, async (request, reply) => {
        // cXML says what became of it in the document; the status of HTTP is about HTTP.
        reply.type('text/xml; charset=UTF-8');
        try {
          return this.take(String(request.body ?? ''));
        } catch (error) {
          if (error instanceof CxmlError) return answer(error.code, error.text, error.message);
          throw error;
        }
      });
    });
  }

  people(app: FastifyInstance): void {
    app.post('/_sandbox/supplier/callback', async (request, reply) => {
      const { url, delayMs = usualDelayMs } = request.body as { url: string; delayMs?: number };
      this.orders.callTo({ url, delayMs });
      return reply.code(204).send();
    });

    app.post('/_sandbox/supplier/ship', async (request, reply) => {
      const { orderId, serialNumbers } = request.body as { orderId: string; serialNumbers?: string[] };
      const order = this.orders.find(orderId);
      if (!order) return reply.code(404).send({ message: `There is no order ${orderId}.` });
      const serials = this.orders.ship(order, serialNumbers);
      const body = shipNotice(order, serials, credentials.inboundSecret);
      const { callback } = this.orders;
      const said = callback ? await this.calls.make(callback.url, body) : undefined;
      return {
        headers: { 'content-type': 'text/xml; charset=UTF-8' },
        body,
        ...defined({ answer: said }),
      };
    });
  }

  private take(text: string): string {
    const { type, order } = readOrderRequest(text);
    const known = this.orders.find(order.orderId);
    if (type === 'delete') return this.cancel(order.orderId, known);
    if (known) throw new CxmlError(409, 'Conflict', `Duplicate order number ${order.orderId}.`);
    const discontinued = order.items.find(({ partNumber }) => partNumber.startsWith('GONE-'));
    if (discontinued)
      throw new CxmlError(400, 'Bad Request', `Part ${discontinued.partNumber} is not sold any more.`);
    this.orders.take(order);
    this.follow(order.orderId);
    return answer(200, 'OK', 'The order was taken.');
  }

  private cancel(orderId: string, order: OrderRecord | undefined): string {
    if (!order) throw new CxmlError(404, 'Not Found', `There is no order ${orderId}.`);
    if (order.cancelled) throw new CxmlError(409, 'Conflict', `Order ${orderId} is already cancelled.`);
    if (order.shipped)
      throw new CxmlError(
        412,
        'Precondition Failed',
        `Order ${orderId} was shipped and cannot be cancelled.`,
      );
    this.orders.cancel(orderId);
    return answer(200, 'OK', 'The order was cancelled.');
  }

  /** A confirmation at once, and a ship notice later. */
  private follow(orderId: string): void {
    const { callback } = this.orders;
    if (!callback) return;
    const still = () => {
      const order = this.orders.find(orderId);
      return order && !order.cancelled && !order.shipped ? order : undefined;
    };
    this.calls.later(0, async () => {
      const order = still();
      if (order) await this.calls.make(callback.url, confirmation(order, credentials.inboundSecret));
    });
    this.calls.later(callback.delayMs, async () => {
      const order = still();
      if (!order) return;
      const body = shipNotice(order, this.orders.ship(order), credentials.inboundSecret);
      await this.calls.make(callback.url, body);
    });
  }
}
