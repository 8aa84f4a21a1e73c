/** The Temporal server as a part: ends with its supervisor. */
import { runPart } from '../../processes/process-lifecycle.ts';
import { provisionTemporal } from '../../processes/temporal/provision.ts';

await runPart('temporal', async () => {
  const server = await provisionTemporal({
    dataFolder: process.env.COUNTERSIGN_DATA ?? '.countersign',
    log: (line) => console.error(line),
  });
  const { address, namespace, source, pid } = server;
  return {
    ready: { address, namespace, source, serverPid: pid },
    stop: () => server.stop(),
    ended: server.ended,
  };
});
