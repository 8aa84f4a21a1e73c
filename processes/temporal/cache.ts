/** Where a server program that was downloaded or built is kept, and what keeps it whole. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { isAlive, pause } from '../local-server.ts';

/** The newest command line tool that `go install` can build; what the engine is measured against. */
export const pinnedVersion = '1.5.1';
export const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** A lock older than this belongs to a build that hangs. */
const lockLimitMs = 15 * 60_000;

export function cacheFolder(): string {
  const base =
    process.env.COUNTERSIGN_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'countersign');
  return join(base, `temporal-${pinnedVersion}`);
}

/** The kept program, if it is there and whole. A damaged one is removed. */
export async function inCache(): Promise<string> {
  const path = join(cacheFolder(), executableName);
  if (!(await isExecutable(path))) throw new Error(`nothing in ${cacheFolder()}`);
  try {
    const wanted = await readFile(`${path}.sha256`, 'utf8').catch(() => 'none');
    if ((await sha256(path)) !== wanted.trim())
      throw new Error('its checksum is not the one it was kept with');
    // Does it run on this machine? Its version is settled by the folder and the checksum: `go install` stamps none.
    await versionOf(path);
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw new Error(`the copy in ${cacheFolder()} was damaged and is removed (${(error as Error).message})`);
  }
}

/** Puts a new program into the cache, with its checksum beside it, once it has shown that it runs. */
export async function keep(file: string): Promise<string> {
  const path = join(cacheFolder(), executableName);
  const incoming = `${path}.${process.pid}.new`;
  try {
    await copyFile(file, incoming);
    await versionOf(incoming);
    await writeFile(`${path}.sha256`, await sha256(incoming));
    await rename(incoming, path);
  } finally {
    await rm(incoming, { force: true });
  }
  await rm(file, { force: true });
  return path;
}

/** Lets one process at a time fill the cache. A lock whose owner is gone is taken over. */
export async function withCacheLock<T>(log: (line: string) => void, body: () => Promise<T>): Promise<T> {
  const file = join(cacheFolder(), 'lock');
  await mkdir(cacheFolder(), { recursive: true });
  for (let told = false; !(await lock(file)); ) {
    const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if ((owner > 0 && !(await isAlive(owner))) || age > lockLimitMs) {
      await rm(file, { force: true });
      continue;
    }
    if (!told && owner > 0) {
      log(`Process ${owner} is already getting a Temporal server; waiting for it …`);
      told = true;
    }
    await pause(500);
  }
  try {
    return await body();
  } finally {
    await rm(file, { force: true });
  }
}

async function lock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => stat(path).then((info) => info.isFile()),
    () => false,
  );
}

/** What `temporal --version` says; rejects when it does not run. */
export async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 15_000 }).catch(
    (error: Error & { code?: unknown; signal?: unknown }) => {
      throw new Error(`${path} does not run (${error.code ?? error.signal ?? error.message.split('\n')[0]})`);
    },
  );
  return /version (\S+)/.exec(stdout)?.[1]?.replace(/^v/, '') ?? 'unknown';
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
