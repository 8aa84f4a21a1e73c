import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RunRow } from '../../store/runs.ts';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { host, TestGateway, waiting } from '../testing.ts';
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
    cancel: { to: [Rejected], deleted: true }
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
      runbooks: [
        runbook('prepare', 'Ready'),
        runbook('carry-out', 'Approved'),
        runbook('by-hand', 'Never').replace(
          'inputs:\n  start',
          '  - manual: { by: [role:it-coordinators] }\ninputs:\n  start',
        ),
      ],
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  let change = 0;
  const idOf = (key: string) => key.replace('HR-', '100');
  /** What Jira would say of an issue: by default that it was changed in these ways. */
  const said = async (
    key: string,
    items: object[],
    { id = idOf(key), to = 'Open', start = '', event = 'jira:issue_updated' } = {},
  ): Promise<Received> => {
    change += 1;
    const body = JSON.stringify({
      webhookEvent: event,
      timestamp: Date.now(),
      user: { emailAddress: 'r.sato@example.com' },
      issue: {
        id,
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
      changelog: { id: String(change), items },
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
  const startItem = (start: string) => ({
    field: 'Start',
    fieldId: 'customfield_1',
    fromString: '',
    toString: start,
  });
  const moved = (key: string, from: string, to: string, start: string) => {
    const status = { field: 'status', fieldId: 'status', fromString: from, toString: to };
    return said(key, [status, startItem(start)], { to, start });
  };
  const runOf = async (run: string | undefined) =>
    (await gateway.as(coordinator, 'GET', `/runs/${run}`)).json() as RunRow;
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
    for (const run of runs) expect((await runOf(run)).status).toBe('cancelled');
  });

  it('to another project, which gives it another key, is shown, and what happens to it then still reaches its run', async () => {
    const { run } = await moved('HR-3', 'Open', 'Ready', '2026-03-02');
    const key = { field: 'Key', fieldtype: 'jira', fromString: 'HR-3', toString: 'IT-7' };
    const project = { field: 'project', fieldtype: 'jira', fromString: 'People', toString: 'IT' };
    expect(await said('IT-7', [project, key], { id: idOf('HR-3') })).toEqual({
      outcome: 'told',
      run,
      reason: 'HR-3 is called IT-7 now',
    });
    expect((await runOf(run)).ticket).toMatchObject({
      key: 'IT-7',
      id: idOf('HR-3'),
      url: 'https://example.atlassian.net/browse/IT-7',
      summary: 'A person joins',
    });
    const edit = { id: idOf('HR-3'), start: '2026-03-16' };
    expect(await said('IT-7', [startItem('2026-03-16')], edit)).toMatchObject({ outcome: 'told', run });
    expect(await startOf(run)).toBe('2026-03-16');
    const rejected = { field: 'status', fieldId: 'status', fromString: 'Ready', toString: 'Rejected' };
    expect(await said('IT-7', [rejected], { id: idOf('HR-3'), to: 'Rejected' })).toMatchObject({
      outcome: 'told',
      run,
      reason: 'IT-7 moved to Rejected, which aborts its run',
    });
    expect((await runOf(run)).status).toBe('cancelled');
  });

  it('that says its new key and its cancellation at once says both', async () => {
    const { run } = await moved('HR-4', 'Open', 'Ready', '2026-03-02');
    const rejected = { field: 'status', fieldId: 'status', fromString: 'Ready', toString: 'Rejected' };
    expect(await said('IT-8', [rejected], { id: idOf('HR-4'), to: 'Rejected' })).toMatchObject({
      outcome: 'told',
      run,
      reason: 'HR-4 is called IT-8 now; IT-8 moved to Rejected, which aborts its run',
    });
  });

  it('that deletes it aborts its runs where their runbook says so', async () => {
    const { run } = await moved('HR-5', 'Open', 'Ready', '2026-03-02');
    expect(await said('HR-5', [], { event: 'jira:issue_deleted' })).toEqual({
      outcome: 'told',
      run,
      reason: 'HR-5 was deleted, which aborts its run',
    });
    expect(await runOf(run)).toMatchObject({
      status: 'cancelled',
      reason: expect.stringContaining('HR-5 was deleted'),
    });
    expect(await said('HR-6', [], { event: 'jira:issue_deleted' })).toEqual({
      outcome: 'not for us',
      reason: 'HR-6 was deleted, and no live run is to be cancelled by that',
    });
  });

  it('reaches the run that somebody started by hand with its key alone', async () => {
    gateway.runs.world.once('countersign.openTask', () => ({ people: [coordinator] }));
    const { id: run } = (
      await gateway.as(coordinator, 'POST', '/runs', {
        runbook: 'by-hand',
        ticket: { system: 'jira', key: 'HR-8' },
        inputs: { start: '2026-03-02' },
      })
    ).json() as { id: string };
    await gateway.runs.settle(run);
    await said('HR-8', [], {});
    expect((await runOf(run)).ticket).toMatchObject({ key: 'HR-8', id: idOf('HR-8') });
    const key = { field: 'Key', fieldtype: 'jira', fromString: 'HR-8', toString: 'IT-9' };
    expect(await said('IT-9', [key], { id: idOf('HR-8') })).toMatchObject({ outcome: 'told', run });
    expect(await said('IT-9', [], { id: idOf('HR-8'), event: 'jira:issue_deleted' })).toMatchObject({
      outcome: 'told',
      reason: 'IT-9 was deleted, which aborts its run',
    });
  });
});
