/** The stand-ins over a folder of their own: what they did, and where they listened. */
import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sandbox, type SandboxOptions, startSandbox } from './start.ts';

/** Starts on the ports of last time, if they are free and no others are asked for: other processes were told them. */
export async function startSandboxIn(
  folder: string,
  options: Omit<SandboxOptions, 'journalFile'> = {},
): Promise<Sandbox> {
  mkdirSync(folder, { recursive: true });
  const memory = join(folder, 'sandbox.json');
  const last = await readFile(memory, 'utf8')
    .then((text) => JSON.parse(text) as SandboxOptions)
    .catch(() => ({}));
  const wanted = { ...options, journalFile: join(folder, 'sandbox-effects.jsonl') };
  const sandbox = await startSandbox({ ...last, ...wanted }).catch(() => startSandbox(wanted));
  const ports = { port: Number(new URL(sandbox.url).port), smtpPort: sandbox.smtpPort };
  await writeFile(memory, JSON.stringify(ports));
  return sandbox;
}
