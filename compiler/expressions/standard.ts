/** CEL's own functions that runbooks may call, as its specification and cel-go's string extension describe them. */
import { ExpressionError, isList, whole } from './operations.ts';

export interface StandardFunction {
  /** CEL's own: `string.startsWith(string): bool`. */
  signatures: string[];
  run(...values: never[]): unknown;
}

/** All are deterministic, quick and free of `Date`. */
export const standardFunctions: readonly StandardFunction[] = [
  { signatures: ['dyn(dyn): dyn'], run: (value: unknown) => value },
  { signatures: ['bool(bool): bool', 'bool(string): bool'], run: toBool },
  {
    signatures: ['size(string): int', 'size(list): int', 'size(map): int'],
    run: (value: string | object) => BigInt(sizeOf(value)),
  },
  {
    signatures: ['string.size(): int', 'list.size(): int', 'map.size(): int'],
    run: (value: string | object) => BigInt(sizeOf(value)),
  },
  { signatures: ['double(double): double', 'double(int): double', 'double(string): double'], run: toDouble },
  { signatures: ['int(int): int', 'int(double): int', 'int(string): int'], run: toInt },
  {
    signatures: [
      'string(string): string',
      'string(bool): string',
      'string(int): string',
      'string(double): string',
    ],
    run: toText,
  },
  {
    signatures: ['string.startsWith(string): bool'],
    run: (text: string, part: string) => text.startsWith(part),
  },
  { signatures: ['string.endsWith(string): bool'], run: (text: string, part: string) => text.endsWith(part) },
  { signatures: ['string.contains(string): bool'], run: (text: string, part: string) => text.includes(part) },
  {
    signatures: ['string.lowerAscii(): string'],
    run: (text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  },
  {
    signatures: ['string.upperAscii(): string'],
    run: (text: string) => text.replace(/[a-z]+/g, (part) => part.toUpperCase()),
  },
  { signatures: ['string.trim(): string'], run: trim },
  { signatures: ['string.indexOf(string): int', 'string.indexOf(string, int): int'], run: indexOf },
  {
    signatures: ['string.lastIndexOf(string): int', 'string.lastIndexOf(string, int): int'],
    run: lastIndexOf,
  },
  { signatures: ['string.substring(int): string', 'string.substring(int, int): string'], run: substring },
  {
    signatures: ['string.split(string): list<string>', 'string.split(string, int): list<string>'],
    run: split,
  },
  {
    signatures: ['list<string>.join(): string', 'list<string>.join(string): string'],
    run: (items: string[], separator = '') => items.join(separator),
  },
];

function sizeOf(value: string | object): number {
  if (typeof value === 'string') return [...value].length;
  return isList(value) ? value.length : Object.keys(value).length;
}

function failed(message: string): ExpressionError {
  return new ExpressionError('function_failed', message);
}

const truths = new Map([
  ...['1', 't', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

function toBool(value: boolean | string): boolean {
  const found = typeof value === 'string' ? truths.get(value) : value;
  if (found === undefined) throw failed(`"${value}" is neither true nor false`);
  return found;
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinity = /^([+-]?)inf(inity)?$/i;

function toDouble(value: bigint | number | string): number {
  if (typeof value !== 'string') return Number(value);
  const named = infinity.exec(value);
  if (named) return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(value)) return Number.NaN;
  const found = decimal.test(value) ? Number(value) : undefined;
  if (found === undefined) throw failed(`"${value}" is no number`);
  if (!Number.isFinite(found)) throw failed(`"${value}" is too large a number`);
  return found;
}

function toInt(value: bigint | number | string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) throw failed(`"${value}" is no whole number`);
    // No longer text can be within 64 bits, and long ones take long to read.
    if (value.replace(/^[+-]?0*/, '').length > 19) throw failed(`"${value}" is beyond 64 bits`);
    return whole(BigInt(value.replace('+', '')));
  }
  // The very ends are left out, as in the specification: a double near them stands for several whole numbers.
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw failed(`${value} does not fit a whole number`);
  return BigInt(Math.trunc(value));
}

function toText(value: string | boolean | bigint | number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** White space is what Unicode calls so: the line separator of mainframes is, a byte-order mark is not. */
export function trim(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, (part, at: number) =>
    at === 0 || at + part.length === text.length ? '' : part,
  );
}

/** Positions count characters, not JavaScript's halves of them. */
function units(characters: readonly string[], count: number): number {
  let length = 0;
  for (let at = 0; at < count; at++) length += characters[at]?.length ?? 0;
  return length;
}

function positionIn(text: string, at: number): bigint {
  return at < 0 ? -1n : BigInt([...text.slice(0, at)].length);
}

function checked(position: bigint, length: number): number {
  if (position < 0n || position > BigInt(length))
    throw failed(`position ${position} is outside a text of ${length} characters`);
  return Number(position);
}

function indexOf(text: string, part: string, from = 0n): bigint {
  const characters = [...text];
  return positionIn(text, text.indexOf(part, units(characters, checked(from, characters.length))));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  if (from === undefined) return positionIn(text, text.lastIndexOf(part));
  const characters = [...text];
  return positionIn(text, text.lastIndexOf(part, units(characters, checked(from, characters.length))));
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  const start = checked(from, characters.length);
  const end = to === undefined ? characters.length : checked(to, characters.length);
  if (end < start) throw failed(`position ${end} is before position ${start}`);
  return characters.slice(start, end).join('');
}

/** The parts of a text between separators; by nothing, its characters. */
export function split(text: string, separator: string, limit = -1n): string[] {
  if (limit === 0n) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || parts.length <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}
