/** What suppliers tell by cXML: believed by the secret of whom it is from, kept, and made an event that a run may wait for. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { completed } from '../../activities/procurement/cxml/completeness.ts';
import {
  type Credential,
  type Incoming,
  readRequest,
  responseDocument,
  type Status,
} from '../../activities/procurement/cxml/envelope.ts';
import { type Notice, noticeReader } from '../../activities/procurement/cxml/notices.ts';
import { type Element, escaped, NotReadable, xmlText } from '../../activities/procurement/cxml/xml.ts';
import { StoreUnavailable } from '../../store/database.ts';
import type { Outcome } from '../../store/deliveries.ts';
import type { Store } from '../../store/store.ts';
import { same } from '../../tickets/ticket-system.ts';
import type { EventDesk } from '../outside-events.ts';
import { Problem } from '../problem.ts';

/** A supplier as far as what they send is concerned. */
export interface KnownSupplier {
  name: string;
  credential: Credential;
  /** Undefined where none is configured: then nothing from there is believed. Rejects when it cannot be had. */
  secret(): Promise<string | undefined>;
}

export interface CxmlParts {
  store: Pick<Store, 'deliveries' | 'orders'>;
  events: Pick<EventDesk, 'keep'>;
  suppliers(): Promise<KnownSupplier[]>;
  log: (line: string) => void;
}

/** The status of HTTP is about HTTP; what became of the document says the document that answers it. */
export interface CxmlAnswer {
  http: 200 | 503;
  body: string;
}

const settled = new Set<Outcome>(['kept', 'not for us']);

/** cXML 1.2 Reference Guide: Response, Status. */
const statuses = {
  ok: { code: 200, text: 'OK' },
  badRequest: { code: 400, text: 'Bad Request' },
  unauthorized: { code: 401, text: 'Unauthorized' },
  notAcceptable: { code: 406, text: 'Not Acceptable' },
  notImplemented: { code: 450, text: 'Not Implemented' },
  temporary: { code: 560, text: 'Temporary server error' },
} as const;

export class CxmlReceiver {
  private readonly parts: CxmlParts;

  constructor(parts: CxmlParts) {
    this.parts = parts;
  }

  /** `contentType` names the encoding, where the transport says it. */
  async receive(raw: string | Uint8Array, contentType?: string): Promise<CxmlAnswer> {
    try {
      return answerOf(await this.handle(typeof raw === 'string' ? raw : xmlText(raw, contentType)));
    } catch (error) {
      if (error instanceof NotReadable) return answerOf(statusOf('notAcceptable', error.message));
      const away = error instanceof StoreUnavailable || (error instanceof Problem && error.status === 503);
      if (!away) throw error;
      return answerOf(statusOf('temporary', 'It cannot be kept just now. Please send it again.'), 503);
    }
  }

  private async handle(raw: string): Promise<Status> {
    const incoming = readRequest(raw);
    const supplier = await this.believed(incoming);
    if (!supplier)
      return statusOf('unauthorized', 'The sender is not known here, or the SharedSecret is not right.');
    const read = noticeReader(incoming.request);
    if (!read)
      return statusOf(
        'notImplemented',
        `${incoming.request.name} is not taken here, only ConfirmationRequest and ShipNoticeRequest.`,
      );
    const { store, log } = this.parts;
    // Each supplier counts for itself, so that two may use the same id.
    const key = `${supplier.name} ${incoming.payloadId}`;
    const delivery = await store.deliveries.receive('cxml', key, withoutSecret(raw, incoming));
    if (settled.has(delivery.outcome)) return statusOfOutcome(delivery.outcome, delivery.reason);
    const { outcome, reason } = await this.keep(incoming, read, supplier);
    await store.deliveries.finish(delivery.id, { outcome, reason });
    log(
      `cXML of ${supplier.name}, ${JSON.stringify(incoming.payloadId.slice(0, 60))}: ${outcome} (${reason})`,
    );
    return statusOfOutcome(outcome, reason);
  }

  private async keep(
    incoming: Incoming,
    read: (request: Element) => Notice,
    supplier: KnownSupplier,
  ): Promise<{ outcome: Outcome; reason: string }> {
    let notice: Notice;
    try {
      notice = read(incoming.request);
    } catch (error) {
      if (error instanceof NotReadable) return { outcome: 'rejected', reason: error.message };
      throw error;
    }
    if ('notForUs' in notice) return { outcome: 'not for us', reason: notice.notForUs };
    const kept = notice.events.map(({ name, orderId }) => `${name} ${orderId}`);
    try {
      for (const [index, { name, orderId, data }] of notice.events.entries()) {
        await this.parts.events.keep({
          name,
          key: orderId,
          data: { ...data, supplier: supplier.name },
          source: sourceOf(supplier),
          sourceKey: `${incoming.payloadId} ${index}`,
        });
        if (await this.keepCompleteness(orderId, supplier)) kept.push(`order.complete ${orderId}`);
      }
    } catch (error) {
      if (error instanceof Problem && error.status === 413)
        return { outcome: 'rejected', reason: error.message };
      throw error;
    }
    return { outcome: 'kept', reason: `${kept.join(', ')}: for the run that waits for it` };
  }

  /** Tells once that all of an order has been shipped, which one notice says, or several together come to. */
  private async keepCompleteness(orderId: string, supplier: KnownSupplier): Promise<boolean> {
    const { orders } = this.parts.store;
    const source = sourceOf(supplier);
    const data = completed(await orders.linesOf(orderId), await orders.told(orderId, source));
    if (!data) return false;
    await this.parts.events.keep({
      name: 'order.complete',
      key: orderId,
      data: { ...data, supplier: supplier.name },
      source,
      sourceKey: `${orderId} complete`,
    });
    return true;
  }

  /** The supplier whom it is from, if it carries their secret. */
  private async believed({ from, sharedSecrets }: Incoming): Promise<KnownSupplier | undefined> {
    for (const supplier of await this.parts.suppliers()) {
      const { domain, identity } = supplier.credential;
      if (!from.some((given) => same(domain, given.domain) && same(identity, given.identity))) continue;
      const secret = await supplier.secret();
      if (secret === undefined)
        this.parts.log(`cXML of ${supplier.name} is not believed: no inboundSecret is configured for them.`);
      else if (sharedSecrets.some((given) => equal(secret, given))) return supplier;
    }
    return undefined;
  }
}

function answerOf(status: Status, http: CxmlAnswer['http'] = 200): CxmlAnswer {
  return { http, body: responseDocument(`${randomUUID()}@countersign`, status) };
}

function sourceOf({ name }: KnownSupplier): string {
  return `cxml: ${name}`;
}

function statusOf(name: keyof typeof statuses, words: string): Status {
  return { ...statuses[name], words };
}

function statusOfOutcome(outcome: Outcome, reason = ''): Status {
  return statusOf(outcome === 'rejected' ? 'badRequest' : 'ok', reason);
}

/** In constant time, whatever their lengths. */
function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The document as it may be kept: the secret stands in it in the clear, however it was written. */
function withoutSecret(raw: string, { sharedSecrets }: Incoming): string {
  const outside = raw.replace(/(<SharedSecret\b[^>]*>)[\s\S]*?(<\/SharedSecret\s*>)/g, '$1[secret]$2');
  return sharedSecrets
    .filter((secret) => secret !== '')
    .reduce(
      (text, secret) => text.replaceAll(escaped(secret), '[secret]').replaceAll(secret, '[secret]'),
      outside,
    );
}
