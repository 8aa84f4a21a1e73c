/**
 * Cron lines of five fields: what they may say, and when they come. A line that names its hours comes at local times, by the
 * one rule for nights when clocks change (`time-zones.ts`); a line of every hour (`*`) comes in each hour that really passes.
 */
import { clockChangesBetween, dayMs, instantOf, localOf, utcOf, type Zone } from './time-zones.ts';

export interface CronLine {
  text: string;
  /** Sorted. Days of the week count from Sunday, 0. */
  minutes: number[];
  hours: number[];
  days: number[];
  months: number[];
  weekdays: number[];
  /** Its hour is `*`, or names all 24. */
  everyHour: boolean;
  /** Day of the month and day of the week are both named: then either will do, as cron has it. */
  eitherDay: boolean;
}

interface Field {
  name: string;
  from: number;
  to: number;
  names?: string[];
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const dayNames = 'sun mon tue wed thu fri sat'.split(' ');
const fields = {
  minute: { name: 'minute', from: 0, to: 59 },
  hour: { name: 'hour', from: 0, to: 23 },
  day: { name: 'day of the month', from: 1, to: 31 },
  month: { name: 'month', from: 1, to: 12, names: monthNames },
  weekday: { name: 'day of the week', from: 0, to: 7, names: dayNames },
} satisfies Record<string, Field>;
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The line, or what is wrong with it as a sentence. */
export function readCron(text: string): CronLine | { problem: string } {
  const words = text.trim().split(/\s+/);
  if (/^@/.test(text))
    return {
      problem:
        'short forms such as @daily are not known; write five fields: minute, hour, day, month, day of the week.',
    };
  if (words.length !== 5)
    return {
      problem: `it has ${words.length} ${words.length === 1 ? 'field' : 'fields'} and needs five: minute, hour, day of the month, month, day of the week.`,
    };
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = words;
  try {
    const hours = valuesOf(hour, fields.hour);
    const line: CronLine = {
      text: words.join(' '),
      minutes: valuesOf(minute, fields.minute),
      hours,
      days: valuesOf(day, fields.day),
      months: valuesOf(month, fields.month),
      weekdays: sorted(valuesOf(weekday, fields.weekday).map((each) => each % 7)),
      everyHour: hours.length === 24,
      eitherDay: day !== '*' && weekday !== '*',
    };
    const problem = dayProblem(line, day, weekday);
    return problem === undefined ? line : { problem };
  } catch (error) {
    if (error instanceof FieldProblem) return { problem: error.message };
    throw error;
  }
}

class FieldProblem extends Error {}

function valuesOf(text: string, field: Field): number[] {
  return sorted(text.split(',').flatMap((part) => partValues(part, field)));
}

function partValues(part: string, field: Field): number[] {
  const { name, names } = field;
  const range = `${field.from} to ${field.to}${names ? ` or a name like ${names[1]?.toUpperCase()}` : ''}`;
  const match = /^(\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/(\d{1,4}))?$/.exec(part);
  if (!match)
    throw new FieldProblem(
      `its ${name} is "${part}"; it can be *, ${range}, a range (1-5), a list (1,15) or a step (*/10).`,
    );
  const [, what = '', stepText] = match;
  const step = Number(stepText ?? 1);
  if (step === 0) throw new FieldProblem(`its ${name} has a step of 0.`);
  const [from, to] = boundsOf(what, stepText !== undefined, field);
  const inside = [from, to].every((value) => value >= field.from && value <= field.to);
  if (!inside) throw new FieldProblem(`its ${name} is "${part}"; it can be ${range}.`);
  if (from > to) throw new FieldProblem(`its ${name} is "${part}", which begins after its end.`);
  if (stepText !== undefined && from + step > to)
    throw new FieldProblem(
      `its ${name} is "${part}", and a step of ${step} leaves only ${from}: a step begins anew in each hour, day, month or year.`,
    );
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

/** `5/20` is from 5 to the end; `*` of the weekdays ends with Saturday, and `SUN` may end a range. */
function boundsOf(what: string, hasStep: boolean, field: Field): [number, number] {
  const last = field.names === dayNames ? 6 : field.to;
  if (what === '*') return [field.from, last];
  const offset = field.names === monthNames ? 1 : 0;
  const numberOf = (word: string): number => {
    const named = field.names?.indexOf(word.toLowerCase()) ?? -1;
    if (named !== -1) return named + offset;
    return /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  const [first = '', second] = what.split('-');
  const from = numberOf(first);
  if (second === undefined) return [from, hasStep ? last : from];
  const to = numberOf(second);
  return [from, field.names === dayNames && /^sun$/i.test(second) && from > 0 ? 7 : to];
}

function dayProblem({ days, months, eitherDay }: CronLine, day: string, weekday: string): string | undefined {
  if (day !== '*' && !months.some((month) => days.some((each) => each <= (longestMonths[month - 1] ?? 31))))
    return 'that day never comes.';
  if (eitherDay && (day.startsWith('*') || weekday.startsWith('*')))
    return 'programs disagree whether a step such as */2 in one of its days joins with the other or adds to it; list the days instead.';
  return undefined;
}

/** Whether the line comes on a local day, which is a local midnight. */
export function comesOn({ days, months, weekdays, eitherDay }: CronLine, day: number): boolean {
  const date = new Date(day);
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const byDate = days.includes(date.getUTCDate());
  const byWeekday = weekdays.includes(date.getUTCDay());
  return eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

/** The instants of a local day, in order. */
export function timesOn(line: CronLine, day: number, zone: Zone): number[] {
  if (!comesOn(line, day)) return [];
  const locals = line.hours.flatMap((hour) =>
    line.minutes.map((minute) => day + (hour * 60 + minute) * 60_000),
  );
  if (!line.everyHour) return sorted(locals.map((local) => instantOf(local, zone)));
  // Every minute that really passes and shows one of its local times: twice in one night, not at all in another.
  const offsets = new Set([day - dayMs, day, day + dayMs, day + 2 * dayMs].map((at) => zone.offsetAt(at)));
  return sorted(
    [...offsets].flatMap((offset) =>
      locals.map((local) => local - offset).filter((at) => zone.offsetAt(at) === offset),
    ),
  );
}

/** The next times after a moment. A line that comes seldom is looked for within nine years: there is a 29 February in them. */
export function nextTimes(line: CronLine, zone: Zone, after: number, count: number): number[] {
  const found: number[] = [];
  const first = Math.floor(localOf(after, zone) / dayMs) * dayMs - dayMs;
  for (let day = first; day < first + 9 * 366 * dayMs && found.length < count; day += dayMs)
    found.push(...timesOn(line, day, zone).filter((at) => at > after));
  return found.slice(0, count);
}

export interface ChangedNight {
  /** The local midnight of the day. */
  day: number;
  kind: 'skipped' | 'twice';
  /** Those of the line's local times that the clocks skip or show twice. */
  locals: number[];
}

/** Days on which one of the line's times is missing or comes twice. */
export function changedNights(line: CronLine, zone: Zone, from: number, to: number): ChangedNight[] {
  return clockChangesBetween(zone, from, to).flatMap(({ at, before, after }) => {
    const [begin, end] = [at + Math.min(before, after), at + Math.max(before, after)];
    const nights: ChangedNight[] = [];
    for (let day = Math.floor(begin / dayMs) * dayMs; day < end; day += dayMs) {
      const locals = comesOn(line, day)
        ? line.hours
            .flatMap((hour) => line.minutes.map((minute) => day + (hour * 60 + minute) * 60_000))
            .filter((local) => local >= begin && local < end)
        : [];
      if (locals.length > 0) nights.push({ day, kind: after > before ? 'skipped' : 'twice', locals });
    }
    return nights;
  });
}

/** So many years ahead the nights of the change of clocks are told one by one. */
export const nightYears = 5;
/** Longer lists are no schedule any more. Five years have ten nights, and a line of every ten minutes 250 times in them. */
const mostMoments = 1_500;

/** From the first of January on: the days on which the clocks change a time of the line, and all its moments on them. */
export function nightsAhead(line: CronLine, zone: Zone, now: number) {
  const firstYear = new Date(now - 3 * dayMs).getUTCFullYear();
  const [from, to] = [utcOf(firstYear, 1, 1), utcOf(firstYear + nightYears, 1, 1)];
  const days = changedNights(line, zone, from, to).map(({ day }) => day);
  return { firstYear, days, moments: days.flatMap((day) => timesOn(line, day, zone)) };
}

/** Why a line cannot be kept in a zone; undefined when it can. */
export function nightProblem(line: CronLine, zone: Zone, now: number): string | undefined {
  if ((line.everyHour && isEveryDay(line)) || nightsAhead(line, zone, now).moments.length <= mostMoments)
    return undefined;
  return `it comes too often in the nights when the clocks of ${zone.name} change; write it for the time zone UTC, or for every day.`;
}

export function isEveryDay({ days, months, weekdays, eitherDay }: CronLine): boolean {
  return !eitherDay && days.length === 31 && months.length === 12 && weekdays.length === 7;
}

function sorted(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
