import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { keyOf } from '../kit/call.ts';
import { Outbound } from '../kit/outbound.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { http } from './index.ts';

let sandbox: Sandbox;
let attempts: Attempts;

beforeAll(async () => {
  sandbox = await startSandbox();
  attempts = attemptsOf(
    http,
    sandbox.connectors.http ?? {},
    [],
    new Outbound({ allow: ['firewall.example.com'] }),
  );
});
const servers: Server[] = [];
afterEach(async () => {
  await fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST' });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => sandbox.close());

const api = 'https://firewall.example.com/api';
const headers = { Authorization: 'Bearer sandbox-firewall-token' };
const rule = { source: '198.51.100.0/24', destination: 'vpn', port: 443, protocol: 'tcp', action: 'allow' };
const set = { method: 'PUT', url: `${api}/rules/vpn-in`, headers, body: rule };
const remove = { method: 'DELETE', url: `${api}/rules/vpn-in`, headers };
const effects = (effect: string) => sandbox.effects.list({ system: 'firewall', effect });

/** A service on this machine, which the rules allow, and attempts that reach it. */
async function serviceOf(handler: RequestListener): Promise<{ url: string; attempts: Attempts }> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const outbound = new Outbound({ allow: [host], privateNetworks: ['127.0.0.1'] });
  return { url: `http://${host}`, attempts: attemptsOf(http, {}, [], outbound) };
}

describe('Reading from a web service', () => {
  it('gives what it answers, as data or as text', async () => {
    const input = { url: `${api}/rules`, headers };
    expect(await attempts.call('http.get', input)).toEqual({
      status: 200,
      body: { revision: 1, rules: [expect.objectContaining({ name: 'https-in' })] },
      found: true,
    });
    const { body } = await attempts.call('http.get', { ...input, asText: true });
    expect(body).toMatch(/^\{"revision":1,/);
  });

  it('finds nothing where 404 is expected, and fails where it is not', async () => {
    const input = { url: `${api}/rules/vpn-in`, headers };
    expect(await attempts.call('http.get', { ...input, expect: [404] })).toEqual({
      status: 404,
      body: { error: 'There is no rule vpn-in.' },
      found: false,
    });
    const failure = await attempts.fails('http.get', input);
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toBe('firewall.example.com refused it (404): There is no rule vpn-in.');
  });

  it('takes no more than a run can keep', async () => {
    const { url, attempts } = await serviceOf((request, response) => {
      response.end('x'.repeat(request.url === '/fits' ? 192 * 1024 : 192 * 1024 + 1));
    });
    expect((await attempts.call('http.get', { url: `${url}/fits` })).body).toHaveLength(192 * 1024);
    const failure = await attempts.fails('http.get', { url });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('more than the 192 KB that a run can keep');
  });

  it('needs no settings under connectors', async () => {
    const { url, attempts } = await serviceOf((_, response) => response.end());
    expect(await attempts.call('http.get', { url })).toEqual({ status: 200, body: null, found: true });
  });
});

describe('Changing something in a web service', () => {
  it('does it, and once more without harm', async () => {
    const first = await attempts.call('http.request', set);
    expect(first).toEqual({ status: 200, body: { revision: 2, rule: { name: 'vpn-in', ...rule } } });
    expect(await attempts.call('http.request', set)).toEqual(first);
    expect(effects('rule.set')).toHaveLength(1);
    expect(await attempts.call('http.request', remove)).toEqual({ status: 204, body: null });
    expect(await attempts.call('http.request', { ...remove, expect: [404] })).toMatchObject({ status: 404 });
    expect(effects('rule.removed')).toHaveLength(1);
  });

  it('does it once when the answer was lost', async () => {
    sandbox.faults.add({ system: 'firewall', method: 'PUT', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('http.request', set)).nonRetryable).toBe(false);
    expect(await attempts.call('http.request', set)).toMatchObject({ status: 200 });
    expect(effects('rule.set')).toHaveLength(1);
  });

  it('says method and address before, and what stands in the way', async () => {
    expect(await attempts.preview('http.request', set)).toEqual({
      summary: 'would set https://firewall.example.com/api/rules/vpn-in',
    });
    const elsewhere = { ...set, url: 'https://elsewhere.example.com/' };
    const preview = await attempts.preview('http.request', elsewhere);
    expect(preview?.problems?.[0]).toContain('it is not under outbound: allow: in countersign.yaml.');
    expect(effects('rule.set')).toHaveLength(0);
  });

  it('with a comparison shows old and new, sends only what is not so already, and is read back', async () => {
    const compare = { ignore: ['name'] };
    const step = (name: string) => ({ step: name });
    const first = { ...set, compare };
    expect(await attempts.preview('http.request', first)).toEqual({
      summary: 'would set https://firewall.example.com/api/rules/vpn-in',
      difference:
        '+ {\n+   "action": "allow",\n+   "destination": "vpn",\n+   "port": 443,\n+   "protocol": "tcp",\n+   "source": "198.51.100.0/24"\n+ }',
    });
    sandbox.faults.add({ system: 'firewall', method: 'PUT', times: 1, kind: 'lostAnswer' });
    expect((await attempts.fails('http.request', first, step('a'))).nonRetryable).toBe(false);
    expect(await attempts.call('http.request', first, step('a'))).toMatchObject({ sent: true, before: null });
    expect(await attempts.verify('http.request', first)).toBe(true);
    expect(await attempts.preview('http.request', first)).toEqual({
      summary: 'https://firewall.example.com/api/rules/vpn-in is so already',
      nothingToDo: true,
    });
    expect(await attempts.call('http.request', first, step('b'))).toMatchObject({ sent: false });
    expect(effects('rule.set')).toHaveLength(1);

    const second = { ...set, body: { ...rule, port: 8443 }, compare: { ...compare, from: rule } };
    expect((await attempts.preview('http.request', second))?.difference).toBe(
      '    "action": "allow",\n    "destination": "vpn",\n-   "port": 443,\n+   "port": 8443,\n    "protocol": "tcp",\n    "source": "198.51.100.0/24"',
    );
    expect(await attempts.call('http.request', second, step('c'))).toMatchObject({
      sent: true,
      before: { name: 'vpn-in', ...rule },
    });
    // It is another one now than this change starts from.
    const third = { ...second, body: { ...rule, port: 9443 } };
    expect((await attempts.preview('http.request', third))?.problems?.[0]).toContain(
      'not what this change starts from',
    );
    expect(await attempts.fails('http.request', third, step('d'))).toMatchObject({ nonRetryable: true });
    expect(effects('rule.set')).toHaveLength(2);

    const gone = { ...remove, compare };
    expect((await attempts.preview('http.request', gone))?.difference).toMatch(/^- \{\n.*"port": 8443/s);
    expect(await attempts.call('http.request', gone, step('e'))).toMatchObject({ sent: true });
    expect(await attempts.verify('http.request', gone)).toBe(true);
    expect(await attempts.call('http.request', gone, step('f'))).toMatchObject({ sent: false, before: null });
    // Without one nothing is claimed to have been read back.
    expect(await attempts.verify('http.request', set)).toBeUndefined();
  });

  it('compares a part that is changed with the whole, whatever the order of the fields', async () => {
    let now: Record<string, unknown> = { b: { y: 1, x: 2 }, a: 'same', revision: 1 };
    const { url, attempts } = await serviceOf((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        if (request.method === 'PATCH') now = { revision: 2, a: 'same', b: { x: 3 } };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(now));
      });
    });
    const patch = { method: 'PATCH', url, body: { b: { x: 3, y: null } }, compare: { ignore: ['revision'] } };
    expect((await attempts.preview('http.request', patch))?.difference).toBe(
      '    "a": "same",\n    "b": {\n-     "x": 2,\n-     "y": 1\n+     "x": 3\n    }\n  }',
    );
    expect(await attempts.call('http.request', patch)).toMatchObject({ sent: true });
    expect(await attempts.verify('http.request', patch)).toBe(true);
    expect(await attempts.verify('http.request', { ...patch, body: { b: { x: 4 } } })).toBe(false);
  });

  it('sends a key with POST that is the same at every try, and with others where a header is named', async () => {
    const seen: Record<string, unknown>[] = [];
    const { url, attempts } = await serviceOf((request, response) => {
      seen.push({ key: request.headers['idempotency-key'], own: request.headers['x-request-key'] });
      response.end();
    });
    const key = keyOf({ run: 'run-1', runbook: 'new-hire', step: 'step' });
    await attempts.call('http.request', { method: 'POST', url, body: {} });
    await attempts.call('http.request', { method: 'POST', url, headers: { 'idempotency-key': 'mine' } });
    await attempts.call('http.request', { method: 'PATCH', url, idempotencyHeader: 'X-Request-Key' });
    await attempts.call('http.request', { method: 'PUT', url });
    expect(seen).toEqual([{ key }, { key: 'mine' }, { own: key }, {}]);
  });

  it('sends data as JSON and text as text, unless a header says otherwise', async () => {
    const seen: string[] = [];
    const { url, attempts } = await serviceOf((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        seen.push(`${request.headers['content-type']} ${text}`);
        response.end();
      });
    });
    const post = (more: Record<string, unknown>) =>
      attempts.call('http.request', { method: 'POST', url, ...more } as never);
    await post({ body: { a: [1] } });
    await post({ body: 'plain' });
    await post({ body: '<a/>', headers: { 'Content-Type': 'application/xml' } });
    expect(seen).toEqual([
      'application/json {"a":[1]}',
      'text/plain; charset=utf-8 plain',
      'application/xml <a/>',
    ]);
    const large = await attempts.fails('http.request', {
      method: 'POST',
      url,
      body: 'x'.repeat(1024 * 1024 + 1),
    });
    expect(large.message).toContain('more than the 1024 KB that are sent');
  });
});

describe('A web service', () => {
  it('that asks to be called less often, is away or hangs up is tried again', async () => {
    const input = { url: `${api}/health`, headers };
    sandbox.faults.add({ system: 'firewall', times: 1, kind: 'status', status: 429, retryAfter: 4 });
    sandbox.faults.add({ system: 'firewall', times: 1, kind: 'status', status: 503 });
    sandbox.faults.add({ system: 'firewall', times: 1, kind: 'reset' });
    sandbox.faults.add({ system: 'firewall', times: 1, kind: 'timeout' });
    expect(await attempts.fails('http.get', input)).toMatchObject({
      type: 'RateLimited',
      nextRetryDelay: 4_000,
    });
    expect(await attempts.fails('http.get', input)).toMatchObject({ type: 'RetryableFailure' });
    expect((await attempts.fails('http.get', input)).message).toBe(
      'The web service could not be reached at firewall.example.com (connection lost).',
    );
    const silent = await attempts.fails('http.get', input, { timeoutMs: 300 });
    expect(silent.message).toBe('http.get did not finish within the 0.3 s of an attempt.');
    expect(await attempts.call('http.get', input)).toMatchObject({ body: { healthy: true } });
  });

  it('that refuses is quoted in its own words, and the secret in the header is shown nowhere', async () => {
    const invalid = await attempts.fails('http.request', { ...set, body: { ...rule, port: 0 } });
    expect(invalid.nonRetryable).toBe(true);
    expect(invalid.message).toBe('firewall.example.com refused it (422): port is a number from 1 to 65535.');

    const { url, attempts: local } = await serviceOf((request, response) => {
      response
        .writeHead(401)
        .end(JSON.stringify({ error: { message: `no ${request.headers.authorization}` } }));
    });
    const sealed = local.services.seal.seal('canary-token');
    const input = { url, headers: { Authorization: { $text: ['Bearer ', { $sealed: sealed }] } } };
    const failure = await local.fails('http.get', input);
    expect(failure.message).toBe(
      `${new URL(url).host} refused the credentials (401): no Bearer [secret] Check the \`headers\` of this step, and the secret that stands there.`,
    );
    const broken = await local.fails('http.get', {
      url,
      headers: { Authorization: { $text: ['a\nb', { $sealed: sealed }] } },
    });
    expect(broken.message).toContain('The header Authorization has a line break');
    expect(JSON.stringify([failure, broken])).not.toContain('canary');
  });

  it('that sends us on, even to a private address, is not followed', async () => {
    let reached = false;
    const hidden = await serviceOf((_, response) => {
      reached = true;
      response.end();
    });
    const { url, attempts } = await serviceOf((_, response) => {
      response.writeHead(302, { location: `${hidden.url}/admin` }).end();
    });
    for (const [action, more] of [
      ['http.get', {}],
      ['http.request', { method: 'POST' }],
    ] as const) {
      const failure = await attempts.fails(action, { url, ...more });
      expect(failure.nonRetryable).toBe(true);
      expect(failure.message).toContain(
        `sends us on to ${hidden.url}/admin (302), and redirects are not followed.`,
      );
    }
    expect(await attempts.call('http.get', { url, expect: [302] })).toMatchObject({ status: 302 });
    expect(reached).toBe(false);
  });

  it('is not reached under a name that points to a private address', async () => {
    const outbound = new Outbound({ allow: ['metadata.example.com'] }, async () => [
      { address: '169.254.169.254', family: 4 },
    ]);
    const failure = await attemptsOf(http, {}, [], outbound).fails('http.get', {
      url: 'https://metadata.example.com/latest/meta-data',
    });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('metadata.example.com has the private address 169.254.169.254');
  });
});

describe('Stand-ins', () => {
  it('are asked instead of the real service, which the rules must allow all the same', async () => {
    const settings = sandbox.connectors.http ?? {};
    const none = attemptsOf(http, settings);
    expect((await none.fails('http.get', { url: `${api}/health`, headers })).message).toContain(
      'firewall.example.com may not be reached',
    );
    const open = attemptsOf(http, settings, [], new Outbound({ allow: ['*.example.com'] }));
    for (const url of ['https://api.example.com/', 'https://firewall.example.com.example.com/'])
      expect((await open.fails('http.get', { url })).message).toContain('has no stand-in');
  });

  it('must be on this machine', async () => {
    const settings = { standIns: { 'https://firewall.example.com': 'http://10.0.0.1/firewall' } };
    const failure = await attemptsOf(http, settings).fails('http.get', { url: api });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain('is not on this machine');
  });
});
