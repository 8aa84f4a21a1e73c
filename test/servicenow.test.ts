import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceNowDelivery, signatureOf } from '../sandbox/servicenow/delivery.ts';
import type { Delivery, DeliveryInFull } from '../store/deliveries.ts';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, type HookAnswer, TestStack, until, waiting, webhookSecret } from './support/stack.ts';

const reviewer = 'morgan.weiss@example.com';
const outsider = 'sam.lindqvist@example.com';

let stack: TestStack;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-servicenow-'));
  cpSync(join(packageRoot(), 'test', 'fixtures', 'servicenow'), folder, { recursive: true });
  stack = await TestStack.start('servicenow', { folder });
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Somebody does something in ServiceNow; gives what the business rule would send. */
async function people(doing: 'move' | 'edit', more: object): Promise<ServiceNowDelivery> {
  const response = await fetch(`${stack.stack.addresses.sandbox}/_sandbox/servicenow/${doing}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: webhookSecret, ...more }),
  });
  return (await response.json()) as ServiceNowDelivery;
}

async function newRecord(record: object): Promise<string> {
  const response = await fetch(`${stack.stack.addresses.sandbox}/_sandbox/servicenow/records`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(record),
  });
  return ((await response.json()) as { number: string }).number;
}

async function deliver({ headers, body }: ServiceNowDelivery): Promise<{ status: number; body: HookAnswer }> {
  const url = `${stack.stack.addresses.gateway}/hooks/servicenow`;
  const response = await fetch(url, { method: 'POST', headers: { ...headers, ...waiting }, body });
  return { status: response.status, body: (await response.json()) as HookAnswer };
}

/** The same report, signed at another moment. */
function signedAt({ body, headers }: ServiceNowDelivery, at: number): ServiceNowDelivery {
  const timestamp = String(Math.floor(at / 1000));
  const signature = signatureOf(timestamp, body, webhookSecret);
  return {
    body,
    headers: { ...headers, 'x-countersign-timestamp': timestamp, 'x-countersign-signature': signature },
  };
}

/** What `countersign …` says, as the coordinator. */
async function countersign(...args: string[]): Promise<string> {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  const who = ['--as', coordinator, '--data', stack.dataFolder];
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args, ...who], {
    env: { ...process.env, NO_COLOR: '1' },
  });
  return stdout;
}

const effects = (effect: string, subject: string) => stack.effects({ system: 'servicenow', effect, subject });
const rejected = async () =>
  (await stack.api<{ deliveries: Delivery[] }>(coordinator, 'GET', '/deliveries?outcome=rejected')).body
    .deliveries;

describe('A change that was authorised in ServiceNow', () => {
  const number = 'CHG0030001';

  it('starts its run, which signs, moves the change, tells whoever asked, and leaves evidence, once each', async () => {
    await people('move', { number, to: 'Authorize' });
    const delivery = await people('move', { number, to: 'Scheduled' });
    const started = await deliver(delivery);
    expect(started).toMatchObject({ status: 202, body: { outcome: 'started' } });
    const run = started.body.run ?? '';
    // The business rule sends once; whoever plays it again, or signs it again, starts nothing.
    expect((await deliver(delivery)).body).toMatchObject({ outcome: 'already', run });
    expect((await deliver(signedAt(delivery, Date.now() - 60_000))).body).toMatchObject({
      outcome: 'already',
      run,
    });
    const gate = await stack.gate(run);
    expect(gate.approvers).toEqual([reviewer]);
    expect(gate.shown).toMatchObject({ show: { rule: 'warehouse-orders', port: '8443' } });
    expect(gate.preview?.steps[0]).toMatchObject({
      summary: 'would put CHG0030001 from Scheduled into Implement',
    });
    expect((await stack.vote(run, reviewer)).status).toBe(200);
    const ended = await stack.waitFor(run, ['succeeded', 'parked']);
    expect(ended).toMatchObject({
      status: 'succeeded',
      requester: 'robin.sato@example.com',
      ticket: { system: 'servicenow', key: number },
    });
    const moves = (await effects('record.updated', number)).map(({ detail }) => detail?.to);
    expect(moves).toEqual(['-3', '-2', '-1', '0']);
    const [entry, ...more] = await effects('journal.added', number);
    expect(more).toEqual([]);
    expect(entry?.detail?.text).toContain(`Port 8443 is open. Signed by ${reviewer}.`);
    expect(await effects('file.attached', number)).toHaveLength(1);
  }, 120_000);

  it('is not for us when the condition of the trigger does not hold', async () => {
    const fields = { category: 'Network', risk: '2', state: '-3', requested_by: 'robin.sato@example.com' };
    const other = await newRecord({ table: 'change_request', fields });
    const answer = await deliver(await people('move', { number: other, to: 'Scheduled' }));
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'not for us' } });
  });
});

describe('A request from the catalogue', () => {
  const number = 'RITM0010001';

  it('starts its run from its variables, amends it when one is edited, and aborts it when it is closed', async () => {
    const { body } = await deliver(await people('move', { number, to: 'Work in Progress' }));
    expect(body.outcome).toBe('started');
    const run = body.run ?? '';
    await stack.waitFor(run, ['waiting']);
    const inputs = async () => (await stack.run(run)).live?.inputs;
    expect(await inputs()).toEqual({ who: 'lou.maier@example.com', lastDay: '2026-12-31', device: 'retire' });
    const other = await deliver(await people('edit', { number, variables: { device_action: 'keep' } }));
    expect(other.body.outcome).toBe('not for us');
    const edited = await deliver(await people('edit', { number, variables: { last_day: '2027-03-31' } }));
    expect(edited.body).toMatchObject({ outcome: 'told', run });
    expect(edited.body.reason).toContain('another lastDay');
    await until('the new date', async () => ((await inputs())?.lastDay === '2027-03-31' ? true : undefined));
    expect(await inputs()).toMatchObject({ device: 'retire' });
    const closed = await deliver(await people('move', { number, to: 'Closed Incomplete' }));
    expect(closed.body).toMatchObject({ outcome: 'told', run });
    const ended = await stack.waitFor(run, ['cancelled']);
    expect(ended.reason).toContain(`${number} moved to Closed Incomplete`);
  }, 120_000);
});

describe('A delivery from ServiceNow', () => {
  const number = 'CHG0030001';

  it('that is stale or not signed starts nothing, is kept with its reason, and cannot be replayed', async () => {
    const delivery = await people('edit', { number, fields: { risk: '3' } });
    for (const [bad, words] of [
      [signedAt(delivery, Date.now() - 3_600_000), 'signed 60 minutes ago'],
      [{ ...delivery, headers: { 'content-type': 'application/json' } }, 'is not signed'],
    ] as const) {
      const answer = await deliver(bad);
      expect(answer.status).toBe(401);
      expect(answer.body.detail).toContain(words);
      const [kept] = await rejected();
      expect(kept).toMatchObject({ system: 'servicenow', believed: false, reason: answer.body.detail });
      const replay = await stack.api(coordinator, 'POST', `/deliveries/${kept?.id}/replay`, {});
      expect(replay.status).toBe(409);
      expect(replay.body.detail).toContain('nobody knows who sent it, and nothing is started from it');
    }
  });

  it('that no runbook wanted can be handled again, by those who operate the runbook, once', async () => {
    const ticket = await newRecord({
      table: 'incident',
      fields: { short_description: 'No mail', caller_id: 'robin.sato@example.com', category: 'mail' },
    });
    const first = await deliver(await people('move', { number: ticket, to: 'In Progress' }));
    expect(first.body.outcome).toBe('not for us');
    const { body: list } = await stack.api<{ deliveries: Delivery[] }>(
      coordinator,
      'GET',
      '/deliveries?limit=1',
    );
    const id = list.deliveries[0]?.id ?? '';
    writeFileSync(join(folder, 'runbooks', 'no-mail.yaml'), noMail);
    await until('the new runbook', async () => {
      const { status } = await stack.api(coordinator, 'GET', '/runbooks/no-mail');
      return status === 200 ? true : undefined;
    });
    const path = `/deliveries/${id.slice(0, 13)}`;
    expect((await stack.api(outsider, 'GET', path)).status).toBe(403);
    expect((await stack.api(outsider, 'POST', `${path}/replay`, {})).status).toBe(403);
    // Operates other runbooks, and not this one.
    const refused = await stack.api(reviewer, 'POST', `${path}/replay`, {});
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('no-mail') } });
    const again = await stack.api<HookAnswer>(coordinator, 'POST', `${path}/replay`, {});
    expect(again).toMatchObject({ status: 200, body: { outcome: 'started' } });
    const { body: shown } = await stack.api<DeliveryInFull>(coordinator, 'GET', path);
    expect(shown).toMatchObject({
      id,
      outcome: 'started',
      runId: again.body.run,
      reading: { transition: { ticket: { key: ticket } } },
      replays: [{ by: coordinator, outcome: 'started', runId: again.body.run }],
    });
    const third = await stack.api(coordinator, 'POST', `${path}/replay`, {});
    expect(third).toMatchObject({ status: 409, body: { detail: expect.stringContaining('did its work') } });
  }, 60_000);

  it('is listed, shown and handled again on the command line', async () => {
    await deliver({ ...(await people('edit', { number, fields: { risk: '3' } })), headers: {} });
    const list = await countersign('deliveries', '--rejected');
    const [heading = '', newest = ''] = list.split('\n');
    expect(heading.split(/ {2,}/)).toEqual(['DELIVERY', 'RECEIVED', 'SYSTEM', 'OUTCOME', 'RUN', 'WHY']);
    expect(newest).toMatch(/^[0-9a-f]{8} {2}\d s ago +servicenow +not believed +The delivery is not signed/);
    expect(list).not.toContain('started');
    const id = newest.slice(0, 8);
    const shown = await countersign('deliveries', 'show', id);
    expect(shown).toContain('outcome    not believed: The delivery is not signed');
    expect(shown).toContain('read       CHG0030001 was edited by Robin Sato (robin.sato@example.com): risk.');
    expect(shown).toContain('  "sys_mod_count": ');
    await expect(countersign('deliveries', 'replay', id)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('have servicenow send it again'),
    });
    await deliver(await people('edit', { number, fields: { risk: '2' } }));
    const [believed] = JSON.parse(await countersign('deliveries', '--limit', '1', '--json')).deliveries;
    expect(await countersign('deliveries', 'replay', believed.id)).toContain(
      'Handled again: not for us. CHG0030001 did not change its status',
    );
    expect(await countersign('deliveries', 'show', believed.id)).toMatch(
      /again {6}\d s ago by kim\.okafor@example\.com: not for us/,
    );
  });
});

const noMail = `runbook: no-mail
title: Mail is down for somebody
kind: other
owner: role:it-coordinators
on:
  - ticket: { system: servicenow, type: incident, project: mail, to: In Progress }
    inputs: { about: "\${{ ticket.short_description }}" }
inputs: { about: { type: string } }
steps:
  - uses: servicenow.workNote
    with: { ticket: "\${{ ticket.key }}", text: "Looking into it, \${{ inputs.about }}" }
`;
