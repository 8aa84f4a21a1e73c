/** The small forms of the language: lengths of time, ids, people, cron lines, time zones, shares. */
import type { Duration } from './values.ts';

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const exact = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+$/;
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

/** What was most likely meant by a length of time that cannot be read. */
export function repairDuration(text: string): string | undefined {
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

export const idPattern = /^[a-z][A-Za-z0-9_]*$/;
export const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** CEL's reserved words, and the names that every expression knows. */
export const reservedNames = new Set([
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
  ...['inputs', 'steps', 'ticket', 'run', 'organisation', 'secrets', 'item', 'optional', 'cel'],
]);

/** A name that expressions know as a root; a step's id may be one, since it stands behind `steps.`. */
export const reservedWords = new Set([...reservedNames].slice(0, 20));

/** `role:it-managers` or an e-mail address. */
export function isPerson(text: string): boolean {
  return roleOf(text) !== undefined || /^[^\s@:]+@[^\s@]+\.[^\s@]+$/.test(text);
}

export function roleOf(text: string): string | undefined {
  return /^role:([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(text)?.[1];
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const dayNames = 'sun mon tue wed thu fri sat'.split(' ');
const cronFields: { name: string; from: number; to: number; names?: string[] }[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: monthNames },
  { name: 'day of the week', from: 0, to: 7, names: dayNames },
];

/** What is wrong with a cron line of five fields; undefined when nothing is. */
export function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (/^@/.test(text))
    return 'short forms such as @daily are not known; write five fields: minute, hour, day, month, day of the week.';
  if (fields.length !== 5)
    return `it has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'} and needs five: minute, hour, day of the month, month, day of the week.`;
  for (const [index, field] of cronFields.entries()) {
    const problem = cronFieldProblem(fields[index] ?? '', field);
    if (problem) return problem;
  }
  return neverHappens(fields) ? 'that day never comes.' : undefined;
}

function cronFieldProblem(text: string, field: (typeof cronFields)[number]): string | undefined {
  const offset = field.names === monthNames ? 1 : 0;
  const numberOf = (word: string): number => {
    const named = field.names?.indexOf(word.toLowerCase()) ?? -1;
    if (named !== -1) return named + offset;
    return /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const match = /^(\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/(\d{1,2}))?$/.exec(part);
    const range = `${field.from} to ${field.to}${field.names ? ` or a name like ${field.names[1]?.toUpperCase()}` : ''}`;
    if (!match)
      return `its ${field.name} is "${part}"; it can be *, ${range}, a range (1-5), a list (1,15) or a step (*/10).`;
    if (match[2] !== undefined && Number(match[2]) === 0) return `its ${field.name} has a step of 0.`;
    if (match[1] === '*') continue;
    const [from = Number.NaN, to = from] = (match[1] ?? '').split('-').map(numberOf);
    const inside = [from, to].every((value) => value >= field.from && value <= field.to);
    if (!inside) return `its ${field.name} is "${part}"; it can be ${range}.`;
    if (from > to) return `its ${field.name} is "${part}", which begins after its end.`;
  }
  return undefined;
}

function neverHappens([, , day = '', month = '', weekday = '']: string[]): boolean {
  if (weekday !== '*' || !/^\d+$/.test(day) || !/^\d+$/.test(month)) return false;
  const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 31;
  return Number(day) > longest;
}

let timezones: Set<string> | undefined;

/** Only for names the machine knows: the zone's data are looked up at run time. */
export function isTimezone(name: string): boolean {
  if (name === 'UTC') return true;
  if (!/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+$/.test(name)) return false;
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
