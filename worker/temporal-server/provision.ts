/** A Temporal server for one machine: the one that TEMPORAL_ADDRESS names, else a dev server that keeps its data in a file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { findBinary, isAlive, type Source } from './binary.ts';

export interface TemporalServer {
  /** `host:port` */
  address: string;
  namespace: string;
  source: 'TEMPORAL_ADDRESS' | Source;
  pid?: number;
  /** Settles when the server has ended, whoever ended it. Never for a server of somebody else's. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ProvisionOptions {
  /** Where its database file and its port are kept. */
  dataFolder: string;
  namespace?: string;
  log: (line: string) => void;
}

interface Remembered {
  port: number;
  pid?: number;
}

/** Finished runs are kept this long; the dev server's own default is a day. */
const retentionDays = 365;
const readyLimitMs = 30_000;

export async function provisionTemporal(options: ProvisionOptions): Promise<TemporalServer> {
  const namespace = options.namespace ?? process.env.TEMPORAL_NAMESPACE ?? 'countersign';
  const external = process.env.TEMPORAL_ADDRESS;
  if (external) {
    await waitUntilReady(external, namespace, () => undefined);
    return {
      address: external,
      namespace,
      source: 'TEMPORAL_ADDRESS',
      ended: new Promise(() => {}),
      stop: async () => {},
    };
  }
  const binary = await findBinary(options.log);
  await mkdir(options.dataFolder, { recursive: true });
  const memory = join(options.dataFolder, 'temporal.json');
  const port = await choosePort(memory);
  const child = spawn(
    binary.path,
    [
      ...[
        'server',
        'start-dev',
        '--headless',
        '--ip',
        '127.0.0.1',
        '--port',
        String(port),
        '--namespace',
        namespace,
      ],
      ...['--db-filename', join(options.dataFolder, 'temporal.db'), '--log-level', 'error'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await writeFile(memory, JSON.stringify({ port, pid: child.pid } satisfies Partial<Remembered>));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const complaint = lastWords(child);
  const address = `127.0.0.1:${port}`;
  try {
    await waitUntilReady(address, namespace, () =>
      child.exitCode === null ? undefined : `it ended with ${child.exitCode}: ${complaint()}`,
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    address,
    namespace,
    source: binary.source,
    ...(child.pid ? { pid: child.pid } : {}),
    ended,
    stop: async () => {
      await stopChild(child, ended);
      await writeFile(memory, JSON.stringify({ port }));
    },
  };
}

/** The port of last time, so that workers find the server again. A server left behind by a killed owner is stopped first. */
async function choosePort(memory: string): Promise<number> {
  const remembered = await readFile(memory, 'utf8')
    .then((text) => JSON.parse(text) as Remembered)
    .catch(() => undefined);
  if (!remembered) return freePort();
  if (remembered.pid && (await isOurServer(remembered.pid))) {
    process.kill(remembered.pid, 'SIGTERM');
    for (let tries = 0; tries < 100 && isAlive(remembered.pid); tries += 1) await pause(50);
  }
  return (await isFree(remembered.port)) ? remembered.port : freePort();
}

/** A process id may have been given to another program meanwhile: only a `temporal … start-dev` is stopped. */
async function isOurServer(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('temporal') && command.includes('start-dev');
}

async function waitUntilReady(
  address: string,
  namespace: string,
  died: () => string | undefined,
): Promise<void> {
  const until = Date.now() + readyLimitMs;
  let last = 'no answer';
  while (Date.now() < until) {
    const death = died();
    if (death) throw new Error(`The Temporal server did not start: ${death}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      try {
        await prepareNamespace(connection, namespace);
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      await pause(150);
    }
  }
  throw new Error(
    `The Temporal server at ${address} did not get ready within ${readyLimitMs / 1000} s (${last}). Check the address, or that nothing blocks it.`,
  );
}

async function prepareNamespace(connection: Connection, namespace: string): Promise<void> {
  const retention = { seconds: retentionDays * 86_400 };
  await connection.withDeadline(Date.now() + 5_000, async () => {
    // An installation's own server keeps what its operators chose.
    if (process.env.TEMPORAL_ADDRESS) {
      await connection.workflowService.describeNamespace({ namespace });
      return;
    }
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: { seconds: longOf(retention.seconds) } },
    });
  });
}

/** The protocol's 64-bit integers also take plain numbers; their type does not say so. */
function longOf(value: number): never {
  return value as never;
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(late);
}

function lastWords(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-500);
  });
  return () => words.trim().split('\n').at(-1) ?? '';
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
