/** A clock on which time passes only when nothing else can happen, so that a month takes milliseconds. */
interface Waiter {
  /** True when what it waits for holds: it is told so once, and forgotten. */
  check(): boolean;
  /** It goes on waiting for other things. */
  stays?: true;
}

interface Timer {
  at: number;
  order: number;
  fire(): void;
}

/** One clock and what waits on it, shared by a port and its children. */
export class VirtualClock {
  private time: number;
  private timers: Timer[] = [];
  private order = 0;
  private readonly waiters = new Set<Waiter>();
  /** Called runs with a `unique` key that are live, by the id that only one of them may have. */
  readonly alone = new Map<string, string>();
  private deliveries: (() => void)[] = [];
  /** Goes up whenever all has happened that could. */
  turn = 0;
  /** How much is under way in the real world, and who waits for some of it to end. */
  private outsideWork = 0;
  private outsideEnded: () => void = () => {};

  constructor(start: number) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  after(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: this.time + Math.max(0, ms), order: this.order++, fire };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  wait(waiter: Waiter): () => void {
    this.waiters.add(waiter);
    return () => this.waiters.delete(waiter);
  }

  /** Once all has happened that can: what comes in one moment comes together. */
  deliver(act: () => void): void {
    this.deliveries.push(act);
  }

  /** Something in the real world: time stands still until it is done. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.outsideWork += 1;
    try {
      return await work();
    } finally {
      this.outsideWork -= 1;
      this.outsideEnded();
    }
  }

  /** Resolves as soon as the predicate holds. */
  until(predicate: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (predicate()) return resolve();
      this.wait({
        check: () => {
          if (!predicate()) return false;
          resolve();
          return true;
        },
      });
    });
  }

  /** Runs until `done` settles. Rejects when nothing could ever happen again, naming that instead of hanging. */
  async runUntil<T>(done: Promise<T>): Promise<T> {
    let settled = false;
    const watched = done.finally(() => {
      settled = true;
    });
    watched.catch(() => {});
    for (;;) {
      await this.drain();
      if (settled) return watched;
      if (this.outsideWork > 0) {
        await new Promise<void>((resolve) => {
          this.outsideEnded = resolve;
        });
        continue;
      }
      if (!this.advance()) throw new Stalled();
    }
  }

  /** Lets all that can happen now happen, including conditions that one another's effects make true. */
  async drain(): Promise<void> {
    let somebodyWoke = true;
    while (somebodyWoke) {
      await new Promise((resolve) => setImmediate(resolve));
      this.turn += 1;
      somebodyWoke = this.deliverAll() || this.wakeAll();
    }
  }

  private deliverAll(): boolean {
    const { deliveries } = this;
    this.deliveries = [];
    for (const act of deliveries) act();
    return deliveries.length > 0;
  }

  private wakeAll(): boolean {
    let any = false;
    for (const waiter of [...this.waiters]) {
      if (!waiter.check()) continue;
      if (!waiter.stays) this.waiters.delete(waiter);
      any = true;
    }
    return any;
  }

  private advance(): boolean {
    const next = this.timers.reduce<Timer | undefined>(
      (first, timer) =>
        !first || timer.at < first.at || (timer.at === first.at && timer.order < first.order) ? timer : first,
      undefined,
    );
    if (!next) return false;
    this.timers = this.timers.filter((timer) => timer !== next);
    this.time = Math.max(this.time, next.at);
    next.fire();
    return true;
  }
}

/** Nothing is under way and no timer is set: somebody is waited for who never comes. */
export class Stalled extends Error {
  override readonly name = 'Stalled';
  constructor() {
    super('The run waits for somebody who never comes: no timer is set and nothing is under way.');
  }
}
