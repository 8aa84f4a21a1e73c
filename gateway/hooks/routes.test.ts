import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { signatureOf } from '../../sandbox/servicenow/delivery.ts';
import { openStore, type Store } from '../../store/store.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { Problem } from '../problem.ts';
import type { Library } from '../runbooks.ts';
import type { RunStarter } from '../start-run.ts';
import type { RunService } from '../temporal.ts';
import { Inbox } from './inbox.ts';
import { LiveRuns } from './live-runs.ts';
import { Receiver } from './receive.ts';
import { hookRoutes } from './routes.ts';

const database = await testDatabase();
const secret = 'a secret';

/** Without runbooks: nothing is started, so nobody needs Temporal. */
describeWith(database)('A hook', () => {
  let store: Store;
  let app: FastifyInstance;

  beforeAll(async () => {
    store = await openStore(database?.url ?? '');
    const library = () => ({ plans: new Map(), configuration: { tickets: {} } }) as unknown as Library;
    const live = new LiveRuns(store, {} as RunService, {} as ConstructorParameters<typeof LiveRuns>[2]);
    const receiver = new Receiver(store, {} as RunStarter, library, live);
    const inbox = new Inbox({
      receiver,
      ofRun: () => () => {},
      isWorking: async () => false,
      settled: () => {},
      log: () => {},
    });
    app = Fastify();
    // As the gateway's server does.
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.setErrorHandler((error, _request, reply) =>
      error instanceof Problem
        ? reply.code(error.status).send({ detail: error.message })
        : reply.code(500).send({ detail: String(error) }),
    );
    const webhookSecret = async () => secret;
    app.register(async (hooks) =>
      hookRoutes(hooks, {
        store,
        receiver,
        inbox,
        cxml: { receive: () => Promise.reject(new Error('not tested here')) },
        push: { take: () => Promise.reject(new Error('not tested here')) },
        webhookSecret,
        log: () => {},
      }),
    );
    await app.ready();
  });

  afterAll(async () => {
    await app.close();
    await store.close();
    await database?.drop();
  });

  const post = async (system: string, body: string, headers: Record<string, string>) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/hooks/${system}`,
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: answer.statusCode, body: answer.json() as Record<string, string> };
  };
  const signed = (body: string, at = Date.now()) => {
    const timestamp = String(Math.floor(at / 1000));
    return {
      'x-countersign-timestamp': timestamp,
      'x-countersign-signature': signatureOf(timestamp, body, secret),
    };
  };
  const change = (more: object = {}) =>
    JSON.stringify({
      event: 'update',
      table: 'incident',
      sys_id: 'i1',
      number: 'INC0010001',
      state: '2',
      state_label: 'In Progress',
      previous_state: '1',
      sys_mod_count: 4,
      ...more,
    });
  const newest = async () => (await store.deliveries.list({ limit: 1 }))[0];
  const count = async () => (await store.deliveries.list({ limit: 500 })).length;

  it('believes what ServiceNow signed just now, once for each count of the record’s changes', async () => {
    const first = await post('servicenow', change(), signed(change()));
    expect(first).toMatchObject({ status: 200, body: { outcome: 'not for us' } });
    expect(first.body.reason).toContain('INC0010001 (incident) moving from 1 to In Progress (2)');
    expect(await newest()).toMatchObject({ deliveryKey: 'i1:4', believed: true, attempts: 1 });
    // Signed anew, and written otherwise: it is the same change all the same.
    const again = change({ short_description: 'x' });
    await post('servicenow', again, signed(again, Date.now() - 60_000));
    expect(await newest()).toMatchObject({ deliveryKey: 'i1:4', attempts: 2 });
    const next = change({ sys_mod_count: 5 });
    await post('servicenow', next, signed(next));
    expect(await newest()).toMatchObject({ deliveryKey: 'i1:5', attempts: 1 });
  });

  it.each<[string, (body: string) => Record<string, string>, string]>([
    ['not signed', () => ({}), 'X-Countersign-Signature is missing'],
    ['signed ten minutes ago', (body) => signed(body, Date.now() - 600_000), 'signed 10 minutes ago'],
    [
      'signed for another body',
      () => signed('{}'),
      'does not match the body. Check that ServiceNow and countersign.yaml have the same secret.',
    ],
    [
      'given another moment than was signed',
      (body) => ({ ...signed(body), 'x-countersign-timestamp': String(Math.floor(Date.now() / 1000) - 1) }),
      'does not match',
    ],
  ])('does not believe what is %s, and keeps it with its reason', async (_, headers, words) => {
    const body = change({ sys_mod_count: 99, note: words });
    const answer = await post('servicenow', body, headers(body));
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toContain(words);
    const kept = await newest();
    expect(kept).toMatchObject({ believed: false, outcome: 'rejected', reason: answer.body.detail });
    expect(await store.deliveries.find(kept?.id ?? '')).toMatchObject({ body });
  });

  it('takes no offence when the true one comes after one that was not believed', async () => {
    const body = change({ sys_mod_count: 7 });
    await post('servicenow', body, {});
    expect(await post('servicenow', body, signed(body))).toMatchObject({ status: 200 });
    expect(await newest()).toMatchObject({ deliveryKey: 'i1:7', believed: true, attempts: 1 });
  });

  it('keeps what is believed and cannot be read as rejected', async () => {
    const answer = await post('servicenow', 'not json', signed('not json'));
    expect(answer).toMatchObject({
      status: 422,
      body: { reason: 'The body is not a JSON object, or one that is nested too deeply.' },
    });
    expect(await newest()).toMatchObject({ believed: true, outcome: 'rejected' });
  });

  const issue = (updated: string, more: object = {}) =>
    JSON.stringify({
      id: '77',
      key: 'HR-1',
      fields: { status: { name: 'Approved' }, updated, ...more },
    });

  it('takes a bare issue from Jira Automation by its secret, once for each status and moment', async () => {
    const headers = { 'x-countersign-secret': secret };
    const first = await post('jira', issue('2026-11-25T09:00:00.000+0000'), headers);
    expect(first).toMatchObject({ status: 200, body: { outcome: 'not for us' } });
    expect(first.body.reason).toContain('HR-1 (project HR) moving from an unknown status to Approved');
    const before = await count();
    await post('jira', issue('2026-11-25T09:00:00.000+0000', { lastViewed: 'now' }), headers);
    expect(await count()).toBe(before);
    await post('jira', issue('2026-11-25T10:00:00.000+0000'), headers);
    expect(await count()).toBe(before + 1);
    expect((await post('jira', issue('x'), { 'x-countersign-secret': 'wrong' })).status).toBe(401);
    expect((await newest())?.reason).toContain('X-Countersign-Secret is not the secret');
  });

  it('takes Jira’s own deliveries by their signature, and knows them by what is signed alone', async () => {
    const body = JSON.stringify({ webhookEvent: 'jira:issue_created', issue: { key: 'HR-1', fields: {} } });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'x-hub-signature': `sha256=${signature}`, 'x-atlassian-webhook-identifier': 'w1' };
    expect(await post('jira', body, headers)).toMatchObject({ status: 200 });
    const captured = { ...headers, 'x-atlassian-webhook-identifier': 'another' };
    expect(await post('jira', body, captured)).toMatchObject({ status: 200 });
    expect(await newest()).toMatchObject({ system: 'jira', attempts: 2 });
  });

  it('is there for no other system', async () => {
    expect((await post('nobody', '{}', {})).status).toBe(404);
  });
});
