/** A folder that somebody else checks out, or that is in no repository at all. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Place } from '../place.ts';

const largestLog = 64 * 1024 * 1024;

export async function placeOfFolder(folder: string, configuration: string): Promise<Place> {
  const commit = await head(folder);
  return {
    folder,
    beside: configuration,
    ...(commit === undefined ? {} : { commit }),
    authors: () => authorsIn(folder),
  };
}

/** Of each file the newest commit's author. */
async function authorsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const byFile = new Map<string, string>();
  try {
    const args = ['log', '-n', '5000', '--format=%x00%ae', '--name-only', '--relative', '--', '.'];
    const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args], { maxBuffer: largestLog });
    for (const entry of stdout.split('\0')) {
      const [author = '', ...files] = entry.split('\n').filter(Boolean);
      for (const file of files) if (!byFile.has(file)) byFile.set(file, author);
    }
  } catch {
    // Not in git: then nobody is known to have changed it.
  }
  return byFile;
}

async function head(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, 'rev-parse', 'HEAD']);
    return stdout.trim();
  } catch {
    // Not in git: runs then carry the plan's hash alone.
    return undefined;
  }
}
