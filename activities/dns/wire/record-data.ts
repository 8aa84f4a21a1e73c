/** The types of records that are read and written: what people write of each, and what goes over the wire. */
import { isIPv4, isIPv6 } from 'node:net';
import { BadName, labelsOf, lowered, nameToText, nameToWire, readName, unescaped } from './names.ts';

export const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'PTR', 'SRV', 'CAA'] as const;

export type RecordType = (typeof recordTypes)[number];

/** Numbers of the IANA registry "Resource Record (RR) TYPEs". */
export const typeNumbers: Record<RecordType, number> = {
  A: 1,
  CNAME: 5,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  CAA: 257,
};

interface Form {
  encode(text: string): Buffer;
  /** Of data that stands at `at` in a message, so that what its names point to is found. */
  decode(message: Buffer, at: number, length: number): string;
  /** Where a name begins in the data, which alone is the same in capitals; -1 where none is. */
  nameAt: number;
}

const name: Form = {
  encode: (text) => nameToWire(labelsOf(text)),
  decode: (message, at) => nameToText(readName(message, at).labels),
  nameAt: 0,
};

const forms: Record<RecordType, Form> = {
  A: {
    encode(text) {
      if (!isIPv4(text)) throw new BadName(`"${text}" is no IPv4 address, such as 192.0.2.10.`);
      return Buffer.from(text.split('.').map(Number));
    },
    decode: (message, at) => [...message.subarray(at, at + 4)].join('.'),
    nameAt: -1,
  },
  AAAA: {
    encode(text) {
      if (!isIPv6(text) || text.includes('%'))
        throw new BadName(`"${text}" is no IPv6 address, such as 2001:db8::10.`);
      return Buffer.from(
        groupsOf(shortest(text))
          .map((group) => group.padStart(4, '0'))
          .join(''),
        'hex',
      );
    },
    decode: (message, at) =>
      shortest(
        message
          .toString('hex', at, at + 16)
          .match(/.{4}/g)
          ?.join(':') ?? '',
      ),
    nameAt: -1,
  },
  CNAME: name,
  PTR: name,
  MX: withNumbers(1, '10 mail.example.com'),
  SRV: withNumbers(3, '0 5 443 web.example.com'),
  TXT: {
    encode: textToWire,
    decode: (message, at, length) => wireToText(strings(message, at, length)),
    nameAt: -1,
  },
  CAA: { encode: caaToWire, decode: wireToCaa, nameAt: -1 },
};

export function encodeData(type: RecordType, text: string): Buffer {
  return forms[type].encode(text);
}

/** Text, and the data as it stands without compression: what a prerequisite compares with. */
export function decodeData(
  type: RecordType,
  message: Buffer,
  at: number,
  length: number,
): { text: string; data: Buffer } {
  const { decode, nameAt } = forms[type];
  const text = decode(message, at, length);
  if (nameAt < 0) return { text, data: Buffer.from(message.subarray(at, at + length)) };
  const { labels } = readName(message, at + nameAt);
  return { text, data: Buffer.concat([message.subarray(at, at + nameAt), nameToWire(labels)]) };
}

/** What is the same for two records that mean the same: names in small letters, and a text whatever its parts. */
export function dataKey(type: RecordType, data: Buffer): string {
  const { nameAt } = forms[type];
  if (type === 'TXT') return Buffer.concat(strings(data, 0, data.length)).toString('latin1');
  if (nameAt < 0) return data.toString('latin1');
  return Buffer.concat([data.subarray(0, nameAt), lowered(data.subarray(nameAt))]).toString('latin1');
}

function withNumbers(count: number, example: string): Form {
  const form = new RegExp(`^${'(\\d{1,5})\\s+'.repeat(count)}(\\S.*)$`, 's');
  return {
    encode(text) {
      const [, ...parts] = form.exec(text) ?? [];
      const numbers = parts.slice(0, count).map(Number);
      if (parts.length === 0 || numbers.some((number) => number > 0xffff))
        throw new BadName(`"${text}" is not of the form "${example}".`);
      const head = Buffer.alloc(2 * count);
      for (const [at, number] of numbers.entries()) head.writeUInt16BE(number, 2 * at);
      return Buffer.concat([head, nameToWire(labelsOf(parts[count] ?? ''))]);
    },
    decode(message, at) {
      const numbers = Array.from({ length: count }, (_, index) => message.readUInt16BE(at + 2 * index));
      return [...numbers, nameToText(readName(message, at + 2 * count).labels)].join(' ');
    },
    nameAt: 2 * count,
  };
}

/** RFC 5952, but for an address of IPv4 within one, which stands in groups as well. */
function shortest(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function groupsOf(short: string): string[] {
  const [head = '', tail] = short.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  if (tail === undefined) return groups(head);
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

/** In parts of 255 octets, as long texts are read by those who want one (RFC 7208, 3.3). */
function textToWire(text: string): Buffer {
  const bytes = unescaped(text, text);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 255) {
    const part = bytes.subarray(at, at + 255);
    parts.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat(parts);
}

function strings(message: Buffer, at: number, length: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let position = at; position < at + length; ) {
    const size = message.readUInt8(position);
    if (position + 1 + size > at + length) throw new RangeError('a text is too long');
    parts.push(message.subarray(position + 1, position + 1 + size));
    position += 1 + size;
  }
  return parts;
}

/** The text itself where it is one; a backslash is doubled, and bytes that are no text are `\DDD`. */
function wireToText(parts: readonly Buffer[]): string {
  const bytes = Buffer.concat(parts);
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  const written = isText ? text : bytes.toString('latin1');
  const unprintable = isText ? /[\p{Cc}]/gu : /[^\x20-\x7e]/g;
  return written
    .replaceAll('\\', '\\\\')
    .replace(unprintable, (character) =>
      [...Buffer.from(character, isText ? 'utf8' : 'latin1')]
        .map((byte) => `\\${String(byte).padStart(3, '0')}`)
        .join(''),
    );
}

function caaToWire(text: string): Buffer {
  const [, flags, tag = '', rest = ''] = /^(\d{1,3})\s+([A-Za-z0-9]{1,255})\s+(\S.*)$/s.exec(text) ?? [];
  if (flags === undefined || Number(flags) > 255)
    throw new BadName(`"${text}" is not of the form "0 issue ca.example.net".`);
  const value = /^"(.*)"$/s.exec(rest)?.[1] ?? rest;
  return Buffer.concat([
    Buffer.from([Number(flags), tag.length]),
    Buffer.from(tag, 'latin1'),
    unescaped(value, text),
  ]);
}

function wireToCaa(message: Buffer, at: number, length: number): string {
  const size = message.readUInt8(at + 1);
  if (2 + size > length) throw new RangeError('a tag is too long');
  const tag = message.toString('latin1', at + 2, at + 2 + size);
  const value = wireToText([message.subarray(at + 2 + size, at + length)]);
  return `${message.readUInt8(at)} ${tag} "${value}"`;
}
