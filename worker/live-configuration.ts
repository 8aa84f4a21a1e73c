/**
 * Roles, calendars and rules of approvals as countersign.yaml has them now. The file is looked at each second: "add it to
 * countersign.yaml, then retry this step" works without starting the worker anew. Connectors and secrets are read at the start.
 */
import { stat } from 'node:fs/promises';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import type { Calendars } from '../organisation/calendars.ts';
import type { Roles } from '../organisation/people.ts';
import { errorText } from '../plan/error-text.ts';
import type { Duration } from '../plan/plan.ts';

const lookEveryMs = 1_000;

export interface ReadsConfiguration {
  /** Rejects with every problem in it. */
  read(path: string): Promise<Configuration>;
  log: (line: string) => void;
}

export class LiveConfiguration {
  private current: Configuration;
  private readonly path: string;
  private readonly reads: ReadsConfiguration;
  private seen: number | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(path: string, current: Configuration, reads: ReadsConfiguration) {
    this.path = path;
    this.current = current;
    this.reads = reads;
    this.timer = setInterval(() => void this.look(), lookEveryMs);
    this.timer.unref();
  }

  /** All of it, as it is now. */
  now(): Configuration {
    return this.current;
  }

  roles(): Roles {
    return this.current.roles;
  }

  calendars(): Calendars {
    return calendarsOf(this.current, this.path);
  }

  objection(): Duration {
    return this.current.approvals.objection;
  }

  /** Reads it again when it has changed. One with mistakes in it changes nothing, and is told of once. */
  async look(): Promise<void> {
    try {
      const { mtimeMs } = await stat(this.path);
      if (mtimeMs === this.seen) return;
      const first = this.seen === undefined;
      this.seen = mtimeMs;
      if (!first) this.current = await this.reads.read(this.path);
    } catch (error) {
      this.reads.log(`The worker goes on with the configuration that it had. ${errorText(error)}`);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
