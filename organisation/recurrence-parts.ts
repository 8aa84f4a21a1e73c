/**
 * Recurrence rules as RFC 5545 3.3.10 writes them: read into parts, and refused where a part cannot stand or where
 * products that read calendars disagree about what it means.
 */

export const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
export type Weekday = (typeof weekdays)[number];

export interface OrdinalDay {
  day: Weekday;
  /** 2 for the second, -1 for the last; absent for every one. */
  ordinal?: number;
}

export interface RecurrenceParts {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  count?: number;
  until?: UntilPart;
  weekStart: Weekday;
  byDay: OrdinalDay[];
  byMonth: number[];
  byMonthDay: number[];
  byYearDay: number[];
  bySetPos: number[];
  byHour: number[];
  byMinute: number[];
  bySecond: number[];
}

/** A local time as if it were UTC; `utc` when it is meant so, `day` when it is a date alone. */
export interface UntilPart {
  local: number;
  form: 'utc' | 'local' | 'day';
}

/** What is wrong with a rule, as the end of a sentence that names it. */
export class RecurrenceProblem extends Error {}

const lists = {
  BYMONTH: { key: 'byMonth', from: 1, to: 12, negative: false },
  BYMONTHDAY: { key: 'byMonthDay', from: 1, to: 31, negative: true },
  BYYEARDAY: { key: 'byYearDay', from: 1, to: 366, negative: true },
  BYSETPOS: { key: 'bySetPos', from: 1, to: 366, negative: true },
  BYHOUR: { key: 'byHour', from: 0, to: 23, negative: false },
  BYMINUTE: { key: 'byMinute', from: 0, to: 59, negative: false },
  BYSECOND: { key: 'bySecond', from: 0, to: 59, negative: false },
} as const;

const longestText = 1_000;
const mostTimesADay = 48;

/** Throws a {@link RecurrenceProblem} for what is refused. */
export function readRecurrence(text: string): RecurrenceParts {
  if (text.length > longestText) throw new RecurrenceProblem(`it is longer than ${longestText} characters`);
  const given = new Map<string, string>();
  for (const part of text.trim().split(';')) {
    const [name = '', value, ...rest] = part.split('=');
    const key = name.toUpperCase();
    if (value === undefined || value === '' || rest.length > 0)
      throw new RecurrenceProblem(`"${part}" is no part such as BYDAY=SA`);
    if (given.has(key)) throw new RecurrenceProblem(`${key} stands in it twice`);
    given.set(key, value.toUpperCase());
  }
  const parts: RecurrenceParts = {
    freq: freqOf(given.get('FREQ')),
    interval: 1,
    weekStart: 'MO',
    byDay: [],
    byMonth: [],
    byMonthDay: [],
    byYearDay: [],
    bySetPos: [],
    byHour: [],
    byMinute: [],
    bySecond: [],
  };
  given.delete('FREQ');
  for (const [key, value] of given) readPart(key, value, parts);
  const problem = contradiction(parts);
  if (problem) throw new RecurrenceProblem(problem);
  return parts;
}

function freqOf(value: string | undefined): RecurrenceParts['freq'] {
  switch (value) {
    case 'DAILY':
    case 'WEEKLY':
    case 'MONTHLY':
    case 'YEARLY':
      return value;
    case undefined:
      throw new RecurrenceProblem('it has no FREQ; write for example FREQ=WEEKLY;BYDAY=SA');
    case 'HOURLY':
    case 'MINUTELY':
    case 'SECONDLY':
      throw new RecurrenceProblem(
        `FREQ=${value} comes too often for a calendar; write FREQ=DAILY with BYHOUR or BYMINUTE`,
      );
    default:
      throw new RecurrenceProblem(`FREQ=${value} is none of DAILY, WEEKLY, MONTHLY and YEARLY`);
  }
}

function readPart(key: string, value: string, parts: RecurrenceParts): void {
  if (Object.hasOwn(lists, key)) {
    const { key: target, from, to, negative } = lists[key as keyof typeof lists];
    parts[target] = value.split(',').map((each) => {
      const number = wholeNumber(each);
      const size = negative && number !== undefined ? Math.abs(number) : number;
      if (size === undefined || size < from || size > to)
        throw new RecurrenceProblem(
          `${key}=${value} has "${each}"; it can be ${from} to ${to}${negative ? `, or -${from} to -${to} from the end` : ''}`,
        );
      return number as number;
    });
    return;
  }
  switch (key) {
    case 'INTERVAL':
      parts.interval = between(key, value, 1, 1_000);
      return;
    case 'COUNT':
      parts.count = between(key, value, 1, 10_000);
      return;
    case 'UNTIL':
      parts.until = untilOf(value);
      return;
    case 'WKST':
      parts.weekStart = weekdayOf(value, `WKST=${value}`);
      return;
    case 'BYDAY':
      parts.byDay = value.split(',').map((each) => ordinalDayOf(each, value));
      return;
    case 'BYWEEKNO':
      throw new RecurrenceProblem(
        'BYWEEKNO is read differently by every product at the turn of a year; name the months or days instead',
      );
    default:
      throw new RecurrenceProblem(`${key} is no part of a recurrence rule that is known here`);
  }
}

function wholeNumber(text: string): number | undefined {
  return /^[+-]?\d{1,5}$/.test(text) ? Number(text) : undefined;
}

function between(key: string, value: string, from: number, to: number): number {
  const number = wholeNumber(value);
  if (number === undefined || number < from || number > to)
    throw new RecurrenceProblem(`${key}=${value} is not ${from} to ${to}`);
  return number;
}

function weekdayOf(text: string, where: string): Weekday {
  const found = weekdays.find((day) => day === text);
  if (!found) throw new RecurrenceProblem(`${where} has "${text}"; a day is one of ${weekdays.join(', ')}`);
  return found;
}

function ordinalDayOf(text: string, whole: string): OrdinalDay {
  const [, ordinal, day = ''] = /^([+-]?\d{1,2})?(.*)$/.exec(text) ?? [];
  const named = weekdayOf(day, `BYDAY=${whole}`);
  if (ordinal === undefined) return { day: named };
  if (Number(ordinal) === 0) throw new RecurrenceProblem(`BYDAY=${whole} has "${text}"; the first is 1`);
  return { day: named, ordinal: Number(ordinal) };
}

function untilOf(value: string): UntilPart {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(value);
  const [, year, month, day, hour, minute, second, zulu] = match ?? [];
  const text = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second === '60' ? '59' : (second ?? '00')}Z`;
  const local = Date.parse(text);
  if (!match || Number.isNaN(local) || new Date(local).getUTCDate() !== Number(day))
    throw new RecurrenceProblem(
      `UNTIL=${value} is no time; write 20261231 for a whole day, or 20261231T225959Z in UTC`,
    );
  return { local, form: hour === undefined ? 'day' : zulu ? 'utc' : 'local' };
}

/** Parts that may not stand together, and those that products read differently. */
function contradiction(parts: RecurrenceParts): string | undefined {
  const { freq, byDay, byMonth, byMonthDay, byYearDay, bySetPos, byHour, byMinute, bySecond } = parts;
  if (parts.count !== undefined && parts.until) return 'COUNT and UNTIL cannot stand together';
  const ordinals = byDay.filter(({ ordinal }) => ordinal !== undefined);
  if (ordinals.length > 0) {
    if (freq !== 'MONTHLY' && freq !== 'YEARLY')
      return `BYDAY with a number such as ${ordinals[0]?.ordinal}${ordinals[0]?.day} stands only with MONTHLY and YEARLY`;
    const most = freq === 'YEARLY' && byMonth.length === 0 ? 53 : 5;
    const beyond = ordinals.find(({ ordinal = 0 }) => Math.abs(ordinal) > most);
    if (beyond) return `BYDAY has ${beyond.ordinal}${beyond.day}, and there are at most ${most}`;
    if (ordinals.length < byDay.length)
      return 'BYDAY mixes days with and without a number, which every product reads differently; write two calendars';
  }
  if (byMonthDay.length > 0 && freq === 'WEEKLY') return 'BYMONTHDAY cannot stand with WEEKLY';
  if (byYearDay.length > 0 && freq !== 'YEARLY') return 'BYYEARDAY stands only with YEARLY';
  const chosen = Object.entries({ BYDAY: byDay, BYMONTHDAY: byMonthDay, BYYEARDAY: byYearDay })
    .filter(([, list]) => list.length > 0)
    .map(([name]) => name);
  if (freq === 'YEARLY' && chosen.length > 1)
    return `YEARLY with ${chosen.join(' and ')} is read differently by every product; write MONTHLY with BYMONTH`;
  const others = [byDay, byMonth, byMonthDay, byYearDay, byHour, byMinute, bySecond];
  if (bySetPos.length > 0 && others.every((list) => list.length === 0))
    return 'BYSETPOS chooses among what another part such as BYDAY names, and there is none';
  const times = [byHour, byMinute, bySecond].map((list) => Math.max(1, new Set(list).size));
  if (times.reduce((all, each) => all * each, 1) > mostTimesADay)
    return `it comes more than ${mostTimesADay} times a day`;
  return undefined;
}
