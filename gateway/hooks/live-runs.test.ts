import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RunRow } from '../../store/runs.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { host, TestGateway } from '../testing.ts';
import type { Received } from './receive.ts';

const database = await testDatabase();
const coordinator = 'c.kim@example.com';
const webhookSecret = 'a secret';

const runbook = (name: string, to: string) => `runbook: ${name}
title: ${name}
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: jira, to: ${to} }
    inputs: { start: "\${{ ticket.fields.customfield_1 }}" }
    amend: [start]
    cancel: { to: [Rejected] }
inputs:
  start: { type: string }
steps:
  - id: desk
    title: Place the laptop
    task: { to: ${coordinator}, instructions: "Place it on \${{ inputs.start }}.", form: {} }
`;

describeWith(database)('A change of a ticket', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      webhookSecret,
      runbooks: [runbook('prepare', 'Ready'), runbook('carry-out', 'Approved')],
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  let change = 0;
  const moved = async (key: string, from: string, to: string, start: string): Promise<Received> => {
    change += 1;
    const body = JSON.stringify({
      webhookEvent: 'jira:issue_updated',
      timestamp: Date.now(),
      user: { emailAddress: 'r.sato@example.com' },
      issue: {
        id: key.replace('HR-', '100'),
        key,
        self: `https://example.atlassian.net/rest/api/2/issue/${key}`,
        fields: {
          summary: 'A person joins',
          status: { name: to },
          project: { key: 'HR' },
          issuetype: { name: 'Task' },
          customfield_1: start,
        },
      },
      changelog: {
        id: String(change),
        items: [
          { field: 'status', fieldId: 'status', fromString: from, toString: to },
          { field: 'Start', fieldId: 'customfield_1', fromString: '', toString: start },
        ],
      },
    });
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    const headers = { host, 'content-type': 'application/json', 'x-hub-signature': `sha256=${signature}` };
    gateway.runs.world.once('countersign.openTask', () => ({ people: [coordinator] }));
    const response = await gateway.app.inject({ method: 'POST', url: '/hooks/jira', headers, body });
    const received = response.json() as Received;
    if (received.outcome === 'started' && received.run) await gateway.runs.settle(received.run);
    return received;
  };
  const startOf = async (run: string | undefined) =>
    (await gateway.runs.view('', run ?? '')).inputs.start as string;

  it('may be followed by the run that is live and start another one, and the delivery says both', async () => {
    const first = await moved('HR-1', 'Open', 'Ready', '2026-03-02');
    expect(first).toMatchObject({ outcome: 'started' });
    const second = await moved('HR-1', 'Ready', 'Approved', '2026-03-09');
    expect(second).toMatchObject({
      outcome: 'started',
      reason: 'HR-1 was edited: its run goes on with another start',
    });
    expect(second.run).not.toBe(first.run);
    expect(await startOf(first.run)).toBe('2026-03-09');
  });

  it('that cancels aborts every run of the ticket and starts none', async () => {
    const runs = [
      await moved('HR-2', 'Open', 'Ready', '2026-03-02'),
      await moved('HR-2', 'Ready', 'Approved', '2026-03-02'),
    ].map(({ run }) => run);
    expect(await moved('HR-2', 'Approved', 'Rejected', '2026-03-02')).toMatchObject({
      outcome: 'told',
      run: runs[0],
      reason: 'HR-2 moved to Rejected, which aborts its run',
    });
    for (const run of runs) {
      const { status } = (await gateway.as(coordinator, 'GET', `/runs/${run}`)).json() as RunRow;
      expect(status).toBe('cancelled');
    }
  });
});
