/** What the stand-ins changed, in order: the proof that each effect happened once. Kept in a file, so a restart loses nothing. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface Effect {
  seq: number;
  at: string;
  system: 'graph' | 'jira' | 'smtp';
  /** `user.created`, `license.assigned`, `mail.delivered` … */
  effect: string;
  /** Whom or what it happened to: a sign-in name, an issue key, an address. */
  subject: string;
  detail?: Record<string, unknown>;
}

export class Effects {
  private readonly file: string | undefined;
  private effects: Effect[] = [];

  constructor(file?: string) {
    this.file = file;
    if (file && existsSync(file)) {
      this.effects = readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Effect);
    }
  }

  add(system: Effect['system'], effect: string, subject: string, detail?: Record<string, unknown>): Effect {
    const entry: Effect = {
      seq: this.effects.length + 1,
      at: new Date().toISOString(),
      system,
      effect,
      subject,
      ...(detail ? { detail } : {}),
    };
    this.effects.push(entry);
    if (this.file) appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
    return entry;
  }

  list(filter: { system?: string; effect?: string; subject?: string } = {}): Effect[] {
    return this.effects.filter(
      (effect) =>
        (!filter.system || effect.system === filter.system) &&
        (!filter.effect || effect.effect === filter.effect) &&
        (!filter.subject || effect.subject === filter.subject),
    );
  }

  reset(): void {
    this.effects = [];
    if (this.file) writeFileSync(this.file, '');
  }
}
