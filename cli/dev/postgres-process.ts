/** PostgreSQL as a part: ends with its supervisor. */
import { provisionPostgres } from '../../processes/postgres/server.ts';
import { runPart } from '../../processes/process-lifecycle.ts';

await runPart('postgres', async () => {
  const server = await provisionPostgres({
    dataFolder: process.env.COUNTERSIGN_DATA ?? '.countersign',
    log: (line) => console.error(line),
  });
  const { url, source, pid } = server;
  return { ready: { url, source, serverPid: pid }, stop: () => server.stop(), ended: server.ended };
});
