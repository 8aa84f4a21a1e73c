/**
 * Deliveries are answered as soon as they are kept; what they start or tell happens from here. Runs start as fast as they get on: so
 * many that a worker still has the others' steps and votes to do, however many tickets came together. What this process leaves behind
 * when it dies was kept, and is taken up by `unsettled.ts`.
 */

import { errorText } from '../../plan/error-text.ts';
import type { RawDelivery, TicketSystem } from '../../tickets/ticket-system.ts';
import type { Kept, Received, Receiver } from './receive.ts';

/** Starts under way at once. A run is on its way until it waits for somebody, has ended, or has worked for a while. */
const mostStarting = 8;
/** Of what tells runs that are live already: an abort must not wait until a hundred others have started. */
const mostTelling = 8;
const longestOnItsWayMs = 3_000;

export interface InboxOptions {
  receiver: Pick<Receiver, 'keep' | 'settle'>;
  /** Calls back when something was written of the run, with the status that it told, if it is known. Returns what ends that. */
  ofRun(run: string, look: (status?: string) => void): () => void;
  /** Whether the run works: it waits for nobody and has not ended. */
  isWorking(run: string): Promise<boolean>;
  settled(system: TicketSystem, received: Received): void;
  log: (line: string) => void;
}

export class Inbox {
  private readonly options: InboxOptions;
  private readonly starts: Lane;
  private readonly others: Lane;
  private readonly held = new Set<string>();

  constructor(options: InboxOptions) {
    this.options = options;
    this.starts = new Lane(mostStarting);
    this.others = new Lane(mostTelling);
  }

  /** Resolves once the delivery is kept, or is settled where that asks nobody else. */
  async take(system: TicketSystem, raw: RawDelivery): Promise<Received> {
    const { receiver, settled } = this.options;
    const kept = await receiver.keep(system, raw);
    if ('outcome' in kept) {
      settled(system, kept);
      return kept;
    }
    const { id } = kept.delivery;
    if (!this.holds(id)) {
      this.held.add(id);
      if (kept.does === 'start') this.starts.take(() => this.started(system, kept));
      else this.others.take(() => this.settle(system, kept));
    }
    return { outcome: 'received', delivery: id };
  }

  /** Whether the delivery is handled here, now or soon. */
  holds(id: string): boolean {
    return this.held.has(id);
  }

  /** What is under way is finished. What has not begun stays kept. */
  async stop(): Promise<void> {
    await Promise.all([this.starts.stop(), this.others.stop()]);
  }

  private async started(system: TicketSystem, kept: Kept): Promise<void> {
    const received = await this.settle(system, kept);
    if (received?.outcome === 'started' && received.run) await this.onItsWay(received.run);
  }

  private async settle(system: TicketSystem, kept: Kept): Promise<Received | undefined> {
    const { receiver, settled, log } = this.options;
    try {
      const received = await receiver.settle(kept);
      settled(system, received);
      return received;
    } catch (error) {
      log(
        `A delivery of ${system.title} (${kept.delivery.id}) is kept and cannot be handled now; it will be again: ${errorText(error)}`,
      );
      return undefined;
    } finally {
      this.held.delete(kept.delivery.id);
    }
  }

  private onItsWay(run: string): Promise<void> {
    const { ofRun, isWorking } = this.options;
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(limit);
        end();
        resolve();
      };
      const limit = setTimeout(over, longestOnItsWayMs);
      const look = (status?: string) => {
        if (status !== 'running') void isWorking(run).then((working) => working || over(), over);
      };
      const end = ofRun(run, look);
      // It may have been written before anybody listened.
      look();
    });
  }
}

/** Works at so many things at once, in the order in which they came. */
class Lane {
  private readonly most: number;
  private readonly waiting: (() => Promise<unknown>)[] = [];
  private readonly working = new Set<Promise<unknown>>();

  constructor(most: number) {
    this.most = most;
  }

  take(work: () => Promise<unknown>): void {
    this.waiting.push(work);
    this.next();
  }

  async stop(): Promise<void> {
    this.waiting.length = 0;
    await Promise.all(this.working);
  }

  private next(): void {
    while (this.working.size < this.most) {
      const work = this.waiting.shift();
      if (!work) return;
      const mine = work().finally(() => {
        this.working.delete(mine);
        this.next();
      });
      this.working.add(mine);
    }
  }
}
