import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PartProcess } from '../processes/supervised-process.ts';
import { buildJiraDelivery, type DeliveryOptions } from '../sandbox/jira/delivery.ts';
import { packageRoot } from '../store/package-root.ts';
import { type Canary, connectorSecrets, expectNoCanaries } from './support/canaries.ts';
import {
  coordinator,
  type HookAnswer,
  manager,
  TestStack,
  until,
  waiting,
  webhookSecret,
} from './support/stack.ts';

const reason = 'canary-reason-of-the-ticket';
const editedReason = 'canary-reason-after-an-edit';
const amendedReason = 'canary-reason-of-an-amendment';
const tooShort = 'canary-shor';
const code = 'canary-code-"of"-the-safe';
const wrongCode = { nested: 'canary-code-of-the-wrong-type' };

let stack: TestStack;
/** A second one over the same database, with a runbook of this test's own. */
let gateway: PartProcess;

beforeAll(async () => {
  stack = await TestStack.start('canaries');
  const { temporal, postgres } = stack.stack.parts;
  const root = packageRoot();
  gateway = new PartProcess({
    name: 'gateway of the fixture',
    script: join(root, 'dist', 'gateway', 'process.js'),
    environment: () => ({
      TEMPORAL_ADDRESS: String(temporal.ready.address),
      TEMPORAL_NAMESPACE: String(temporal.ready.namespace),
      DATABASE_URL: String(postgres.ready.url),
      COUNTERSIGN_DATA: stack.dataFolder,
      COUNTERSIGN_CONFIG: join(root, 'countersign.yaml'),
      COUNTERSIGN_RUNBOOKS: join(root, 'test', 'fixtures', 'canaries'),
      COUNTERSIGN_PORT: '0',
      JIRA_WEBHOOK_SECRET: webhookSecret,
    }),
    log: (line) => stack.log.push(`fixture ${line}`),
  });
  await gateway.start();
}, 300_000);

afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
}, 60_000);

const issueKey = 'HR-9001';

async function deliver(value: unknown, change: Pick<DeliveryOptions, 'to' | 'from' | 'changes'>) {
  const fields = {
    project: { key: 'HR' },
    issuetype: { name: 'Private matter' },
    summary: 'A private matter',
    status: { name: 'Approved' },
    reporter: { emailAddress: coordinator, displayName: 'Kim Okafor' },
    customfield_10104: { emailAddress: manager },
    customfield_10190: value,
  };
  const { body, headers } = buildJiraDelivery({ issueKey, fields, secret: webhookSecret, ...change });
  const response = await fetch(`${gateway.ready.url}/hooks/jira`, {
    method: 'POST',
    headers: { ...headers, ...waiting },
    body,
  });
  return (await response.json()) as HookAnswer;
}

function edit(value: string) {
  const field = 'customfield_10190';
  const change = { field, fieldId: field, from: null, fromString: null, to: value, toString: value };
  return deliver(value, { changes: [change] });
}

async function firstPassword(): Promise<string> {
  const { run } = await stack.startRun({ givenName: 'Zoe', familyName: 'Canary' });
  await stack.vote(run, manager);
  await stack.waitFor(run, ['succeeded']);
  const mail = (await stack.mails()).find(({ text }) => text.includes('First password'));
  const password = /First password[^:]*: (\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
  expect(password.length).toBeGreaterThan(11);
  return password;
}

describe('A secret value', () => {
  it('stands nowhere but where it is meant to be', async () => {
    const password = await firstPassword();

    expect(await deliver(tooShort, { from: 'Open', to: 'Approved' })).toMatchObject({ outcome: 'rejected' });
    const { run = '' } = await deliver(reason, { from: 'Open', to: 'Approved' });
    await stack.gate(run);
    expect(await edit(editedReason)).toMatchObject({ outcome: 'told', run });
    expect(await edit(tooShort)).toMatchObject({ outcome: 'rejected' });
    await stack.api(coordinator, 'POST', `/runs/${run}/amend`, { inputs: { reason: amendedReason } });
    const refused = await stack.api(coordinator, 'POST', `/runs/${run}/amend`, {
      inputs: { reason: tooShort },
    });
    expect(refused.status).toBe(422);
    expect(
      await until('a vote to count', async () =>
        (await stack.vote(run, manager)).status === 200 ? true : undefined,
      ),
    ).toBe(true);
    await until('the task', async () =>
      (await stack.run(run)).live?.tasks.some(({ step }) => step === 'vault') ? true : undefined,
    );
    const complete = (output: object) =>
      stack.api(coordinator, 'POST', `/runs/${run}/steps/vault/complete`, { output });
    expect((await complete({ code: wrongCode })).status).toBe(422);
    expect((await complete({ code })).status).toBe(200);
    await stack.waitFor(run, ['succeeded']);
    const mail = (await stack.mails()).find(({ subject }) => subject === 'A private matter');
    expect(mail?.text).toContain(amendedReason);
    expect(mail?.text).toContain(code);

    const canaries: Canary[] = [
      ...connectorSecrets(stack),
      { name: 'the webhook’s secret', value: webhookSecret },
      { name: 'the first password', value: password, mailedTo: manager },
      { name: 'the reason of the ticket', value: reason },
      { name: 'the reason after an edit', value: editedReason },
      { name: 'the amended reason', value: amendedReason, mailedTo: manager },
      { name: 'the reason that was refused', value: tooShort },
      { name: 'the code', value: code, mailedTo: manager },
      { name: 'the code of the wrong type', value: wrongCode.nested },
    ];
    expect(canaries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['entra.clientSecret', 'jira.apiToken']),
    );
    await expectNoCanaries(stack, canaries);
  }, 180_000);

  it('that was put somewhere is found there', async () => {
    const comment = 'canary-in-a-comment-of-a-coordinator';
    const { run } = await stack.startRun({ givenName: 'Ida', familyName: 'Found' });
    await stack.gate(run);
    await stack.api(coordinator, 'POST', `/runs/${run}/pause`, { comment });
    await stack.api(coordinator, 'POST', `/runs/${run}/resume`, {});
    const search = expectNoCanaries(stack, [{ name: 'the comment', value: comment }]);
    await expect(search).rejects.toThrow(/the comment in the table public\.audit/);
    await expect(search).rejects.toThrow(/the comment in the answer to \/runs\/[^ ]*\/audit/);
    await expect(search).rejects.toThrow(/the comment in .*postgres/);
  }, 60_000);
});
