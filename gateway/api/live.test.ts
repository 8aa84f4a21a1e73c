import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { until } from '../../test/support/stack.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { TestGateway } from '../testing.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';
const manager = 'm.roth@example.com';

const signed = `runbook: signed
title: Signed
kind: other
owner: role:it-coordinators
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  pin: { type: string, sensitive: true }
steps:
  - { id: first, uses: entra.getUser, with: { user: "\${{ inputs.pin }}" } }
  - id: signoff
    title: The manager signs
    approve: { from: [${manager}] }
  - { id: last, uses: entra.getUser, with: { user: a@example.com } }
`;

interface Event {
  event: string;
  id?: string;
  data: JournalEntry & { status?: string };
}

/** Reads Server-Sent Events as a browser does. */
class Listener {
  readonly events: Event[] = [];
  readonly comments: string[] = [];
  status = 0;
  ended = false;
  private readonly controller = new AbortController();

  constructor(url: string, headers: Record<string, string>) {
    void this.read(url, headers).catch(() => {
      this.ended = true;
    });
  }

  close(): void {
    this.controller.abort();
  }

  seqs(): number[] {
    return this.events.filter(({ event }) => event === 'entry').map(({ data }) => data.seq);
  }

  private async read(url: string, headers: Record<string, string>): Promise<void> {
    const response = await fetch(url, { headers, signal: this.controller.signal });
    this.status = response.status;
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
    this.ended = true;
  }

  private take(block: string): void {
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2)));
    if (fields.event) this.events.push({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) });
    else if ('' in fields) this.comments.push(fields['']);
  }
}

describeWith(database)('live events', () => {
  let gateway: TestGateway;
  let client: pg.Client;
  let base: string;
  const listeners: Listener[] = [];
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      runbooks: [signed],
      heartbeatMs: 200,
    });
    base = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    client = new pg.Client({ connectionString: database?.url });
    await client.connect();
  });
  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.close();
  });
  afterAll(async () => {
    await client.end();
    await gateway.stop();
    await database?.drop();
  });

  const listen = (path: string, person = coordinator, headers: Record<string, string> = {}) => {
    const as = { authorization: 'Bearer test-token', 'x-countersign-as': person };
    const listener = new Listener(`${base}/api/v1${path}`, { ...(person ? as : {}), ...headers });
    listeners.push(listener);
    return listener;
  };
  const soon = (what: string, holds: () => boolean) => until(what, async () => holds() || undefined, 10_000);
  const start = () => gateway.startRun(coordinator, 'signed', { pin: 'canary-pin' });
  const append = (runId: string, ...seqs: number[]) =>
    gateway.store.runs.appendJournal({
      runId,
      workflowId: runId,
      runbook: 'signed',
      entries: seqs.map((seq) => ({ seq, at: Date.now(), kind: 'step.started', step: `s${seq}` })),
      summary: { status: 'running', waitingOn: [] },
    });
  const sign = async (run: string) => {
    const { hash } = (await gateway.as(manager, 'GET', `/runs/${run}/steps/signoff/gate`)).json();
    await gateway.as(manager, 'POST', `/runs/${run}/steps/signoff/vote`, { decision: 'approve', hash });
  };

  it('tell what has happened in a run, what happens, and end with it', async () => {
    const run = await start();
    const listener = listen(`/runs/${run}/events`);
    await soon('the first status', () => listener.events.at(-1)?.event === 'status');
    const before = listener.seqs().length;
    expect(before).toBeGreaterThan(0);
    expect(listener.events.at(-1)?.data).toMatchObject({
      status: 'waiting',
      waitingOn: [{ step: 'signoff' }],
    });
    await sign(run);
    await soon('the end', () => listener.ended);
    const seqs = listener.seqs();
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(seqs.length).toBeGreaterThan(before);
    expect(listener.events.at(-1)?.data).toEqual({ status: 'succeeded', waitingOn: [] });
    expect(listener.events.find(({ event }) => event === 'entry')?.id).toBe('1');
  });

  it('go on where a browser that comes back had been, and tell it when there is no more', async () => {
    const run = await start();
    const again = listen(`/runs/${run}/events`, coordinator, { 'last-event-id': '2' });
    await soon('an entry', () => again.events.length > 0);
    expect(again.seqs()[0]).toBe(3);
    await sign(run);
    await soon('the end', () => again.ended);
    const over = listen(`/runs/${run}/events`, coordinator, { 'last-event-id': String(again.seqs().at(-1)) });
    await soon('the answer', () => over.ended);
    expect([over.status, over.events]).toEqual([204, []]);
  });

  it('keep the order, also where an entry comes late', async () => {
    const run = 'late-entries';
    await append(run, 1, 2, 4);
    const listener = listen(`/runs/${run}/events`);
    await soon('two entries', () => listener.seqs().length === 2);
    await append(run, 5);
    await append(run, 3);
    await soon('all entries', () => listener.seqs().length === 5);
    expect(listener.seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('follow again after the database was away', async () => {
    const run = 'away';
    await append(run, 1);
    const listener = listen(`/runs/${run}/events`);
    const inbox = listen('/inbox/events', manager);
    await soon('the first entry', () => listener.seqs().length === 1 && inbox.status === 200);
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await until('the database again', async () => (await append(run, 2)) && true);
    await soon('the second entry', () => listener.seqs().length === 2);
    await soon('the inbox, which may have changed', () => inbox.events.length === 1);
    await append(run, 3);
    await soon('the third entry', () => listener.seqs().length === 3);
    expect(gateway.log).toContain('The database went away; live views follow again once it is back.');
  });

  it('carry no sealed value', async () => {
    const run = await start();
    const listener = listen(`/runs/${run}/events`);
    await soon('the first status', () => listener.events.at(-1)?.event === 'status');
    const { live } = (await gateway.as(coordinator, 'GET', `/runs/${run}`)).json();
    expect(live.inputs.pin).toEqual({ $sealed: true });
    expect(JSON.stringify(listener.events)).not.toMatch(/canary|v1\.k\./);
  });

  it('of the inbox come to those concerned only, several at once as one', async () => {
    const mine = listen('/inbox/events', manager);
    const other = listen('/inbox/events', 'i.novak@example.com');
    await soon('both streams', () => mine.status === 200 && other.status === 200);
    await Promise.all([start(), start()]);
    await soon('the change', () => mine.events.length > 0);
    expect(mine.events).toEqual([{ event: 'changed', data: {} }]);
    expect(other.events).toEqual([]);
  });

  it('say now and then that they are alive', async () => {
    const listener = listen('/inbox/events');
    await soon('two heartbeats', () => listener.comments.length >= 2);
    expect(listener.comments[0]).toBe('still here');
  });

  it('are for those who are signed in, and end when they sign out', async () => {
    const stranger = listen('/inbox/events', '');
    await soon('a refusal', () => stranger.ended);
    expect(stranger.status).toBe(401);
    const cookie = await gateway.cookieOf(coordinator);
    const listener = listen('/inbox/events', '', { cookie });
    await soon('the stream', () => listener.status === 200);
    const headers = { cookie, 'x-countersign-request': '1' };
    await gateway.send({ method: 'POST', url: '/api/v1/sign-out', headers });
    await soon('its end', () => listener.ended);
  });

  it('are two hundred at most, of which those count that are listened to', async () => {
    const all = Array.from({ length: 200 }, () => listen('/inbox/events'));
    await soon('all streams', () => all.every(({ status }) => status === 200));
    const refused = await gateway.as(coordinator, 'GET', '/inbox/events');
    expect(refused.statusCode).toBe(503);
    expect(refused.json().detail).toContain('200 live views are open');
    all[0]?.close();
    await until('room for another', async () => {
      const another = listen('/inbox/events');
      await soon('an answer', () => another.status !== 0);
      return another.status === 200 || undefined;
    });
  });
});

describeWith(database)('a gateway that stops', () => {
  it('ends the live views that are open', async () => {
    const own = await testDatabase();
    const gateway = await TestGateway.start({ database: own?.url ?? '', runbooks: [signed] });
    const base = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: 'Bearer test-token', 'x-countersign-as': coordinator };
    const listener = new Listener(`${base}/api/v1/inbox/events`, headers);
    await until('the stream', async () => listener.status === 200 || undefined);
    const began = performance.now();
    await gateway.stop();
    expect(performance.now() - began).toBeLessThan(3_000);
    await until('its end', async () => listener.ended || undefined);
    await own?.drop();
  });
});
