/** The supplier's side of cXML 1.2: reads orders as strictly as its grammar, writes answers, confirmations and ship notices. */
import { randomUUID } from 'node:crypto';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { credentials } from './credentials.ts';
import type { OrderItem, OrderRecord } from './orders.ts';

/** A refusal with a status of cXML. */
export class CxmlError extends Error {
  readonly code: number;
  readonly text: string;
  constructor(code: number, text: string, words: string) {
    super(words);
    this.code = code;
    this.text = text;
  }
}

export interface OrderRequest {
  type: 'new' | 'update' | 'delete';
  order: Omit<OrderRecord, 'cancelled' | 'shipped'>;
}

type Node = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => ['ItemOut', 'DeliverTo', 'Extrinsic', 'Credential'].includes(name),
});

/** Names of an element's children in the order of the grammar, those that must be there with a mark. */
const grammar: Record<string, string[]> = {
  cXML: ['Header!', 'Request!'],
  Header: ['From!', 'To!', 'Sender!'],
  OrderRequest: ['OrderRequestHeader!', 'ItemOut!'],
  OrderRequestHeader: [
    'Total!',
    'ShipTo',
    'BillTo!',
    'Shipping',
    'Tax',
    'Payment',
    'PaymentTerm',
    'Contact',
    'Comments',
    'Followup',
    'DocumentReference',
    'SupplierOrderInfo',
    'Extrinsic',
  ],
  ItemOut: [
    'ItemID!',
    'ItemDetail',
    'SupplierID',
    'ShipTo',
    'Shipping',
    'Tax',
    'Distribution',
    'Contact',
    'Comments',
  ],
  ItemDetail: [
    'UnitPrice!',
    'Description!',
    'UnitOfMeasure!',
    'Classification!',
    'ManufacturerPartID',
    'ManufacturerName',
    'URL',
    'Extrinsic',
  ],
};

export function readOrderRequest(text: string): OrderRequest {
  if (
    !/^<\?xml[^>]*\?>\s*<!DOCTYPE cXML SYSTEM "http:\/\/xml\.cxml\.org\/schemas\/cXML\/1\.2\.\d+\/cXML\.dtd">/.test(
      text,
    )
  )
    throw new CxmlError(406, 'Not Acceptable', 'The document does not begin with the DOCTYPE of cXML 1.2.');
  if (XMLValidator.validate(text) !== true)
    throw new CxmlError(406, 'Not Acceptable', 'The document cannot be parsed.');
  const root = asNode((parser.parse(text) as Node).cXML);
  for (const name of ['@payloadID', '@timestamp'])
    if (!root[name]) throw unfit(`cXML needs ${name.slice(1)}`);
  hold('cXML', root);
  const header = asNode(root.Header);
  hold('Header', header);
  believe(header);
  if (!('OrderRequest' in asNode(root.Request)))
    throw new CxmlError(450, 'Not Implemented', 'Only OrderRequest is taken here.');
  const request = asNode(asNode(root.Request).OrderRequest);
  hold('OrderRequest', request);
  const orderHeader = asNode(request.OrderRequestHeader);
  hold('OrderRequestHeader', orderHeader);
  const orderId = textOf(orderHeader['@orderID']);
  if (!orderId || !orderHeader['@orderDate']) throw unfit('OrderRequestHeader needs orderID and orderDate');
  const type = textOf(orderHeader['@type']) || 'new';
  if (type !== 'new' && type !== 'update' && type !== 'delete') throw unfit(`type cannot be "${type}"`);
  if (type !== 'new' && !asNode(orderHeader.DocumentReference)['@payloadID'])
    throw unfit(`An order of type ${type} needs a DocumentReference`);
  const items = (request.ItemOut as Node[]).map((item) => itemOf(item, type));
  const order = {
    orderId,
    payloadId: textOf(root['@payloadID']),
    items,
    header: factsOf(orderHeader, asNode(root.Request)),
  };
  return { type, order };
}

function believe(header: Node): void {
  const credentialOf = (part: string) => asNode((asNode(header[part]).Credential as Node[] | undefined)?.[0]);
  const { from, to, sender, sharedSecret } = credentials;
  for (const [part, known] of Object.entries({ From: from, To: to, Sender: sender })) {
    const given = credentialOf(part);
    if (textOf(given['@domain']) !== known.domain || textOf(given.Identity) !== known.identity)
      throw new CxmlError(401, 'Unauthorized', `The credential in ${part} is not known here.`);
  }
  if (textOf(credentialOf('Sender').SharedSecret) !== sharedSecret)
    throw new CxmlError(401, 'Unauthorized', 'The shared secret is wrong.');
}

function itemOf(item: Node, type: string): OrderItem {
  hold('ItemOut', item);
  const detail = asNode(item.ItemDetail);
  if (type === 'new') hold('ItemDetail', detail);
  const partNumber = textOf(asNode(item.ItemID).SupplierPartID);
  const quantity = Number(item['@quantity']);
  if (!partNumber || !Number.isFinite(quantity)) throw unfit('ItemOut needs a quantity and a SupplierPartID');
  return {
    lineNumber: textOf(item['@lineNumber']),
    partNumber,
    description: textOf(detail.Description),
    quantity,
  };
}

function factsOf(header: Node, request: Node): Record<string, unknown> {
  const postal = asNode(asNode(asNode(header.ShipTo).Address).PostalAddress);
  const total = asNode(asNode(header.Total).Money);
  const extrinsics = (header.Extrinsic as Node[] | undefined) ?? [];
  return {
    deploymentMode: request['@deploymentMode'],
    total: `${textOf(total)} ${textOf(total['@currency'])}`,
    deliverTo: postal.DeliverTo ?? [],
    street: textOf(postal.Street),
    city: textOf(postal.City),
    country: textOf(asNode(postal.Country)['@isoCountryCode']),
    extrinsics: Object.fromEntries(extrinsics.map((each) => [textOf(each['@name']), textOf(each)])),
  };
}

/** The children that the grammar has, in its order. */
function hold(name: string, node: Node): void {
  const rules = grammar[name] ?? [];
  const known = rules.map((rule) => rule.replace('!', ''));
  const present = Object.keys(node).filter((key) => !key.startsWith('@') && key !== '#text');
  const unknown = present.find((child) => !known.includes(child));
  if (unknown) throw unfit(`${name} has no ${unknown}`);
  const missing = rules.find((rule) => rule.endsWith('!') && !present.includes(rule.slice(0, -1)));
  if (missing) throw unfit(`${name} needs ${missing.slice(0, -1)}`);
  const order = present.map((child) => known.indexOf(child));
  if (order.some((place, index) => index > 0 && place < (order[index - 1] ?? 0)))
    throw unfit(`The children of ${name} are not in the order of its grammar`);
}

function unfit(what: string): CxmlError {
  return new CxmlError(400, 'Bad Request', `${what}.`);
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : { '#text': value ?? '' };
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? String((value as Node)['#text'] ?? '')
    : String(value ?? '');
}

export function answer(code: number, text: string, words = ''): string {
  return cxml(
    `<Response><Status code="${code}" text="${text}" xml:lang="en">${xmlText(words)}</Status></Response>`,
  );
}

export function confirmation(order: OrderRecord, secret: string): string {
  const now = new Date().toISOString();
  return cxml(
    `${headerXml(secret)}<Request deploymentMode="production"><ConfirmationRequest>` +
      `<ConfirmationHeader type="accept" noticeDate="${now}" confirmID="C-${xmlText(order.orderId)}" operation="new"/>` +
      `${orderReference(order)}</ConfirmationRequest></Request>`,
  );
}

/** Each item carries the serial numbers of its pieces, one `Extrinsic` each. */
export function shipNotice(order: OrderRecord, serialNumbers: string[], secret: string): string {
  const now = new Date();
  const arrival = new Date(now.getTime() + 2 * 86_400_000).toISOString();
  const left = [...serialNumbers];
  const items = order.items.map(({ lineNumber, partNumber, description, quantity }) => {
    const serials = left
      .splice(0, quantity)
      .map((serial) => `<Extrinsic name="serialNumber">${xmlText(serial)}</Extrinsic>`);
    return (
      `<ShipNoticeItem quantity="${quantity}" lineNumber="${xmlText(lineNumber)}">` +
      `<ItemID><SupplierPartID>${xmlText(partNumber)}</SupplierPartID></ItemID>` +
      `<ShipNoticeItemDetail><Description xml:lang="en">${xmlText(description)}</Description></ShipNoticeItemDetail>` +
      `<UnitOfMeasure>EA</UnitOfMeasure>${serials.join('')}</ShipNoticeItem>`
    );
  });
  return cxml(
    `${headerXml(secret)}<Request deploymentMode="production"><ShipNoticeRequest>` +
      `<ShipNoticeHeader shipmentID="S-${xmlText(order.orderId)}" noticeDate="${now.toISOString()}" shipmentDate="${now.toISOString()}" deliveryDate="${arrival}" operation="new"/>` +
      '<ShipControl><CarrierIdentifier domain="companyName">Example Parcel</CarrierIdentifier>' +
      `<ShipmentIdentifier>EP-${xmlText(order.orderId)}</ShipmentIdentifier></ShipControl>` +
      `<ShipNoticePortion>${orderReference(order)}${items.join('')}</ShipNoticePortion>` +
      '</ShipNoticeRequest></Request>',
  );
}

function orderReference({ orderId, payloadId }: OrderRecord): string {
  return `<OrderReference orderID="${xmlText(orderId)}"><DocumentReference payloadID="${xmlText(payloadId)}"/></OrderReference>`;
}

/** The other way round: the supplier sends to whom it sells. */
function headerXml(secret: string): string {
  const credential = ({ domain, identity }: { domain: string; identity: string }, more = '') =>
    `<Credential domain="${xmlText(domain)}"><Identity>${xmlText(identity)}</Identity>${more}</Credential>`;
  const { from, to } = credentials;
  return (
    `<Header><From>${credential(to)}</From><To>${credential(from)}</To>` +
    `<Sender>${credential(to, `<SharedSecret>${xmlText(secret)}</SharedSecret>`)}<UserAgent>Example Hardware</UserAgent></Sender></Header>`
  );
}

function cxml(content: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/Fulfill.dtd">\n' +
    `<cXML payloadID="${randomUUID()}@hardware.example.com" timestamp="${new Date().toISOString()}" xml:lang="en">${content}</cXML>\n`
  );
}

export function xmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
