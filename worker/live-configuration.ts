/**
 * Roles, calendars and rules of approvals as countersign.yaml has them now. The file is looked at each second: "add it to
 * countersign.yaml, then retry this step" works without starting the worker anew. Connectors and secrets are read at the start.
 */
import { stat } from 'node:fs/promises';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { calendarsOf } from '../organisation/calendar-files.ts';
import type { Calendars } from '../organisation/calendars.ts';
import type { Roles } from '../organisation/people.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import { errorText } from '../plan/error-text.ts';
import type { Duration, Json } from '../plan/plan.ts';

const lookEveryMs = 1_000;

/** What a worker takes when it starts, and no later: what it connects to is made of it. */
const ofTheStart = ['connectors', 'secrets', 'outbound', 'temporal'] as const;

export interface ReadsConfiguration {
  /** Rejects with every problem in it. */
  read(path: string): Promise<Configuration>;
  log: (line: string) => void;
}

export class LiveConfiguration {
  private current: Configuration;
  private readonly begun: Configuration;
  /** Sections that differ from those of the start, as it was last said. */
  private said = '';
  private readonly path: string;
  private readonly reads: ReadsConfiguration;
  private seen: number | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(path: string, current: Configuration, reads: ReadsConfiguration) {
    this.path = path;
    this.current = current;
    this.begun = current;
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
      if (first) return;
      this.current = await this.reads.read(this.path);
      this.sayWhatWaits();
    } catch (error) {
      this.reads.log(`The worker goes on with the configuration that it had. ${errorText(error)}`);
    }
  }

  /** Whoever changed it and tries a step again would see no difference. */
  private sayWhatWaits(): void {
    const changed = ofTheStart.filter(
      (section) => textOf(this.current[section]) !== textOf(this.begun[section]),
    );
    const names = changed.map((section) => `${section}:`).join(', ');
    if (names !== this.said && names !== '')
      this.reads.log(
        `${names} changed in countersign.yaml. The worker goes on with what it had at its start: start it anew for the change to take effect.`,
      );
    this.said = names;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** `formerly` of a connector is looked at anew each time. */
function textOf(section: unknown): string {
  return canonicalJson(
    JSON.parse(
      JSON.stringify(section ?? null, (key, value) => (key === 'formerly' ? undefined : value)),
    ) as Json,
  );
}
