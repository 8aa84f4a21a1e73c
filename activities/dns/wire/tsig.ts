/** Signed messages by a key that both sides know (RFC 8945): who asks, and that the answer is the server's. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Answer, any, partToWire, type Record } from './messages.ts';
import { labelsOf, lowered, nameKey, nameToWire, readName } from './names.ts';

export const algorithms = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const;

export interface Key {
  name: string;
  algorithm: (typeof algorithms)[number];
  /** As the server has it: base64. */
  secret: string;
}

export interface Signed {
  message: Buffer;
  /** What the answer's signature is computed with. */
  mac: Buffer;
}

const typeTsig = 250;
/** Seconds that clocks may differ by. */
const fudge = 300;

/** `seconds` since 1970. */
export function sign(message: Buffer, key: Key, seconds: number): Signed {
  const variables = { seconds, fudge, error: 0, other: Buffer.alloc(0) };
  const mac = macOf(key, [message, variablesOf(key, variables)]);
  const id = message.readUInt16BE(0);
  const data = Buffer.concat([
    nameToWire(labelsOf(key.algorithm)),
    time(seconds),
    numbers(fudge, mac.length),
    mac,
    numbers(id, 0, 0),
  ]);
  const signed = Buffer.concat([
    message,
    partToWire({ name: labelsOf(key.name), type: typeTsig, class: any, ttl: 0, data }),
  ]);
  signed.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { message: signed, mac };
}

/** Why an answer is not believed. */
export type Doubt = { kind: 'unsigned' | 'other-key' | 'bad' | 'late' } | { kind: 'refused'; error: number };

/** Undefined when the answer is signed by the same key, for this very request, now. */
export function doubtOf(
  message: Buffer,
  answer: Answer,
  key: Key,
  request: Buffer,
  seconds: number,
): Doubt | undefined {
  const record = answer.additionals.at(-1);
  if (record?.type !== typeTsig) return { kind: 'unsigned' };
  const found = read(message, record);
  // Such a one has no signature: the server did not know the key. It says no more than that we were not heard.
  if (found.mac.length === 0 && found.error !== 0) return { kind: 'refused', error: found.error };
  const sameKey =
    nameKey(record.name) === nameKey(labelsOf(key.name)) &&
    nameKey(found.algorithm) === nameKey(labelsOf(key.algorithm));
  if (!sameKey) return { kind: 'other-key' };
  const plain = Buffer.from(message.subarray(0, record.start));
  plain.writeUInt16BE(found.id, 0);
  plain.writeUInt16BE(message.readUInt16BE(10) - 1, 10);
  const expected = macOf(key, [numbers(request.length), request, plain, variablesOf(key, found)]);
  if (found.mac.length !== expected.length || !timingSafeEqual(found.mac, expected)) return { kind: 'bad' };
  if (found.error !== 0) return { kind: 'refused', error: found.error };
  return Math.abs(found.seconds - seconds) > found.fudge ? { kind: 'late' } : undefined;
}

interface Variables {
  seconds: number;
  fudge: number;
  error: number;
  other: Buffer;
}

function variablesOf(key: Key, { seconds, fudge: within, error, other }: Variables): Buffer {
  return Buffer.concat([
    lowered(nameToWire(labelsOf(key.name))),
    numbers(any, 0, 0),
    lowered(nameToWire(labelsOf(key.algorithm))),
    time(seconds),
    numbers(within, error, other.length),
    other,
  ]);
}

function read(message: Buffer, { at, length }: Record) {
  const end = at + length;
  const { labels: algorithm, end: behind } = readName(message, at);
  const size = message.readUInt16BE(behind + 8);
  const afterMac = behind + 10 + size;
  const otherSize = message.readUInt16BE(afterMac + 4);
  if (afterMac + 6 + otherSize !== end) throw new RangeError('its signature is of another length');
  return {
    algorithm,
    seconds: message.readUIntBE(behind, 6),
    fudge: message.readUInt16BE(behind + 6),
    mac: message.subarray(behind + 10, afterMac),
    id: message.readUInt16BE(afterMac),
    error: message.readUInt16BE(afterMac + 2),
    other: message.subarray(afterMac + 6, end),
  };
}

function macOf({ algorithm, secret }: Key, parts: readonly Buffer[]): Buffer {
  const hmac = createHmac(algorithm.replace('hmac-', ''), Buffer.from(secret, 'base64'));
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

function time(seconds: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(seconds, 0, 6);
  return bytes;
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, 2 * at);
  return bytes;
}
