/** The .ics and data files that a repository names stand beside its configuration, and are read again when they have changed. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isInside, repositoryOf } from './inside-folder.ts';

/** The text of a file, or its bytes in base64. */
export type ReadConfigured = (file: string, encoding?: 'utf8' | 'base64') => string;

/** Reads files by their path beside the configuration; the very same text as before for a file that has not changed. */
export function configuredFileReader(configurationPath: string): ReadConfigured {
  const texts = new Map<string, { stamp: string; text: string }>();
  return (file, encoding = 'utf8') => {
    const path = configuredFilePath(configurationPath, file);
    const stamp = stampOf(path);
    if (stamp === undefined) throw Object.assign(new Error(`there is no file ${path}`), { code: 'ENOENT' });
    if (!isInside(repositoryOf(configurationPath), path))
      throw new Error(
        `${path} is not in the repository of the configuration, or is a link that leads out of it`,
      );
    const key = `${encoding} ${path}`;
    const known = texts.get(key);
    if (known?.stamp === stamp) return known.text;
    const text = readFileSync(path, encoding);
    texts.set(key, { stamp, text });
    return text;
  };
}

/** Differs when a file has changed; undefined when there is none. */
export function stampOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? `${found.mtimeMs} ${found.size} ${found.ino}` : undefined;
}

export function configuredFilePath(configurationPath: string, file: string): string {
  return resolve(dirname(configurationPath), file);
}
