/**
 * What suppliers send back: cXML 1.2 Reference Guide, ConfirmationRequest and ShipNoticeRequest (its Fulfill.dtd). Read are, of a
 * ship notice, ShipNoticeHeader (shipmentDate, deliveryDate, operation), ShipControl (CarrierIdentifier, ShipmentIdentifier), and of
 * each ShipNoticePortion the OrderReference and its ShipNoticeItem.
 *
 * Serial numbers have no place of their own in all versions. They are looked for, of each item, in AssetInfo (attribute serialNumber);
 * in Extrinsic whose name speaks of a serial number, in the item or in its ShipNoticeItemDetail; and where there is neither, in
 * ItemID's SupplierPartAuxiliaryID, with which suppliers tell apart pieces of one part number.
 */
import { defined } from '../../../plan/defined.ts';
import type { JsonObject } from '../../../plan/plan.ts';
import { all, type Element, find, NotReadable, within } from './xml.ts';

/** Something that happened to an order. */
export interface OrderEvent {
  name: 'order.shipped' | 'order.confirmed' | 'order.rejected';
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
  const header = need(request, 'ShipNoticeHeader').attributes;
  if (header.operation === 'delete') return { notForUs: 'it takes an earlier ship notice back' };
  const controls = all(request, 'ShipControl');
  const carriers = controls.flatMap((control) => all(control, 'CarrierIdentifier'));
  const carrier = carriers.find(({ attributes }) => attributes.domain === 'companyName') ?? carriers[0];
  const tracking = controls.flatMap((control) => all(control, 'ShipmentIdentifier'))[0];
  const portions = all(request, 'ShipNoticePortion');
  if (portions.length === 0) throw new NotReadable('The ShipNoticeRequest has no ShipNoticePortion.');
  const shared = present({
    carrier: carrier?.text,
    trackingNumber: tracking?.text,
    shippedAt: header.shipmentDate,
    deliveryDate: header.deliveryDate,
  });
  return {
    events: portions.map((portion) => {
      const items = all(portion, 'ShipNoticeItem').map(shippedItem);
      const serialNumbers = items.flatMap((item) => item.serialNumbers);
      return {
        name: 'order.shipped',
        orderId: orderIdIn(portion),
        data: { ...shared, serialNumbers, items },
      };
    }),
  };
}

function readConfirmation(request: Element): Notice {
  const header = need(request, 'ConfirmationHeader');
  const { type = '', operation, confirmID } = header.attributes;
  if (operation === 'delete') return { notForUs: 'it takes an earlier confirmation back' };
  const items = all(request, 'ConfirmationItem').map((item): JsonObject => {
    const status = find(item, 'ConfirmationStatus')?.attributes ?? {};
    return {
      ...numbersOf(item),
      ...present({
        status: status.type,
        shipmentDate: status.shipmentDate,
        deliveryDate: status.deliveryDate,
      }),
    };
  });
  const deliveryDate = items.map((item) => item.deliveryDate).find((date) => typeof date === 'string');
  const data = {
    type,
    ...present({ confirmationId: confirmID, comments: find(header, 'Comments')?.text }),
    ...defined({ deliveryDate: deliveryDate || undefined }),
    items,
  };
  return {
    events: [
      { name: type === 'reject' ? 'order.rejected' : 'order.confirmed', orderId: orderIdIn(request), data },
    ],
  };
}

function shippedItem(item: Element) {
  return {
    ...numbersOf(item),
    ...present({
      partNumber: find(item, 'ItemID', 'SupplierPartID')?.text,
      description: find(item, 'ShipNoticeItemDetail', 'Description')?.text,
    }),
    serialNumbers: serialNumbersOf(item),
  };
}

function serialNumbersOf(item: Element): string[] {
  const infos = within(item, 'AssetInfo').flatMap(({ attributes }) => attributes.serialNumber ?? []);
  const extrinsics = within(item, 'Extrinsic')
    .filter(({ attributes }) => /serial/i.test(attributes.name ?? ''))
    .flatMap(({ text }) => text.split(/[\s,;]+/));
  const named = [...infos, ...extrinsics].map((serial) => serial.trim()).filter(Boolean);
  if (named.length > 0) return [...new Set(named)];
  const auxiliary = find(item, 'ItemID', 'SupplierPartAuxiliaryID')?.text;
  return auxiliary ? [auxiliary] : [];
}

function numbersOf({ attributes: { lineNumber, quantity } }: Element): {
  lineNumber?: number;
  quantity?: number;
} {
  return {
    ...(Number.isFinite(Number(lineNumber)) && lineNumber ? { lineNumber: Number(lineNumber) } : {}),
    ...(Number.isFinite(Number(quantity)) && quantity ? { quantity: Number(quantity) } : {}),
  };
}

/** The order's number as it was sent; OrderIDInfo is how others than the buyer name it. */
function orderIdIn(element: Element): string {
  const orderId =
    find(element, 'OrderReference')?.attributes.orderID || find(element, 'OrderIDInfo')?.attributes.orderID;
  if (orderId) return orderId;
  throw new NotReadable(`The ${element.name} names no order: it has no OrderReference with an orderID.`);
}

function need(element: Element, name: string): Element {
  const found = find(element, name);
  if (found) return found;
  throw new NotReadable(`The ${element.name} has no ${name}.`);
}

/** Without what is not there. */
function present(values: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(entries);
}
