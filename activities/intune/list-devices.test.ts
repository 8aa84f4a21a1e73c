/** Groups larger than the stand-in's, from a server that answers as Graph does. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defined } from '../../plan/defined.ts';
import { type Attempts, attemptsOf } from '../kit/testing.ts';
import { intune } from './index.ts';

let server: Server;
let attempts: Attempts;
let size = 0;
let questions = 0;

const pageOfMembers = 999;

function answerTo(url: URL, base: string): unknown {
  const path = url.pathname;
  if (path.endsWith('/token')) return { token_type: 'Bearer', expires_in: 3_600, access_token: 'token' };
  if (path === '/v1.0/groups') return { value: [{ id: 'ring', displayName: 'Ring' }] };
  if (path === '/v1.0/groups/ring/transitiveMembers') {
    const start = Number(url.searchParams.get('$skiptoken') ?? 0);
    const next = start + pageOfMembers;
    const value = Array.from({ length: Math.min(pageOfMembers, size - start) }, (_, index) => ({
      '@odata.type': '#microsoft.graph.device',
      id: `object ${start + index}`,
      deviceId: `registered-${start + index}`,
    }));
    const link = `${base}${path}?$skiptoken=${next}`;
    return { value, ...defined({ '@odata.nextLink': next < size ? link : undefined }) };
  }
  questions++;
  const asked = [
    ...(url.searchParams.get('$filter') ?? '').matchAll(/azureADDeviceId eq 'registered-(\d+)'/g),
  ];
  return {
    value: asked.map(([, number = '']) => ({
      id: `00000000-0000-4000-8000-${number.padStart(12, '0')}`,
      deviceName: `WIN-${number.padStart(4, '0')}`,
      serialNumber: `SN-${number}`,
      operatingSystem: Number(number) % 2 === 0 ? 'Windows' : 'iPadOS',
      managedDeviceOwnerType: 'unknown',
      complianceState: 'noncompliant',
      lastSyncDateTime: '2026-01-05T07:30:00Z',
    })),
  };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answerTo(new URL(request.url ?? '', base), base)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = {
    tenant: 'example',
    clientId: 'id',
    clientSecret: 'secret',
    authority: base,
    graphUrl: base,
  };
  attempts = attemptsOf(intune, settings, ['clientSecret']);
});
beforeEach(() => {
  questions = 0;
});
afterAll(() => {
  server.close();
});

describe('Listing the devices of a large group', () => {
  it('follows its members over all pages, and asks for several at once', async () => {
    size = 1_050;
    const { devices, count } = await attempts.call('intune.listDevices', { group: 'Ring' });
    expect(count).toBe(1_050);
    expect(questions).toBe(70);
    expect((devices as object[]).at(-1)).toEqual({
      id: '00000000-0000-4000-8000-000000001049',
      name: 'WIN-1049',
      serialNumber: 'SN-1049',
      system: 'ios',
      owner: 'personal',
      compliant: false,
      lastSync: '2026-01-05T07:30:00Z',
    });
  });

  it('says how to make it smaller when a run could not keep the list', async () => {
    size = 2_000;
    const failure = await attempts.fails('intune.listDevices', { group: 'Ring' });
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(
      '2000 devices or people are in the group Ring, more than one step can list. Divide it into smaller groups',
    );
    expect(await attempts.call('intune.listDevices', { group: 'Ring', system: 'windows' })).toMatchObject({
      count: 1_000,
    });
  });

  it('does not even begin with more than 5,000', async () => {
    size = 5_001;
    const failure = await attempts.fails('intune.listDevices', { group: 'Ring' });
    expect(failure.message).toContain('5001 devices or people are in the group Ring');
    expect(questions).toBe(0);
  });
});
