import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildJiraDelivery } from '../sandbox/jira/delivery.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import { packageRoot } from '../store/package-root.ts';

interface Ended {
  code: number;
  out: string;
  err: string;
}

const main = join(packageRoot(), 'dist', 'cli', 'main.js');
let folder: string;
let sandbox: Sandbox;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-trigger-'));
  cpSync(join(packageRoot(), 'test', 'fixtures', 'servicenow'), folder, { recursive: true });
  sandbox = await startSandbox();
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sandbox.close();
});

function trigger(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'trigger', ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('exit', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

/** The body that somebody's doing in ServiceNow would send, in a file. */
async function sent(name: string, doing: 'move' | 'edit' | 'delete', more: object): Promise<string> {
  const response = await fetch(`${sandbox.url}/_sandbox/servicenow/${doing}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(more),
  });
  const { body } = (await response.json()) as { body: string };
  return file(name, body);
}

function file(name: string, body: string): string {
  writeFileSync(join(folder, name), body);
  return name;
}

describe('countersign trigger test', () => {
  it('says which live runs the deletion of a ticket would abort', async () => {
    const response = await fetch(`${sandbox.url}/_sandbox/servicenow/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ table: 'sc_req_item', number: 'RITM0010099', fields: { state: '2' } }),
    });
    expect(response.status).toBe(200);
    const body = await sent('deleted.json', 'delete', { number: 'RITM0010099' });
    const { code, out } = await trigger('test', body);
    expect(code).toBe(0);
    expect(out).toMatch(/^RITM0010099 was deleted by /);
    expect(out).toContain('A live run of leaver that this ticket started would be aborted.');
  });

  it('says which runbook a payload would start, and with which inputs', async () => {
    const body = await sent('moved.json', 'move', { number: 'RITM0010001', to: 'Work in Progress' });
    expect(await trigger('test', body)).toEqual({
      code: 0,
      err: '',
      out: `RITM0010001 (sc_req_item of project Offboard a person) moved from Open (1) to Work in Progress (2), by Sam Lindqvist (sam.lindqvist@example.com).
It would start leaver, asked for by Sam Lindqvist (sam.lindqvist@example.com), with
  who      "lou.maier@example.com"
  lastDay  "2026-12-31"
  device   "retire"
`,
    });
    const { out } = await trigger('test', body, '--system', 'servicenow', '--json');
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'start',
      runbook: 'leaver',
      inputs: { lastDay: '2026-12-31' },
      reading: { transition: { key: expect.stringMatching(/:1$/) } },
    });
  });

  it('says of each trigger why it does not fit', async () => {
    const body = await sent('assess.json', 'move', { number: 'CHG0030001', to: 'Assess' });
    const { code, out } = await trigger('test', body);
    expect(code).toBe(0);
    expect(
      out,
    ).toBe(`CHG0030001 (change_request of project Network) moved from New (-5) to Assess (-4), by Robin Sato (robin.sato@example.com).
It would start nothing: no runbook is triggered by CHG0030001 (change_request of project Network) moving from New (-5) to Assess (-4).
  leaver: its project is Offboard a person, and the ticket's Network
  open-port: it waits for Scheduled, and the ticket moved to Assess (-4)
`);
  });

  it('says what a live run of the ticket would be told', async () => {
    const edited = await sent('edited.json', 'edit', {
      number: 'RITM0010001',
      variables: { last_day: '2027-01-31' },
    });
    expect((await trigger('test', edited)).out).toContain(
      'A live run of leaver that this ticket started would be amended (lastDay: "2027-01-31").',
    );
    const over = await sent('over.json', 'move', { number: 'RITM0010001', to: 'Closed Incomplete' });
    expect((await trigger('test', over)).out).toContain(
      'A live run of leaver that this ticket started would be aborted.',
    );
  });

  it('ends with 1 when the ticket would be rejected, saying why', async () => {
    await sent('any.json', 'edit', { number: 'RITM0010001', variables: { last_day: 'soon' } });
    const body = await sent('soon.json', 'move', { number: 'RITM0010001', to: 'Work in Progress' });
    const { code, out } = await trigger('test', body);
    expect(code).toBe(1);
    expect(out).toContain('It would be rejected: RITM0010001 cannot start leaver. `lastDay` must be a date');
  });

  it('knows a delivery of Jira too, and that nothing from there would be believed here', async () => {
    const { body } = buildJiraDelivery({ issueKey: 'HR-1', fields: { summary: 'x' }, from: 'A', to: 'B' });
    const { code, out } = await trigger('test', file('jira.json', body));
    expect(code).toBe(0);
    expect(out).toContain('It would start nothing: no runbook is triggered by HR-1');
    expect(out).toContain('countersign.yaml has no webhookSecret under tickets: jira:');
  });

  it('asks which system it was when none can read it, and refuses what is no object', async () => {
    const neither = await trigger('test', file('neither.json', '{"ticket":1}'));
    expect(neither.code).toBe(2);
    expect(neither.err).toContain('Say --system freshservice, jira, servicenow or zendesk.');
    expect(neither.err).toContain('As servicenow: It is not for us: it does not say what happened');
    const said = await trigger('test', 'neither.json', '--system', 'servicenow');
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('It is not for us') });
    expect(await trigger('test', file('list.json', '[1]'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('is not a JSON object'),
    });
    expect(await trigger('test', 'absent.json')).toMatchObject({
      code: 2,
      err: 'absent.json does not exist.\n',
    });
  });
});

describe('countersign trigger setup', () => {
  it('prints what to do in ServiceNow: address, secret, tables and the very script that the docs have', async () => {
    const { code, out } = await trigger('setup', 'servicenow', '--url', 'https://it.example.com/');
    expect(code).toBe(0);
    expect(out).toContain('Value  https://it.example.com/hooks/servicenow');
    expect(out).toContain('The secret is in the environment variable SERVICENOW_WEBHOOK_SECRET');
    expect(out).toContain('once for each table: change_request, sc_req_item\n');
    const { script } = JSON.parse((await trigger('setup', 'servicenow', '--json')).out) as { script: string };
    expect(out).toContain(script);
    expect(script).toContain('new sn_ws.RESTMessageV2()');
  });

  it('prints what to do in Jira, for a webhook and for a rule of Jira Automation', async () => {
    const { code, out } = await trigger('setup', 'jira');
    expect(code).toBe(0);
    for (const words of [
      'webhookSecret: ${{ secrets.jiraWebhook }}',
      'URL     https://countersign.example.com/hooks/jira',
      'Events  Issue: created, updated, deleted',
      'Issue data (Jira format)',
      'X-Countersign-Secret',
    ])
      expect(out).toContain(words);
  });

  it('says which systems are not there yet, and which there are', async () => {
    expect(await trigger('setup', 'jirra')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There are:'),
    });
    expect(await trigger('set')).toMatchObject({ code: 2, err: expect.stringContaining('Say which:') });
    expect(await trigger('test')).toMatchObject({ code: 2, err: expect.stringContaining('Which file?') });
  });
});
