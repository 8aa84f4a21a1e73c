/** A system that a repository declares itself, on every real part: a run begins, waits for its signature, and carries out what was compiled. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { packageRoot } from '../store/package-root.ts';
import { coordinator, TestStack, until } from './support/stack.ts';

const manager = 'morgan.weiss@example.com';
const holder = 'lou.maier@example.com';
let stack: TestStack;
let folder: string;
const actionFile = () => join(folder, 'connectors/lockers/assign.action.yaml');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-lockers-'));
  const fixtures = join(packageRoot(), 'test/fixtures');
  cpSync(join(fixtures, 'lockers'), folder, { recursive: true });
  cpSync(join(fixtures, 'connectors'), join(folder, 'connectors'), { recursive: true });
  stack = await TestStack.start('declared-run', { folder });
}, 300_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function started(site: string): Promise<string> {
  const { status, body } = await stack.api<{ id: string }>(coordinator, 'POST', '/runs', {
    runbook: 'hand-out-locker',
    inputs: { site, holder },
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}

const changes = (subject: string) => stack.effects({ system: 'lockers', effect: 'lockers.updated', subject });

it('is previewed at the gate, done once after the signature, and on record', async () => {
  const run = await started('berlin');
  const gate = await stack.gate(run);
  expect(gate.preview?.steps[0]).toMatchObject({ summary: `would give locker Red 2 to ${holder}` });
  await stack.vote(run, manager);
  const ended = await stack.waitFor(run, ['succeeded', 'parked']);
  expect(ended).toMatchObject({ status: 'succeeded' });
  expect(await changes('L-2')).toHaveLength(1);
  expect(await stack.effects({ system: 'lockers', effect: 'parcels.created' })).toHaveLength(1);
}, 120_000);

it('is carried out as the run began with it, also when its file has changed since, and its worker has died', async () => {
  const run = await started('vienna');
  await stack.gate(run);
  const before = readFileSync(actionFile(), 'utf8');
  writeFileSync(
    actionFile(),
    before.replace(
      'holder: "${{ input.holder }}" }\n  take',
      'holder: "${{ input.holder }}", label: New }\n  take',
    ),
  );
  expect(readFileSync(actionFile(), 'utf8')).not.toBe(before);
  stack.stack.parts.worker.kill('SIGKILL');
  await until('the gateway to use the new form', async () => {
    const { body } = await stack.api<{ hash: string }>(coordinator, 'GET', '/runbooks/hand-out-locker');
    const { live } = await stack.run(run);
    return live && body.hash !== (await stack.run(run)).planHash ? true : undefined;
  });
  await stack.vote(run, manager);
  expect(await stack.waitFor(run, ['succeeded', 'parked'])).toMatchObject({ status: 'succeeded' });
  const [change] = await changes('L-3');
  expect(change?.detail).toMatchObject({ record: { holder, label: 'Blue 1' } });
}, 120_000);
