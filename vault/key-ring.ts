/** The keys with which payloads and sealed values are encrypted. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyRing } from './seal.ts';
import { writeNewFile } from './write-new-file.ts';

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
  if (!process.env.COUNTERSIGN_KEY_RING) {
    const fresh: KeyRingFile = { current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
    await writeNewFile(file, JSON.stringify(fresh, null, 2));
  }
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
