/**
 * What suppliers send back: cXML 1.2 Reference Guide, ConfirmationRequest and ShipNoticeRequest (its Fulfill.dtd). Whatever the grammar
 * lets repeat is read as a list.
 *
 * Serial numbers have no place of their own in all versions. They are looked for, of each item, in AssetInfo (attribute serialNumber)
 * and SerialNumber; in Extrinsic whose name speaks of a serial number, in the item or in its ShipNoticeItemDetail; and where there is
 * neither, in ItemID's SupplierPartAuxiliaryID, with which suppliers tell apart pieces of one part number.
 */
import { defined } from '../../../plan/defined.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { orderIdOfDocument } from './order-request.ts';
import { all, type Element, find, NotReadable, within } from './xml.ts';

/** Something that happened to an order. */
export interface OrderEvent {
  name:
    | 'order.confirmed'
    | 'order.rejected'
    | 'order.paymentRequested'
    | 'order.shipmentPlanned'
    | 'order.shipped'
    | 'order.shipmentWithdrawn';
  orderId: string;
  data: JsonObject;
}

export type Notice = { events: OrderEvent[] } | { notForUs: string };

const readers: Record<string, (request: Element) => Notice> = {
  ConfirmationRequest: readConfirmation,
  ShipNoticeRequest: readShipNotice,
};

/** How to read a request, the element inside `Request`. Undefined for a kind of request that is no notice. */
export function noticeReader({ name }: Element): ((request: Element) => Notice) | undefined {
  return Object.hasOwn(readers, name) ? readers[name] : undefined;
}

/** Throws {@link NotReadable} when it lacks what it must have. A shipment may hold parts of several orders: one event each. */
function readShipNotice(request: Element): Notice {
  const header = need(request, 'ShipNoticeHeader');
  const { shipmentID, operation = 'new', shipmentType, fulfillmentType, reason } = header.attributes;
  if (reason === 'return') return { notForUs: 'it is about goods that go back to the supplier' };
  const portions = all(request, 'ShipNoticePortion');
  if (portions.length === 0) throw new NotReadable('The ShipNoticeRequest has no ShipNoticePortion.');
  const shared = {
    ...present({ shipmentId: shipmentID }),
    operation,
  };
  if (operation === 'delete')
    return {
      events: portions.map((portion) => ({
        name: 'order.shipmentWithdrawn',
        orderId: orderIdIn(portion),
        data: shared,
      })),
    };
  const parcels = all(request, 'ShipControl').flatMap(parcelsOf);
  const name = shipmentType === 'planned' ? 'order.shipmentPlanned' : 'order.shipped';
  return {
    events: portions.map((portion) => {
      const items = all(portion, 'ShipNoticeItem').map(shippedItem);
      // A portion without items holds the whole order.
      const complete = fulfillmentType === 'complete' || items.length === 0;
      return {
        name,
        orderId: orderIdIn(portion),
        data: {
          ...shared,
          ...present({
            carrier: parcels[0]?.carrier,
            trackingNumber: parcels[0]?.trackingNumber,
            shippedAt: header.attributes.shipmentDate,
            deliveryDate: header.attributes.deliveryDate,
            fulfillmentType,
            comments: commentsIn(header, portion),
          }),
          ...defined({ complete: complete || (fulfillmentType === 'partial' ? false : undefined) }),
          parcels,
          serialNumbers: [...new Set(items.flatMap((item) => item.serialNumbers))],
          items,
        },
      };
    }),
  };
}

/** Every number under which something travels, with who carries it: a ShipControl may hold several, and a notice several of those. */
function parcelsOf(control: Element): { carrier?: string; trackingNumber?: string }[] {
  const carriers = all(control, 'CarrierIdentifier');
  const carrier = carriers.find(({ attributes }) => attributes.domain === 'companyName') ?? carriers[0];
  const numbers = all(control, 'ShipmentIdentifier');
  if (numbers.length === 0) return [present({ carrier: carrier?.text })];
  return numbers.map(({ text, attributes }) =>
    present({
      carrier: carrier?.text,
      trackingNumber: text,
      kind: attributes.domain,
      trackingUrl: attributes.trackingURL,
    }),
  );
}

/** Statuses of a part of a line that say that it will come, now or later. */
const coming = new Set(['accept', 'allDetail', 'detail', 'backordered']);

function readConfirmation(request: Element): Notice {
  const header = need(request, 'ConfirmationHeader');
  const { type = '', operation = 'new', confirmID } = header.attributes;
  if (operation === 'delete') return { notForUs: 'it takes an earlier confirmation back' };
  const items = all(request, 'ConfirmationItem').map(confirmedItem);
  const parts = items.flatMap((item) => item.statuses.map((status) => ({ ...item, ...status })));
  const rejected = parts
    .filter((part) => part.status === 'reject')
    .map(({ lineNumber, quantity, comments }) => defined({ lineNumber, quantity, comments }));
  const name = confirmationName(
    type,
    parts.map(({ status }) => status),
  );
  if (name === undefined) return { notForUs: 'it says of no line yet what becomes of it' };
  const data = {
    type,
    operation,
    ...present({
      confirmationId: confirmID,
      comments: commentsIn(header),
      // When all of it is there, as far as is known.
      deliveryDate: latest(parts.map((part) => part.deliveryDate)),
    }),
    inFull: name === 'order.confirmed' && parts.every(({ status }) => coming.has(status)),
    rejected,
    items,
  };
  return { events: [{ name, orderId: orderIdIn(request), data }] };
}

/** What a confirmation comes to, by all its lines. Undefined when nothing is decided in it. */
function confirmationName(type: string, statuses: string[]): OrderEvent['name'] | undefined {
  if (type === 'reject') return 'order.rejected';
  if (type === 'requestToPay') return 'order.paymentRequested';
  if (statuses.length === 0 || statuses.some((status) => coming.has(status))) return 'order.confirmed';
  if (statuses.every((status) => status === 'requestToPay')) return 'order.paymentRequested';
  return statuses.some((status) => status === 'reject') ? 'order.rejected' : undefined;
}

function confirmedItem(item: Element) {
  const statuses = all(item, 'ConfirmationStatus').map((part) => ({
    status: part.attributes.type ?? 'unknown',
    ...defined({ quantity: quantityIn(part, 'quantity') }),
    ...present({
      shipmentDate: part.attributes.shipmentDate,
      deliveryDate: part.attributes.deliveryDate,
      comments: commentsIn(part),
    }),
  }));
  const kinds = [...new Set(statuses.map(({ status }) => status))];
  return {
    ...numbersOf(item),
    // Of the line as a whole; several say it of parts of its quantity.
    ...present({
      status: kinds.length > 1 ? 'mixed' : kinds[0],
      shipmentDate: latest(statuses.map((part) => part.shipmentDate)),
      deliveryDate: latest(statuses.map((part) => part.deliveryDate)),
    }),
    statuses,
  };
}

function shippedItem(item: Element) {
  const ordered = find(item, 'OrderedQuantity');
  return {
    ...numbersOf(item),
    ...defined({ orderedQuantity: ordered && quantityIn(ordered, 'quantity') }),
    ...present({
      partNumber: find(item, 'ItemID', 'SupplierPartID')?.text,
      description: all(find(item, 'ShipNoticeItemDetail'), 'Description')[0]?.text,
    }),
    serialNumbers: serialNumbersOf(item),
  };
}

function serialNumbersOf(item: Element): string[] {
  const infos = within(item, 'AssetInfo').flatMap(({ attributes }) => attributes.serialNumber ?? []);
  const listed = within(item, 'SerialNumber').map(({ text }) => text);
  const extrinsics = within(item, 'Extrinsic')
    .filter(({ attributes }) => /serial/i.test(attributes.name ?? ''))
    .flatMap(({ text }) => text.split(/[\s,;]+/));
  const named = [...infos, ...listed, ...extrinsics].map((serial) => serial.trim()).filter(Boolean);
  if (named.length > 0) return [...new Set(named)];
  const auxiliary = find(item, 'ItemID', 'SupplierPartAuxiliaryID')?.text;
  return auxiliary ? [auxiliary] : [];
}

function numbersOf(item: Element): { lineNumber?: number; quantity?: number } {
  return defined({ lineNumber: quantityIn(item, 'lineNumber'), quantity: quantityIn(item, 'quantity') });
}

/** A number as suppliers write them: `1000`, `1000.5`, `1,000`. What is no number is no reason to leave it out. */
function quantityIn({ name, attributes }: Element, attribute: string): number | undefined {
  const text = attributes[attribute]?.trim();
  if (!text) return undefined;
  const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain);
  throw new NotReadable(`The ${attribute} "${text}" of a ${name} is no number.`);
}

/** Days and moments in the form of ISO 8601, with offsets: compared as what they mean. */
function latest(dates: (string | undefined)[]): string | undefined {
  const known = dates.filter((date): date is string => Boolean(date));
  return known.reduce<string | undefined>(
    (last, date) => (last === undefined || Date.parse(date) > Date.parse(last) ? date : last),
    undefined,
  );
}

function commentsIn(...elements: Element[]): string {
  return elements
    .flatMap((element) => all(element, 'Comments').map(({ text }) => text))
    .filter(Boolean)
    .join('\n');
}

/** The order's number as it was sent, or as the document names that placed it; OrderIDInfo is how others than the buyer name it. */
function orderIdIn(element: Element): string {
  const reference = find(element, 'OrderReference');
  const document = find(reference, 'DocumentReference')?.attributes.payloadID;
  const orderId =
    reference?.attributes.orderID ||
    (document && orderIdOfDocument(document)) ||
    find(element, 'OrderIDInfo')?.attributes.orderID;
  if (orderId) return orderId;
  throw new NotReadable(
    `The ${element.name} names no order of ours: it has no OrderReference with an orderID, or with the payloadID of an order's document.`,
  );
}

function need(element: Element, name: string): Element {
  const found = find(element, name);
  if (found) return found;
  throw new NotReadable(`The ${element.name} has no ${name}.`);
}

/** Without what is not there. */
function present<Name extends string>(
  values: Record<Name, string | undefined>,
): Partial<Record<Name, string>> {
  const entries = Object.entries(values).filter(([, text]) => Boolean(text));
  return Object.fromEntries(entries) as Partial<Record<Name, string>>;
}
