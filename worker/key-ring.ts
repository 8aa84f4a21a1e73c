/** The keys with which payloads and sealed values are encrypted. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyRing } from '../activities/kit/seal.ts';

interface KeyRingFile {
  current: string;
  /** Key id -> 32 bytes, base64. */
  keys: Record<string, string>;
}

/**
 * Reads the key ring from COUNTERSIGN_KEY_RING, else from the data folder, where it is made at the first start.
 * Losing it loses every payload it encrypted, so a production installation keeps it in a secret store.
 */
export async function loadKeyRing(dataFolder: string): Promise<KeyRing> {
  const file = process.env.COUNTERSIGN_KEY_RING ?? join(dataFolder, 'key-ring.json');
  if (!process.env.COUNTERSIGN_KEY_RING) await makeIfAbsent(dataFolder, file);
  const content = JSON.parse(await readFile(file, 'utf8')) as KeyRingFile;
  const keys: Record<string, Buffer> = {};
  for (const [id, key] of Object.entries(content.keys ?? {})) {
    const bytes = Buffer.from(key, 'base64');
    if (bytes.length !== 32)
      throw new Error(`Key "${id}" in ${file} is not 32 bytes in base64. Restore the file.`);
    keys[id] = bytes;
  }
  if (!keys[content.current]) {
    throw new Error(
      `The key ring ${file} names "${content.current}" as its current key, and has no such key.`,
    );
  }
  return { current: content.current, keys };
}

/** Two processes may start at once: whichever creates the file first decides. */
async function makeIfAbsent(dataFolder: string, file: string): Promise<void> {
  await mkdir(dataFolder, { recursive: true });
  const content: KeyRingFile = { current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(content, null, 2));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
