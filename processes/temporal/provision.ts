/** A Temporal server for one machine: the one that TEMPORAL_ADDRESS names, else a dev server that keeps its data in a file. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve as absolute, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import {
  commandOf,
  endingWithOwner,
  endProcess,
  freePort,
  isAlive,
  isFree,
  isLookedAfter,
  pause,
} from '../local-server.ts';
import { findBinary, type Source } from './binary.ts';

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
  /** The server, and the process that started it, as long as they may run. */
  pid?: number;
  owner?: number;
}

/** Finished runs are kept this long; the dev server's own default is a day. */
const retentionDays = 365;
const readyLimitMs = 30_000;

export async function provisionTemporal(options: ProvisionOptions): Promise<TemporalServer> {
  const namespace = options.namespace ?? process.env.TEMPORAL_NAMESPACE ?? 'countersign';
  const external = process.env.TEMPORAL_ADDRESS;
  if (external) {
    await waitUntilReady(external, (connection) => requireNamespace(connection, external, namespace));
    return {
      address: external,
      namespace,
      source: 'TEMPORAL_ADDRESS',
      ended: new Promise(() => {}),
      stop: async () => {},
    };
  }
  const folder = absolute(options.dataFolder);
  const database = join(folder, 'temporal.db');
  const memory = join(folder, 'temporal.json');
  await mkdir(folder, { recursive: true });
  const binary = await findBinary(options.log);
  const port = await choosePort(memory, database);
  const args = ['--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace, '--headless'];
  const command = endingWithOwner(
    {
      path: binary.path,
      args: ['server', 'start-dev', ...args, '--db-filename', database, '--log-level', 'error'],
    },
    'SIGTERM',
  );
  const child = spawn(command.path, command.args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const { ended, reason } = watch(child);
  await writeFile(memory, JSON.stringify({ port, pid: child.pid, owner: process.pid }));
  const stop = async () => {
    if (child.pid && child.exitCode === null && child.signalCode === null)
      await endProcess(child.pid, 'SIGTERM', 5_000);
    await ended;
    await writeFile(memory, JSON.stringify({ port }));
  };
  const address = `127.0.0.1:${port}`;
  try {
    await waitUntilReady(address, (connection) => keepRuns(connection, namespace), reason);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address,
    namespace,
    source: binary.source,
    ...defined({ pid: child.pid }),
    ended,
    stop,
  };
}

/** Where the server over this folder listens, or did when it last ran. */
export async function rememberedAddress(dataFolder: string): Promise<string | undefined> {
  try {
    const { port } = JSON.parse(await readFile(join(dataFolder, 'temporal.json'), 'utf8')) as Remembered;
    return `127.0.0.1:${port}`;
  } catch {
    return undefined;
  }
}

/** The port of last time, so that workers find the server again. A server left behind by a killed owner is stopped first. */
async function choosePort(memory: string, database: string): Promise<number> {
  const remembered = await readFile(memory, 'utf8').then(
    (text) => JSON.parse(text) as Remembered,
    () => undefined,
  );
  if (!remembered) return freePort();
  const { pid, owner, port } = remembered;
  if (pid && (await isServerOf(pid, database))) {
    if (await isLookedAfter(pid, owner))
      throw new Error(
        `A Temporal server already runs over ${database} (process ${pid}, started by process ${owner}). Stop that one, or use another data folder.`,
      );
    await endProcess(pid, 'SIGTERM');
  }
  return (await isFree(port)) ? port : freePort();
}

/** A process id may have been given to another program meanwhile: only the server over this very file is stopped. */
async function isServerOf(pid: number, database: string): Promise<boolean> {
  if (!(await isAlive(pid))) return false;
  const command = await commandOf(pid);
  return command.includes('start-dev') && command.includes(database);
}

/** A problem that waiting does not mend. */
class Misconfigured extends Error {}

/** Connects, again and again, until the server answers and what is asked of it succeeds. */
async function waitUntilReady(
  address: string,
  prepare: (connection: Connection) => Promise<unknown>,
  died: () => string | undefined = () => undefined,
): Promise<void> {
  const until = Date.now() + readyLimitMs;
  let last = 'no answer';
  while (Date.now() < until) {
    const death = died();
    if (death) throw new Error(`The Temporal server did not start: ${death}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      try {
        await connection.withDeadline(Date.now() + 5_000, () => prepare(connection));
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (error instanceof Misconfigured) throw error;
      last = errorText(error);
      await pause(100);
    }
  }
  throw new Error(
    `The Temporal server at ${address} did not get ready within ${readyLimitMs / 1000} s (${last}). Check the address, or that nothing blocks it.`,
  );
}

/** An installation's own server keeps what its operators chose: it is asked, not changed. */
async function requireNamespace(connection: Connection, address: string, namespace: string): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if ((error as { code?: number }).code !== notFound) throw error;
    throw new Misconfigured(
      `The Temporal server at ${address} has no namespace ${namespace}. Set TEMPORAL_NAMESPACE to one it has, or create it: temporal operator namespace create --address ${address} --namespace ${namespace}`,
    );
  }
}

/** gRPC's status NOT_FOUND. */
const notFound = 5;

async function keepRuns(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: { seconds: longOf(retentionDays * 86_400) } },
  });
}

/** The protocol's 64-bit integers also take plain numbers; their type does not say so. */
function longOf(value: number): never {
  return value as never;
}

/** Ends the server with this process, and tells when and why it ended. */
function watch(child: ChildProcess): { ended: Promise<void>; reason: () => string | undefined } {
  let words = '';
  let why: string | undefined;
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      why ??= error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      why ??= `it ended with ${code ?? signal}: ${words.trim().split('\n').at(-1) ?? ''}`;
      resolve();
    });
  });
  void ended.then(() => process.removeListener('exit', end));
  return { ended, reason: () => why };
}
