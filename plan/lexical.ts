/** The small forms of the language: lengths of time, ids, people, time zones, shares. */
import { isComputed } from './durations-and-quorums.ts';
import type { Duration, Length } from './values.ts';

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const exact = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+$/;
/** For editors, which know the forms and not the limits. */
export const durationPattern = '^\\s*([1-9]\\d{0,3} business days?|(\\d+(\\.\\d+)?(ms|[smhdw])\\s*)+)\\s*$';
/** The same, or text with expressions. */
export const lengthPattern = `${durationPattern}|\\$\\{\\{`;
const longestMs = 10 * 366 * 86_400_000;

/** `90m`, `1h30m`, `10d`, `2 business days`. Undefined when it is none of these, or longer than ten years. */
export function parseDuration(text: string): Duration | undefined {
  const trimmed = text.trim();
  const business = /^(\d{1,4}) business days?$/.exec(trimmed);
  if (business) {
    const businessDays = Number(business[1]);
    return businessDays > 0 ? { businessDays } : undefined;
  }
  if (!exact.test(trimmed) || trimmed.length > 60) return undefined;
  let ms = 0;
  for (const [, count, unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g))
    ms += Number(count) * (unitMs[unit] ?? 0);
  return Number.isInteger(ms) && ms > 0 && ms <= longestMs ? { ms } : undefined;
}

/** Business days take at least as long as days do. */
export function isShorter(one: Length, other: Length): boolean {
  // What a run computes is not known here.
  if (isComputed(one) || isComputed(other)) return true;
  if ('ms' in one) return 'ms' in other ? one.ms < other.ms : true;
  return 'ms' in other ? one.businessDays * 86_400_000 < other.ms : one.businessDays < other.businessDays;
}

/** The keys that take no business days. */
export const exactKeys = /\b(timeout|first|max|needs)\b/;

/** The unit that a bare number has in other programs, by the key that it stands under: people are given hours, calls seconds. */
const usualUnits: readonly [keys: RegExp, unit: string][] = [
  [/\b(timeout|first|max)\b/, 's'],
  [/\b(for|every|needs|duration)\b/, 'm'],
];

/** What was most likely meant by a length of time that cannot be read. `where` names the key. */
export function repairDuration(text: string, where = ''): string | undefined {
  const better = lengthMeant(text, where);
  return better !== undefined && better !== text.trim() && parseDuration(better) ? better : undefined;
}

function lengthMeant(text: string, where: string): string | undefined {
  if (/^[1-9]\d{0,3}$/.test(text.trim())) {
    const [, unit = 'h'] = usualUnits.find(([keys]) => keys.test(where)) ?? [];
    return `${text.trim()}${unit}`;
  }
  const match = /^(\d+)\s*([a-z]+)(?:\s+([a-z]+))?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, count, word = '', second = ''] = match;
  const lower = word.toLowerCase();
  if (/^(business|working|work|workin?g?)$/.test(lower) && /^days?$/i.test(second))
    return `${count} business days`;
  if (/^(bd|workdays?|businessdays?)$/.test(lower)) return `${count} business days`;
  if (second) return undefined;
  if (/^(min|mins|minutes?)$/.test(lower)) return `${count}m`;
  if (/^(h|hrs?|hours?)$/.test(lower)) return `${count}h`;
  if (/^(d|days?)$/.test(lower)) return `${count}d`;
  if (/^(w|weeks?)$/.test(lower)) return `${count}w`;
  if (/^(s|secs?|seconds?)$/.test(lower)) return `${count}s`;
  return undefined;
}

/** `start-date` and `Start Date` as `startDate`. */
export function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words
    .map(
      (word, index) =>
        (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
    )
    .join('');
}

export const idPattern = /^[a-z][A-Za-z0-9_]*$/;
export const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** CEL's reserved words, and the names that every expression knows. */
const celWords = [
  ...[
    'as',
    'break',
    'const',
    'continue',
    'else',
    'for',
    'function',
    'if',
    'import',
    'in',
    'let',
    'loop',
    'package',
  ],
  ...['namespace', 'return', 'var', 'void', 'while', 'true', 'false', 'null'],
];

export const reservedNames = new Set([
  ...celWords,
  ...['inputs', 'steps', 'ticket', 'run', 'organisation', 'data', 'secrets', 'item', 'optional', 'cel'],
]);

/** A name that expressions know as a root; a step's id may be one, since it stands behind `steps.`. */
export const reservedWords = new Set(celWords);

/** `role:it-managers` or an e-mail address. */
export function isPerson(text: string): boolean {
  return roleOf(text) !== undefined || /^[^\s@:]+@[^\s@]+\.[^\s@]+$/.test(text);
}

export function roleOf(text: string): string | undefined {
  return /^role:([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(text)?.[1];
}

let timezones: Set<string> | undefined;
/** Asking Node's zone data takes milliseconds, and few zones are named again and again. */
const knownTimezones = new Map<string, boolean>();

/** Only for names the machine knows: the zone's data are looked up at run time. */
export function isTimezone(name: string): boolean {
  if (name === 'UTC') return true;
  if (!/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$/.test(name)) return false;
  const known = knownTimezones.get(name);
  if (known !== undefined) return known;
  const isKnown = machineKnows(name);
  if (knownTimezones.size < 1_000) knownTimezones.set(name, isKnown);
  return isKnown;
}

function machineKnows(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function timezoneNames(): Set<string> {
  timezones ??= new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);
  return timezones;
}

/** `5%` or a whole number. */
export function parseTolerance(value: string | number): { count: number } | { fraction: number } | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? { count: value } : undefined;
  const match = /^(\d{1,3}(?:\.\d+)?)%$/.exec(value.trim());
  const percent = Number(match?.[1]);
  return match && percent <= 100 ? { fraction: percent / 100 } : undefined;
}
