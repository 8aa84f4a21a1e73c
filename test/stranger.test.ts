/** Row by row what somebody gets done who reaches Temporal's port of a whole installation, and holds no key or token: nothing. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { type Payload, RawValue } from '@temporalio/common';
import type { Verdict } from '../store/audit/verify.ts';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, effectsOf, manager, onceEach, TestStack, until } from './support/stack.ts';

describe('A stranger at the Temporal port of a whole installation', () => {
  let stack: TestStack;
  let connection: Connection;
  let stranger: Client;
  let run: string;
  let key: string;
  let workflowId: string;

  beforeAll(async () => {
    stack = await TestStack.start('stranger');
    const { address, namespace } = stack.stack.parts.temporal.ready as { address: string; namespace: string };
    connection = await Connection.connect({ address });
    stranger = new Client({ connection, namespace });
    ({ run, key } = await stack.startRun({ givenName: 'Ida', familyName: 'Holm' }));
    workflowId = (await stack.run(run)).workflowId;
    await stack.gate(run);
  }, 300_000);

  afterAll(async () => {
    await connection.close();
    await stack.stop();
  }, 60_000);

  const handle = () => stranger.workflow.getHandle(workflowId);
  const verdict = async () =>
    (await stack.api<Verdict>(coordinator, 'GET', `/runs/${run}/audit/verify`)).body;

  it('approves nothing with a plain Update, and what was tried is named', async () => {
    const { hash } = await stack.gate(run);
    const vote = {
      step: 'signoff',
      decision: 'approve',
      principal: { id: manager, roles: [] },
      hash,
    };
    await expect(handle().executeUpdate('vote', { args: [vote] })).rejects.toMatchObject({
      cause: { type: 'NotSealed' },
    });
    const abort = { principal: { id: coordinator, roles: ['it-coordinators'] }, comment: 'x' };
    await expect(handle().executeUpdate('abort', { args: [abort] })).rejects.toMatchObject({
      cause: { type: 'NotSealed' },
    });
    expect((await stack.gate(run)).votes).toEqual([]);
    await until('both refusals to be on record', async () =>
      (await verdict()).findings.length === 2 ? true : undefined,
    );
    const { findings, intact } = await verdict();
    expect(intact).toBe(false);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Record \d+: vote was refused at .* not encrypted by this installation/),
      expect.stringMatching(/^Record \d+: abort was refused at/),
    ]);
    expect(await countersign(stack, ['audit', 'show', run])).toMatch(/refused: vote: /);
  });

  it('starts nothing from copied bytes', async () => {
    const { events } = await handle().fetchHistory();
    const [copied] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const copy = await stranger.workflow.start('new-hire', {
      workflowId: 'new-hire-copied',
      taskQueue: 'countersign',
      args: [RawValue.fromPayload(copied as Payload)],
    });
    await expect(copy.result()).rejects.toMatchObject({ cause: { type: 'NotSealed' } });
  });

  it('is not helped by keys that are replaced while people are asked, and the run goes on', async () => {
    const ring = join(stack.dataFolder, 'key-ring.json');
    const { keys } = JSON.parse(readFileSync(ring, 'utf8')) as { keys: Record<string, string> };
    const renewed = { current: 'k2', keys: { ...keys, k2: randomBytes(32).toString('base64') } };
    writeFileSync(ring, JSON.stringify(renewed));
    rmSync(join(stack.dataFolder, 'gateway-key.json'));
    await stack.stack.parts.worker.restart();
    await stack.stack.parts.gateway.restart();
    const vote = await until('the gateway to be back', async () => {
      const answer = await stack.vote(run, manager);
      return answer.status < 500 ? answer : undefined;
    });
    expect(vote).toMatchObject({ status: 200, body: { result: 'counted' } });
    await stack.waitFor(run, ['succeeded']);
    expect(await effectsOf(stack, 'ida.holm@example.com', key)).toMatchObject({ users: onceEach.users });
    // Neither a refusal nor a rotation breaks the evidence: what was tried is all that there is to say.
    expect((await verdict()).findings).toHaveLength(2);
  }, 120_000);

  it('begins nothing by sending the start again under its id, once the run has ended', async () => {
    const { events } = await handle().fetchHistory();
    const [copied] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    // Mails about the run that ended may still be on their way.
    const done = async () => (await stack.effects({})).filter(({ system }) => system !== 'smtp');
    const before = await done();
    const again = await stranger.workflow.start('new-hire', {
      workflowId,
      taskQueue: 'countersign',
      args: [RawValue.fromPayload(copied as Payload)],
    });
    await stack.waitFor(again.firstExecutionRunId, ['parked']);
    expect(await done()).toEqual(before);
    await again.terminate();
  });
});

function countersign(stack: TestStack, args: string[]): Promise<string> {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args, '--data', stack.dataFolder, '--as', coordinator], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('exit', () => resolve(out));
  });
}
