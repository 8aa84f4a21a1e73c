/**
 * A real Temporal server, a real PostgreSQL and a real Keycloak for tests. The first suite that asks starts one; all suites of that Jest
 * run share it, and global-teardown.mjs ends it.
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import pg from 'pg';
import { pause } from '../../processes/local-server.ts';
import { skipped } from './skipped.ts';

export interface TestTemporal {
  address: string;
  namespace: string;
}

export interface TestDatabase {
  /** Of an empty database that is this suite's own. */
  url: string;
  drop(): Promise<void>;
}

/** What a service process writes down when it is up, or cannot be. */
export interface ServiceReport {
  pid: number;
  address?: string;
  namespace?: string;
  url?: string;
  error?: string;
}

export type ServiceKind = 'temporal' | 'postgres' | 'keycloak';

/** A build of Temporal's server may be part of it. */
const startLimitMs = 15 * 60_000;

/** The run's Temporal server, or undefined, having said why, when none can be had. Suites keep apart by task queue. */
export async function testTemporal(): Promise<TestTemporal | undefined> {
  const { address, namespace, error } = await service('temporal');
  if (address && namespace) return { address, namespace };
  skipped(`tests that need a Temporal server. ${error}`);
  return undefined;
}

/** A fresh database on the run's PostgreSQL, or undefined, having said why, when none can be had. */
export async function testDatabase(): Promise<TestDatabase | undefined> {
  const { url: server, error } = await service('postgres');
  if (!server) {
    skipped(`tests that need PostgreSQL. ${error}`);
    return undefined;
  }
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(server, `drop database if exists ${name} with (force)`) };
}

/** The run's Keycloak, at its address, or undefined, having said why, when there is no Java or it cannot be had. */
export async function testKeycloak(): Promise<string | undefined> {
  const { url, error } = await service('keycloak');
  if (!url) skipped(`tests that need a Keycloak. ${error}`);
  return url;
}

/** `describe`, skipped when what the suite needs could not be had. */
export function describeWith(needed: unknown): typeof describe | typeof describe.skip {
  return needed ? describe : describe.skip;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function service(kind: ServiceKind): Promise<ServiceReport> {
  const folder = process.env.COUNTERSIGN_TEST_FOLDER;
  if (!folder) return { pid: 0, error: 'run Jest with test/support/global-setup.mjs as its globalSetup' };
  const report = join(folder, `${kind}.ready.json`);
  if (await takeTurn(join(folder, `${kind}.lock`))) await startService(kind, folder);
  for (const until = Date.now() + startLimitMs; Date.now() < until; await pause(50)) {
    const text = await readFile(report, 'utf8').catch(() => undefined);
    if (text) return JSON.parse(text) as ServiceReport;
  }
  throw new Error(
    `The tests' ${kind} did not start within ${startLimitMs / 60_000} minutes; see ${folder}/${kind}.log.`,
  );
}

async function takeTurn(file: string): Promise<boolean> {
  return open(file, 'wx').then(
    (handle) => handle.close().then(() => true),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

/** In a process of its own: Jest ends its workers whenever it likes. */
async function startService(kind: ServiceKind, folder: string): Promise<void> {
  const log = await open(join(folder, `${kind}.log`), 'a');
  const { COUNTERSIGN_TEST_OWNER = String(process.ppid) } = process.env;
  const child = spawn(process.execPath, [join(folder, 'service.mjs'), kind, folder, COUNTERSIGN_TEST_OWNER], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  await log.close();
}
