import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../start.ts';
import { credentials } from './credentials.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const doctype = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">';
const money = '<Money currency="EUR">1.00</Money>';
const credential = ({ domain, identity }: { domain: string; identity: string }, more = '') =>
  `<Credential domain="${domain}"><Identity>${identity}</Identity>${more}</Credential>`;
const header = (secret = credentials.sharedSecret) =>
  `<Header><From>${credential(credentials.from)}</From><To>${credential(credentials.to)}</To><Sender>${credential(credentials.sender, `<SharedSecret>${secret}</SharedSecret>`)}</Sender></Header>`;
const item =
  '<ItemOut quantity="2" lineNumber="1"><ItemID><SupplierPartID>LT-14</SupplierPartID></ItemID>' +
  `<ItemDetail><UnitPrice>${money}</UnitPrice><Description>Laptop</Description><UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">1</Classification></ItemDetail></ItemOut>`;
const order = (inner = `<Total>${money}</Total><BillTo/>`, items = item, attributes = '') =>
  `<OrderRequest><OrderRequestHeader orderID="CS-1" orderDate="2026-03-02T08:00:00Z" ${attributes}>${inner}</OrderRequestHeader>${items}</OrderRequest>`;
const document = (request: string, { secret, type = doctype }: { secret?: string; type?: string } = {}) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${type}\n<cXML payloadID="p1" timestamp="2026-03-02T08:00:00Z">${header(secret)}<Request>${request}</Request></cXML>`;

async function post(body: string): Promise<{ code: number; text: string }> {
  const response = await fetch(`${sandbox.url}/supplier/cxml`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body,
  });
  expect(response.status).toBe(200);
  const text = await response.text();
  return { code: Number(/<Status code="(\d+)"/.exec(text)?.[1]), text };
}

function person<T>(doing: string, body: object): Promise<T> {
  return fetch(`${sandbox.url}/_sandbox/supplier/${doing}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then((response) => response.json() as Promise<T>);
}

describe('The supplier’s stand-in', () => {
  it('takes an order that keeps to the grammar', async () => {
    expect(await post(document(order()))).toMatchObject({ code: 200 });
  });

  it.each([
    ['another kind of document', document(order(), { type: '<!DOCTYPE order>' }), 406],
    ['what is no XML', `${document(order())}<x>`, 406],
    ['a wrong secret', document(order(), { secret: 'wrong' }), 401],
    ['another request', document('<ProfileRequest x="1"/>'), 450],
    ['an order without items', document(order(undefined, '')), 400],
    ['an order without a total', document(order('<BillTo/>')), 400],
    ['parts in the wrong order', document(order(`<BillTo/><Total>${money}</Total>`)), 400],
    [
      'an element that the grammar does not have',
      document(order(`<Total>${money}</Total><BillTo/><Colour/>`)),
      400,
    ],
    ['a cancellation that names no document', document(order(undefined, item, 'type="delete"')), 400],
  ])('refuses %s', async (_, body, code) => {
    expect((await post(body)).code).toBe(code);
    expect(sandbox.effects.list({ system: 'supplier' })).toEqual([]);
  });

  it('hands serial numbers out in order, or those it is given, and writes the ship notice', async () => {
    await post(document(order()));
    const counted = await person<{ body: string }>('ship', { orderId: 'CS-1' });
    expect(counted.body).toMatch(/SN-9001.*SN-9002/s);
    const given = await person<{ body: string }>('ship', { orderId: 'CS-1', serialNumbers: ['A-1', 'A-2'] });
    expect(given.body).toMatch(/A-1.*A-2/s);
    const next = await person<{ body: string }>('ship', { orderId: 'CS-1' });
    expect(next.body).toContain('SN-9003');
  });

  it('says in cXML too when it is a bad day', async () => {
    sandbox.faults.add({ system: 'supplier', times: 1, kind: 'status', status: 503 });
    const response = await fetch(`${sandbox.url}/supplier/cxml`, { method: 'POST', body: '' });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('<Status code="560"');
  });
});
