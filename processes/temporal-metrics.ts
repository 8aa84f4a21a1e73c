/** Temporal's own metrics: its core serves them at an address of its own, from which they are shown beside ours. */
import { freePort } from './local-server.ts';
import { logOf } from './log.ts';
import { quietTemporalLog } from './temporal-logging.ts';

const askLimitMs = 2_000;

/** Once a process, first. Gives what reads them, or nothing where metrics are off. */
export async function startTemporalRuntime(): Promise<(() => Promise<string>) | undefined> {
  const log = logOf('worker');
  if (process.env.COUNTERSIGN_METRICS === 'off') {
    quietTemporalLog(undefined, log);
    return undefined;
  }
  const bindAddress = `127.0.0.1:${await freePort()}`;
  quietTemporalLog(
    {
      prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
    },
    log,
  );
  return async () => {
    const answer = await fetch(`http://${bindAddress}/metrics`, { signal: AbortSignal.timeout(askLimitMs) });
    return answer.ok ? answer.text() : '';
  };
}
