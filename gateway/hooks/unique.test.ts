import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { host, TestGateway, waiting } from '../testing.ts';
import type { Received } from './receive.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';
const webhookSecret = 'a secret';

const runbook = (name: string, to: string, unique: string) => `runbook: ${name}
title: Hire by ${name}
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: jira, to: ${to} }
    inputs: { person: "\${{ ticket.fields.summary }}" }
  - manual: { by: [role:it-coordinators] }
inputs:
  person: { type: string }
unique: \${{ ${unique} }}
steps:
  - id: desk
    title: Place the laptop
    task: { to: ${coordinator}, instructions: "For \${{ inputs.person }}, as \${{ ticket.key }} says.", form: {} }
`;

describeWith(database)('Two tickets that want the same', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      webhookSecret,
      runbooks: [
        runbook('name', 'By name', 'inputs.person'),
        runbook('ticket', 'By ticket', 'ticket.key'),
        runbook('house', 'By house', 'organisation.domain + inputs.person'),
      ],
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  let change = 0;
  const moved = async (key: string, to: string, id = key.replace('HR-', '100')): Promise<Received> => {
    change += 1;
    const body = JSON.stringify({
      webhookEvent: 'jira:issue_updated',
      user: { emailAddress: 'r.sato@example.com' },
      issue: {
        id,
        key,
        self: `https://example.atlassian.net/rest/api/2/issue/${id}`,
        fields: {
          summary: 'Ada Lind',
          reporter: { emailAddress: 'sam@example.com' },
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
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    const headers = {
      host,
      ...waiting,
      'content-type': 'application/json',
      'x-hub-signature': `sha256=${signature}`,
    };
    gateway.runs.world.once('countersign.openTask', () => ({ people: [coordinator] }));
    const response = await gateway.app.inject({ method: 'POST', url: '/hooks/jira', headers, body });
    const received = response.json() as Received;
    if (received.outcome === 'started' && received.run) await gateway.runs.settle(received.run);
    return received;
  };

  it('by what they ask for start one run, and the second is rejected: it says so, to who asked and who operates', async () => {
    const first = await moved('HR-1', 'By name');
    expect(first.outcome).toBe('started');
    const second = await moved('HR-2', 'By name');
    expect(second).toEqual({
      outcome: 'rejected',
      reason: `HR-2 asks for what run ${first.run} is doing already for somebody else: "Hire by name" runs once at a time for the same. Nothing was started. Start it again once that run has ended, or correct the ticket.`,
    });
    const subject = 'Nothing was started: Hire by name (HR-2)';
    const text = expect.stringContaining('HR-2 asks for what run');
    const told = await gateway.store.outbox.claim();
    // Whoever asked is shown their ticket, and who operates the runbook also what came in.
    expect(told).toContainEqual({
      id: expect.any(String),
      attempts: 1,
      to: ['sam@example.com'],
      subject,
      text,
    });
    expect(told).toContainEqual(
      expect.objectContaining({
        to: [coordinator],
        subject,
        text,
        about: expect.objectContaining({ page: 'delivery' }),
      }),
    );
  });

  it('of one ticket that was moved again find its run, also when its key has changed meanwhile', async () => {
    const first = await moved('HR-3', 'By house');
    expect(first.outcome).toBe('started');
    expect(await moved('HR-3', 'By house')).toMatchObject({ outcome: 'already', run: first.run });
    expect(await moved('IT-3', 'By house', '1003')).toMatchObject({ outcome: 'already', run: first.run });
  });

  it('by their tickets start one each, so that two people of one name are both hired', async () => {
    const runs = [await moved('HR-4', 'By ticket'), await moved('HR-5', 'By ticket')];
    expect(runs.map(({ outcome }) => outcome)).toEqual(['started', 'started']);
    expect(runs[0]?.run).not.toBe(runs[1]?.run);
    const again = await gateway.as(coordinator, 'POST', '/runs', {
      runbook: 'ticket',
      ticket: { system: 'jira', key: 'HR-4' },
      inputs: { person: 'Ada Lind' },
    });
    expect([again.statusCode, again.json().detail]).toEqual([
      409,
      expect.stringContaining(String(runs[0]?.run)),
    ]);
  });
});
