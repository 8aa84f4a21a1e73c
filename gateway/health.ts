/** Whether it works: something is written to the database and Temporal is asked. What is full or away is said, and logged once until it is back. */

import { errorText } from '../plan/error-text.ts';
import { StoreUnavailable } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { Problem } from './problem.ts';
import type { RunService } from './temporal.ts';

interface Options {
  store: Pick<Store, 'ping'>;
  runs: Pick<RunService, 'ping'>;
  log: (line: string) => void;
}

export class Health {
  private readonly options: Options;
  private said = '';

  constructor(options: Options) {
    this.options = options;
  }

  /** Rejects with a {@link Problem} that names everything that does not work. */
  async check(): Promise<void> {
    const { store, runs } = this.options;
    const found = await Promise.allSettled([store.ping(), runs.ping()]);
    const wrong = found.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    const line = wrong.map(errorText).join(' ');
    if (line !== this.said) this.options.log(line ? `Not healthy: ${line}` : 'Healthy again.');
    this.said = line;
    if (wrong.length > 0)
      throw new Problem(503, 'Not ready', wrong.map(inPublic).join(' '), { retryAfter: 5 });
  }
}

/** Anybody may ask: where our services are is in the log alone. */
function inPublic(error: unknown): string {
  if (error instanceof StoreUnavailable)
    return error.full
      ? 'The database is full: make room where PostgreSQL keeps its data.'
      : 'The database is away.';
  return error instanceof Problem ? `${error.title}.` : 'Something does not work; it is in the log.';
}
