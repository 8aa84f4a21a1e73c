/** Kills the worker again and again, whatever is under way: only not while somebody waits for its answer. */
import type { EngineStack } from './engine-stack.ts';

export class Restarts {
  count = 0;
  private readonly stack: EngineStack;
  private asking = 0;
  private restarting: Promise<void> | undefined;
  private stopped = false;
  private readonly looping: Promise<void>;

  /** Every so many milliseconds; never where there are none. */
  constructor(stack: EngineStack, everyMs?: number) {
    this.stack = stack;
    this.looping = everyMs === undefined ? Promise.resolve() : this.loop(everyMs);
  }

  /** Asks the worker something, between two restarts. */
  async between<T>(ask: () => Promise<T>): Promise<T> {
    while (this.restarting) await this.restarting;
    this.asking += 1;
    try {
      return await ask();
    } finally {
      this.asking -= 1;
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.looping;
  }

  private async loop(everyMs: number): Promise<void> {
    while (!this.stopped) {
      await delay(everyMs);
      if (this.stopped) return;
      this.restarting = this.restart();
      await this.restarting;
      this.restarting = undefined;
    }
  }

  private async restart(): Promise<void> {
    while (this.asking > 0) await delay(5);
    await this.stack.restartWorker();
    this.count += 1;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
