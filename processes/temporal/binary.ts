/**
 * Finds a `temporal` executable, in this order: on PATH, a cached copy, the SDK's own download, `go install`.
 * Each way that fails says why, so that the last error tells the reader everything that was tried.
 */

import { delimiter, join } from 'node:path';
import { errorText } from '../../plan/error-text.ts';
import { cacheFolder, executableName, inCache, isExecutable, versionOf, withCacheLock } from './cache.ts';
import { byGoInstall, bySdkDownload } from './get.ts';

export { cacheFolder, pinnedVersion } from './cache.ts';

export type Source = 'PATH' | 'cache' | 'SDK download' | 'go install';

export interface Binary {
  path: string;
  source: Source;
}

type Log = (line: string) => void;
type Way = [Source, () => Promise<string>];

export async function findBinary(log: Log): Promise<Binary> {
  const tried: string[] = [];
  const here: Way[] = [
    ['PATH', onPath],
    ['cache', inCache],
  ];
  const found = await firstThatWorks(here, tried);
  if (found) return found;
  try {
    return await withCacheLock(log, () => getBinary(tried, log));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new Error(
      `A Temporal server would be kept in ${cacheFolder()}, but that folder cannot be written (${message}). Set COUNTERSIGN_CACHE to one that can.`,
    );
  }
}

async function getBinary(tried: string[], log: Log): Promise<Binary> {
  // Another process may have got it while this one waited.
  const [path] = await Promise.allSettled([inCache()]);
  if (path.status === 'fulfilled') return { path: path.value, source: 'cache' };
  const ways: Way[] = [
    ['SDK download', () => bySdkDownload(log)],
    ['go install', () => byGoInstall(log)],
  ];
  const got = await firstThatWorks(ways, tried);
  if (got) return got;
  throw new Error(
    [
      'No Temporal server could be had. Tried, in this order:',
      ...tried,
      'What to do: install the Temporal command line tool so that `temporal` is on PATH, or install Go 1.25 or newer,',
      'or set TEMPORAL_ADDRESS to a Temporal server that is already running.',
    ].join('\n'),
  );
}

async function firstThatWorks(ways: Way[], tried: string[]): Promise<Binary | undefined> {
  for (const [source, way] of ways) {
    try {
      return { path: await way(), source };
    } catch (error) {
      tried.push(`  ${source}: ${errorText(error)}`);
    }
  }
  return undefined;
}

/** The first one on PATH that runs. */
async function onPath(): Promise<string> {
  const wrong: string[] = [];
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, executableName);
    if (!(await isExecutable(path))) continue;
    try {
      const version = await versionOf(path);
      // One built with `go install` says 0.0.0-DEV.
      if (version.startsWith('1.') || version === '0.0.0-DEV') return path;
      wrong.push(`${path} is version ${version}; 1.x is needed`);
    } catch (error) {
      wrong.push((error as Error).message);
    }
  }
  throw new Error(wrong.join('; ') || 'there is no `temporal`');
}
