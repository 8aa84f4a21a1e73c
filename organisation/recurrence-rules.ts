/**
 * A recurrence rule followed from its start, in local time as if that were UTC. Which days come is rrule-temporal's
 * answer; times of day, BYSETPOS, COUNT and UNTIL are applied here, so that each question costs what its answer is long.
 */

import { dayText, minuteText } from './local-time.ts';
import { type RecurrenceParts, weekdays } from './recurrence-parts.ts';
import { type RuleDays, ruleDays } from './rule-days.ts';
import { clockChangesBetween, dayMs, instantOf, localOf, utcOf, type Zone } from './time-zones.ts';

const tenYearsMs = 3_653 * dayMs;
const monthMs = 31 * dayMs;
const yearMs = 366 * dayMs;
/** Later than anybody asks: COUNT is followed no further. */
const endOfDays = Date.UTC(2300, 0, 1);

export class RecurrenceRule {
  readonly parts: RecurrenceParts;
  private readonly start: number;
  private readonly zone: Zone;
  private readonly days: RuleDays;
  private readonly timesOfDay: number[];
  /** The last by COUNT, once it was looked for. */
  private lastCounted: number | undefined;

  /** `start` is a local time in the zone. Nothing is checked here: see {@link startProblem}. */
  constructor(parts: RecurrenceParts, start: number, zone: Zone) {
    this.parts = withImplied(parts, start);
    this.start = start;
    this.zone = zone;
    this.timesOfDay = timesOfDay(parts, start);
    this.days = ruleDays(this.parts, periodOf(start, this.parts).from);
  }

  /** The local times from `from` until before `to`, in order. */
  between(from: number, to: number): number[] {
    const { count, until } = this.parts;
    let found = this.unended(from, to);
    if (count !== undefined) found = found.filter((local) => local <= this.lastOfCount(count));
    if (until?.form === 'utc')
      return found.filter(
        (local) => local - dayMs <= until.local && instantOf(local, this.zone) <= until.local,
      );
    if (!until) return found;
    const last = until.form === 'day' ? until.local + dayMs - 1 : until.local;
    return found.filter((local) => local <= last);
  }

  has(local: number): boolean {
    return this.between(local, local + 1).length > 0;
  }

  /** The first within ten years of the start, whatever COUNT and UNTIL say. */
  first(): number | undefined {
    if (this.unended(this.start, this.start + 1).length > 0) return this.start;
    for (let at = this.start; at < this.start + tenYearsMs; at += monthMs) {
      const [found] = this.unended(at, at + monthMs);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private lastOfCount(count: number): number {
    let left = count;
    for (let at = this.start; this.lastCounted === undefined; at += yearMs) {
      const found = this.unended(at, at + yearMs);
      if (found.length >= left || at > endOfDays) this.lastCounted = found[left - 1] ?? endOfDays;
      left -= found.length;
    }
    return this.lastCounted;
  }

  private unended(from: number, to: number): number[] {
    const begin = Math.max(from, this.start);
    if (begin >= to) return [];
    const { bySetPos } = this.parts;
    const first = bySetPos.length > 0 ? periodOf(begin, this.parts).from : startOfDay(begin);
    const end = bySetPos.length > 0 ? periodOf(to - 1, this.parts).to : startOfDay(to - 1) + dayMs;
    const all: number[] = [];
    for (const day of this.days.between(first, end)) for (const time of this.timesOfDay) all.push(day + time);
    const chosen = bySetPos.length > 0 ? this.chosen(all) : all;
    return chosen.filter((local) => local >= begin && local < to);
  }

  /** BYSETPOS counts within each period, also among what lies before the start. */
  private chosen(all: readonly number[]): number[] {
    const { bySetPos } = this.parts;
    const found: number[] = [];
    for (let begin = 0; begin < all.length; ) {
      const { to } = periodOf(all[begin] ?? 0, this.parts);
      let end = begin;
      while (end < all.length && (all[end] ?? 0) < to) end += 1;
      const size = end - begin;
      const places = new Set(bySetPos.map((each) => (each > 0 ? each - 1 : size + each)));
      found.push(...all.slice(begin, end).filter((_, index) => places.has(index)));
      begin = end;
    }
    return found;
  }
}

/**
 * What is wrong with a rule that begins then; undefined when nothing is. `countsStart` for a calendar file, whose DTSTART
 * is an occurrence whether or not the rule has it.
 */
export function startProblem(
  rule: RecurrenceRule,
  start: number,
  { zone, countsStart = false }: { zone: Zone; countsStart?: boolean },
): string | undefined {
  const { parts } = rule;
  const { until, count } = parts;
  if (until) {
    const begin =
      until.form === 'utc' ? instantOf(start, zone) : until.form === 'day' ? startOfDay(start) : start;
    if (until.local < begin) return 'its UNTIL is before its start';
  }
  const first = rule.first();
  if (first === undefined) return 'it never comes within ten years of its start';
  if (first !== start && !countsStart)
    return `its start ${minuteText(start)} is not in it; the first day that is: ${minuteText(first)}`;
  if (first !== start && count !== undefined)
    return `its start ${minuteText(start)} is not in it, and products count differently to COUNT then; the first day that is: ${dayText(first)}`;
  if (parts.freq === 'WEEKLY' && parts.bySetPos.some((each) => each > 0) && startsWithinWeek(parts, start))
    return 'WEEKLY with BYSETPOS is read differently where the start is not the first day of its week that is in BYDAY';
  return undefined;
}

/** Local times of a rule that the clocks of its zone skip from now on. */
export function skippedTimes(rule: RecurrenceRule, zone: Zone, from: number, years: number): number[] {
  const found: number[] = [];
  const begin = localOf(from, zone);
  for (const { at, before, after } of clockChangesBetween(zone, from, from + years * yearMs))
    if (after > before) found.push(...rule.between(Math.max(begin, at + before), at + after));
  return found;
}

function startsWithinWeek(parts: RecurrenceParts, start: number): boolean {
  const { from } = periodOf(start, parts);
  const days = withImplied(parts, start).byDay.map(({ day }) => day);
  for (let day = from; day < startOfDay(start); day += dayMs) if (days.includes(weekdayOf(day))) return true;
  return false;
}

/** What a rule takes from its start, written out: then it may be followed from the beginning of its first period. */
function withImplied(parts: RecurrenceParts, start: number): RecurrenceParts {
  const { freq, byDay, byMonth, byMonthDay, byYearDay } = parts;
  if (byDay.length + byMonthDay.length + byYearDay.length > 0 || freq === 'DAILY') return parts;
  const date = new Date(start);
  if (freq === 'WEEKLY') return { ...parts, byDay: [{ day: weekdayOf(start) }] };
  return {
    ...parts,
    byMonthDay: [date.getUTCDate()],
    byMonth: freq === 'YEARLY' && byMonth.length === 0 ? [date.getUTCMonth() + 1] : byMonth,
  };
}

function timesOfDay({ byHour, byMinute, bySecond }: RecurrenceParts, start: number): number[] {
  const date = new Date(start);
  const or = (list: number[], own: number) => (list.length > 0 ? list : [own]);
  const times = or(byHour, date.getUTCHours()).flatMap((hour) =>
    or(byMinute, date.getUTCMinutes()).flatMap((minute) =>
      or(bySecond, date.getUTCSeconds()).map((second) => ((hour * 60 + minute) * 60 + second) * 1000),
    ),
  );
  return [...new Set(times)].sort((a, b) => a - b);
}

/** The day, week, month or year of a local time in which BYSETPOS counts and from which INTERVAL steps. */
function periodOf(local: number, { freq, weekStart }: RecurrenceParts): { from: number; to: number } {
  const day = startOfDay(local);
  const date = new Date(day);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + 1;
  switch (freq) {
    case 'DAILY':
      return { from: day, to: day + dayMs };
    case 'WEEKLY': {
      const from = day - ((date.getUTCDay() - weekdays.indexOf(weekStart) + 7) % 7) * dayMs;
      return { from, to: from + 7 * dayMs };
    }
    case 'MONTHLY':
      return { from: utcOf(year, month, 1), to: utcOf(year, month + 1, 1) };
    case 'YEARLY':
      return { from: utcOf(year, 1, 1), to: utcOf(year + 1, 1, 1) };
  }
}

function startOfDay(local: number): number {
  return Math.floor(local / dayMs) * dayMs;
}

function weekdayOf(local: number) {
  return weekdays[new Date(local).getUTCDay()] ?? 'MO';
}
