import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Delivery } from '../../store/deliveries.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { shippedSystem } from '../../tickets/testing.ts';
import type { RawDelivery } from '../../tickets/ticket-system.ts';
import { TestGateway, waiting } from '../testing.ts';
import { Inbox } from './inbox.ts';
import type { Kept, Received } from './receive.ts';
import { Unsettled } from './unsettled.ts';

const jira = shippedSystem('jira');
const raw = { header: () => undefined, body: Buffer.alloc(0), receivedAt: 0 } satisfies RawDelivery;
const ends: (() => void)[] = [];

/** Everything that is kept is under way until it is let go. */
function heldUp(does: Kept['does'][], working: () => boolean = () => false) {
  const under: { id: string; settle: (received: Received) => void; fail: (error: Error) => void }[] = [];
  const looks = new Set<(status?: string) => void>();
  let asked = 0;
  const settled: Received[] = [];
  let kept = 0;
  const inbox = new Inbox({
    receiver: {
      keep: async () => {
        kept += 1;
        const delivery = { id: `d${kept}` } as Delivery;
        return { delivery, reading: { notForUs: '' }, does: does[kept - 1] ?? 'start' };
      },
      settle: ({ delivery }) =>
        new Promise((settle, fail) => {
          under.push({ id: delivery.id, settle, fail });
        }),
    },
    ofRun: (_, look) => {
      looks.add(look);
      return () => looks.delete(look);
    },
    isWorking: async () => {
      asked += 1;
      return working();
    },
    settled: (_, received) => settled.push(received),
    log: () => {},
  });
  ends.push(() => {
    for (const each of under) each.settle({ outcome: 'told' });
    void inbox.stop();
  });
  return { inbox, under, looks, settled, take: () => inbox.take(jira, raw), asked: () => asked };
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe('The inbox', () => {
  it('answers when a delivery is kept, and starts eight runs at once, in the order in which they came', async () => {
    const { take, under } = heldUp([]);
    const answers = await Promise.all(Array.from({ length: 20 }, take));
    expect(answers[19]).toEqual({ outcome: 'received', delivery: 'd20' });
    expect(under.map(({ id }) => id)).toEqual(['d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8']);
    under[3]?.settle({ outcome: 'already' });
    await pause(0);
    expect(under.map(({ id }) => id).slice(8)).toEqual(['d9']);
  });

  it('lets a run get on before it starts the next one in its place', async () => {
    let working = true;
    const { take, under, looks } = heldUp([], () => working);
    await Promise.all(Array.from({ length: 9 }, take));
    under[0]?.settle({ outcome: 'started', run: 'r1' });
    await pause(5);
    expect(under).toHaveLength(8);
    working = false;
    for (const look of looks) look();
    await pause(5);
    expect(under).toHaveLength(9);
  });

  it('asks no database whether a run works that says so itself', async () => {
    const { take, under, looks, asked } = heldUp([], () => true);
    await take();
    under[0]?.settle({ outcome: 'started', run: 'r1' });
    await pause(5);
    expect(asked()).toBe(1);
    for (const look of looks) look('running');
    expect(asked()).toBe(1);
    for (const look of looks) look('waiting');
    expect(asked()).toBe(2);
  });

  it('tells a live run of an abort while other deliveries still wait to start', async () => {
    const { take, under } = heldUp([...Array<'start'>(12).fill('start'), 'tell']);
    await Promise.all(Array.from({ length: 13 }, take));
    expect(under.at(-1)?.id).toBe('d13');
  });

  it('gives a place up when a delivery cannot be handled now, and holds it no longer', async () => {
    const { inbox, take, under, settled } = heldUp([]);
    await Promise.all(Array.from({ length: 9 }, take));
    under[0]?.fail(new Error('Temporal is away'));
    await pause(0);
    expect(under).toHaveLength(9);
    expect([inbox.holds('d1'), inbox.holds('d2')]).toEqual([false, true]);
    expect(settled).toEqual([]);
  });
});

const coordinator = 'kim.okafor@example.com';
const webhookSecret = 'a secret';
const runbook = `runbook: joins
title: Somebody joins
kind: onboarding
owner: role:it-coordinators
on:
  - ticket: { system: jira, project: HR, type: Task, to: Approved }
    cancel: { to: [Rejected] }
unique: \${{ ticket.key }}
steps:
  - id: desk
    task: { to: role:it-coordinators, instructions: Place the desk }
`;
const database = await testDatabase();

describeWith(database)('A delivery', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await TestGateway.start({ database: database?.url ?? '', runbooks: [runbook], webhookSecret });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const moved = (key: string, to = 'Approved', change = 1) =>
    JSON.stringify({
      webhookEvent: 'jira:issue_updated',
      user: { emailAddress: coordinator },
      issue: {
        id: key,
        key,
        fields: {
          summary: 'Somebody joins',
          status: { name: to },
          project: { key: 'HR' },
          issuetype: { name: 'Task' },
        },
      },
      changelog: {
        id: String(change),
        items: [{ field: 'status', fieldId: 'status', fromString: 'Open', toString: to }],
      },
    });
  const signed = (body: string) => ({
    'x-hub-signature': `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`,
  });
  const post = async (body: string, more: Record<string, string> = {}) => {
    const headers = { host: 'localhost', 'content-type': 'application/json', ...signed(body), ...more };
    const response = await gateway.app.inject({ method: 'POST', url: '/hooks/jira', headers, body });
    return { http: response.statusCode, ...(response.json() as Received) };
  };
  const settledAs = async (id = '') => {
    for (let look = 0; look < 100; look += 1) {
      const found = await gateway.store.deliveries.outcomeOf(id);
      if (found && found.outcome !== 'received') return found;
      await pause(20);
    }
    return undefined;
  };
  const asked = () => gateway.runs.world.once('countersign.openTask', () => ({ people: [coordinator] }));

  it('is answered with its id when it is kept, and starts its run after that', async () => {
    asked();
    const answer = await post(moved('HR-1'));
    expect(answer).toEqual({ http: 202, outcome: 'received', delivery: expect.any(String) });
    const settled = await settledAs(answer.delivery);
    expect(settled).toMatchObject({ outcome: 'started', runId: expect.any(String) });
    await gateway.runs.settle(settled?.runId ?? '');
    expect(await post(moved('HR-1'))).toMatchObject({ http: 200, outcome: 'already', run: settled?.runId });
  });

  it('is answered with what became of it where its sender would rather wait, or where it asks Temporal nothing', async () => {
    asked();
    const started = await post(moved('HR-2'), waiting);
    expect(started).toMatchObject({ http: 202, outcome: 'started', run: expect.any(String) });
    await gateway.runs.settle(started.run ?? '');
    expect(await post(moved('HR-3', 'In Progress'))).toMatchObject({ http: 200, outcome: 'not for us' });
  });

  it('tells the run that is live, as those of its ticket come', async () => {
    asked();
    const started = await post(moved('HR-4'), waiting);
    await gateway.runs.settle(started.run ?? '');
    const answer = await post(moved('HR-4', 'Rejected', 2));
    expect(answer).toMatchObject({ http: 202, outcome: 'received' });
    expect(await settledAs(answer.delivery)).toMatchObject({ outcome: 'told', runId: started.run });
  });

  it('that was kept and answered when the gateway died starts its run once, by the next look of a gateway', async () => {
    asked();
    const body = moved('HR-5');
    const kept = await gateway.receiver.keep(jira, { ...raw, body: Buffer.from(body) });
    if ('outcome' in kept) throw new Error('it was settled');
    const { store, receiver } = gateway;
    const next = (holds: boolean) =>
      new Unsettled({ store, receiver, holds: () => holds, quietMs: 0, log: () => {} });
    await next(true).look();
    expect(await store.deliveries.outcomeOf(kept.delivery.id)).toMatchObject({ outcome: 'received' });
    await next(false).look();
    const settled = await settledAs(kept.delivery.id);
    expect(settled).toMatchObject({ outcome: 'started', runId: expect.any(String) });
    await gateway.runs.settle(settled?.runId ?? '');
    expect(await post(body)).toMatchObject({ outcome: 'already', run: settled?.runId });
  });
});
