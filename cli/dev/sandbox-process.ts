/** The stand-ins as a part: ends with its supervisor, keeps its effects in the data folder. */

import { dirname, join, resolve } from 'node:path';
import { runPart } from '../../processes/process-lifecycle.ts';
import { startSandboxIn } from '../../sandbox/data-folder.ts';

await runPart('sandbox', async () => {
  const {
    COUNTERSIGN_DATA: folder = '.countersign',
    COUNTERSIGN_SANDBOX_LATENCY: latency = '0',
    COUNTERSIGN_CONFIG: configuration = 'countersign.yaml',
  } = process.env;
  // The repository's own connectors are stood in for, where they say how.
  const declared = [join(dirname(resolve(configuration)), 'connectors')];
  const sandbox = await startSandboxIn(folder, { latencyMs: Number(latency), declared });
  const { url, connectors, environment } = sandbox;
  return { ready: { url, connectors, environment }, stop: () => sandbox.close() };
});
