/** PostgreSQL as a part: ends with its supervisor. */
import { provisionPostgres } from '../../store/postgres-server.ts';
import { runPart } from '../../worker/part.ts';

await runPart('postgres', async () => {
  const server = await provisionPostgres({
    dataFolder: process.env.COUNTERSIGN_DATA ?? '.countersign',
    log: (line) => console.error(line),
  });
  const { url, source, pid } = server;
  return { ready: { url, source, serverPid: pid }, stop: () => server.stop(), ended: server.ended };
});
