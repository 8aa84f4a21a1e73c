/** Domain names (RFC 1035, 5890): what people write, and what goes over the wire. */
import { domainToASCII } from 'node:url';

const longestLabel = 63;
const longestName = 255;

/** What is said to people: it begins with what is wrong, in quotes. */
export class BadName extends Error {}

/** The labels of a name. A dot within one is written `\.`, any byte `\DDD`; letters of other scripts become A-labels. */
export function labelsOf(text: string): Buffer[] {
  if (text === '.') return [];
  if (text === '') throw new BadName('A name is empty.');
  const labels = split(text).map((label) => labelOf(label, text));
  if (wireLength(labels) > longestName)
    throw new BadName(`"${text}" is ${wireLength(labels)} octets long; a name has ${longestName} at most.`);
  return labels;
}

/** Uncompressed. */
export function nameToWire(labels: readonly Buffer[]): Buffer {
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.alloc(1)]);
}

/** As `labelsOf` takes it, without a dot at its end; `.` is the root. */
export function nameToText(labels: readonly Buffer[]): string {
  return labels.length === 0 ? '.' : labels.map(labelToText).join('.');
}

/** Reads one, following what compression points to. Gives where it goes on behind it. */
export function readName(message: Buffer, at: number): { labels: Buffer[]; end: number } {
  const labels: Buffer[] = [];
  let end: number | undefined;
  // Each pointer must lead further to the front, so this ends.
  for (let position = at, before = at; ; ) {
    const length = message.readUInt8(position);
    if (length === 0) {
      if (wireLength(labels) > longestName) throw new RangeError('a name is too long');
      return { labels, end: end ?? position + 1 };
    }
    if (length >= 0xc0) {
      const to = message.readUInt16BE(position) & 0x3fff;
      if (to >= before) throw new RangeError('a name points forward');
      end ??= position + 2;
      position = to;
      before = to;
      continue;
    }
    if (length > longestLabel || position + 1 + length > message.length)
      throw new RangeError('a label is too long');
    labels.push(message.subarray(position + 1, position + 1 + length));
    position += 1 + length;
  }
}

/** Names are the same whatever the case of their ASCII letters. */
export function nameKey(labels: readonly Buffer[]): string {
  return lowered(nameToWire(labels)).toString('latin1');
}

export function isWithin(labels: readonly Buffer[], zone: readonly Buffer[]): boolean {
  return labels.length >= zone.length && nameKey(labels.slice(labels.length - zone.length)) === nameKey(zone);
}

/** Whether the first label stands for whatever has no records of its own. */
export function isWildcard([first]: readonly Buffer[]): boolean {
  return first?.toString('latin1') === '*';
}

/** ASCII letters alone, as DNS compares: lengths stay below them. */
export function lowered(name: Buffer): Buffer {
  return Buffer.from(name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)));
}

function wireLength(labels: readonly Buffer[]): number {
  return labels.reduce((sum, label) => sum + 1 + label.length, 1);
}

/** At the dots that no backslash stands before. One at the end says that the name is whole, which it is in any case. */
function split(text: string): string[] {
  const labels = text.match(/(?:\\[\s\S]|[^.\\])+|\.|\\$/g) ?? [];
  const parts: string[] = [];
  let expectsLabel = true;
  for (const part of labels) {
    if ((part === '.') === expectsLabel)
      throw new BadName(`"${text}" has an empty label: two dots beside each other, or one at its beginning.`);
    if (part !== '.') parts.push(part);
    expectsLabel = part === '.';
  }
  return parts;
}

function labelOf(written: string, name: string): Buffer {
  const label = /[^\0-\x7f]/.test(written) ? aLabel(written, name) : unescaped(written, name);
  if (label.length > longestLabel)
    throw new BadName(`"${name}" has a label of ${label.length} octets; one has ${longestLabel} at most.`);
  return label;
}

function aLabel(written: string, name: string): Buffer {
  // With a label behind it, or one of digits alone would be read as an address.
  const ascii = domainToASCII(`${written}.example`);
  const label = /^(xn--[a-z0-9-]+)\.example$/.exec(ascii)?.[1];
  if (label === undefined)
    throw new BadName(
      `"${name}" has a label that is no internationalised name (IDNA): "${written}". Write it in ASCII, beginning with xn--.`,
    );
  return Buffer.from(label, 'latin1');
}

/** Also of a text, where a backslash means the same. */
export function unescaped(written: string, whole: string): Buffer {
  if (/\p{Cs}/u.test(written)) throw new BadName('A text holds half a character.');
  const parts: Buffer[] = [];
  for (const [part, sign] of written.matchAll(/[^\\]+|\\(\d{3}|[^\d]|.|$)/gsu)) {
    if (sign === undefined) parts.push(Buffer.from(part, 'utf8'));
    else if (/^\d{3}$/.test(sign) && Number(sign) <= 255) parts.push(Buffer.from([Number(sign)]));
    else if (/^\D$/u.test(sign)) parts.push(Buffer.from(sign, 'utf8'));
    else
      throw new BadName(
        `"${whole}" has a backslash that begins nothing: write \\\\ for one, or \\DDD for a byte.`,
      );
  }
  return Buffer.concat(parts);
}

function labelToText(label: Buffer): string {
  return [...label]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[.\\]/.test(character)) return `\\${character}`;
      return byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`;
    })
    .join('');
}
