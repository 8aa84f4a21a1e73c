/** All of Countersign on one machine, each part its own process, so that killing one is an ordinary event. */

import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defined } from '../../plan/defined.ts';
import { graceMs } from '../../processes/grace.ts';
import { commandOf } from '../../processes/local-server.ts';
import { usualStopMs } from '../../processes/process-lifecycle.ts';
import { PartProcess } from '../../processes/supervised-process.ts';
import { packageRoot } from '../../store/package-root.ts';
import { seedRegister } from './register-seed.ts';
import { readStackFile, type StackFile, stackFilePath } from './stack-file.ts';

export interface StackOptions {
  dataFolder: string;
  runbooks: string;
  /** Path of countersign.yaml. */
  configuration: string;
  /** Talk to the systems in the configuration. Otherwise to stand-ins on this machine, which is the default. */
  live?: boolean;
  /** Milliseconds that every stand-in takes to answer, so that one can watch. */
  sandboxLatencyMs?: number;
  port?: number;
  log: (part: string, line: string) => void;
  /** Settings of connectors that act on real servers beside the stand-ins, for tests. */
  beside?: Record<string, object>;
  /** More environment for the parts, for tests. */
  environment?: Record<string, string>;
}

export type PartName = 'temporal' | 'postgres' | 'sandbox' | 'worker' | 'gateway';

export interface Stack {
  parts: Record<PartName, PartProcess>;
  addresses: { gateway: string; temporal: string; sandbox?: string };
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const dataFolder = resolve(options.dataFolder);
  const workerMs = graceMs(options.environment?.COUNTERSIGN_GRACE) + 2 * usualStopMs;
  await mkdir(dataFolder, { recursive: true });
  const stackFile = stackFilePath(dataFolder);
  const unlock = await claim(dataFolder);
  const parts = makeParts(options, dataFolder);
  const order = [parts.temporal, parts.postgres, ...(options.live ? [] : [parts.sandbox])];
  const stop = async () => {
    for (const part of Object.values(parts)) part.expectEnd();
    await parts.gateway.stop();
    // It ends itself when its time is up.
    await parts.worker.stop(workerMs);
    for (const part of [parts.sandbox, parts.postgres, parts.temporal]) await part.stop();
    await rm(stackFile, { force: true });
    await unlock();
  };
  try {
    await Promise.all(order.map((part) => startPart(part, options)));
    if (!options.live) {
      await writeFile(
        connectorsFile(dataFolder),
        JSON.stringify({ ...(parts.sandbox.ready.connectors as object), ...options.beside }, null, 2),
      );
    }
    await Promise.all([startPart(parts.worker, options), startPart(parts.gateway, options)]);
    if (!options.live) await seedRegister(String(parts.postgres.ready.url));
  } catch (error) {
    await stop();
    throw error;
  }
  const addresses = {
    gateway: String(parts.gateway.ready.url),
    temporal: String(parts.temporal.ready.address),
    ...defined({ sandbox: options.live ? undefined : String(parts.sandbox.ready.url) }),
  };
  const content: StackFile = {
    pid: process.pid,
    namespace: String(parts.temporal.ready.namespace),
    ...addresses,
  };
  if (addresses.sandbox) await tellSupplier(addresses.sandbox, addresses.gateway);
  // Last, since whoever reads it takes the stack to be up.
  await writeFile(stackFile, JSON.stringify(content, null, 2));
  return { parts, addresses, stop };
}

function makeParts(options: StackOptions, dataFolder: string): Record<PartName, PartProcess> {
  const dist = join(packageRoot(), 'dist');
  const make = (name: PartName, script: string, environment: () => Record<string, string | undefined>) =>
    new PartProcess({
      name,
      script: join(dist, script),
      environment: () => ({
        ...ofStandIns(parts),
        ...options.environment,
        COUNTERSIGN_DATA: dataFolder,
        ...environment(),
      }),
      log: (line) => options.log(name, line),
      // Without Temporal on the machine it is built once, which takes minutes.
      ...defined({ readyLimitMs: name === 'temporal' ? 15 * 60_000 : undefined }),
    });
  const ofOthers = () => ({
    TEMPORAL_ADDRESS: String(parts.temporal.ready.address),
    TEMPORAL_NAMESPACE: String(parts.temporal.ready.namespace),
    ...defined({ TEMPORAL_TLS: parts.temporal.ready.source === 'TEMPORAL_ADDRESS' ? undefined : 'off' }),
    DATABASE_URL: String(parts.postgres.ready.url),
    COUNTERSIGN_CONFIG: resolve(options.configuration),
    COUNTERSIGN_RUNBOOKS: resolve(options.runbooks),
    ...defined({
      COUNTERSIGN_CONNECTORS: options.live ? undefined : connectorsFile(dataFolder),
      COUNTERSIGN_PORT: options.port ? String(options.port) : undefined,
    }),
  });
  const parts: Record<PartName, PartProcess> = {
    temporal: make('temporal', 'cli/dev/temporal-process.js', () => ({})),
    postgres: make('postgres', 'cli/dev/postgres-process.js', () => ({})),
    sandbox: make('sandbox', 'cli/dev/sandbox-process.js', () => ({
      COUNTERSIGN_SANDBOX_LATENCY: String(options.sandboxLatencyMs ?? 0),
      COUNTERSIGN_CONFIG: resolve(options.configuration),
    })),
    worker: make('worker', 'worker/process.js', ofOthers),
    gateway: make('gateway', 'gateway/process.js', ofOthers),
  };
  return parts;
}

/** The stand-in for a supplier confirms and ships what it was ordered, once it knows where to say so. */
async function tellSupplier(sandbox: string, gateway: string): Promise<void> {
  await fetch(`${sandbox}/_sandbox/supplier/callback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${gateway}/hooks/cxml` }),
  });
}

/** Secrets that runbooks hand to the stand-ins themselves, once those are up. */
function ofStandIns({ sandbox }: Record<PartName, PartProcess>): Record<string, string> {
  return (sandbox?.ready.environment ?? {}) as Record<string, string>;
}

function connectorsFile(dataFolder: string): string {
  return join(dataFolder, 'sandbox-connectors.json');
}

async function startPart(part: PartProcess, options: StackOptions): Promise<void> {
  const began = Date.now();
  const slow = setTimeout(() => options.log(part.name, 'starting …'), 1_000);
  try {
    await part.start();
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    options.log(part.name, `ready after ${seconds} s`);
  } finally {
    clearTimeout(slow);
  }
}

/** Data folders of stacks in this process. */
const claimed = new Set<string>();

/** Makes sure that this is the only stack over the folder. Resolves to what gives it up again. */
async function claim(dataFolder: string): Promise<() => Promise<void>> {
  const file = join(dataFolder, 'stack.lock');
  for (;;) {
    if (await linkNew(file, String(process.pid))) break;
    const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
    // After a restart of the machine, or of a container, its id may be another program's, or our own.
    const runs =
      owner === process.pid
        ? claimed.has(dataFolder)
        : owner > 0 && (await commandOf(owner)).includes('node');
    if (runs) {
      const gateway = (await readStackFile(dataFolder))?.gateway;
      throw new Error(
        `Countersign already runs over ${dataFolder} (process ${owner}${gateway ? `, ${gateway}` : ''}). Use that one, stop it, or give another --data folder.`,
      );
    }
    await rm(file, { force: true });
  }
  claimed.add(dataFolder);
  await rm(stackFilePath(dataFolder), { force: true });
  return async () => {
    claimed.delete(dataFolder);
    await rm(file, { force: true });
  };
}

/** Makes the file with this content, in one step, unless there is one. */
async function linkNew(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
