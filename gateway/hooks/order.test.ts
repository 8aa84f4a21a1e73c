import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signatureOf } from '../../sandbox/servicenow/delivery.ts';
import { Database } from '../../store/database.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { away } from '../problem.ts';
import { host, TestGateway, waiting } from '../testing.ts';
import { lateStart, Turns } from './order.ts';
import type { Received } from './receive.ts';
import { Unsettled } from './unsettled.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';
const webhookSecret = 'a secret';

const runbook = (name: string, system: string, to: string, inputs: string) => `runbook: ${name}
title: ${name}
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: ${system}, to: ${to} }
    inputs: { start: "\${{ ${inputs} }}" }
    amend: [start]
    cancel: { to: [Cancelled] }
inputs:
  start: { type: string }
steps:
  - id: desk
    title: Place the laptop
    task: { to: ${coordinator}, instructions: "Place it on \${{ inputs.start }}.", form: {} }
`;

describeWith(database)('Deliveries that come in another order than they were sent in', () => {
  let gateway: TestGateway;
  let raw: Database;
  beforeAll(async () => {
    raw = new Database(database?.url ?? '');
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      webhookSecret,
      servicenow: true,
      runbooks: [
        runbook('hire', 'jira', 'Approved', 'ticket.fields.customfield_1'),
        runbook('order', 'servicenow', 'Approved', 'ticket.fields.u_start'),
      ],
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await raw?.close();
    await database?.drop();
  });

  interface Told {
    id: number;
    to?: string;
    start?: string;
    identifier?: string;
  }

  const sent = async (url: string, body: string, headers: Record<string, string>) => {
    gateway.runs.world.once('countersign.openTask', () => ({ people: [coordinator] }));
    const response = await gateway.app.inject({
      method: 'POST',
      url,
      headers: { host, ...waiting, 'content-type': 'application/json', ...headers },
      body,
    });
    const received = response.json() as Received & { detail?: string };
    if (received.outcome === 'started' && received.run) await gateway.runs.settle(received.run);
    return { http: response.statusCode, ...received };
  };

  /** What Jira says of change number `id` of an issue. */
  const jira = (key: string, { id, to, start = '', identifier = 'w' }: Told) => {
    const items = [
      ...(to ? [{ field: 'status', fieldId: 'status', fromString: 'Open', toString: to }] : []),
      ...(start ? [{ field: 'Start', fieldId: 'customfield_1', fromString: '', toString: start }] : []),
    ];
    const body = JSON.stringify({
      webhookEvent: 'jira:issue_updated',
      timestamp: 1_700_000_000_000 + id,
      user: { emailAddress: 'r.sato@example.com' },
      issue: {
        id: key.replace('HR-', '100'),
        key,
        self: `https://example.atlassian.net/rest/api/2/issue/${key}`,
        fields: {
          summary: 'A person joins',
          status: { name: to ?? 'Open' },
          project: { key: 'HR' },
          issuetype: { name: 'Task' },
          customfield_1: start,
        },
      },
      changelog: { id: String(id), items },
    });
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    return sent('/hooks/jira', body, {
      'x-hub-signature': `sha256=${signature}`,
      'x-atlassian-webhook-identifier': identifier,
    });
  };
  const startOf = async (run: string | undefined) =>
    (await gateway.runs.view('', run ?? '')).inputs.start as string;
  const statusOf = async (run: string | undefined) =>
    ((await gateway.as(coordinator, 'GET', `/runs/${run}`)).json() as { status: string }).status;
  const runsNamed = async (key: string) =>
    (
      (await gateway.as(coordinator, 'GET', '/runs?limit=500')).json() as {
        runs: { id: string; ticket?: { key: string } }[];
      }
    ).runs
      .filter(({ ticket }) => ticket?.key === key)
      .map(({ id }) => id);
  const runsOf = async (key: string) => (await runsNamed(key)).length;

  it('start nothing for a ticket that was cancelled since, and the delivery says that it came late', async () => {
    expect(await jira('HR-1', { id: 6, to: 'Cancelled' })).toMatchObject({ outcome: 'not for us' });
    expect(await jira('HR-1', { id: 5, to: 'Approved', start: 'monday' })).toMatchObject({
      http: 200,
      outcome: 'late',
      reason: 'it came late: HR-1 has moved to Cancelled since, so nothing is started',
    });
    expect(await runsOf('HR-1')).toBe(0);
  });

  it('start a run all the same where nothing newer was acted on, which is told what happened meanwhile', async () => {
    expect(await jira('HR-2', { id: 6, start: 'friday' })).toMatchObject({ outcome: 'not for us' });
    expect(await jira('HR-2', { id: 7, to: 'In Progress' })).toMatchObject({ outcome: 'not for us' });
    const { outcome, run } = await jira('HR-2', { id: 5, to: 'Approved', start: 'monday' });
    expect(outcome).toBe('started');
    expect(await startOf(run)).toBe('friday');
  });

  it('never amend with an older edit than was acted on, nor with one from before the start', async () => {
    const { run } = await jira('HR-3', { id: 5, to: 'Approved', start: 'monday' });
    expect(await jira('HR-3', { id: 4, start: 'before' })).toMatchObject({ outcome: 'late' });
    expect(await jira('HR-3', { id: 8, start: 'friday' })).toMatchObject({ outcome: 'told' });
    expect(await jira('HR-3', { id: 7, start: 'tuesday' })).toMatchObject({
      outcome: 'late',
      reason: 'it came late: a newer state of customfield_1 of HR-3 was acted on before',
    });
    expect(await startOf(run)).toBe('friday');
  });

  it('abort no run that a newer move has started', async () => {
    const { run } = await jira('HR-4', { id: 9, to: 'Approved', start: 'monday' });
    expect(await jira('HR-4', { id: 8, to: 'Cancelled' })).toMatchObject({ outcome: 'late' });
    expect(await statusOf(run)).not.toBe('cancelled');
  });

  it('of one that was captured abort no later run, whatever its unsigned header says', async () => {
    const first = await jira('HR-5', { id: 1, to: 'Approved', start: 'monday' });
    expect(await jira('HR-5', { id: 2, to: 'Cancelled' })).toMatchObject({ outcome: 'told', run: first.run });
    const second = await jira('HR-5', { id: 3, to: 'Approved', start: 'monday' });
    expect(second.outcome).toBe('started');
    expect(await jira('HR-5', { id: 2, to: 'Cancelled', identifier: 'captured' })).toMatchObject({
      outcome: 'told',
      run: first.run,
    });
    expect(await statusOf(second.run)).not.toBe('cancelled');
  });

  it('that were kept while Temporal was away are taken up in the order of their own numbers', async () => {
    const begin = gateway.runs.start.bind(gateway.runs);
    gateway.runs.start = () => Promise.reject(away('Temporal'));
    expect((await jira('HR-6', { id: 1, to: 'Approved', start: 'monday' })).http).toBe(503);
    expect((await jira('HR-6', { id: 3, start: 'friday' })).http).toBe(503);
    expect((await jira('HR-6', { id: 2, start: 'tuesday' })).http).toBe(503);
    const { store, receiver } = gateway;
    const lines: string[] = [];
    const unsettled = new Unsettled({ store, receiver, log: (line) => lines.push(line), quietMs: 0 });
    await unsettled.look();
    expect(await runsOf('HR-6')).toBe(0);
    gateway.runs.start = begin;
    gateway.runs.world.once('countersign.openTask', () => ({ people: [coordinator] }));
    for (let round = 0; round < 3; round += 1) await unsettled.look();
    expect(lines).toEqual([
      expect.stringContaining('is settled: started'),
      expect.stringContaining('is settled: told'),
      expect.stringContaining('is settled: told'),
    ]);
    const [run] = await runsNamed('HR-6');
    expect(await startOf(run)).toBe('friday');
    expect(await store.deliveries.list({ outcome: 'received' })).toEqual([]);
  });

  it('never amend with an older edit than one that said what was in force already', async () => {
    const { run } = await jira('HR-7', { id: 1, to: 'Approved', start: 'monday' });
    expect(await jira('HR-7', { id: 3, start: 'monday' })).toMatchObject({
      outcome: 'told',
      reason: 'HR-7 was edited: its run has that already',
    });
    expect(await jira('HR-7', { id: 2, start: 'friday' })).toMatchObject({ outcome: 'late' });
    expect(await startOf(run)).toBe('monday');
  });

  it('let no older edit act while nobody knows whether a newer one did', async () => {
    const { run } = await jira('HR-8', { id: 1, to: 'Approved', start: 'monday' });
    const tell = gateway.runs.update.bind(gateway.runs);
    gateway.runs.update = async (...given) => {
      await tell(...given);
      throw away('Temporal');
    };
    expect((await jira('HR-8', { id: 4, start: 'friday' })).http).toBe(503);
    gateway.runs.update = tell;
    expect(await jira('HR-8', { id: 2, start: 'tuesday' })).toMatchObject({ outcome: 'late' });
    expect(await startOf(run)).toBe('friday');
    gateway.runs.update = async (...given) => {
      await tell(...given);
      throw away('Temporal');
    };
    expect((await jira('HR-8', { id: 6, start: 'sunday' })).http).toBe(503);
    gateway.runs.update = () => Promise.reject(away('Temporal'));
    const { view } = gateway.runs;
    gateway.runs.view = () => Promise.reject(away('Temporal'));
    expect((await jira('HR-8', { id: 5, start: 'saturday' })).http).toBe(503);
    Object.assign(gateway.runs, { update: tell, view });
    // It comes once more, and takes what is older with it.
    expect(await jira('HR-8', { id: 6, start: 'sunday' })).toMatchObject({ outcome: 'told' });
    expect(await startOf(run)).toBe('sunday');
  });

  it('abort and amend the run that they were for, whatever newer move has started another one since', async () => {
    const first = await jira('HR-9', { id: 1, to: 'Approved', start: 'monday' });
    const second = await jira('HR-9', { id: 5, to: 'Approved' });
    expect([first.outcome, second.outcome]).toEqual(['started', 'started']);
    expect(await jira('HR-9', { id: 3, start: 'friday' })).toMatchObject({ outcome: 'told', run: first.run });
    expect(await startOf(first.run)).toBe('friday');
    expect(await jira('HR-9', { id: 4, to: 'Cancelled' })).toMatchObject({ outcome: 'told', run: first.run });
    expect([await statusOf(first.run), await statusOf(second.run)]).toEqual(['cancelled', 'waiting']);
  });

  it('of a start that was answered to nobody are older than those that say more since', async () => {
    const begin = gateway.runs.start.bind(gateway.runs);
    gateway.runs.start = async (...given) => {
      await begin(...given);
      throw away('Temporal');
    };
    expect((await jira('HR-10', { id: 3, to: 'Approved', start: 'friday' })).http).toBe(503);
    gateway.runs.start = begin;
    expect(await jira('HR-10', { id: 2, start: 'monday' })).toMatchObject({ outcome: 'late' });
    const [run] = await runsNamed('HR-10');
    expect(await startOf(run)).toBe('friday');
  });

  it('are told again to a run that starts late, also where that fails at first', async () => {
    expect(await jira('HR-11', { id: 6, start: 'friday' })).toMatchObject({ outcome: 'not for us' });
    const { view } = gateway.runs;
    gateway.runs.view = () => Promise.reject(away('Temporal'));
    expect((await jira('HR-11', { id: 5, to: 'Approved', start: 'monday' })).http).toBe(503);
    gateway.runs.view = view;
    const { store, receiver } = gateway;
    await new Unsettled({ store, receiver, log: () => {}, quietMs: 0 }).look();
    const [run, ...more] = await runsNamed('HR-11');
    expect(more).toEqual([]);
    expect(await startOf(run)).toBe('friday');
  });

  it('are told to no run again once retention has removed what they said, and stay known', async () => {
    await jira('HR-12', { id: 6, start: 'friday' });
    const { deliveries, removal } = gateway.store;
    await raw.query(
      "update deliveries set received_at = now() - interval '1 year' where outcome <> 'received'",
    );
    expect(await removal.pruneDeliveries('90 days')).toBeGreaterThan(0);
    const { run } = await jira('HR-12', { id: 5, to: 'Approved', start: 'monday' });
    expect(await startOf(run)).toBe('monday');
    const again = await jira('HR-12', { id: 6, start: 'friday' });
    expect(again).toMatchObject({ http: 200, outcome: 'not for us' });
    const [emptied] = (await deliveries.list({ outcome: 'not for us' })).filter(
      ({ emptiedAt }) => emptiedAt !== undefined,
    );
    const url = `/deliveries/${emptied?.id}`;
    expect((await gateway.as(coordinator, 'GET', url)).json()).toMatchObject({
      body: '',
      emptiedAt: expect.any(String),
    });
    expect((await gateway.as(coordinator, 'POST', `${url}/replay`)).json()).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/^What this delivery said was removed at /),
    });
    expect(await deliveries.list({ outcome: 'received' })).toEqual([]);
  });

  it('are told apart in ServiceNow by its count of changes', async () => {
    const servicenow = (count: number, state: string, start: string) => {
      const body = JSON.stringify({
        event: 'update',
        table: 'sc_req_item',
        sys_id: 'r1',
        number: 'RITM0010001',
        state,
        state_label: state,
        previous_state: 'Open',
        sys_mod_count: count,
        changed: ['state', 'u_start'],
        record: { u_start: start },
      });
      const timestamp = String(Math.floor(Date.now() / 1000));
      return sent('/hooks/servicenow', body, {
        'x-countersign-timestamp': timestamp,
        'x-countersign-signature': signatureOf(timestamp, body, webhookSecret),
      });
    };
    // Ten is more than nine, though not as text.
    expect(await servicenow(10, 'Cancelled', 'friday')).toMatchObject({ outcome: 'not for us' });
    expect(await servicenow(9, 'Approved', 'monday')).toMatchObject({ outcome: 'late' });
    expect(await servicenow(11, 'Approved', 'monday')).toMatchObject({ outcome: 'started' });
  });
});

describe('A start that comes late', () => {
  const ticket = { system: 'jira', key: 'HR-1', id: '1', url: '', summary: '' };
  const transition = {
    system: 'jira',
    key: '1:1',
    ticket,
    by: { id: 'a@example.com', roles: [] },
    changed: ['status'],
    payload: {},
    project: 'HR',
    type: 'Task',
    to: { label: 'Approved' },
    requester: { id: 'a@example.com', roles: [] },
  };
  const trigger = {
    type: 'ticket' as const,
    system: 'jira',
    to: 'Approved',
    inputs: {},
    cancel: { to: ['Cancelled'] },
  };
  const match = { plan: { triggers: [trigger] }, trigger } as never;
  const later = (outcome: string, to?: string) =>
    ({ id: 'x', outcome, changed: [], ...(to ? { became: { label: to } } : {}) }) as never;

  it.each<[string, unknown[], boolean]>([
    ['starts where nothing newer is known', [], true],
    [
      'starts where its ticket is in that state again',
      [later('told', 'Open'), later('already', 'Approved')],
      true,
    ],
    ['starts where the newer move was for nobody', [later('not for us', 'In Progress')], true],
    [
      'starts nothing where the ticket has moved on and that was acted on',
      [later('started', 'Ready')],
      false,
    ],
    [
      'starts nothing where a newer move to the same status started a run',
      [later('started', 'Approved')],
      false,
    ],
    [
      'starts nothing where it was cancelled, also where it was opened again',
      [later('not for us', 'Cancelled'), later('not for us', 'Open')],
      false,
    ],
  ])('%s', (_, known, starts) => {
    expect(lateStart(transition, match, known as never[]) === undefined).toBe(starts);
  });
});

describe('Two changes of a ticket at once', () => {
  it('take turns, also after one that failed, and leave nothing behind', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const work = (name: string, ms: number) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(`${name} ends`);
      if (name === 'a') throw new Error('no');
    };
    const all = [
      turns.take('t', work('a', 20)),
      turns.take('t', work('b', 1)),
      turns.take('other', work('c', 1)),
    ];
    await Promise.allSettled(all);
    expect(order.filter((each) => !each.startsWith('c'))).toEqual([
      'a begins',
      'a ends',
      'b begins',
      'b ends',
    ]);
    expect((turns as unknown as { last: Map<string, unknown> }).last.size).toBe(0);
  });
});
