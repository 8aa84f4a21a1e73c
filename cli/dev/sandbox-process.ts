/** The stand-ins as a part: ends with its supervisor, keeps its effects in the data folder. */

import { runPart } from '../../processes/process-lifecycle.ts';
import { startSandboxIn } from '../../sandbox/data-folder.ts';

await runPart('sandbox', async () => {
  const { COUNTERSIGN_DATA: folder = '.countersign', COUNTERSIGN_SANDBOX_LATENCY: latency = '0' } =
    process.env;
  const sandbox = await startSandboxIn(folder, { latencyMs: Number(latency) });
  const { url, connectors, environment } = sandbox;
  return { ready: { url, connectors, environment }, stop: () => sandbox.close() };
});
