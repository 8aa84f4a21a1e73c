/** From an order to the person who has it: the whole stack, with a supplier who tells when goods are on their way. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Stack, startStack } from '../cli/dev/stack.ts';
import { freePort } from '../processes/local-server.ts';
import type { Effect } from '../sandbox/effects.ts';
import type { StoredEvent } from '../store/outside-events.ts';
import { packageRoot } from '../store/package-root.ts';
import type { RunRow } from '../store/runs.ts';
import type { JournalEntry } from '../workflows/journal.ts';
import { until } from './support/stack.ts';

const kim = 'kim.okafor@example.com';
const lee = 'lee.moreau@example.com';
const stranger = 'eve.stranger@example.com';
const configuration = `
organisation: { name: Example Company }
roles:
  it-coordinators: { people: [${kim}] }
  warehouse: { people: [${lee}] }
`;
const buy = `
runbook: buy
title: Buy a laptop
kind: procurement
owner: role:it-coordinators
description: Orders a laptop, waits for it, and gives it to its person.
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  person: { type: string, format: email }
steps:
  - id: order
    uses: procurement.order
    with:
      supplier: example-hardware
      items: [{ description: Laptop 14 inch, partNumber: LT-14, quantity: 1, unitPrice: 1249 }]
      deliverTo: Reception
      attention: \${{ inputs.person }}
  - id: shipped
    wait: { event: order.shipped, key: "\${{ steps.order.output.orderId }}", within: 10d }
  - id: entered
    uses: assets.create
    with: { serialNumber: "\${{ steps.shipped.output.serialNumbers[0] }}", model: Laptop 14 inch }
  - id: handOver
    uses: assets.checkOut
    with:
      serialNumber: \${{ steps.shipped.output.serialNumbers[0] }}
      to: \${{ inputs.person }}
outputs:
  order: \${{ steps.order.output.orderId }}
`;
const listen = `
runbook: listen
title: Wait for a delivery
kind: other
owner: role:it-coordinators
description: Waits until somebody says that something was delivered.
on:
  - manual: { by: [role:it-coordinators] }
inputs:
  parcel: { type: string }
steps:
  - id: came
    wait: { event: parcel.delivered, key: "\${{ inputs.parcel }}" }
outputs:
  where: \${{ string(steps.came.output.where) }}
`;
const receive = listen
  .replace('runbook: listen', 'runbook: receive')
  .replace('key: "${{ inputs.parcel }}"', 'key: "${{ inputs.parcel }}", from: [role:warehouse]');

if (!existsSync(join(packageRoot(), 'dist', 'worker', 'process.js')))
  throw new Error('The programs are not built. Run `npm run build`, or the whole of `npm test`.');

describe('An event from outside', () => {
  const folder = join(packageRoot(), '.countersign', 'test', `events-${process.pid}`);
  let stack: Stack;
  let token = '';

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'runbooks'), { recursive: true });
    await writeFile(join(folder, 'countersign.yaml'), configuration);
    await writeFile(join(folder, 'runbooks', 'buy.yaml'), buy);
    await writeFile(join(folder, 'runbooks', 'listen.yaml'), listen);
    await writeFile(join(folder, 'runbooks', 'receive.yaml'), receive);
    stack = await startStack({
      dataFolder: join(folder, 'data'),
      runbooks: join(folder, 'runbooks'),
      configuration: join(folder, 'countersign.yaml'),
      // The same after a restart, since the supplier calls there.
      port: await freePort(),
      log: () => {},
    });
    token = (await readFile(join(folder, 'data', 'local-token'), 'utf8')).trim();
  }, 300_000);
  afterAll(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function send<T>(
    url: string,
    method: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url} gave ${response.status}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
  const api = <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send<T>(`${stack.addresses.gateway}/api/v1${path}`, method, body, {
      authorization: `Bearer ${token}`,
      'x-countersign-as': kim,
      ...headers,
    });
  const start = async (runbook: string, inputs: object) =>
    (await api<{ id: string }>('POST', '/runs', { runbook, inputs })).id;
  const is = (id: string, wanted: string) =>
    until(`run ${id} to be ${wanted}`, async () => {
      const run = await api<RunRow>('GET', `/runs/${id}`);
      if (run.status === 'parked' && wanted !== 'parked') throw new Error(`parked: ${JSON.stringify(run)}`);
      return run.status === wanted ? run : undefined;
    });
  /** What the step that waited gave on. */
  const brought = async (id: string) => {
    const { entries } = await api<{ entries: JournalEntry[] }>('GET', `/runs/${id}/journal`);
    return entries.find(({ kind, step }) => kind === 'step.succeeded' && step === 'came')?.data?.output;
  };
  const effects = (effect: string) =>
    send<Effect[]>(`${stack.addresses.sandbox}/_sandbox/effects?effect=${effect}`, 'GET');
  const supplierCalls = (delayMs: number) =>
    send(`${stack.addresses.sandbox}/_sandbox/supplier/callback`, 'POST', {
      url: `${stack.addresses.gateway}/hooks/cxml`,
      delayMs,
    });
  const countersign = async (...words: string[]) => {
    const program = join(packageRoot(), 'dist', 'cli', 'main.js');
    const where = ['--gateway', stack.addresses.gateway, '--data', join(folder, 'data'), '--as', kim];
    return (await promisify(execFile)(process.execPath, [program, ...words, ...where])).stdout;
  };
  const events = async () => (await api<{ events: StoredEvent[] }>('GET', '/events')).events;

  it('of a supplier wakes the run that ordered, which hands over what was shipped', async () => {
    await supplierCalls(400);
    const run = await start('buy', { person: kim });
    await is(run, 'succeeded');
    const [order, ...others] = await effects('order.received');
    expect(others).toEqual([]);
    expect(await effects('asset.checkedOut')).toMatchObject([{ subject: 'SN-9001', detail: { to: kim } }]);
    expect((await events()).filter(({ runId }) => runId === run)).toMatchObject([
      { name: 'order.shipped', key: order?.subject, source: 'cxml: example-hardware' },
    ]);
    const { deliveries } = await api<{ deliveries: { system: string; outcome: string }[] }>(
      'GET',
      '/deliveries',
    );
    expect(deliveries).toMatchObject([
      { system: 'cxml', outcome: 'kept' },
      { system: 'cxml', outcome: 'kept' },
    ]);
  }, 60_000);

  it('that comes before the run waits is kept for it', async () => {
    await api('POST', '/events', { name: 'parcel.delivered', key: 'early', data: { where: 'desk 4' } });
    const run = await start('listen', { parcel: 'early' });
    await is(run, 'succeeded');
    expect(await brought(run)).toEqual({ where: 'desk 4' });
  }, 60_000);

  it('sent twice under one key ends one wait, and the run says what it waits for until then', async () => {
    const first = await start('listen', { parcel: 'twice' });
    const { waitingOn } = await is(first, 'waiting');
    expect(waitingOn).toMatchObject([{ kind: 'event', event: { name: 'parcel.delivered', key: 'twice' } }]);
    expect(await countersign('show', first)).toContain('Waiting for: parcel.delivered twice');
    expect(await countersign('runs', '--status', 'waiting')).toContain('came (parcel.delivered twice)');
    const second = await start('listen', { parcel: 'twice' });
    await is(second, 'waiting');
    const body = { name: 'parcel.delivered', key: 'twice', data: { where: 'here' } };
    const sent = await Promise.all(
      [1, 2, 3].map(() => api<{ id: string }>('POST', '/events', body, { 'idempotency-key': 'k-1' })),
    );
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
    await is(first, 'succeeded');
    expect((await is(second, 'waiting')).status).toBe('waiting');
    await api('POST', '/events', body, { 'idempotency-key': 'k-2' });
    await is(second, 'succeeded');
  }, 60_000);

  it('is taken from those alone whom the runbook names, whoever else is signed in', async () => {
    const run = await start('receive', { parcel: 'named' });
    await is(run, 'waiting');
    const says = (where: string, person: string) =>
      api<{ id: string }>(
        'POST',
        '/events',
        { name: 'parcel.delivered', key: 'named', data: { where } },
        { 'x-countersign-as': person },
      );
    const wrong = [await says('with me', stranger), await says('with the owner', kim)];
    // Nobody without a role is told of what others said, and to which runs.
    await expect(api('GET', '/events', undefined, { 'x-countersign-as': stranger })).rejects.toThrow(
      'gave 403',
    );
    const right = await says('gate 2', lee);
    await is(run, 'succeeded');
    expect(await brought(run)).toEqual({ where: 'gate 2' });
    const told = (await events()).filter(({ runId }) => runId === run).map(({ id }) => id);
    expect(told).toEqual([right.id]);
    expect(wrong.map(({ id }) => id)).not.toContain(right.id);
  }, 60_000);

  it('survives the gateway and the worker, each killed at a bad moment', async () => {
    const runs = await Promise.all(
      Array.from({ length: 5 }, (_, n) => start('listen', { parcel: `crash-${n}` })),
    );
    for (const run of runs) await is(run, 'waiting');
    stack.parts.worker.kill('SIGKILL');
    await Promise.all(
      runs.map((_, n) =>
        api('POST', '/events', {
          name: 'parcel.delivered',
          key: `crash-${n}`,
          data: { where: `place ${n}` },
        }),
      ),
    );
    stack.parts.gateway.kill('SIGKILL');
    await stack.parts.gateway.waitReady();
    for (const [n, run] of runs.entries()) {
      await is(run, 'succeeded');
      expect(await brought(run)).toEqual({ where: `place ${n}` });
    }
    const told = (await events()).filter(({ key }) => key.startsWith('crash-'));
    expect(new Set(told.map(({ runId }) => runId))).toEqual(new Set(runs));
  }, 120_000);

  it('is for one order a run, though the worker is killed while it orders', async () => {
    await send(`${stack.addresses.sandbox}/_sandbox/faults`, 'POST', {
      system: 'supplier',
      kind: 'delay',
      delayMs: 300,
    });
    const before = (await effects('order.received')).length;
    const runs = await Promise.all(Array.from({ length: 4 }, () => start('buy', { person: kim })));
    await new Promise((resolve) => setTimeout(resolve, 250));
    stack.parts.worker.kill('SIGKILL');
    for (const run of runs) await is(run, 'succeeded');
    const orders = (await effects('order.received')).slice(before);
    expect(new Set(orders.map(({ subject }) => subject)).size).toBe(runs.length);
    expect(orders).toHaveLength(runs.length);
    const given = await effects('asset.checkedOut');
    expect(new Set(given.map(({ subject }) => subject)).size).toBe(given.length);
  }, 120_000);

  it('is refused when it names nothing, or nobody is signed in', async () => {
    await expect(api('POST', '/events', { name: 'x' })).rejects.toThrow('gave 400');
    await expect(api('POST', '/events', { name: '', key: 'y' })).rejects.toThrow('gave 400');
    await expect(
      send(`${stack.addresses.gateway}/api/v1/events`, 'POST', { name: 'x', key: 'y' }),
    ).rejects.toThrow('gave 401');
  });
});
