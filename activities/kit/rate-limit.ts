/**
 * The most calls a second that this process makes to one system. Temporal's task queues have limits of their own, but
 * reads run as local activities, which never pass through a queue.
 */
import { delay } from './delay.ts';

export class RateLimit {
  private readonly perSecond: number;
  /** When the next call may start, in milliseconds of the monotonic clock. */
  private next = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
  }

  /** Resolves when the call may start; up to a second's worth of calls may start at once after a pause. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const gap = 1000 / this.perSecond;
    const burst = Math.max(0, 1000 - gap);
    this.next = Math.max(this.next, now - burst) + gap;
    const wait = this.next - gap - now;
    if (wait > 0) await delay(wait, signal);
  }
}
