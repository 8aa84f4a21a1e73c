/** Whether a file is where it seems to be: a link, or a path with dots, may lead out of the folder that is looked at. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** True when the file itself, wherever links lead, is in the folder. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(realpathSync(folder), realpathSync(path));
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

/** The repository a file is written in: the nearest folder above it with `.git`, or else `countersign.yaml`; or its own. */
export function repositoryOf(path: string): string {
  const own = dirname(resolve(path));
  return above(own, '.git') ?? above(own, 'countersign.yaml') ?? own;
}

function above(folder: string, name: string): string | undefined {
  if (existsSync(join(folder, name))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : above(parent, name);
}
