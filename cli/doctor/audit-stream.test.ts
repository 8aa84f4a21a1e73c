import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Secrets } from '../../vault/secrets.ts';
import { lookAtAuditStream } from './audit-stream.ts';

const secrets = { get: async () => 'key' } as unknown as Secrets;
const secret = { $secret: 'SIEM' };

describe('doctor, of the audit records that are sent elsewhere,', () => {
  it('says whether the file can be written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-doctor-'));
    try {
      const around = { path: join(folder, 'countersign.yaml'), secrets, state: undefined };
      const look = (file: string) => lookAtAuditStream({ file }, around, AbortSignal.timeout(5_000));
      expect(await look('audit.jsonl')).toMatchObject({ state: 'ok' });
      expect(await look('nowhere/audit.jsonl')).toMatchObject({
        state: 'problem',
        says: expect.stringContaining('Make its folder'),
      });
      expect(await look('.')).toMatchObject({ state: 'problem', says: expect.stringContaining('no file') });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says whether the address answers, and what it said when the gateway tried last', async () => {
    const methods: string[] = [];
    const server = createServer((request, response) => {
      methods.push(request.method ?? '');
      response.writeHead(405).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
    const look = (state?: { chains: number; lastError?: string }) =>
      lookAtAuditStream(
        { webhook: { url, secret } },
        { path: 'countersign.yaml', secrets, state },
        AbortSignal.timeout(5_000),
      );
    expect(await look()).toMatchObject({ state: 'ok', says: expect.stringContaining('answers (405)') });
    // Nothing that could be taken for a record.
    expect(methods).toEqual(['HEAD']);
    expect(await look({ chains: 3, lastError: 'It answered 500.' })).toMatchObject({
      state: 'problem',
      says: expect.stringContaining('It answered 500. 3 runs wait'),
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await look()).toMatchObject({ state: 'away' });
  });
});
