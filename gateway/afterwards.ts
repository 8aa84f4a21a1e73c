/** What is written down of something that has happened already: it is tried until it succeeds, and whoever asked does not wait for good. */
import { setTimeout as pause } from 'node:timers/promises';
import { errorText } from '../plan/error-text.ts';

/** As long as somebody who asked waits for it. */
const waitMs = 4_000;
const againMs = 2_000;
/** Past this, whatever reconciles the lists must do. */
const tryForMs = 10 * 60_000;

/** Resolves once it is written, or is known to take longer; then it goes on by itself. `trouble` begins the line that is logged. */
export async function afterwards(
  trouble: string,
  log: (line: string) => void,
  write: () => Promise<void>,
): Promise<void> {
  const written = untilWritten(trouble, log, write);
  await Promise.race([written, pause(waitMs, undefined, { ref: false })]);
}

async function untilWritten(
  trouble: string,
  log: (line: string) => void,
  write: () => Promise<void>,
): Promise<void> {
  const end = Date.now() + tryForMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      const over = Date.now() > end;
      if (tries === 1 || over)
        log(`${trouble}, and ${over ? 'is given up here' : 'is tried again'}: ${errorText(error)}`);
      if (over) return;
    }
    await pause(againMs, undefined, { ref: false });
  }
}
