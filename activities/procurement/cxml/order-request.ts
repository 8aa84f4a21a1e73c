/** A purchase order as cXML (cXML 1.2 Reference Guide: OrderRequest), and its taking back. */
import { type DeliverTo, type Item, money, totalOf } from '../items.ts';
import type { Buyer, PostalAddress } from '../settings.ts';
import { element, escaped } from './xml.ts';

export interface Order {
  orderId: string;
  items: readonly (Item & { partNumber: string })[];
  currency: string;
  deliverTo: DeliverTo;
  attention?: string;
  neededBy?: string;
  costCentre?: string;
}

export interface Document {
  payloadId: string;
  request: string;
}

export function orderDocument(order: Order, buyer: Buyer): Document {
  const { orderId, items, currency, deliverTo, attention, costCentre } = order;
  const shipTo = typeof deliverTo === 'string' ? buyer.address : deliverTo;
  const places = [
    ...(attention ? [attention] : []),
    ...(typeof deliverTo === 'string' ? deliverTo.split('\n') : []),
  ];
  const shipToName = (typeof deliverTo === 'string' ? undefined : deliverTo.name) ?? buyer.company;
  return {
    payloadId: payloadIdOf(orderId, 'new', buyer),
    request: orderRequest(
      { orderID: orderId, orderDate: new Date().toISOString(), orderType: 'regular', type: 'new' },
      [
        total(totalOf(items), currency),
        element('ShipTo', {}, address(shipToName, shipTo, places)),
        element('BillTo', {}, address(buyer.company, buyer.address)),
        contact(buyer),
        costCentre && element('Extrinsic', { name: 'CostCenter' }, escaped(costCentre)),
      ],
      items.map((item, index) => itemOut(item, index + 1, order)),
    ),
  };
}

/**
 * The header names the order to be taken back and the document that placed it. The document's grammar asks for at least one line,
 * so there is one of nothing.
 */
export function cancellationDocument(orderId: string, currency: string, buyer: Buyer): Document {
  return {
    payloadId: payloadIdOf(orderId, 'delete', buyer),
    request: orderRequest(
      { orderID: orderId, orderDate: new Date().toISOString(), orderType: 'regular', type: 'delete' },
      [
        total(0, currency),
        element('BillTo', {}, address(buyer.company, buyer.address)),
        contact(buyer),
        element('DocumentReference', { payloadID: payloadIdOf(orderId, 'new', buyer) }),
      ],
      [
        element(
          'ItemOut',
          { quantity: 0, lineNumber: 1 },
          element('ItemID', {}, element('SupplierPartID', {}, escaped(orderId))),
        ),
      ],
    ),
  };
}

/** The same at every attempt, as a repeated document must have it. */
function payloadIdOf(orderId: string, type: 'new' | 'delete', { contact: mail }: Buyer): string {
  return `${orderId}.${type}@${mail.slice(mail.lastIndexOf('@') + 1)}`;
}

/** The number of the order that a document of ours placed, by its payload id. Undefined for anybody else's. */
export function orderIdOfDocument(payloadId: string): string | undefined {
  return /^(\S+)\.new@[^@\s]+$/.exec(payloadId)?.[1];
}

function orderRequest(
  attributes: Record<string, string>,
  header: (string | undefined)[],
  items: string[],
): string {
  return element('OrderRequest', {}, element('OrderRequestHeader', attributes, ...header), ...items);
}

function itemOut(item: Order['items'][number], lineNumber: number, order: Order): string {
  const { description, partNumber, quantity, unitPrice } = item;
  return element(
    'ItemOut',
    { quantity, lineNumber, requestedDeliveryDate: order.neededBy },
    element('ItemID', {}, element('SupplierPartID', {}, escaped(partNumber))),
    element(
      'ItemDetail',
      {},
      element('UnitPrice', {}, moneyOf(unitPrice ?? 0, order.currency)),
      element('Description', { 'xml:lang': 'en' }, escaped(description)),
      // UN/ECE Recommendation 20: each.
      element('UnitOfMeasure', {}, 'EA'),
      // The grammar asks for one, and a runbook does not sort goods by UN codes.
      element('Classification', { domain: 'UNSPSC' }, 'unclassified'),
    ),
    unitPrice === undefined &&
      comments('No price is given: the one that was agreed, or that of your catalogue.'),
  );
}

function total(amount: number, currency: string): string {
  return element('Total', {}, moneyOf(amount, currency));
}

function moneyOf(amount: number, currency: string): string {
  return element('Money', { currency }, money(amount));
}

function address(
  name: string,
  { street, city, postalCode, country }: PostalAddress,
  deliverTo: string[] = [],
): string {
  return element(
    'Address',
    { isoCountryCode: country },
    element('Name', { 'xml:lang': 'en' }, escaped(name)),
    element(
      'PostalAddress',
      {},
      ...deliverTo.map((line) => element('DeliverTo', {}, escaped(line.trim()))),
      element('Street', {}, escaped(street)),
      element('City', {}, escaped(city)),
      element('PostalCode', {}, escaped(postalCode)),
      element('Country', { isoCountryCode: country }, country),
    ),
  );
}

function contact({ company, contact: mail }: Buyer): string {
  return element(
    'Contact',
    { role: 'buyer' },
    element('Name', { 'xml:lang': 'en' }, escaped(company)),
    element('Email', {}, escaped(mail)),
  );
}

function comments(text: string): string {
  return element('Comments', { 'xml:lang': 'en' }, escaped(text));
}
