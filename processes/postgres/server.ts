/** A PostgreSQL for one machine: the one that DATABASE_URL names, else one of our own in the data folder. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { defined } from '../../plan/defined.ts';
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
import {
  type Account,
  asAccount,
  type PostgresPrograms,
  postgresAccount,
  postgresPrograms,
} from './files.ts';

export interface PostgresServer {
  url: string;
  source: 'DATABASE_URL' | 'embedded';
  pid?: number;
  /** Settles when the server has ended, whoever ended it. Never for a server of somebody else's. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

interface Remembered {
  port: number;
  password: string;
  /** The process that started the server, as long as it may run. */
  owner?: number;
}

const databaseName = 'countersign';
const readyLimitMs = 60_000;

export async function provisionPostgres(options: {
  dataFolder: string;
  log: (line: string) => void;
}): Promise<PostgresServer> {
  const external = process.env.DATABASE_URL;
  if (external) {
    return { url: external, source: 'DATABASE_URL', ended: new Promise(() => {}), stop: async () => {} };
  }
  const folder = resolve(options.dataFolder, 'postgres');
  const files = join(folder, 'data');
  const memory = join(folder, 'server.json');
  await mkdir(folder, { recursive: true });
  await stopLeftBehind(files, memory);
  const remembered = await remember(memory);
  const programs = await postgresPrograms();
  const account = await postgresAccount(files);
  if (!existsSync(join(files, 'PG_VERSION'))) {
    options.log('Setting up a PostgreSQL database …');
    await initialise(programs, folder, files, remembered.password, account);
  }
  const { child, ended } = await start(programs, files, remembered, account);
  const owned = { ...remembered, owner: process.pid };
  await writeFile(memory, JSON.stringify(owned), { mode: 0o600 });
  await createDatabase(owned);
  return {
    url: `postgres://countersign:${remembered.password}@127.0.0.1:${remembered.port}/${databaseName}`,
    source: 'embedded',
    ...defined({ pid: child.pid }),
    ended,
    stop: async () => {
      // SIGINT is PostgreSQL's fast shutdown: open connections are closed, everything acknowledged is kept.
      if (child.pid && child.exitCode === null && child.signalCode === null)
        await endProcess(child.pid, 'SIGINT');
      await ended;
      await writeFile(memory, JSON.stringify(remembered), { mode: 0o600 });
    },
  };
}

/** Makes the database's files: UTF-8 whatever the machine's language, sorted alike everywhere. */
async function initialise(
  programs: PostgresPrograms,
  folder: string,
  files: string,
  password: string,
  account: Account | undefined,
): Promise<void> {
  // What an interrupted set-up left.
  await rm(files, { recursive: true, force: true });
  await mkdir(files, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) {
    await chown(files, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const args = [
    ...[`--pgdata=${files}`, '--username=countersign', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    '--no-instructions',
  ];
  const { command, options } = asAccount({ path: programs.initdb, args }, account, folder);
  try {
    const child = spawn(command.path, command.args, {
      ...options,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const words = lastWords(child);
    const code = await new Promise((done) => {
      child.once('error', (error) => done(error.message));
      child.once('close', done);
    });
    if (code !== 0) throw new Error(`PostgreSQL’s files could not be made in ${files}: ${words() || code}`);
  } catch (error) {
    await rm(files, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function start(
  programs: PostgresPrograms,
  files: string,
  { port, password }: Remembered,
  account: Account | undefined,
): Promise<{ child: ChildProcess; ended: Promise<void> }> {
  const args = [
    '-D',
    files,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
  ];
  const { command, options } = asAccount({ path: programs.postgres, args }, account, files);
  const { path, args: finalArgs } = endingWithOwner(command, 'SIGINT');
  for (const until = Date.now() + readyLimitMs; ; ) {
    const child = spawn(path, finalArgs, { ...options, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    const words = lastWords(child);
    let ending: string | undefined;
    const ended = new Promise<void>((done) => {
      const end = (why: string) => {
        ending ??= why;
        done();
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(`it ended with ${code ?? signal}`));
    });
    const onExit = () => child.kill('SIGINT');
    process.once('exit', onExit);
    void ended.then(() => process.removeListener('exit', onExit));
    while (ending === undefined && Date.now() < until) {
      if (await answers(port, password)) return { child, ended };
      await pause(50);
    }
    child.kill('SIGKILL');
    await ended;
    // After a SIGKILL the old server's helpers hold its shared memory for a moment.
    if (/shared memory block .* still in use/.test(words()) && Date.now() < until) {
      await pause(200);
      continue;
    }
    throw new Error(
      `PostgreSQL did not start in ${files} (${words() || ending}). Set DATABASE_URL to use another one.`,
    );
  }
}

async function answers(port: number, password: string): Promise<boolean> {
  try {
    await withClient({ port, password }, (client) => client.query('select 1'));
    return true;
  } catch {
    return false;
  }
}

async function createDatabase(server: Remembered): Promise<void> {
  await withClient(server, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (!rowCount) await client.query(`create database ${databaseName}`);
  });
}

async function withClient<T>(server: Remembered, body: (client: pg.Client) => Promise<T>): Promise<T> {
  const { port, password } = server;
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'countersign',
    password,
    database: 'postgres',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await body(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** A server whose owner was killed may run on, and would refuse a second one over the same files. */
async function stopLeftBehind(files: string, memory: string): Promise<void> {
  const pidFile = join(files, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  const command = (await isAlive(pid)) ? await commandOf(pid) : '';
  // The id may have been given to another program since.
  if (command.includes('postgres') && command.includes(files)) {
    const owner = (await recall(memory))?.owner;
    if (await isLookedAfter(pid, owner))
      throw new Error(
        `A PostgreSQL already runs over ${files} (process ${pid}, started by process ${owner}). Stop that one, or use another data folder.`,
      );
    await endProcess(pid, 'SIGINT');
  }
  await rm(pidFile, { force: true });
}

/** The port of last time, so that clients find the server again, and the password its files were made with. */
async function remember(file: string): Promise<Remembered> {
  const known = await recall(file);
  const port = known && (await isFree(known.port)) ? known.port : await freePort();
  const remembered = { port, password: known?.password ?? randomBytes(18).toString('base64url') };
  await writeFile(file, JSON.stringify(remembered), { mode: 0o600 });
  return remembered;
}

function recall(file: string): Promise<Remembered | undefined> {
  return readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Remembered,
    () => undefined,
  );
}

function lastWords(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  // The last two lines tell why: a FATAL one often only sums up the one before it.
  return () =>
    words
      .trim()
      .split('\n')
      .slice(-2)
      .map((line) => line.replace(/^[\d-]+ [\d:.]+ \S+ \[\d+\] /, '').trim())
      .join(' ');
}
