/** What the stand-ins changed, in order: the proof that each effect happened once. Kept in a file, so a restart loses nothing. */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { defined } from '../plan/defined.ts';

export interface Effect {
  /** From 1, without gaps. */
  seq: number;
  at: string;
  /** Name of the stand-in, or `smtp`. */
  system: string;
  /** `user.created`, `license.assigned`, `mail.delivered` … */
  effect: string;
  /** Whom or what it happened to: a sign-in name, an issue key, an address. */
  subject: string;
  detail?: Record<string, unknown>;
}

export interface EffectFilter {
  system?: string;
  effect?: string;
  subject?: string;
  /** Only those after this number. */
  after?: number | string;
}

export class Effects {
  private readonly file: string | undefined;
  private effects: Effect[] = [];

  constructor(file?: string) {
    this.file = file;
    if (file && existsSync(file)) this.effects = readJournal(file);
  }

  /** Logs a change. Everything that makes the change must be in `detail`: after a restart it is made anew from there. */
  add(system: Effect['system'], effect: string, subject: string, detail?: Record<string, unknown>): Effect {
    const entry: Effect = {
      seq: this.effects.length + 1,
      at: new Date().toISOString(),
      system,
      effect,
      subject,
      // A copy: what happened does not change when its object changes later.
      ...defined({ detail: detail ? structuredClone(detail) : undefined }),
    };
    // The file first: what is not in it has not happened.
    if (this.file) appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
    this.effects.push(entry);
    return entry;
  }

  list(filter: EffectFilter = {}): Effect[] {
    return this.effects.filter(
      (effect) =>
        (!filter.system || effect.system === filter.system) &&
        (!filter.effect || effect.effect === filter.effect) &&
        (!filter.subject || effect.subject === filter.subject) &&
        (!filter.after || effect.seq > Number(filter.after)),
    );
  }

  reset(): void {
    this.effects = [];
    if (this.file) writeFileSync(this.file, '');
  }
}

/** A process killed while it wrote leaves half a line at the end: that effect was never answered, so it is dropped. */
function readJournal(file: string): Effect[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(file, whole);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Effect);
}
