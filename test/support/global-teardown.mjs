/** Ends the servers that suites of this Jest run started, and removes their data. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const limitMs = 20_000;

export default async function teardown() {
  const folder = process.env.COUNTERSIGN_TEST_FOLDER;
  if (!folder) return;
  const pids = readdirSync(folder)
    .filter((name) => name.endsWith('.ready.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).pid);
  await Promise.all(pids.map(end));
  rmSync(folder, { recursive: true, force: true });
}

/** The service has its own server stopped first. */
async function end(pid) {
  for (const until = Date.now() + limitMs; Date.now() < until; ) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
