/** What a running stack leaves for other commands to find it by. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface StackFile {
  pid: number;
  gateway: string;
  temporal: string;
  namespace: string;
  sandbox?: string;
}

export function stackFilePath(dataFolder: string): string {
  return join(dataFolder, 'stack.json');
}

export async function readStackFile(dataFolder: string): Promise<StackFile | undefined> {
  return readFile(stackFilePath(dataFolder), 'utf8')
    .then((text) => JSON.parse(text) as StackFile)
    .catch(() => undefined);
}
