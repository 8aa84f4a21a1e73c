/** Takes up deliveries that were kept and not settled, as while Temporal was away: not every system sends again. */
import { errorText } from '../../plan/error-text.ts';
import type { Store } from '../../store/store.ts';
import { ticketSystems } from '../../tickets/systems.ts';
import { Problem } from '../problem.ts';
import type { Receiver } from './receive.ts';

interface Options {
  store: Pick<Store, 'deliveries'>;
  receiver: Pick<Receiver, 'takeUp'>;
  /** Whether this gateway handles the delivery already, now or soon. */
  holds?: (id: string) => boolean;
  log: (line: string) => void;
  /** For tests: milliseconds that a delivery is left to the request with which it came. */
  quietMs?: number;
}

const lookEveryMs = 5_000;
const quietMs = 15_000;
const longestPatienceMs = 10 * 60_000;

export class Unsettled {
  private readonly options: Options;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  /** Id of a delivery that could not be handled -> when it is tried next, and how long it was left alone. */
  private readonly patience = new Map<string, { next: number; wait: number }>();

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => {
      this.working = this.working.then(() => this.look());
    }, lookEveryMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** One round. What is away now is away for the others too. */
  async look(): Promise<void> {
    const { store, receiver, holds, log, quietMs: own } = this.options;
    try {
      const systems = ticketSystems().map(({ name }) => name);
      for (const { id, system } of await store.deliveries.unsettled(systems, { quietMs: own ?? quietMs })) {
        if (holds?.(id) || (this.patience.get(id)?.next ?? 0) > Date.now()) continue;
        try {
          const { outcome, reason } = await receiver.takeUp(id);
          this.patience.delete(id);
          log(`A kept delivery of ${system} (${id}) is settled: ${outcome}${reason ? ` (${reason})` : ''}`);
        } catch (error) {
          if (error instanceof Problem && error.status === 503) return;
          this.leaveAlone(id);
          log(
            `A kept delivery of ${system} (${id}) cannot be handled, and is tried again: ${errorText(error)}`,
          );
        }
      }
    } catch (error) {
      log(`Kept deliveries could not be looked for, and will be again: ${errorText(error)}`);
    }
  }

  private leaveAlone(id: string): void {
    const wait = Math.min((this.patience.get(id)?.wait ?? lookEveryMs) * 2, longestPatienceMs);
    this.patience.set(id, { next: Date.now() + wait, wait });
  }
}
