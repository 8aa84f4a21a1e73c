/** Held to the grammar of cXML itself: what is written fits it, and nothing that it lets repeat is read as if there were one. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { specsFolder } from '../../../sandbox/contract.ts';
import { answer, confirmation, shipNotice } from '../../../sandbox/supplier/cxml.ts';
import { describeWith } from '../../../test/support/services.ts';
import { skipped, withoutContracts } from '../../../test/support/skipped.ts';
import { readRequest, requestDocument, responseDocument } from './envelope.ts';
import { noticeReader } from './notices.ts';
import { cancellationDocument, orderDocument } from './order-request.ts';
import type { Element } from './xml.ts';

const folder = join(specsFolder(), 'cxml');
const orders = join(folder, 'cXML-1.2.063.dtd');
const fulfilment = join(folder, 'Fulfill-1.2.063.dtd');
const grammars = existsSync(orders) && existsSync(fulfilment);
if (!grammars) withoutContracts('the grammars of cXML');
const xmllint = spawnSync('xmllint', ['--version']).error === undefined;
if (!xmllint) skipped('cXML held to its grammars. Install xmllint (libxml2-utils) to run it.');

/** Where `xmllint` finds fault; empty when it fits. */
function faults(grammar: string, document: string): string {
  const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '--dtdvalid', grammar, '-'], {
    input: document,
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  });
  return status === 0 ? '' : stderr || `xmllint ended with ${status}`;
}

const buyer = {
  company: 'Example & Söhne <GmbH>',
  address: { street: 'Example Street 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  contact: 'it@example.com',
};
const party = {
  url: 'https://hardware.example.com/cxml',
  from: { domain: 'DUNS', identity: '1' },
  to: { domain: 'DUNS', identity: '2' },
  sender: { domain: 'DUNS', identity: '1' },
  sharedSecret: 'a <secret>',
};
const items = [
  { description: 'Laptop', partNumber: 'LT-14', quantity: 2, unitPrice: 1249 },
  { description: 'Dock, as agreed', partNumber: 'DK-1', quantity: 1 },
];
const elsewhere = { street: 'Side Street 2', city: 'Hamburg', postalCode: '20095', country: 'DE' };
const sent = (document: { payloadId: string; request: string }, mode: 'production' | 'test' = 'production') =>
  requestDocument(party, document.payloadId, mode, document.request);
const placed = {
  orderId: 'CS-1',
  payloadId: 'CS-1.new@example.com',
  items: [{ lineNumber: '1', partNumber: 'LT-14', description: 'Laptop', quantity: 2 }],
  header: {},
  cancelled: false,
  shipped: false,
};

const written: [string, string, string][] = [
  [
    'an order with all that it may have',
    orders,
    sent(
      orderDocument(
        {
          orderId: 'CS-1',
          items,
          currency: 'EUR',
          deliverTo: 'Reception\n2nd floor',
          attention: 'Zoë <Lindström>',
          neededBy: '2026-03-02',
          costCentre: 'IT-100',
        },
        buyer,
      ),
      'test',
    ),
  ],
  [
    'an order with what it must have, to another address',
    orders,
    sent(
      orderDocument(
        { orderId: 'CS-2', items: items.slice(0, 1), currency: 'EUR', deliverTo: elsewhere },
        buyer,
      ),
    ),
  ],
  ['a cancellation', orders, sent(cancellationDocument('CS-1', 'EUR', buyer))],
  [
    'an answer',
    fulfilment,
    responseDocument('1@countersign', { code: 400, text: 'Bad Request', words: 'No <order>.' }),
  ],
  ["the stand-in's answer", orders, answer(200, 'OK')],
  ["the stand-in's confirmation", fulfilment, confirmation(placed, 'secret')],
  ["the stand-in's ship notice", fulfilment, shipNotice(placed, ['SN-1', 'SN-2'], 'secret')],
];

describeWith(grammars && xmllint)('cXML that is written fits its grammar:', () => {
  it.each(written)('%s', (_, grammar, document) => {
    expect(faults(grammar, document)).toBe('');
  });

  it('and what does not fit is found', () => {
    const order = written[1]?.[2] ?? '';
    expect(faults(orders, order.replace('<BillTo>', '<PayTo>').replace('</BillTo>', '</PayTo>'))).toContain(
      'PayTo',
    );
  });
});

/** Element -> the names of its children that may stand there more than once. */
function repeatable(text: string): Map<string, { all: Set<string>; many: Set<string> }> {
  const plain = text.replace(/<!--[\s\S]*?-->/g, '');
  const entities = new Map(
    [...plain.matchAll(/<!ENTITY\s+%\s+([\w.:-]+)\s+"([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const expanded = (model: string): string =>
    model.replace(/%([\w.:-]+);/g, (whole, name) =>
      entities.has(name) ? expanded(entities.get(name) ?? '') : whole,
    );
  const models = new Map<string, { all: Set<string>; many: Set<string> }>();
  for (const [, name = '', model = ''] of plain.matchAll(/<!ELEMENT\s+([\w.:-]+)\s+([^>]+)>/g)) {
    const many = new Set<string>();
    const all = new Set<string>();
    const groups: { names: string[] }[] = [];
    const seen = new Map<string, number>();
    for (const [token, child, mark = ''] of expanded(model).matchAll(/([\w.:#-]+)([?*+]?)|\)([?*+]?)|\(/g)) {
      if (token === '(') groups.push({ names: [] });
      else if (token.startsWith(')')) {
        const { names } = groups.pop() ?? { names: [] };
        if (/[*+]$/.test(token)) for (const each of names) many.add(each);
        groups.at(-1)?.names.push(...names);
      } else if (child && !child.startsWith('#')) {
        all.add(child);
        groups.at(-1)?.names.push(child);
        seen.set(child, (seen.get(child) ?? 0) + 1);
        if (mark === '*' || mark === '+') many.add(child);
      }
    }
    models.set(name, { all, many });
  }
  return models;
}

describeWith(grammars)('cXML that is read', () => {
  it('has nothing that may repeat read as if there were one', () => {
    const models = repeatable(readFileSync(fulfilment, 'utf8'));
    expect(models.get('From')?.many).toContain('Credential');
    const single = new Set<string>();
    /** Notes which children are looked for one at a time. */
    const watched = (element: Element): Element => {
      const children = element.children.map(watched);
      const { all = new Set<string>() } = models.get(element.name) ?? {};
      return {
        ...element,
        children: new Proxy(children, {
          get(list, key, receiver) {
            if (key !== 'find') return Reflect.get(list, key, receiver);
            return (is: (child: Element) => boolean) => {
              for (const name of all) if (is({ name } as Element)) single.add(`${element.name} ${name}`);
              return list.find(is);
            };
          },
        }),
      };
    };
    const documents = [confirmation(placed, 's'), shipNotice(placed, ['SN-1'], 's'), rich];
    for (const document of documents) {
      const { request } = readRequest(document);
      noticeReader(request)?.(watched(request));
    }
    expect(single).toContain('ConfirmationRequest OrderReference');
    const wrong = [...single].filter((pair) => {
      const [element = '', child = ''] = pair.split(' ');
      return models.get(element)?.many.has(child);
    });
    expect(wrong).toEqual([]);
  });
});

const rich = `<cXML payloadID="p" timestamp="2026-03-02T08:00:00Z"><Header><From><Credential domain="a"><Identity>1</Identity></Credential></From><To><Credential domain="a"><Identity>1</Identity></Credential></To><Sender><Credential domain="a"><Identity>1</Identity><SharedSecret>s</SharedSecret></Credential><UserAgent>x</UserAgent></Sender></Header><Request><ConfirmationRequest><ConfirmationHeader type="detail" noticeDate="2026-03-02T08:00:00Z"><Comments>x</Comments></ConfirmationHeader><OrderReference><DocumentReference payloadID="CS-1.new@example.com"/></OrderReference><ConfirmationItem quantity="1" lineNumber="1"><UnitOfMeasure>EA</UnitOfMeasure><ConfirmationStatus quantity="1" type="accept"><UnitOfMeasure>EA</UnitOfMeasure></ConfirmationStatus></ConfirmationItem></ConfirmationRequest></Request></cXML>`;
