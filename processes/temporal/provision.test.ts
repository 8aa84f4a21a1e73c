import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { describeWith, testTemporal } from '../../test/support/services.ts';
import { freePort, isAlive } from '../local-server.ts';
import { provisionTemporal, type TemporalServer } from './provision.ts';

const shared = await testTemporal();
const declared = process.env.TEMPORAL_ADDRESS;

function restoreAddress(): void {
  if (declared === undefined) delete process.env.TEMPORAL_ADDRESS;
  else process.env.TEMPORAL_ADDRESS = declared;
}

describeWith(shared)('TEMPORAL_ADDRESS', () => {
  beforeAll(() => {
    process.env.TEMPORAL_ADDRESS = shared?.address;
  });
  afterAll(restoreAddress);

  it('is used as it is, and stopping leaves that server alone', async () => {
    const options = { dataFolder: 'unused', namespace: shared?.namespace ?? '', log: () => {} };
    const server = await provisionTemporal(options);
    expect(server).toMatchObject({ address: shared?.address, source: 'TEMPORAL_ADDRESS' });
    await server.stop();
    await (await provisionTemporal(options)).stop();
  });

  it('with a namespace that the server does not have says how to make it', async () => {
    const provisioning = provisionTemporal({ dataFolder: 'unused', namespace: 'nowhere', log: () => {} });
    await expect(provisioning).rejects.toThrow(
      /has no namespace nowhere\. Set TEMPORAL_NAMESPACE .* temporal operator namespace create/,
    );
  });
});

describeWith(shared)('a Temporal server of our own', () => {
  let folder = '';
  const servers: TemporalServer[] = [];

  beforeAll(() => {
    delete process.env.TEMPORAL_ADDRESS;
  });
  afterAll(restoreAddress);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-temporal-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async () => {
    const server = await provisionTemporal({ dataFolder: folder, log: () => {} });
    servers.push(server);
    return server;
  };

  it('keeps its runs and its address over a restart, and over SIGKILL', async () => {
    const first = await start();
    await startRun(first, 'kept');
    await first.stop();
    await first.ended;
    const second = await start();
    expect(second.address).toBe(first.address);
    expect(await statusOf(second, 'kept')).toBe('RUNNING');
    await startRun(second, 'also-kept');
    process.kill(second.pid ?? 0, 'SIGKILL');
    await second.ended;
    const third = await start();
    expect(third.address).toBe(first.address);
    expect(await statusOf(third, 'kept')).toBe('RUNNING');
    expect(await statusOf(third, 'also-kept')).toBe('RUNNING');
  });

  it('keeps finished runs for a year', async () => {
    const { address, namespace } = await start();
    const connection = await Connection.connect({ address });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(365 * 86_400);
  });

  it('replaces a server whose owner is gone, and no other process', async () => {
    const first = await start();
    const memory = join(folder, 'temporal.json');
    const remembered = JSON.parse(await readFile(memory, 'utf8')) as { port: number };
    await writeFile(memory, JSON.stringify({ ...remembered, owner: await deadProcess() }));
    const second = await start();
    expect(await isAlive(first.pid ?? 0)).toBe(false);
    expect(second.address).toBe(first.address);
    await second.stop();
    await writeFile(memory, JSON.stringify({ ...remembered, pid: process.pid, owner: await deadProcess() }));
    expect((await start()).address).toBe(first.address);
  });

  it('is not started twice over the same file', async () => {
    const { pid } = await start();
    await expect(start()).rejects.toThrow(
      new RegExp(`already runs over .*temporal\\.db \\(process ${pid}, started by process ${process.pid}\\)`),
    );
  });

  it('takes another port when its own was taken meanwhile', async () => {
    const port = await freePort();
    await writeFile(join(folder, 'temporal.json'), JSON.stringify({ port }));
    const program = `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
    const taker = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await new Promise((resolve) => taker.stdout.once('data', resolve));
      const { address } = await start();
      expect(address).not.toBe(`127.0.0.1:${port}`);
    } finally {
      taker.kill('SIGKILL');
    }
  });

  it('that cannot open its file says why', async () => {
    await writeFile(join(folder, 'temporal.db'), 'this is no database');
    await expect(start()).rejects.toThrow(/did not start: it ended with .*(database|file)/s);
  });
});

async function withClient<T>(server: TemporalServer, body: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await body(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

async function startRun(server: TemporalServer, workflowId: string): Promise<void> {
  await withClient(server, (client) =>
    client.workflow.start('nobody-works-on-it', { workflowId, taskQueue: 'none' }),
  );
}

async function statusOf(server: TemporalServer, workflowId: string): Promise<string> {
  return withClient(server, async (client) => {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name;
  });
}

async function deadProcess(): Promise<number> {
  const child = spawn('true', { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}
