/** One stack, real Temporal: `unique` at every door, and a picture that stays true whatever is done to a run in Temporal. */

import { cpSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { packageRoot } from '../store/package-root.ts';
import { openStore, type Store } from '../store/store.ts';
import { loadKeyRing } from '../vault/key-ring.ts';
import { dataConverter } from '../vault/payloads.ts';
import { Seal } from '../vault/seal.ts';
import { ENGINE_VERSION } from '../workflows/messages.ts';
import { planOf, startOf } from '../workflows/testing.ts';
import { coordinator, TestStack, until } from './support/stack.ts';

let stack: TestStack;
let connection: Connection;
let client: Client;
let store: Store;

beforeAll(async () => {
  const folder = join(packageRoot(), 'test', 'fixtures', 'one-at-a-time');
  stack = await TestStack.start('shown-as-it-is', {
    folder,
    configuration: (data) => {
      cpSync(join(folder, 'countersign.yaml'), join(data, 'countersign.yaml'));
      return join(data, 'countersign.yaml');
    },
  });
  const keys = await loadKeyRing(stack.dataFolder);
  connection = await Connection.connect({ address: stack.stack.addresses.temporal });
  client = new Client({
    connection,
    namespace: String(stack.stack.parts.temporal.ready.namespace),
    dataConverter: dataConverter(keys),
  });
  store = await openStore(String(stack.stack.parts.postgres.ready.url), new Seal(keys));
}, 300_000);

afterAll(async () => {
  await store?.close();
  await connection?.close();
  await stack?.stop();
}, 60_000);

const start = (runbook: string, inputs = {}) =>
  stack.api<{ id: string; detail?: string }>(coordinator, 'POST', '/runs', { runbook, inputs });
const task = (run: string, step = 'rotate') =>
  until(
    `the task of ${run}`,
    async () => ((await stack.run(run)).live?.tasks ?? []).some((each) => each.step === step) || undefined,
  );
const inbox = async () =>
  (await stack.api<{ items: { run: { id: string } }[] }>(coordinator, 'GET', '/inbox')).body.items.map(
    ({ run }) => run.id,
  );
const fired = async () => {
  const handle = client.schedule.getHandle('countersign/rotate/1');
  const before = (await handle.describe()).info.recentActions.length;
  await handle.trigger();
  const workflowId = await until('the schedule to fire', async () => {
    const { recentActions } = (await handle.describe()).info;
    return recentActions.length > before ? recentActions.at(-1)?.action.workflow.workflowId : undefined;
  });
  return (await client.workflow.getHandle(workflowId).result()) as
    | { $answer: string; output: object }
    | object;
};

describe('A runbook with a `unique` key', () => {
  let first: string;

  it('that runs is seen by its schedule, which starts nothing, and says so to its owners', async () => {
    first = (await start('rotate', { host: 'web-1' })).body.id;
    await task(first);
    expect(await fired()).toMatchObject({
      refused: expect.stringContaining(`Run ${first} is live for the same`),
    });
    const mail = await until('the mail', async () =>
      (await stack.mails()).find(
        ({ subject }) => subject === 'Nothing was started: Rotate the keys (its schedule)',
      ),
    );
    expect(mail.text).toContain(first);
  }, 60_000);

  it('that runs makes the step of another runbook that calls it park, which goes on once it has ended', async () => {
    const { id } = (await start('renew')).body;
    const parked = await stack.waitFor(id, ['parked']);
    expect(parked.live?.steps.find((step) => step.id === 'keys')?.failure?.message).toContain(
      `"Rotate the keys" runs once at a time for the same (\`unique\`), and run ${first} is live`,
    );
    await stack.api(coordinator, 'POST', `/runs/${first}/steps/rotate/complete`, { output: {} });
    await stack.waitFor(first, ['succeeded']);
    await stack.api(coordinator, 'POST', `/runs/${id}/steps/keys/retry`, {});
    const child = await until('the called run', async () => {
      const { runs } = (
        await stack.api<{ runs: { id: string; partOf?: string }[] }>(coordinator, 'GET', '/runs')
      ).body;
      return runs.find(({ partOf }) => partOf === id)?.id;
    });
    await task(child);
    const refused = await start('rotate', { host: 'web-1' });
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining(child)]);
    await stack.api(coordinator, 'POST', `/runs/${child}/steps/rotate/complete`, { output: {} });
    await stack.waitFor(id, ['succeeded']);
  }, 60_000);

  it('is started by its schedule with the organisation as it is when it fires', async () => {
    const file = join(stack.dataFolder, 'countersign.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('Example Company', 'Renamed Company'));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const { run } = (await fired()) as { run: string };
    await task(run);
    expect((await stack.mails()).map(({ subject }) => subject)).toContain('Rotating at Renamed Company');
    expect((await stack.run(run)).requester).toBe('schedule');
    await stack.api(coordinator, 'POST', `/runs/${run}/abort`, { comment: 'seen' });
    await stack.waitFor(run, ['cancelled']);
  }, 60_000);
});

describe('A run that was terminated in Temporal', () => {
  it('is in nobody’s inbox a minute later, and its evidence says how it ended and what it had done', async () => {
    const { id } = (await start('rotate', { host: 'web-9' })).body;
    await task(id);
    await until('it in the inbox', async () => (await inbox()).includes(id) || undefined);
    const { workflowId } = await stack.run(id);
    await client.workflow.getHandle(workflowId, id).terminate('by mistake');
    const ended = await stack.waitFor(id, ['failed'], 90_000);
    expect(ended.reason).toMatch(
      /^It was terminated in Temporal by .*: by mistake\. What it had done was not taken back\.$/,
    );
    expect(await inbox()).not.toContain(id);
    expect((await stack.journal(id)).at(-1)?.data?.left).toEqual([
      { step: 'told', title: 'Tell the owners', why: 'it was done, and is not taken back' },
    ]);
    const verdict = await stack.api<{ intact: boolean; findings: object[] }>(
      coordinator,
      'GET',
      `/runs/${id}/audit/verify`,
    );
    expect(verdict.body).toMatchObject({ intact: true, findings: [] });
  }, 120_000);
});

describe('A run that does not answer', () => {
  it('is told of with its last resort, and by force it ends as that, in the list and in Temporal', async () => {
    // Of a newer engine: every task of it fails for good.
    const workflowId = `stuck-${process.pid}`;
    const plan = planOf([], { runbook: 'stuck', title: 'Stuck' });
    const argument = {
      $start: { number: workflowId, workflow: workflowId },
      start: startOf(plan, { engine: ENGINE_VERSION + 1 }),
    };
    const handle = await client.workflow.start('stuck', {
      workflowId,
      taskQueue: 'countersign',
      args: [argument],
    });
    const id = handle.firstExecutionRunId;
    await store.runs.add({
      id,
      workflowId,
      runbook: 'stuck',
      title: 'Stuck',
      kind: 'other',
      owner: 'role:it-coordinators',
      planHash: plan.hash,
      requester: coordinator,
      startedAt: new Date().toISOString(),
    });
    const abort = (body: object) =>
      stack.api<{ detail?: string }>(coordinator, 'POST', `/runs/${id}/abort`, {
        comment: 'no use',
        ...body,
      });
    const refused = await abort({});
    expect([refused.status, refused.body.detail]).toEqual([503, expect.stringContaining('--force')]);
    expect((await abort({ force: true })).body).toEqual({ id, done: 'abort', forced: true, left: [] });
    expect(await stack.run(id)).toMatchObject({
      status: 'cancelled',
      reason: `ended by force by ${coordinator}: no use. It did not answer, and what it had done was not taken back.`,
    });
    expect((await handle.describe()).status.name).toBe('TERMINATED');
  }, 90_000);
});
