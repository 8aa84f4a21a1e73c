/** One entry as it was read. An attribute that it does not have is absent, however it was asked for. */
import type { SearchEntry } from 'ldapts';
import { guidText } from './names.ts';

export class Entry {
  readonly dn: string;
  private readonly attributes = new Map<string, Buffer[]>();

  constructor(found: SearchEntry) {
    this.dn = found.name;
    for (const attribute of found.attributes)
      if (attribute.parsedBuffers.length > 0)
        this.attributes.set(attribute.type.toLowerCase(), attribute.parsedBuffers);
  }

  /** Undefined where there is none; the first of several. */
  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  texts(name: string): string[] {
    return this.bytes(name).map((value) => value.toString('utf8'));
  }

  bytes(name: string): Buffer[] {
    return this.attributes.get(name.toLowerCase()) ?? [];
  }

  /** A whole number. Flags beyond 31 bits come as negative ones, as the directory has them. */
  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** objectGUID: what stays when the entry is renamed, moved, deleted and restored. */
  get id(): string {
    const [bytes] = this.bytes('objectGUID');
    return bytes === undefined ? '' : guidText(bytes);
  }

  /** The part of a list that the server gave, where it gives long ones in parts (`member;range=0-1499`). */
  range(name: string): { values: string[]; upTo: number | undefined } | undefined {
    const prefix = `${name.toLowerCase()};range=`;
    for (const [key, values] of this.attributes)
      if (key.startsWith(prefix)) {
        const end = key.slice(key.indexOf('-', prefix.length) + 1);
        return {
          values: values.map((value) => value.toString('utf8')),
          upTo: end === '*' ? undefined : Number(end),
        };
      }
    return undefined;
  }
}
