/** The stand-ins as a part: ends with its supervisor, keeps its effects in the data folder. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start.ts';
import { runPart } from '../../worker/part.ts';

await runPart('sandbox', async () => {
  const folder = process.env.COUNTERSIGN_DATA ?? '.countersign';
  // The same ports as last time: the other parts were told them.
  const memory = join(folder, 'sandbox.json');
  const ports = await readFile(memory, 'utf8')
    .then((text) => JSON.parse(text) as { port: number; smtpPort: number })
    .catch(() => ({ port: 0, smtpPort: 0 }));
  const options = {
    journalFile: join(folder, 'sandbox-effects.jsonl'),
    latencyMs: Number(process.env.COUNTERSIGN_SANDBOX_LATENCY ?? 0),
  };
  const sandbox = await startSandbox({ ...options, ...ports }).catch(() => startSandbox(options));
  await writeFile(
    memory,
    JSON.stringify({ port: Number(new URL(sandbox.url).port), smtpPort: sandbox.smtpPort }),
  );
  return { ready: { url: sandbox.url, connectors: sandbox.connectors }, stop: () => sandbox.close() };
});
