import { afterAll, beforeEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../plan/plan.ts';
import { type BindServer, testBindServer } from '../../test/support/bind-server.ts';
import { type DnsProxy, dnsProxy } from '../../test/support/dns-proxy.ts';
import { hostile } from '../../test/support/hostile-names.ts';
import { describeWith } from '../../test/support/services.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import type { DnsClient } from './client.ts';
import { dns } from './index.ts';
import { labelsOf, nameToText } from './wire/names.ts';

const found = await testBindServer([
  '*.wild IN A 192.0.2.99',
  '*.wild IN TXT wild',
  'sub IN NS ns1.sub',
  'ns1.sub IN A 192.0.2.54',
  'parts IN TXT "one" " two"',
]);
const server = found as BindServer;
const proxy = (found && (await dnsProxy(server.port))) as DnsProxy;
afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});

const with_ = (more: JsonObject = {}): Attempts => attemptsOf(dns, { ...server.settings, ...more });
const near = (found && with_()) as Attempts;
/** Through the proxy. */
const far = (found && with_({ port: proxy.port })) as Attempts;
let count = 0;
let host = '';
beforeEach(() => {
  host = `host${++count}.example.com`;
});
const does = (action: string, input: Json) => near.call(action, input, { step: `step ${++count}` });
const fails = (action: string, input: Json, attempts = near) =>
  attempts.fails(action, input, { step: `fails ${++count}` });
const values = async (name: string, type = 'A') => (await does('dns.findRecords', { name, type })).values;
const set = (name: string, to: string[], type = 'A', more: JsonObject = {}) =>
  does('dns.setRecords', { name, type, values: to, ...more });

interface Case {
  action: string;
  prepare?(name: string): Promise<unknown>;
  input(name: string): JsonObject;
  says: JsonObject;
  would: string;
}

const cases: Record<string, Case> = {
  'adding the first record': {
    action: 'dns.addRecord',
    input: (name) => ({ name, type: 'A', value: '192.0.2.1', ttl: 60 }),
    says: { added: true, ttl: 60, zone: 'example.com' },
    would: 'from nothing to 192.0.2.1 (TTL 60)',
  },
  'adding one to others': {
    action: 'dns.addRecord',
    prepare: (name) => set(name, ['192.0.2.1'], 'A', { ttl: 90 }),
    input: (name) => ({ name, type: 'A', value: '192.0.2.2', ttl: 60 }),
    says: { added: true, ttl: 90 },
    would: 'from 192.0.2.1 (TTL 90) to 192.0.2.1, 192.0.2.2 (TTL 90)',
  },
  'setting records anew': {
    action: 'dns.setRecords',
    prepare: (name) => set(name, ['10 a.example.net', '20 b.example.net'], 'MX', { ttl: 90 }),
    input: (name) => ({ name, type: 'MX', values: ['10 C.example.net.'], ttl: 60 }),
    says: { changed: true, before: ['10 a.example.net', '20 b.example.net'], ttlBefore: 90 },
    would: 'from 10 a.example.net, 20 b.example.net (TTL 90) to 10 C.example.net. (TTL 60)',
  },
  'setting how long they are kept alone': {
    action: 'dns.setRecords',
    prepare: (name) => set(name, ['192.0.2.1']),
    input: (name) => ({ name, type: 'A', values: ['192.0.2.1'], ttl: 60 }),
    says: { changed: true, before: ['192.0.2.1'], ttlBefore: 3600 },
    would: 'from 192.0.2.1 (TTL 3600) to 192.0.2.1 (TTL 60)',
  },
  'an alias': {
    action: 'dns.setRecords',
    input: (name) => ({ name, type: 'CNAME', values: ['www.example.net'] }),
    says: { changed: true, before: [], ttlBefore: 3600 },
    would: 'from nothing to www.example.net (TTL 3600)',
  },
  'setting none': {
    action: 'dns.setRecords',
    prepare: (name) => set(name, ['192.0.2.1', '192.0.2.2']),
    input: (name) => ({ name, type: 'A', values: [] }),
    says: { changed: true, before: ['192.0.2.1', '192.0.2.2'], ttlBefore: 3600 },
    would: 'from 192.0.2.1, 192.0.2.2 (TTL 3600) to nothing',
  },
  'removing one of two': {
    action: 'dns.removeRecord',
    prepare: (name) => set(name, ['a', 'b'], 'TXT'),
    input: (name) => ({ name, type: 'TXT', value: 'a' }),
    says: { removed: true, ttl: 3600 },
    would: 'from a, b (TTL 3600) to b (TTL 3600)',
  },
  'removing the last': {
    action: 'dns.removeRecord',
    prepare: (name) => set(name, ['0 issue ca.example.net'], 'CAA'),
    input: (name) => ({ name, type: 'CAA', value: '0 issue "ca.example.net"' }),
    says: { removed: true, ttl: 3600 },
    would: 'from 0 issue "ca.example.net" (TTL 3600) to nothing',
  },
};

describeWith(found)('On a DNS server', () => {
  it('every action that writes is tried here', () => {
    const writing = dns.actions.filter(({ effect }) => effect !== 'read').map(({ name }) => name);
    expect([...new Set(Object.values(cases).map(({ action }) => action))].sort()).toEqual(writing.sort());
  });

  it.each(Object.entries(cases))(
    '%s says what it would do, does it once, is confirmed, and is undone',
    async (_, one) => {
      const { action, prepare, input: inputOf, says, would } = one;
      await prepare?.(host);
      const input = inputOf(host);
      const type = String(input.type);
      const before = await does('dns.findRecords', { name: host, type });
      const preview = await near.preview(action, input);
      expect(preview).toEqual({
        summary: `would change ${type} of ${host} ${would}`,
        difference: expect.stringMatching(
          new RegExp(`^([ +-] ${host.replaceAll('.', '\\.')} \\d+ ${type} .*\n?)+$`),
        ),
      });
      const step = `once ${++count}`;
      const output = await near.call(action, input, { step });
      expect(output).toMatchObject(says);
      expect(await near.verify(action, input, step)).toBe(true);
      const after = await does('dns.findRecords', { name: host, type });
      expect(after).not.toEqual(before);
      // Another step finds nothing to do.
      expect(await near.preview(action, input)).toMatchObject({ nothingToDo: true });
      const again = await does(action, input);
      expect(again[Object.keys(says)[0] ?? '']).toBe(false);
      expect(await does('dns.findRecords', { name: host, type })).toEqual(after);
      await does(
        String(dns.actions.find(({ name }) => name === action)?.undo),
        undoOf(action, input, output),
      );
      expect(await does('dns.findRecords', { name: host, type })).toEqual(before);
    },
  );

  it.each(Object.entries(cases))('%s says the same when the answer to it is lost', async (_, one) => {
    const { action, prepare, input: inputOf } = one;
    await prepare?.(host);
    const calm = await far.call(action, inputOf(host), { step: `calm ${++count}` });
    const other = `other${count}.example.com`;
    await prepare?.(other);
    proxy.loseAnswer(1);
    const step = `lost ${++count}`;
    const failure = await far.fails(action, inputOf(other), { step });
    expect(failure).toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('before it had answered'),
    });
    expect(await far.call(action, inputOf(other), { step })).toEqual(calm);
    expect(proxy.writes()).toBe(1);
    proxy.loseAnswer(0);
  });

  it('what others change between the look and the write is neither lost nor overwritten unseen', async () => {
    await set(host, ['192.0.2.1']);
    const step = `race ${++count}`;
    proxy.beforeNextWrite(async () => {
      await does('dns.addRecord', { name: host, type: 'A', value: '192.0.2.7' });
    });
    const input = { name: host, type: 'A', value: '192.0.2.2' };
    const failure = await far.fails('dns.addRecord', input, { step });
    expect(failure).toMatchObject({ nonRetryable: false, message: expect.stringContaining('meanwhile') });
    expect(await far.call('dns.addRecord', input, { step })).toMatchObject({ added: true });
    expect(await values(host)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.7']);

    // And where nothing was: neither another record nor an alias.
    for (const [type, value] of [
      ['A', '192.0.2.9'],
      ['CNAME', 'x.example.com'],
    ] as const) {
      const fresh = `fresh${++count}.example.com`;
      proxy.beforeNextWrite(() => set(fresh, [value], type).then(() => {}));
      const raced = await far.fails('dns.setRecords', { name: fresh, type: 'A', values: ['192.0.2.3'] });
      expect(raced).toMatchObject({ nonRetryable: false, message: expect.stringContaining('meanwhile') });
      expect(await values(fresh, type)).toEqual([value]);
    }
  });

  it('a change that starts from what people saw is refused where it is something else now', async () => {
    await set(host, ['192.0.2.1']);
    const input = { name: host, type: 'A', values: ['192.0.2.2'], from: ['192.0.2.1'] };
    expect((await near.preview('dns.setRecords', input))?.problems).toBeUndefined();
    await set(host, ['192.0.2.7']);
    const says = expect.stringContaining('is 192.0.2.7 (TTL 3600) now, and not 192.0.2.1');
    expect((await near.preview('dns.setRecords', input))?.problems).toEqual([says]);
    expect(await fails('dns.setRecords', input)).toMatchObject({ nonRetryable: true, message: says });
    expect(await values(host)).toEqual(['192.0.2.7']);
  });

  it('a name that is only another has no other records, and one that has others becomes none', async () => {
    await set(host, ['www.example.com'], 'CNAME');
    const input = { name: host, type: 'A', value: '192.0.2.1' };
    expect((await near.preview('dns.addRecord', input))?.problems).toEqual([
      expect.stringContaining('another name of www.example.com (CNAME)'),
    ]);
    expect(await fails('dns.addRecord', input)).toMatchObject({ nonRetryable: true });
    expect(await does('dns.findRecords', { name: host, type: 'A' })).toMatchObject({
      found: false,
      alias: 'www.example.com',
    });
    expect(await fails('dns.addRecord', { name: host, type: 'CNAME', value: 'b.example.com' })).toMatchObject(
      {
        nonRetryable: true,
        message: expect.stringContaining('can have one only'),
      },
    );
    await set(`other.${host}`, ['192.0.2.1']);
    const alias = { name: `other.${host}`, type: 'CNAME', values: ['a.example.com'] };
    expect(await fails('dns.setRecords', alias)).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('records of other types'),
    });
    expect(await values(`other.${host}`)).toEqual(['192.0.2.1']);
  });

  it('what a wildcard stands in for is not taken for a record, and the wildcard itself is one', async () => {
    const name = `host${count}.wild.example.com`;
    expect(await values(name)).toEqual([]);
    expect(await values(name, 'TXT')).toEqual([]);
    const input = { name, type: 'A', values: ['192.0.2.99'] };
    expect(await does('dns.setRecords', input)).toMatchObject({ changed: true, before: [] });
    expect(await values(name)).toEqual(['192.0.2.99']);
    expect(await values('*.wild.example.com')).toEqual(['192.0.2.99']);
    await set('*.wild.example.com', ['192.0.2.98']);
    expect(await values('*.wild.example.com')).toEqual(['192.0.2.98']);
  });

  it('a text in parts is read as one, and replaced although it was written otherwise', async () => {
    expect(await values('parts.example.com', 'TXT')).toEqual(['one two']);
    expect(await set('parts.example.com', ['one two'], 'TXT')).toMatchObject({ changed: false });
    const long = `v=DKIM1; p=${'A'.repeat(900)}`;
    expect(await set('parts.example.com', [long], 'TXT')).toMatchObject({ before: ['one two'] });
    expect(await values('parts.example.com', 'TXT')).toEqual([long]);
  });

  it('an address stands for the name of its PTR', async () => {
    for (const address of ['192.0.2.10', '2001:db8::10']) {
      await does('dns.addRecord', { name: address, type: 'PTR', value: host });
      expect(await values(address, 'PTR')).toEqual([host]);
    }
    expect(await values('10.2.0.192.in-addr.arpa', 'PTR')).toEqual([host]);
  });

  it('names outside of the zones, delegated ones and ones that are none are refused in words', async () => {
    const refusals: [string, string][] = [
      ['www.example.net', 'in none of the zones'],
      ['notexample.com', 'in none of the zones'],
      ['www.sub.example.com', 'delegated'],
      ['a..example.com', 'empty label'],
      [`${'a'.repeat(64)}.example.com`, '63 at most'],
    ];
    for (const [name, says] of refusals)
      for (const [action, input] of [
        ['dns.findRecords', { name, type: 'A' }],
        ['dns.addRecord', { name, type: 'A', value: '192.0.2.1' }],
      ] as const)
        expect(await fails(action, input)).toMatchObject({
          nonRetryable: true,
          message: expect.stringContaining(says),
        });
    expect(await fails('dns.addRecord', { name: host, type: 'A', value: '192.0.2' })).toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('no IPv4 address'),
    });
  });

  it('an MX whose host has no address in the zone is refused by BIND, which is said', async () => {
    const input = { name: host, type: 'MX', value: '10 nowhere.example.com' };
    const { message } = await fails('dns.addRecord', input);
    expect(message).toContain('REFUSED');
    expect(message).toContain('an MX whose host, in the same zone, has no address');
  });

  it('a key that is unknown, has another secret or may only read is told apart', async () => {
    const key = (more: JsonObject) => with_({ key: { ...server.settings.key, ...more } });
    const input = { name: host, type: 'A', value: '192.0.2.1' };
    const why = async (attempts: Attempts) => (await fails('dns.addRecord', input, attempts)).message;
    expect(await why(key({ name: 'nobody' }))).toContain('BADKEY');
    expect(await why(key({ secret: server.readerSecret }))).toContain('BADSIG');
    expect(await why(key({ algorithm: 'hmac-sha512' }))).toMatch(/BADKEY|BADSIG/);
    const reader = key({ name: 'reader', secret: server.readerSecret });
    expect(await why(reader)).toContain('REFUSED');
    await set(host, ['192.0.2.1']);
    expect(await reader.call('dns.findRecords', { name: host, type: 'A' })).toMatchObject({ found: true });
    expect(await fails('dns.findRecords', { name: host, type: 'A' }).catch(() => undefined)).toBeUndefined();
    expect(await with_({ port: 1 }).fails('dns.findRecords', { name: host, type: 'A' })).toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('any name is refused in words or finds its own records and no others', async () => {
    const marker = '192.0.2.200';
    await set(host, [marker]);
    const client = dns.connect(server.settings, undefined as never, {}) as DnsClient;
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const name = `${text}.${host}`;
        let written: string;
        try {
          written = nameToText(labelsOf(name));
        } catch {
          expect((await fails('dns.addRecord', { name, type: 'A', value: marker })).nonRetryable).toBe(true);
          return;
        }
        await does('dns.addRecord', { name, type: 'TXT', value: written.replaceAll('\\', '\\\\') });
        const set = await client.read(name, 'TXT');
        expect(set.name).toBe(written);
        expect(set.records.map(({ text: value }) => value)).toEqual([written.replaceAll('\\', '\\\\')]);
        await does('dns.removeRecord', {
          name: written,
          type: 'TXT',
          value: written.replaceAll('\\', '\\\\'),
        });
        expect(await values(name, 'TXT')).toEqual([]);
        expect(await values(host)).toEqual([marker]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('any text is kept as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 600 }), async (text) => {
        const value = text.replaceAll('\\', '\\\\');
        await set(host, [value], 'TXT');
        expect(await set(host, [value], 'TXT')).toMatchObject({ changed: false });
        expect(await set(host, (await values(host, 'TXT')) as string[], 'TXT')).toMatchObject({
          changed: false,
        });
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

function undoOf(action: string, input: JsonObject, output: Record<string, Json>): JsonObject {
  const { name = '', type = '', value = '' } = input;
  if (action === 'dns.setRecords')
    return { name, type, values: output.before ?? [], ttl: output.ttlBefore ?? 0, from: input.values ?? [] };
  return action === 'dns.addRecord' ? { name, type, value } : { name, type, value, ttl: output.ttl ?? 0 };
}
