import { createHmac, randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { AuditStreamSettings } from '../../compiler/configuration/sections/audit-stream.ts';
import type { JsonObject } from '../../plan/plan.ts';
import { type AuditRecord, hashOfRecord } from '../../store/audit/record.ts';
import { Database } from '../../store/database.ts';
import { openStore, type Store } from '../../store/store.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { Seal } from '../../vault/seal.ts';
import { AuditSender } from './sender.ts';
import { sinkOf } from './sinks.ts';

const database = await testDatabase();
const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 7) } });
const canary = 'canary-of-the-stream';
const secrets = {
  get: async (name: string) => (name === 'SIEM' ? 'siem-key' : 'Bearer collector'),
};
type Line = AuditRecord & { format: string; id: string; withheld?: true };

describeWith(database)('Audit records that are sent out', () => {
  let store: Store;
  let raw: Database;
  let folder = '';
  let file = '';
  beforeAll(async () => {
    store = await openStore(database?.url ?? '', seal);
    raw = new Database(database?.url ?? '');
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-stream-'));
    file = join(folder, 'audit.jsonl');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await raw.query('delete from audit_stream');
    await raw.query('delete from audit_due');
  });
  afterAll(async () => {
    await raw.close();
    await store.close();
    await database?.drop();
  });

  const write = (runId: string, data: JsonObject = {}) =>
    store.audit.append({ runId, kind: 'command.accepted', step: 'sign', actor: 'kim@example.com', data });
  const senderOf = (settings: AuditStreamSettings | undefined) =>
    new AuditSender({
      stream: store.auditStream,
      settings: () => settings,
      sinkOf: (given) => sinkOf(given, { path: join(folder, 'countersign.yaml'), secrets }),
      log: () => {},
    });
  const linesIn = async (path: string): Promise<Line[]> =>
    (await readFile(path, 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  const begun = async () => (await raw.query('select 1 from audit_stream')).length > 0;
  const longUnheld = () => raw.query("update audit_stream set held_until = now() - interval '11 minutes'");
  const tryNow = () => raw.query('update audit_stream set due_at = now(), held_until = now()');

  it('come as lines in the order of their chain, each bound to the one before so that whoever has them can check it', async () => {
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    const run = randomUUID();
    for (const note of ['one', 'two', 'three']) await write(run, { note });
    expect(await sender.round()).toBe(3);
    expect(await sender.round()).toBe(0);
    const lines = await linesIn(file);
    expect(lines.map(({ id }) => id)).toEqual([1, 2, 3].map((seq) => `${run}.${seq}`));
    for (const [index, line] of lines.entries()) {
      expect(line.format).toBe('countersign.audit/1');
      expect(hashOfRecord(line)).toBe(line.hash);
      if (index > 0) expect(line.previous).toBe(lines[index - 1]?.hash);
    }
  });

  it('begin with the next one, or with the first of all', async () => {
    await raw.query('truncate audit_sent');
    const run = randomUUID();
    await write(run);
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    await write(run);
    await sender.round();
    expect((await linesIn(file)).map(({ runId, seq }) => [runId, seq])).toEqual([[run, 2]]);
    // What came while nothing was sent comes after it.
    await longUnheld();
    await senderOf(undefined).round();
    expect(await begun()).toBe(false);
    await write(run);
    await senderOf({ file: 'audit.jsonl' }).round();
    expect((await linesIn(file)).map(({ seq }) => seq)).toEqual([2, 3]);
    await raw.query('truncate audit_sent');
    await raw.query('delete from audit_stream');
    const all = senderOf({ file: 'all.jsonl', from: 'beginning' });
    while ((await all.round()) > 0);
    const found = (await linesIn(join(folder, 'all.jsonl'))).filter(({ runId }) => runId === run);
    expect(found.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('are struck off without waiting for whoever is writing one of their chains', async () => {
    await senderOf({ file: 'audit.jsonl' }).round();
    const [held, free] = [randomUUID(), randomUUID()];
    for (const run of [held, free]) await write(run);
    const left = async () => (await raw.query('select run_id from audit_due')).map(({ run_id }) => run_id);
    let sent: Promise<void> | undefined;
    const outcome = await raw.transaction(async (query) => {
      await query('select 1 from audit_due where run_id = $1 for update', [held]);
      sent = store.auditStream.sent([held, free].map((runId) => ({ runId, seq: 1 })));
      return Promise.race([sent.then(() => 'struck off'), pause(2_000, 'waits')]);
    });
    expect(outcome).toBe('struck off');
    await sent;
    expect(await left()).toEqual([held]);
    expect(await store.auditStream.due(10)).toEqual([]);
    expect(await left()).toEqual([]);
  });

  it('leave what is sealed or secret behind, and say so', async () => {
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    const run = randomUUID();
    const token = seal.sealed(canary) as unknown as JsonObject;
    await write(run, { shown: { pin: token, key: { $secret: 'ADMIN_KEY' }, note: 'plain' } });
    await sender.round();
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(canary);
    expect(text).not.toContain(String(token.$sealed));
    expect(text).not.toContain('ADMIN_KEY');
    const [line] = await linesIn(file);
    expect(line).toMatchObject({ withheld: true, data: { shown: { note: 'plain' } } });
  });

  it('go on in a new file when the old one was moved away, and behind a line that was cut off', async () => {
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    const run = randomUUID();
    await write(run);
    await sender.round();
    await rename(file, `${file}.1`);
    await appendFile(file, '{"cut');
    await write(run);
    await sender.round();
    expect(await readFile(file, 'utf8')).toMatch(/^\{"cut\n\{"format".*\}\n$/);
    expect((await linesIn(`${file}.1`)).map(({ seq }) => seq)).toEqual([1]);
  });

  it('are none of them lost that were being written while others were sent', async () => {
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    const run = randomUUID();
    await write(run);
    let commit = () => {};
    const open = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const writing = raw.transaction(async (query) => {
      await store.audit.appendIn(query, { runId: run, kind: 'command.accepted', actor: 'a', data: {} });
      await open;
    });
    await pause(200);
    const sending = sender.round();
    await pause(300);
    commit();
    await writing;
    await sending;
    await sender.round();
    expect((await linesIn(file)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('are none of them lost that were being written while it began again', async () => {
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    const run = randomUUID();
    await write(run);
    expect(await sender.round()).toBe(1);
    await longUnheld();
    await senderOf(undefined).round();
    let beginning: Promise<number> = Promise.resolve(0);
    await raw.transaction(async (query) => {
      await store.audit.appendIn(query, { runId: run, kind: 'command.accepted', actor: 'a', data: {} });
      beginning = sender.round();
      await pause(300);
    });
    await beginning;
    expect((await linesIn(file)).map(({ runId, seq }) => [runId, seq])).toEqual([
      [run, 1],
      [run, 2],
    ]);
  });

  it('go on while a gateway without the setting starts, and begin again where one ended them', async () => {
    const sender = senderOf({ file: 'audit.jsonl' });
    await sender.round();
    await senderOf(undefined).round();
    const run = randomUUID();
    await write(run);
    expect(await sender.round()).toBe(1);
    await longUnheld();
    await senderOf(undefined).round();
    expect(await begun()).toBe(false);
    await write(run);
    await sender.round();
    expect((await linesIn(file)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('are sent by one gateway at a time', async () => {
    const [one, other] = [senderOf({ file: 'audit.jsonl' }), senderOf({ file: 'audit.jsonl' })];
    await one.round();
    await write(randomUUID());
    expect(await other.round()).toBe(0);
    expect(await one.round()).toBe(1);
  });

  it('go signed to an address, which is asked again until it takes them', async () => {
    const taken: { body: string; headers: Record<string, unknown> }[] = [];
    let status = 500;
    const server = await listening((body, headers) => {
      taken.push({ body, headers });
      return status;
    });
    try {
      const { port } = server.address() as AddressInfo;
      const webhook = {
        url: `http://127.0.0.1:${port}/in`,
        secret: { $secret: 'SIEM' },
        authorization: { $secret: 'TOKEN' },
      };
      const sender = senderOf({ webhook });
      await sender.round();
      const run = randomUUID();
      await write(run);
      expect(await sender.round()).toBe(0);
      expect(await store.auditStream.state()).toMatchObject({
        chains: 1,
        lastError: expect.stringContaining('500'),
      });
      // Not at once, and not for ever later.
      expect(await sender.round()).toBe(0);
      expect(taken).toHaveLength(1);
      await tryNow();
      status = 202;
      expect(await sender.round()).toBe(1);
      expect(await store.auditStream.state()).toEqual({ chains: 0, oldestSeconds: 0 });
      const { body, headers } = taken[1] ?? { body: '', headers: {} };
      const at = headers['x-countersign-timestamp'];
      expect(Math.abs(Date.now() / 1_000 - Number(at))).toBeLessThan(60);
      expect(headers['x-countersign-signature']).toBe(
        `sha256=${createHmac('sha256', 'siem-key').update(`${at}.${body}`).digest('hex')}`,
      );
      expect(headers.authorization).toBe('Bearer collector');
      // The same record by the same id.
      expect(JSON.parse(body).id).toBe(JSON.parse(taken[0]?.body ?? '').id);
    } finally {
      server.close();
    }
  });
});

async function listening(
  answer: (body: string, headers: Record<string, unknown>) => number,
): Promise<Server> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () =>
      response.writeHead(answer(Buffer.concat(parts).toString(), request.headers)).end('{}'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
