/**
 * Finds a `temporal` executable, in this order: on PATH, a cached copy, the SDK's own download, `go install`.
 * Each way that fails says why, so that the last error tells the reader everything that was tried.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  access,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The newest command line tool that `go install` can build; what the engine is measured against. */
export const pinnedVersion = '1.5.1';
const goPackage = `github.com/temporalio/cli/cmd/temporal@v${pinnedVersion}`;
const downloadLimitMs = 60_000;
const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export type Source = 'PATH' | 'cache' | 'SDK download' | 'go install';

export interface Binary {
  path: string;
  source: Source;
}

type Log = (line: string) => void;

export async function findBinary(log: Log): Promise<Binary> {
  const tried: string[] = [];
  const ways: [Source, () => Promise<string>][] = [
    ['PATH', onPath],
    ['cache', inCache],
    ['SDK download', () => bySdkDownload(log)],
    ['go install', () => byGoInstall(log)],
  ];
  for (const [source, way] of ways) {
    try {
      return { path: await way(), source };
    } catch (error) {
      tried.push(`  ${source}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    [
      'No Temporal server could be had. Tried, in this order:',
      ...tried,
      'What to do: install the Temporal command line tool so that `temporal` is on PATH, or install Go 1.24 or newer,',
      'or set TEMPORAL_ADDRESS to a Temporal server that is already running.',
    ].join('\n'),
  );
}

export function cacheFolder(): string {
  const base =
    process.env.COUNTERSIGN_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'countersign');
  return join(base, `temporal-${pinnedVersion}`);
}

async function onPath(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, executableName);
    if (!(await isExecutable(path))) continue;
    const version = await versionOf(path);
    // One built with `go install` says 0.0.0-DEV.
    if (version.startsWith('1.') || version === '0.0.0-DEV') return path;
    throw new Error(`${path} is version ${version}; 1.x is needed`);
  }
  throw new Error('there is no `temporal`');
}

async function inCache(): Promise<string> {
  const path = join(cacheFolder(), executableName);
  if (!(await isExecutable(path))) throw new Error(`nothing in ${cacheFolder()}`);
  try {
    const wanted = await readFile(`${path}.sha256`, 'utf8');
    if ((await sha256(path)) !== wanted.trim()) throw new Error('its checksum is wrong');
    // Runs at all, on this machine? Its version is settled by the folder and the checksum: `go install` stamps none.
    await versionOf(path);
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw new Error(`the copy in ${cacheFolder()} was damaged and is removed (${(error as Error).message})`);
  }
}

/** Lets the SDK download its server, starts it once, and keeps the file. */
async function bySdkDownload(log: Log): Promise<string> {
  if (process.env.COUNTERSIGN_NO_DOWNLOAD) throw new Error('switched off by COUNTERSIGN_NO_DOWNLOAD');
  log('Downloading a Temporal server …');
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const folder = join(cacheFolder(), 'download');
  await mkdir(folder, { recursive: true });
  const download = TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder, version: `v${pinnedVersion}` } },
  }).then((environment) => environment.teardown());
  download.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no download after ${downloadLimitMs / 1000} s`)),
      downloadLimitMs,
    );
  });
  try {
    await Promise.race([download, tooLong]);
  } catch (error) {
    throw new Error(firstLine(error));
  } finally {
    clearTimeout(timer);
  }
  const [file] = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
  if (!file) throw new Error('the download left no file');
  return keep(join(folder, file));
}

async function byGoInstall(log: Log): Promise<string> {
  const began = Date.now();
  const folder = join(cacheFolder(), 'build');
  await mkdir(folder, { recursive: true });
  const unlock = await lock(join(cacheFolder(), 'build.lock'), log);
  try {
    // Another process may have built it while this one waited.
    const built = await inCache().catch(() => undefined);
    if (built) return built;
    log('Building a Temporal server with Go: once, about two minutes …');
    const progress = setInterval(
      () => log(`  still building (${Math.round((Date.now() - began) / 1000)} s) …`),
      15_000,
    );
    try {
      await run('go', ['install', goPackage], { GOBIN: folder });
    } finally {
      clearInterval(progress);
    }
    log(
      `Built a Temporal server in ${Math.round((Date.now() - began) / 1000)} s; it is kept for the next time.`,
    );
    return await keep(join(folder, executableName));
  } finally {
    await unlock();
  }
}

/** Puts a new executable into the cache, with its checksum beside it. */
async function keep(file: string): Promise<string> {
  const path = join(cacheFolder(), executableName);
  await copyFile(file, `${path}.new`);
  await run(`${path}.new`, ['--version'], {});
  await writeFile(`${path}.sha256`, await sha256(`${path}.new`));
  await rename(`${path}.new`, path);
  await rm(file, { force: true });
  return path;
}

/** Held by one process at a time; a lock whose owner is gone is taken over. */
async function lock(file: string, log: Log): Promise<() => Promise<void>> {
  let told = false;
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
      const age =
        Date.now() -
        (await stat(file)
          .then((info) => info.mtimeMs)
          .catch(() => Date.now()));
      if ((owner > 0 && !isAlive(owner)) || age > 15 * 60_000) {
        await rm(file, { force: true });
        continue;
      }
      if (!told) log(`Process ${owner} is already building a Temporal server; waiting for it …`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 15_000 });
  return /version (\S+)/.exec(stdout)?.[1]?.replace(/^v/, '') ?? 'unknown';
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

function run(command: string, args: string[], environment: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2_000);
    });
    child.on('error', (error) =>
      reject(new Error(error.message.includes('ENOENT') ? `there is no \`${command}\`` : error.message)),
    );
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `\`${command} ${args[0]}\` ended with ${code}: ${complaint.trim().split('\n').at(-1) ?? ''}`,
          ),
        );
    });
  });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'it failed';
}
