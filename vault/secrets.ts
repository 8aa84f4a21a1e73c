/**
 * Secrets by reference: the configuration names where each is found, runs carry the name only, and the value exists
 * nowhere but in the process that uses it.
 */
import { readFile } from 'node:fs/promises';

/** Where a secret is found: an environment variable, or a file (as container platforms mount them). */
export type SecretSource = { env: string } | { file: string };

export interface Secrets {
  /** The secret's value. Rejects, naming the secret and where it was looked for, when it is not there. */
  get(name: string): Promise<string>;
  /** The text with every secret that was read so far replaced by `[secret]`. */
  redact(text: string): string;
}

/** A secret that is replaced in its file is used after a minute, at the latest. */
const keptMs = 60_000;

export class ConfiguredSecrets implements Secrets {
  private readonly sources: Record<string, SecretSource>;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly now: () => number;
  private readonly values = new Map<string, { value: string; readAt: number }>();
  /** Also of values that were replaced since: they may still stand in an answer. */
  private readonly everRead = new Set<string>();
  private redactions = new Redactions([]);

  /** `sources` is the `secrets:` section of the configuration, with file paths made absolute; `now` is for tests. */
  constructor(
    sources: Record<string, SecretSource>,
    environment: NodeJS.ProcessEnv = process.env,
    now: () => number = Date.now,
  ) {
    this.sources = sources;
    this.environment = environment;
    this.now = now;
  }

  async get(name: string): Promise<string> {
    const known = this.values.get(name);
    if (known && this.now() - known.readAt < keptMs) return known.value;
    const source = Object.hasOwn(this.sources, name) ? this.sources[name] : undefined;
    if (!source) {
      const names = Object.keys(this.sources);
      const which = names.length > 0 ? `Known are: ${names.join(', ')}.` : 'None is configured.';
      throw new Error(`There is no secret "${name}" under secrets: in countersign.yaml. ${which}`);
    }
    const value = await this.read(name, source).catch((error: unknown) => {
      // Its file may be about to be replaced; a system that wants the new one says so.
      if (known) return known.value;
      throw error;
    });
    this.values.set(name, { value, readAt: this.now() });
    if (!this.everRead.has(value)) {
      this.everRead.add(value);
      this.redactions = new Redactions(this.everRead);
    }
    return value;
  }

  redact(text: string): string {
    return this.redactions.apply(text);
  }

  private async read(name: string, source: SecretSource): Promise<string> {
    if ('env' in source) {
      const value = this.environment[source.env];
      if (value) return value;
      throw new Error(
        `The secret "${name}" should be in the environment variable ${source.env}, which is not set.`,
      );
    }
    let content: string;
    try {
      content = await readFile(source.file, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      throw new Error(
        `The secret "${name}" should be in the file ${source.file}, which cannot be read (${code}).`,
      );
    }
    // Editors and `echo` end a file with a line break that is no part of the secret.
    const value = content.replace(/\r?\n$/, '');
    if (value) return value;
    throw new Error(`The secret "${name}" should be in the file ${source.file}, which is empty.`);
  }
}

/** Values shorter than this would blot out half of every message, and protect nothing. */
const shortest = 6;

/** Replaces values in a text, also where they were encoded for a URL, for JSON or in base64. */
export class Redactions {
  private readonly forms: string[];

  constructor(values: Iterable<string>) {
    const forms = new Set<string>();
    for (const value of values) {
      if (value.length < shortest) continue;
      const bytes = Buffer.from(value);
      for (const form of [
        value,
        encodeURIComponent(value),
        new URLSearchParams({ '': value }).toString().slice(1),
        JSON.stringify(value).slice(1, -1),
        bytes.toString('base64'),
        bytes.toString('base64url'),
      ])
        forms.add(form);
    }
    // The longest first: a value may contain another.
    this.forms = [...forms].sort((a, b) => b.length - a.length);
  }

  apply(text: string): string {
    return this.forms.reduce((result, form) => result.replaceAll(form, '[secret]'), text);
  }
}
