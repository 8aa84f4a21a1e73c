import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PermanentFailure, RateLimited, RetryableFailure } from './failures.ts';
import { HttpClient, retryAfterMs, secureBaseUrl } from './http.ts';
import { trustOf } from './trust.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function clientOf(handler: Handler, timeoutMs = 5_000): Promise<HttpClient> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new HttpClient({
    service: 'The service',
    setting: 'connectors.test.baseUrl',
    trust: trustOf('test', undefined),
    baseUrl: `http://127.0.0.1:${port}`,
    headers: () => ({ authorization: 'Bearer canary' }),
    wordsOf: (body) => (body as { message?: string } | undefined)?.message,
    timeoutMs,
  });
}

async function failureOf(handler: Handler, timeoutMs?: number): Promise<Error> {
  const client = await clientOf(handler, timeoutMs);
  return client.send({ method: 'GET', path: '/' }).then(
    () => {
      throw new Error('expected a failure');
    },
    (error: Error) => error,
  );
}

const answering =
  (status: number, headers: Record<string, string> = {}, body = '{"message":"its own words"}'): Handler =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

describe('An HTTP answer', () => {
  it('of 429 is a rate limit, with the seconds to wait', async () => {
    const failure = await failureOf(answering(429, { 'retry-after': '7', 'x-request-id': 'r1' }));
    expect(failure).toBeInstanceOf(RateLimited);
    expect(failure).toMatchObject({ retryAfterMs: 7_000, details: { status: 429, requestId: 'r1' } });
    expect(failure.message).toContain('its own words');
  });

  it('of 503, 500, 408 may pass, with the wait when the service names one', async () => {
    for (const status of [503, 500, 408]) {
      const failure = await failureOf(answering(status, { 'retry-after': '2' }));
      expect(failure).toBeInstanceOf(RetryableFailure);
      expect(failure).not.toBeInstanceOf(RateLimited);
      expect(failure).toMatchObject({ retryAfterMs: 2_000, details: { status } });
    }
  });

  it('of another 4xx is final, in the service’s own words', async () => {
    for (const status of [400, 401, 403, 404, 409, 422]) {
      const failure = await failureOf(answering(status));
      expect(failure).toBeInstanceOf(PermanentFailure);
      expect(failure.message).toContain(`(${status}): its own words`);
      expect(failure.message).not.toContain('canary');
    }
  });

  it('that redirects is not followed: our credentials stay where they belong', async () => {
    const failure = await failureOf(answering(302, { location: 'https://elsewhere.example/' }));
    expect(failure).toBeInstanceOf(PermanentFailure);
    expect(failure.message).toContain('https://elsewhere.example/ (302)');
  });

  it('that never comes, breaks off or cannot be had may pass', async () => {
    const silent = await failureOf(() => {}, 100);
    expect(silent.message).toBe('The service did not answer within 0.1 s.');
    const broken = await failureOf((request) => request.socket.destroy());
    expect(broken.message).toMatch(/could not be reached at 127\.0\.0\.1:\d+ \(connection lost\)/);
    const client = await clientOf(answering(200));
    await new Promise((resolve) => servers.at(-1)?.close(resolve));
    const refused = client.send({ method: 'GET', path: '/' });
    await expect(refused).rejects.toThrow('(connection refused)');
    await expect(refused).rejects.toBeInstanceOf(RetryableFailure);
    expect([silent, broken].every((failure) => failure instanceof RetryableFailure)).toBe(true);
  });

  it('is given up as soon as the signal says so', async () => {
    const client = await clientOf(() => {});
    const controller = new AbortController();
    const asked = client.for(controller.signal).send({ method: 'GET', path: '/' });
    controller.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
    expect(client.signal.aborted).toBe(false);
  });
});

describe('Retry-After', () => {
  it('is read as seconds or as a date, and never longer than an hour', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('86400', now)).toBe(3_600_000);
    expect(retryAfterMs('soon', now)).toBeUndefined();
    expect(retryAfterMs(null, now)).toBeUndefined();
  });
});

describe('The address of a service', () => {
  it('must use https, but for this machine', () => {
    expect(secureBaseUrl('x', 'https://example.com/')).toBe('https://example.com');
    for (const local of ['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1'])
      expect(secureBaseUrl('x', local)).toBe(local);
    for (const remote of ['http://example.com', 'http://127.0.0.1.example.com', 'ftp://127.0.0.1', 'example'])
      expect(() => secureBaseUrl('connectors.x.baseUrl', remote)).toThrow(/^connectors\.x\.baseUrl/);
  });
});
