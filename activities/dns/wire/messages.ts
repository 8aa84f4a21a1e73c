/** DNS messages: questions (RFC 1035), updates with what they depend on (RFC 2136), and their answers. */
import { nameToWire, readName } from './names.ts';

export interface Answer {
  id: number;
  /** Of the server that answers for the zone itself. */
  authoritative: boolean;
  truncated: boolean;
  code: number;
  answers: Record[];
  authorities: Record[];
  additionals: Record[];
}

/** `at` and `length` say where its data stands in the message, which its names may point into. */
export interface Record {
  name: Buffer[];
  type: number;
  class: number;
  ttl: number;
  at: number;
  length: number;
  /** Where the record itself begins. */
  start: number;
}

/** One of an update's prerequisites or changes. */
export interface Part {
  name: readonly Buffer[];
  type: number;
  class: number;
  ttl: number;
  data: Buffer;
}

export const internet = 1;
/** Of a prerequisite: nothing of the kind is there. Of a change: this one record goes. */
export const none = 254;
/** Of a prerequisite: something of the kind is there. Of a change: all of the kind go. */
export const any = 255;
export const typeAny = 255;
export const typeSoa = 6;

const opcodeUpdate = 5;

export function question(id: number, name: readonly Buffer[], type: number): Buffer {
  return Buffer.concat([header(id, 0, [1, 0, 0]), nameToWire(name), twoNumbers(type, internet)]);
}

export function update(
  id: number,
  zone: readonly Buffer[],
  prerequisites: readonly Part[],
  changes: readonly Part[],
): Buffer {
  return Buffer.concat([
    header(id, opcodeUpdate << 11, [1, prerequisites.length, changes.length]),
    nameToWire(zone),
    twoNumbers(typeSoa, internet),
    ...[...prerequisites, ...changes].map(partToWire),
  ]);
}

/** Throws a RangeError where it is none. */
export function answerOf(message: Buffer): Answer {
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) === 0) throw new RangeError('it is no answer');
  const counts = [4, 6, 8, 10].map((at) => message.readUInt16BE(at));
  let position = 12;
  for (let left = counts[0] ?? 0; left > 0; left--) position = readName(message, position).end + 4;
  const records = (count = 0) =>
    Array.from({ length: count }, () => {
      const found = recordAt(message, position);
      position = found.at + found.length;
      return found;
    });
  const [answers, authorities, additionals] = [records(counts[1]), records(counts[2]), records(counts[3])];
  if (position !== message.length) throw new RangeError('there is something behind its end');
  return {
    id: message.readUInt16BE(0),
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    code: flags & 0x000f,
    answers,
    authorities,
    additionals,
  };
}

function recordAt(message: Buffer, start: number): Record {
  const { labels, end } = readName(message, start);
  const length = message.readUInt16BE(end + 8);
  if (end + 10 + length > message.length) throw new RangeError('a record is longer than the message');
  return {
    name: labels,
    type: message.readUInt16BE(end),
    class: message.readUInt16BE(end + 2),
    ttl: message.readUInt32BE(end + 4),
    at: end + 10,
    length,
    start,
  };
}

export function partToWire({ name, type, class: of, ttl, data }: Part): Buffer {
  const rest = Buffer.alloc(6);
  rest.writeUInt32BE(ttl, 0);
  rest.writeUInt16BE(data.length, 4);
  return Buffer.concat([nameToWire(name), twoNumbers(type, of), rest, data]);
}

function header(id: number, flags: number, counts: readonly [number, number, number]): Buffer {
  const bytes = Buffer.alloc(12);
  for (const [at, number] of [id, flags, ...counts].entries()) bytes.writeUInt16BE(number, 2 * at);
  return bytes;
}

function twoNumbers(first: number, second: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(first, 0);
  bytes.writeUInt16BE(second, 2);
  return bytes;
}
