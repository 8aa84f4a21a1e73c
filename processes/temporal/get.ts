/** The two ways to get a Temporal server that is not on the machine yet: the SDK's own download, and Go's build. */

import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorText } from '../../plan/error-text.ts';
import { endingWithOwner } from '../local-server.ts';
import { cacheFolder, executableName, keep, pinnedVersion } from './cache.ts';

const goPackage = `github.com/temporalio/cli/cmd/temporal@v${pinnedVersion}`;
/** A download that brings nothing for so long is given up on. */
const stallLimitMs = 15_000;
const progressMs = 15_000;

type Log = (line: string) => void;

/**
 * The SDK downloads as part of starting a test server, which cannot be called off. It therefore works in a process of its
 * own, that is ended when nothing arrives any more.
 */
const downloadProgram = `
  const [module, downloadDir, version] = process.argv.slice(1);
  try {
    const { TestWorkflowEnvironment } = await import(module);
    const executable = { type: 'cached-download', downloadDir, version };
    const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
    await environment.teardown();
    process.exit(0);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }`;

export async function bySdkDownload(log: Log, limitMs = stallLimitMs): Promise<string> {
  if (process.env.COUNTERSIGN_NO_DOWNLOAD) throw new Error('switched off by COUNTERSIGN_NO_DOWNLOAD');
  log('Downloading a Temporal server …');
  const folder = join(cacheFolder(), 'download');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const began = Date.now();
  let last = { size: 0, at: began };
  try {
    await run(
      process.execPath,
      ['--input-type=module', '--eval', downloadProgram, sdkModule(), folder, `v${pinnedVersion}`],
      {},
      async (end) => {
        const size = await sizeOf(folder);
        if (size > last.size) last = { size, at: Date.now() };
        else if (Date.now() - last.at > limitMs) end(`nothing arrived for ${Math.round(limitMs / 1000)} s`);
      },
    );
    const file = (await readdir(folder)).find((name) => name.startsWith('temporal'));
    if (!file) throw new Error('the download left no file');
    return await keep(join(folder, file));
  } catch (error) {
    throw new Error(plainReason(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sdkModule(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('@temporalio/testing')).href;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (info) => info.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The SDK's message repeats itself at every level; the innermost one is the reason. */
function plainReason(error: unknown): string {
  const line = errorText(error).split('\n')[0] ?? '';
  return (
    line.replace(/^.*error sending request for url \((https?:\/\/[^/)]+)[^)]*\): /, '$1: ') || 'it failed'
  );
}

export async function byGoInstall(log: Log): Promise<string> {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const folder = join(cacheFolder(), 'build');
  await mkdir(folder, { recursive: true });
  log('Building a Temporal server with Go: once, two to four minutes on two processors …');
  let said = began;
  await run('go', ['install', '-v', goPackage], { GOBIN: folder }, async (_end, words) => {
    if (Date.now() - said < progressMs) return;
    said = Date.now();
    log(`still building: ${goProgress(words())} (${seconds()} s) …`);
  });
  const path = await keep(join(folder, executableName));
  log(`Built a Temporal server in ${seconds()} s; it is kept for the next time.`);
  return path;
}

/** Of what a program says on its standard error, enough for the progress of a whole build. */
const mostWords = 1_000_000;

/** How far Go has come, by what it says of modules that it gets and packages that it compiles (`go help build`, -v). */
export function goProgress(words: string): string {
  const lines = words.split('\n');
  const modules = lines.filter((line) => line.startsWith('go: downloading ')).length;
  const packages = lines.filter(isPackage).length;
  return packages === 0 ? `${modules} modules are here` : `${packages} packages are compiled`;
}

/** A line with nothing but the path of a package. */
function isPackage(line: string): boolean {
  return /^[a-z0-9][\w.~-]*(\/[\w.~-]+)*$/i.test(line);
}

/** Runs a command to its end, looking after it now and then; rejects with its last words. */
function run(
  path: string,
  args: string[],
  environment: Record<string, string>,
  watch: (end: (why: string) => void, words: () => string) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // An owner that is ended meanwhile takes it along.
    const command = endingWithOwner({ path, args }, 'SIGTERM');
    const child = spawn(command.path, command.args, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    let ended: string | undefined;
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-mostWords);
    });
    const watching = setInterval(() => {
      void watch(
        (why) => {
          ended ??= why;
          child.kill('SIGKILL');
        },
        () => words,
      );
    }, 250);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearInterval(watching);
      reject(new Error(error.code === 'ENOENT' ? `there is no \`${path}\`` : error.message));
    });
    child.once('close', (code) => {
      clearInterval(watching);
      const lines = words
        .trim()
        .split('\n')
        .filter((line) => !isPackage(line));
      if (code === 0) resolve();
      // setpriv's own way to say that there is no such program.
      else if (code === 127 && words.startsWith('setpriv:')) reject(new Error(`there is no \`${path}\``));
      else reject(new Error(ended ?? lines.at(-1) ?? `it ended with ${code}`));
    });
  });
}
