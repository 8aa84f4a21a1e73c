import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shipNotice } from '../../sandbox/supplier/cxml.ts';
import { Database } from '../../store/database.ts';
import type { DeliveryInFull } from '../../store/deliveries.ts';
import { openStore, type Store } from '../../store/store.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { EventDesk } from '../outside-events.ts';
import { Problem } from '../problem.ts';
import { CxmlReceiver, type KnownSupplier } from './cxml.ts';
import { suppliersOf } from './suppliers.ts';

const database = await testDatabase();
const secret = 'canary <&> secret';
const order = {
  orderId: 'CS-1',
  payloadId: 'p',
  items: [{ lineNumber: '1', partNumber: 'LT-14', description: 'Laptop', quantity: 1 }],
  header: {},
  cancelled: false,
  shipped: false,
};
const notice = (with_ = secret) => shipNotice(order, ['SN-1'], with_);

describeWith(database)('What a supplier sends', () => {
  let store: Store;
  let receiver: CxmlReceiver;
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const nobodyWaits = { update: () => Promise.reject(new Error('no run waits in this test')) };
  const supplier: KnownSupplier = {
    name: 'example-hardware',
    credential: { domain: 'duns', identity: '222222222' },
    secret: async () => secret,
  };
  const receiverOf = (known: KnownSupplier[]) =>
    new CxmlReceiver({
      store,
      events: new EventDesk({ store, runs: nobodyWaits, log }),
      suppliers: async () => known,
      log,
    });

  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
    receiver = receiverOf([supplier]);
  });
  afterAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await store.close();
    await database?.drop();
  });

  const codeOf = async (raw: string, by = receiver) => {
    const { http, body } = await by.receive(raw);
    return {
      http,
      code: Number(/<Status code="(\d+)"/.exec(body)?.[1]),
      words: />([^<]*)<\/Status>/.exec(body)?.[1],
    };
  };
  const kept = async () => (await store.events.list()).map(({ name, key }) => `${name} ${key}`);

  it('is kept as an event, once, however often it is sent', async () => {
    const raw = notice();
    expect(await codeOf(raw)).toMatchObject({ http: 200, code: 200 });
    expect(await codeOf(raw)).toMatchObject({ http: 200, code: 200 });
    expect(await kept()).toEqual(['order.shipped CS-1']);
    expect(await store.events.list()).toMatchObject([
      {
        source: 'cxml: example-hardware',
        data: { carrier: 'Example Parcel', serialNumbers: ['SN-1'], supplier: 'example-hardware' },
      },
    ]);
    expect(await store.deliveries.list()).toMatchObject([
      {
        system: 'cxml',
        outcome: 'kept',
        attempts: 2,
        reason: 'order.shipped CS-1: for the run that waits for it',
      },
    ]);
  });

  it('is believed by any of the names and secrets that its header has, each of them kept out of what is kept', async () => {
    const first =
      '<Credential domain="other"><Identity>x</Identity><SharedSecret>canary-other</SharedSecret></Credential>';
    const many = notice()
      .replace(/<From>/, `<From>${first}`)
      .replace(/<Sender>/, `<Sender>${first}`);
    expect(await codeOf(many)).toMatchObject({ http: 200, code: 200 });
    const [delivery] = await store.deliveries.list();
    expect(((await store.deliveries.find(delivery?.id ?? '')) as DeliveryInFull).body).not.toContain(
      'canary',
    );
  });

  it('in the encoding of its own is read as what it says', async () => {
    const text = notice()
      .replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
      .replace('Example Parcel', 'Größe & Söhne'.replace('&', '&amp;'));
    const { body } = await receiver.receive(Buffer.from(text, 'latin1'), 'text/xml');
    expect(body).toContain('code="200"');
    expect((await store.events.list())[0]).toMatchObject({ data: { carrier: 'Größe & Söhne' } });
  });

  it('of the last part of an order tells also that the order is complete, once', async () => {
    const ordered = { ...order, orderId: 'CS-PARTS', items: [{ ...order.items[0], quantity: 1 }] };
    const tables = new Database(database?.url ?? '');
    await tables.query(
      `insert into journal (run_id, seq, at, kind, step, data) values ('r', 1, now(), 'step.succeeded', 'order', $1)`,
      [JSON.stringify({ output: { orderId: 'CS-PARTS', lines: [{ lineNumber: 1, quantity: 2 }] } })],
    );
    await tables.close();
    const part = (id: string) =>
      shipNotice(ordered as typeof order, [], secret).replace(/shipmentID="[^"]*"/, `shipmentID="${id}"`);
    const names = async () => (await kept()).filter((each) => each.endsWith('CS-PARTS')).sort();
    await codeOf(part('a'));
    expect(await names()).toEqual(['order.shipped CS-PARTS']);
    await codeOf(part('b'));
    await codeOf(part('c'));
    expect(await names()).toEqual(['order.complete CS-PARTS', ...Array(3).fill('order.shipped CS-PARTS')]);
  });

  it('is kept without the secret in it, however that was written', async () => {
    const plain = notice();
    const inCdata = notice().replace(/(<SharedSecret>).*(<\/SharedSecret>)/, `$1<![CDATA[${secret}]]>$2`);
    const inNumbers = notice().replace(/(<SharedSecret>)canary/, '$1&#99;anary');
    for (const raw of [plain, inCdata, inNumbers]) expect((await codeOf(raw)).code).toBe(200);
    for (const { id } of await store.deliveries.list()) {
      const { body } = (await store.deliveries.find(id)) as DeliveryInFull;
      expect(body).toContain('<ShipNoticeRequest>');
      expect(body).not.toContain('anary');
    }
    expect(lines.join('\n')).not.toContain('canary');
  });

  it('counts for that supplier alone, also when another one uses the same id', async () => {
    const identity = '444444444';
    const other = receiverOf([
      { ...supplier, name: 'other-hardware', credential: { domain: 'duns', identity } },
    ]);
    const raw = notice();
    expect(await codeOf(raw)).toMatchObject({ code: 200 });
    expect(await codeOf(raw.replaceAll('222222222', identity), other)).toMatchObject({ code: 200 });
    const sources = (await store.events.list()).map(({ source }) => source);
    expect(sources).toContain('cxml: other-hardware');
  });

  it('is believed only from whom it says, with their secret, and refused without saying which was wrong', async () => {
    const before = await kept();
    const stranger = notice().replaceAll('222222222', '333333333');
    const refusals = [
      await codeOf(notice('wrong')),
      await codeOf(notice('')),
      await codeOf(stranger),
      await codeOf(notice(), receiverOf([{ ...supplier, secret: async () => undefined }])),
    ];
    expect(refusals.map(({ code }) => code)).toEqual([401, 401, 401, 401]);
    expect(new Set(refusals.map(({ words }) => words)).size).toBe(1);
    expect(await kept()).toEqual(before);
  });

  it('that cannot be read is refused and never opened: no entity, no file', async () => {
    const hostile = notice().replace(
      /<!DOCTYPE[^>]*>/,
      '<!DOCTYPE cXML [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    );
    for (const raw of ['', 'no XML', '{}', '<cXML/>', hostile, notice().slice(0, -20)])
      expect(await codeOf(raw)).toMatchObject({ http: 200, code: 406 });
  });

  it('of another kind is not taken, and one that names no order is refused each time', async () => {
    const profile = notice().replace(/<ShipNoticeRequest>.*<\/ShipNoticeRequest>/s, '<ProfileRequest/>');
    expect(await codeOf(profile)).toMatchObject({ code: 450 });
    const nameless = notice().replace('orderID="CS-1"', 'orderID=""');
    for (let times = 0; times < 2; times++)
      expect(await codeOf(nameless)).toMatchObject({ http: 200, code: 400 });
    expect((await store.deliveries.list())[0]).toMatchObject({ outcome: 'rejected', attempts: 2 });
  });

  it('that is larger than a run can keep is refused', async () => {
    const huge = notice().replace('>Laptop<', `>${'x'.repeat(200_000)}<`);
    expect(await codeOf(huge)).toMatchObject({ code: 400, words: expect.stringContaining('100 KB') });
  });

  it('while a secret cannot be had is to be sent again', async () => {
    const away = receiverOf([
      { ...supplier, secret: () => Promise.reject(new Problem(503, 'Not configured', 'no secret')) },
    ]);
    expect(await codeOf(notice(), away)).toMatchObject({ http: 503, code: 560 });
  });
});

describe('The suppliers that may send something', () => {
  const to = { domain: 'DUNS', identity: '2' };
  const secrets = () => ({ get: async (name: string) => `value of ${name}`, redact: (text: string) => text });
  const secretsOf = (suppliers: Record<string, unknown>) =>
    Promise.all(
      suppliersOf(JSON.parse(JSON.stringify({ suppliers })), secrets).map((known) => known.secret()),
    );

  it('are those with cXML; an empty secret is none', async () => {
    expect(suppliersOf(undefined, secrets)).toEqual([]);
    expect(
      await secretsOf({
        mail: { title: 'x', email: 'x@example.com' },
        reference: { cxml: { to, inboundSecret: { $secret: 'inbound' } } },
        plain: { cxml: { to, inboundSecret: 'abc' } },
        empty: { cxml: { to, inboundSecret: '' } },
        none: { cxml: { to } },
      }),
    ).toEqual(['value of inbound', 'abc', undefined, undefined]);
  });

  it('whose secret cannot be read are told to try again', async () => {
    const [known] = suppliersOf(
      { suppliers: { one: { cxml: { to, inboundSecret: { $secret: 'x' } } } } },
      () => ({ get: () => Promise.reject(new Error('not set')), redact: (text) => text }),
    );
    await expect(known?.secret()).rejects.toMatchObject({ status: 503, message: 'not set' });
  });
});
