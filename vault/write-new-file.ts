/** Makes a file whole or not at all, by whichever of several processes comes first. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes the content, readable by its owner only, unless the file is there already. */
export async function writeNewFile(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const whole = `${file}.${randomUUID()}`;
  await writeFile(whole, content, { mode: 0o600 });
  try {
    await link(whole, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(whole, { force: true });
  }
}
