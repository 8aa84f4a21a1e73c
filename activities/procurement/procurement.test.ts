import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Mail } from '../../sandbox/smtp/server.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { procurement } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

/** As the kit does it: mail settings come from the mail connector. */
function settings(more: Record<string, unknown> = {}): Record<string, unknown> {
  const { mail, procurement: own } = sandbox.connectors;
  return { ...mail, ...own, ...more };
}

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(procurement, settings());
});
afterEach(() => fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' }));
afterAll(() => sandbox.close());

const hardware = 'example-hardware';
const furniture = 'example-furniture';
const laptop = {
  description: 'Laptop 14" <Pro> & dock',
  partNumber: 'LT-14',
  quantity: 2,
  unitPrice: 1249.5,
};
const order = {
  supplier: hardware,
  items: [laptop, { description: 'Bag', partNumber: 'BG-1', quantity: 1 }],
  deliverTo: 'Reception, 2nd floor',
  attention: 'Zoë O’Neil',
  neededBy: '2026-12-01',
  costCentre: 'IT-100',
};
const received = () => sandbox.effects.list({ effect: 'order.received' });
const mails = () =>
  sandbox.effects.list({ effect: 'mail.delivered' }).map((effect) => effect.detail?.mail as Mail);

describe('Ordering by cXML', () => {
  it('sends what the grammar asks for, whatever characters are in it', async () => {
    const output = await attempts.call('procurement.order', order);
    expect(output).toMatchObject({ via: 'cxml', sentTo: `${sandbox.url}/supplier/cxml` });
    expect(output.orderId).toMatch(/^CS-[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(received()).toMatchObject([
      {
        subject: output.orderId,
        detail: {
          order: {
            items: [
              { lineNumber: '1', partNumber: 'LT-14', description: laptop.description, quantity: 2 },
              { lineNumber: '2', partNumber: 'BG-1', quantity: 1 },
            ],
            header: {
              deploymentMode: 'production',
              total: '2499.00 EUR',
              deliverTo: ['Zoë O’Neil', 'Reception, 2nd floor'],
              street: 'Example Street 1',
              extrinsics: { CostCenter: 'IT-100' },
            },
          },
        },
      },
    ]);
  });

  it('delivers to another address when one is given', async () => {
    const deliverTo = {
      name: 'Zoë at home',
      street: 'Other Road 7',
      city: 'Wien',
      postalCode: '1010',
      country: 'AT',
    };
    await attempts.call('procurement.order', { ...order, deliverTo });
    expect(received()[0]?.detail?.order).toMatchObject({
      header: { street: 'Other Road 7', city: 'Wien', country: 'AT', deliverTo: ['Zoë O’Neil'] },
    });
  });

  it('places one order, however often it is tried', async () => {
    const first = await attempts.call('procurement.order', order);
    expect(await attempts.call('procurement.order', order)).toEqual(first);
    expect(received()).toHaveLength(1);
  });

  it('places one order when the answer was lost, and another for another step', async () => {
    sandbox.faults.add({ system: 'supplier', times: 1, kind: 'lostAnswer' });
    const lost = await attempts.fails('procurement.order', order);
    expect(lost).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    const output = await attempts.call('procurement.order', order);
    expect(received().map(({ subject }) => subject)).toEqual([output.orderId]);
    const other = await attempts.call('procurement.order', order, { step: 'another' });
    expect(other.orderId).not.toBe(output.orderId);
    expect(received()).toHaveLength(2);
  });

  it('waits as long as the supplier asks, and tries again what went wrong on their side', async () => {
    sandbox.faults.add({ system: 'supplier', times: 1, kind: 'status', status: 429, retryAfter: 7 });
    sandbox.faults.add({ system: 'supplier', times: 1, kind: 'status', status: 503 });
    const later = await attempts.fails('procurement.order', order);
    expect(later).toMatchObject({ type: 'RateLimited', nonRetryable: false, nextRetryDelay: 7_000 });
    const broken = await attempts.fails('procurement.order', order);
    expect(broken).toMatchObject({ type: 'RetryableFailure', nonRetryable: false });
    expect(broken.message).toContain(
      'Example Hardware could not do it just now (560): Temporary server error',
    );
    expect(received()).toHaveLength(0);
  });

  it('says in the supplier’s own words what they will never take, and no secret', async () => {
    const gone = await attempts.fails('procurement.order', {
      ...order,
      items: [{ ...laptop, partNumber: 'GONE-1' }],
    });
    expect(gone).toMatchObject({ type: 'PermanentFailure', nonRetryable: true });
    expect(gone.message).toBe(
      'Example Hardware refused it (400): Bad Request: Part GONE-1 is not sold any more.',
    );
    const stranger = attemptsOf(
      procurement,
      settings({ suppliers: suppliersWith({ sharedSecret: 'canary-secret' }) }),
    );
    const refused = await stranger.fails('procurement.order', order);
    expect(refused.message).toContain(
      'refused the credentials (401): Unauthorized: The shared secret is wrong.',
    );
    expect(JSON.stringify(refused)).not.toContain('canary');
  });

  it('takes a conflict for an order that came through only where the supplier says no other reason', async () => {
    const answers: [string, boolean][] = [
      ['<Status code="409" text="Conflict"/>', true],
      ['<Status code="400" text="Bad Request">Duplicate order.</Status>', true],
      ['<Status code="409" text="Conflict">The account is on hold.</Status>', false],
      ['<Status code="500" text="Duplicate key in our database"/>', false],
    ];
    for (const [status, done] of answers) {
      const { url, close } = await answering(`<cXML payloadID="1"><Response>${status}</Response></cXML>`);
      const own = attemptsOf(procurement, settings({ suppliers: suppliersWith({ url }) }));
      const outcome = await own.call('procurement.order', order).then(
        () => true,
        () => false,
      );
      expect({ status, done: outcome }).toEqual({ status, done });
      await close();
    }
  });

  it('takes no web page for an answer', async () => {
    const { url, close } = await answering('<html><body>Sign in</body></html>');
    const own = attemptsOf(procurement, settings({ suppliers: suppliersWith({ url }) }));
    const failure = await own.fails('procurement.order', order);
    expect(failure.message).toContain('answered with something that is no cXML');
    expect(failure.nonRetryable).toBe(false);
    await close();
  });

  it('previews what it would cost, and knows what would stop it', async () => {
    const preview = await attempts.preview('procurement.order', order);
    expect(preview?.summary).toMatch(
      /^would order 2 × Laptop 14" <Pro> & dock, 1 × Bag from Example Hardware for 2499\.00 EUR, as CS-\w{8} by cXML$/,
    );
    const unknown = await attempts.preview('procurement.order', { ...order, supplier: 'nobody' });
    expect(unknown?.problems?.[0]).toContain('There is no supplier "nobody"');
    expect(unknown?.problems?.[0]).toContain(
      'There are: example-hardware, example-computers, example-furniture.',
    );
    expect(received()).toHaveLength(0);
  });
});

describe('Cancelling an order', () => {
  it('by cXML cancels it, says so again when tried again, and says when there is none', async () => {
    const { orderId } = await attempts.call('procurement.order', order);
    const input = { supplier: hardware, orderId: String(orderId) };
    expect(await attempts.call('procurement.cancelOrder', input)).toEqual({ cancelled: true });
    expect(await attempts.call('procurement.cancelOrder', input)).toEqual({ cancelled: true });
    expect(sandbox.effects.list({ effect: 'order.cancelled' })).toHaveLength(1);
    const none = { supplier: hardware, orderId: 'CS-00000000' };
    expect(await attempts.call('procurement.cancelOrder', none)).toEqual({ cancelled: false });
  });

  it('by cXML cancels it once when the answer was lost', async () => {
    const { orderId } = await attempts.call('procurement.order', order);
    sandbox.faults.add({ system: 'supplier', times: 1, kind: 'lostAnswer' });
    const input = { supplier: hardware, orderId: String(orderId) };
    await attempts.fails('procurement.cancelOrder', input);
    expect(await attempts.call('procurement.cancelOrder', input)).toEqual({ cancelled: true });
    expect(sandbox.effects.list({ effect: 'order.cancelled' })).toHaveLength(1);
  });

  it('that was shipped fails in the supplier’s words', async () => {
    const { orderId } = await attempts.call('procurement.order', order);
    await person('ship', { orderId });
    const failure = await attempts.fails('procurement.cancelOrder', {
      supplier: hardware,
      orderId: String(orderId),
    });
    expect(failure.message).toContain('was shipped and cannot be cancelled');
    expect(failure.nonRetryable).toBe(true);
  });

  it('by mail asks the supplier', async () => {
    const input = { supplier: furniture, orderId: 'CS-7H3K2M9Q' };
    expect(await attempts.call('procurement.cancelOrder', input)).toEqual({ cancelled: true });
    expect(mails()).toMatchObject([
      { to: 'sales@furniture.example.com', subject: 'Please cancel our order CS-7H3K2M9Q' },
    ]);
    expect(await attempts.preview('procurement.cancelOrder', input)).toEqual({
      summary: 'would cancel CS-7H3K2M9Q with Example Furniture',
    });
  });
});

describe('Ordering by mail', () => {
  const byMail = { ...order, supplier: furniture, attention: 'Łucja Žák' };

  it('sends a purchase order that can be opened and read', async () => {
    const output = await attempts.call('procurement.order', byMail);
    expect(output).toMatchObject({ via: 'mail', sentTo: 'sales@furniture.example.com' });
    const [mail] = mails();
    expect(mail).toMatchObject({ subject: `Purchase order ${output.orderId} of Example Company` });
    expect(mail?.text).toContain('Łucja Žák');
    expect(mail?.html).toContain('Laptop 14&quot; &lt;Pro&gt; &amp; dock');
    const [attachment] = mail?.attachments ?? [];
    expect(attachment).toMatchObject({ filename: `${output.orderId}.pdf`, type: 'application/pdf' });
    const text = textOfPdf(attachment?.content ?? '');
    for (const words of [
      `Purchase order ${output.orderId}`,
      'Example Furniture',
      'Reception, 2nd floor',
      'Attention: Łucja Žák',
      'LT-14',
      'Laptop 14" <Pro> & dock',
      '1249.50 EUR',
      'as agreed',
      'Total without tax: 2499.00 EUR',
      'IT-100',
    ])
      expect(text).toContain(words);
  });

  it.each([
    ['Cyrillic', 'Ноутбук для Ирины Щегловой'],
    ['Greek', 'Φορητός υπολογιστής, 14 ίντσες'],
    ['Chinese', '笔记本电脑'],
    ['Japanese', 'ノートパソコン、十四型'],
    ['Korean', '노트북 컴퓨터'],
    ['a mixture', 'Laptop für 田中さん (Ελλάδα)'],
  ])('can be read in %s', async (_, description) => {
    const items = [{ description, partNumber: 'LT-14', quantity: 1, unitPrice: 1249.5 }];
    await attempts.call('procurement.order', { ...byMail, items, attention: description });
    const text = textOfPdf(mails()[0]?.attachments?.[0]?.content ?? '');
    expect(text).toContain(`Attention: ${description}`);
    expect(text.split(description).length).toBeGreaterThan(2);
    expect(text).not.toContain('?');
  });

  it.each([
    ['Arabic', 'حاسوب محمول'],
    ['Hebrew', 'מחשב נייד'],
    ['Hebrew over several lines', 'מחשב נייד עם מסך גדול ומקלדת עברית ועכבר אלחוטי לשולחן בקומה'],
    ['Hebrew within English', 'Laptop for דנה כהן, desk 12'],
  ])('can be read in %s, from right to left', async (_, description) => {
    const items = [{ description, partNumber: 'LT-14', quantity: 1, unitPrice: 1249.5 }];
    await attempts.call('procurement.order', { ...byMail, items, attention: description });
    const pdf = mails()[0]?.attachments?.[0]?.content ?? '';
    // Without marks of direction, and with letters for their joined forms: pdftotext reads by place, as people do.
    const text = textOfPdf(pdf)
      .replace(/[\u202a-\u202e\u200e\u200f]/g, '')
      .normalize('NFKC');
    const read = (part: string) => part.split(/\s+/).filter(Boolean).join(' ');
    expect(read(text)).toContain(read(description));
    expect(text).not.toContain('?');
  });

  it('goes on to further pages when it is long', async () => {
    const items = Array.from({ length: 80 }, (_, n) => ({
      description: `Part ${n} `.repeat(12),
      partNumber: `P-${n}`,
      quantity: 1,
    }));
    await attempts.call('procurement.order', { ...byMail, items });
    const text = textOfPdf(mails()[0]?.attachments?.[0]?.content ?? '');
    expect(text).toContain('P-79');
    expect(text.split('\f').length).toBeGreaterThan(3);
  });

  it('sends it with the same id and number when the answer was lost', async () => {
    sandbox.faults.add({ system: 'smtp', times: 1, kind: 'lostAnswer' });
    await attempts.fails('procurement.order', byMail);
    await attempts.call('procurement.order', byMail);
    expect(mails()).toHaveLength(1);
    expect(sandbox.effects.list({ effect: 'mail.duplicate' })).toHaveLength(1);
  });
});

describe('Asking for a quote', () => {
  const quote = {
    supplier: furniture,
    items: [
      { description: 'Desk 160 × 80', quantity: 3 } as JsonObject,
      { description: 'Lamp', partNumber: 'L-1', quantity: 3 },
    ],
    deliverTo: 'Reception',
    neededBy: '2026-12-01',
    note: 'Assembled, please.',
  };

  it('sends a readable table with a reference that stays the same', async () => {
    const output = await attempts.call('procurement.requestQuote', quote);
    expect(output).toEqual({
      supplier: quote.supplier,
      reference: expect.stringMatching(/^CSQ-\w{8}$/),
      sentTo: 'sales@furniture.example.com',
    });
    expect(await attempts.call('procurement.requestQuote', quote)).toEqual(output);
    const [mail] = mails();
    expect(mail?.subject).toBe(`Request for a quote ${output.reference} of Example Company`);
    expect(mail?.text).toContain('2    3         L-1          Lamp');
    expect(mail?.text).toContain('Needed by: 2026-12-01\nAssembled, please.');
    expect(mail?.html).toContain('<td>Desk 160 × 80</td>');
    expect(mails()).toHaveLength(1);
  });

  it('previews it, and says where an address or a mail server is missing', async () => {
    expect((await attempts.preview('procurement.requestQuote', quote))?.summary).toMatch(
      /^would ask Example Furniture \(sales@furniture\.example\.com\) for a quote of 3 × Desk 160 × 80, 3 × Lamp, as CSQ-/,
    );
    const { host: _, ...withoutMail } = settings();
    const failure = await attemptsOf(procurement, withoutMail).fails('procurement.requestQuote', quote);
    expect(failure.message).toBe(
      'No mail server is configured. Add its settings under connectors: mail: in countersign.yaml.',
    );
    const onlyCxml = attemptsOf(procurement, settings({ suppliers: suppliersWith({}, '') }));
    const preview = await onlyCxml.preview('procurement.requestQuote', { ...quote, supplier: hardware });
    expect(preview?.problems?.[0]).toContain(`Add email under connectors.procurement.suppliers.${hardware}`);
  });
});

describe('Asking where an order is', () => {
  const input = { supplier: hardware, orderId: 'CS-7H3K2M9Q', note: 'The person starts on Monday.' };

  it('sends a polite mail', async () => {
    expect(await attempts.call('procurement.chase', input)).toEqual({
      sentTo: 'orders@hardware.example.com',
    });
    expect(mails()).toMatchObject([{ subject: 'Where is our order CS-7H3K2M9Q?' }]);
    expect(mails()[0]?.text).toContain('The person starts on Monday.');
    expect(await attempts.preview('procurement.chase', input)).toEqual({
      summary: 'would ask Example Hardware (orders@hardware.example.com) where CS-7H3K2M9Q is',
    });
  });

  it('refuses a number with a line break, which could add headers', async () => {
    const failure = await attempts.fails('procurement.chase', {
      ...input,
      orderId: 'CS-1\r\nBcc: x@example.com',
    });
    expect(failure.message).toContain('`orderId`');
    expect(mails()).toHaveLength(0);
  });
});

function suppliersWith(cxml: Record<string, unknown>, email = 'orders@hardware.example.com') {
  const { suppliers } = sandbox.connectors.procurement as { suppliers: Record<string, { cxml?: object }> };
  const { email: _, ...rest } = suppliers[hardware] as { email?: string; cxml?: object };
  return {
    [hardware]: { ...rest, ...defined({ email: email || undefined }), cxml: { ...rest.cxml, ...cxml } },
  };
}

async function answering(body: string): Promise<{ url: string; close: () => Promise<void> }> {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.setHeader('content-type', 'text/xml').end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/cxml`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function person(doing: string, body: object): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/supplier/${doing}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
}

function textOfPdf(base64: string): string {
  return execFileSync('pdftotext', ['-layout', '-', '-'], {
    input: Buffer.from(base64, 'base64'),
    encoding: 'utf8',
  });
}
