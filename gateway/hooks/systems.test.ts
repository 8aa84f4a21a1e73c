import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, testDatabase } from '../../test/support/services.ts';
import { host, TestGateway, waiting } from '../testing.ts';
import type { Received } from './receive.ts';

const database = await testDatabase();
const webhookSecret = 'a secret';
const coordinator = 'c.kim@example.com';

const runbook = (system: string) => `runbook: of-${system}
title: Of ${system}
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: ${system}, to: Open }
    inputs: { subject: "\${{ ticket.fields.subject }}" }
    amend: [subject]
    cancel: { to: [Solved, Closed], deleted: true }
unique: \${{ ticket.key }}
inputs:
  subject: { type: string }
steps:
  - id: hold
    title: Until it is due
    wait: { for: 10d }
  - uses: mail.send
    with: { to: [${coordinator}], subject: "\${{ inputs.subject }}", text: It is due. }
`;

describeWith(database)('A delivery', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      database: database?.url ?? '',
      webhookSecret,
      systems: ['zendesk', 'freshservice'],
      runbooks: [runbook('zendesk'), runbook('freshservice')],
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database?.drop();
  });

  const post = async (system: string, body: object, sign: (text: string) => Record<string, string>) => {
    const text = JSON.stringify(body);
    const answer = await gateway.app.inject({
      method: 'POST',
      url: `/hooks/${system}`,
      headers: { host, ...waiting, 'content-type': 'application/json', ...sign(text) },
      body: text,
    });
    return { status: answer.statusCode, ...(answer.json() as Received) };
  };
  const byZendesk = (text: string) => {
    const timestamp = new Date().toISOString();
    return {
      'x-zendesk-webhook-signature-timestamp': timestamp,
      'x-zendesk-webhook-signature': createHmac('sha256', webhookSecret)
        .update(timestamp + text)
        .digest('base64'),
    };
  };
  const byFreshservice = () => ({ 'x-countersign-secret': webhookSecret });
  let events = 0;
  const event = (current: string, previous: string) => ({
    type: 'zen:event-type:ticket.status_changed',
    id: `event-${++events}`,
    time: new Date(Date.now() + events * 1000).toISOString(),
    detail: { id: '5158', subject: 'A laptop', status: current, actor_id: '9', requester_id: '8' },
    event: { current, previous },
  });
  const ticket = (status: string, minute: number) => ({
    countersign: 'ticket',
    event: 'moved',
    id: '77',
    fields: { subject: 'A phone' },
    status,
    updated_at: `2026-11-02T09:0${minute}:00Z`,
    requester: 'lou.maier@example.com',
  });

  it('of Zendesk starts the run of its ticket, and a later one cancels it', async () => {
    const started = await post('zendesk', event('OPEN', 'NEW'), byZendesk);
    expect(started).toMatchObject({ status: 202, outcome: 'started' });
    const edited = {
      ...event('', ''),
      type: 'zen:event-type:ticket.subject_changed',
      detail: { id: '5158', subject: 'Two laptops', actor_id: '9' },
    };
    const told = await post('zendesk', edited, byZendesk);
    expect(told).toMatchObject({ outcome: 'told', run: started.run });
    expect(told.reason).toContain('another subject');
    expect(await post('zendesk', event('SOLVED', 'OPEN'), byZendesk)).toMatchObject({ outcome: 'told' });
  });

  it('of Zendesk that is sent again starts nothing, nor does one that a deletion has overtaken', async () => {
    const moved = { ...event('OPEN', 'NEW'), detail: { id: '5159', subject: 'A dock', requester_id: 8 } };
    expect(await post('zendesk', moved, byZendesk)).toMatchObject({ outcome: 'started' });
    expect(await post('zendesk', moved, byZendesk)).toMatchObject({ outcome: 'already' });
    const early = { ...event('OPEN', 'NEW'), detail: { id: '5160', subject: 'A mouse', requester_id: 8 } };
    const gone = { ...event('', ''), type: 'zen:event-type:ticket.soft_deleted', detail: { id: 5160 } };
    await post('zendesk', gone, byZendesk);
    const late = await post('zendesk', early, byZendesk);
    expect(late).toMatchObject({ outcome: 'late', reason: expect.stringContaining('was deleted since') });
  });

  it('that is of another form than its system sends is kept as rejected, and names the field', async () => {
    const { id: _, ...detail } = event('OPEN', 'NEW').detail;
    expect(await post('zendesk', { ...event('OPEN', 'NEW'), detail }, byZendesk)).toMatchObject({
      status: 422,
      outcome: 'rejected',
      reason: 'it is not of the form that Zendesk sends: detail.id is missing',
    });
  });

  it('of Freshservice starts the run of its ticket, and a later one cancels it', async () => {
    const started = await post('freshservice', ticket('Open', 0), byFreshservice);
    expect(started).toMatchObject({ status: 202, outcome: 'started' });
    expect(await post('freshservice', ticket('Closed', 1), byFreshservice)).toMatchObject({
      outcome: 'told',
    });
  });

  it('that is old, or that another key signed, is not believed', async () => {
    const stale = (text: string) => {
      const timestamp = new Date(Date.now() - 600_000).toISOString();
      const hmac = createHmac('sha256', webhookSecret).update(timestamp + text);
      return {
        'x-zendesk-webhook-signature-timestamp': timestamp,
        'x-zendesk-webhook-signature': hmac.digest('base64'),
      };
    };
    expect(await post('zendesk', event('OPEN', 'NEW'), stale)).toMatchObject({
      status: 401,
      detail: expect.stringContaining('signed 10 minutes ago'),
    });
    const forged = { 'x-zendesk-webhook-signature': 'AAAA', 'x-zendesk-webhook-signature-timestamp': 'now' };
    expect(await post('zendesk', event('OPEN', 'NEW'), () => forged)).toMatchObject({ status: 401 });
    expect(await post('freshservice', ticket('Open', 2), () => ({}))).toMatchObject({ status: 401 });
  });
});
