/**
 * What Temporal is told so that a schedule does what its cron line says. Temporal's own cron lines want both days to match,
 * read 1-7 without Sunday, leave out what the clocks skip, and come twice, or the second time only, when an hour does. So it
 * gets calendars, without the nights when the clocks change a time of the line, and the moments of those nights by themselves.
 */
import type { CalendarSpec, IntervalSpec, ScheduleSpec } from '@temporalio/client';
import { type CronLine, isEveryDay, nightsAhead, nightYears, readCron } from '../organisation/cron.ts';
import { clockChangesBetween, dayMs, utc, type Zone, zoneNamed } from '../organisation/time-zones.ts';
import { defined } from '../plan/defined.ts';

const lastYear = 2099;
/** A moment by itself is an interval that last came in the seventies. Temporal leaves out the first time of an interval. */
const longIntervalMs = 20_000 * dayMs;
const monthNames = [
  ...(['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER'] as const),
  ...(['OCTOBER', 'NOVEMBER', 'DECEMBER'] as const),
];
const weekdayNames = [
  ...(['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const),
];

export interface CronSchedule {
  cron: string;
  timezone: string;
}

/** The schedules are written anew at every start and change, and with the year. Throws for a line or a zone that the compiler refuses. */
export function scheduleSpecOf({ cron, timezone }: CronSchedule, now: number): ScheduleSpec {
  const line = readCron(cron);
  const zone = zoneNamed(timezone);
  if ('problem' in line || !zone) throw new Error(`"${cron}" (${timezone}) is no schedule.`);
  const minutes = line.everyHour && isEveryDay(line) ? minutesInUtc(line, zone, now) : undefined;
  if (minutes) return { calendars: [calendarOf({ ...line, minutes }, allDays)], timezone: 'UTC' };
  const { firstYear, days: nights, moments } = nightsAhead(line, zone, now);
  if (nights.length === 0)
    return { calendars: daySets(line).map((days) => calendarOf(line, days)), timezone };
  return {
    calendars: daySets(line).flatMap((days) => withoutNights(line, days, nights, firstYear)),
    intervals: moments.map((at): IntervalSpec => ({ every: longIntervalMs, offset: at % longIntervalMs })),
    timezone,
  };
}

interface DaySet {
  days?: readonly number[];
  weekdays?: readonly number[];
}

const allDays: DaySet = {};

/** Cron's either-or of its two days is two calendars. */
function daySets({ days, weekdays, eitherDay }: CronLine): DaySet[] {
  return eitherDay ? [{ days }, { weekdays }] : [{ days, weekdays }];
}

interface Period {
  year: CalendarSpec['year'];
  months: readonly number[];
  days?: readonly number[];
}

/** The same days, month by month, where a month has one of the nights. */
function withoutNights(
  line: CronLine,
  set: DaySet,
  nights: readonly number[],
  firstYear: number,
): CalendarSpec[] {
  const periods: Period[] = [];
  let plainFrom = firstYear;
  const plainUntil = (year: number) => {
    if (plainFrom <= year) periods.push({ year: { start: plainFrom, end: year }, months: line.months });
  };
  for (let year = firstYear; year <= firstYear + nightYears; year += 1) {
    const own = nights.map((day) => new Date(day)).filter((date) => date.getUTCFullYear() === year);
    if (own.length === 0) continue;
    plainUntil(year - 1);
    plainFrom = year + 1;
    const changed = new Set(own.map((date) => date.getUTCMonth() + 1));
    periods.push({ year, months: line.months.filter((month) => !changed.has(month)) });
    for (const month of changed) {
      const left = own.filter((date) => date.getUTCMonth() + 1 === month).map((date) => date.getUTCDate());
      const days = (set.days ?? range(1, 31)).filter((day) => !left.includes(day));
      periods.push({ year, months: line.months.includes(month) ? [month] : [], days });
    }
  }
  plainUntil(lastYear);
  return periods
    .filter(({ months, days }) => months.length > 0 && days?.length !== 0)
    .map(({ year, months, days }) => ({
      ...calendarOf({ ...line, months: [...months] }, { ...set, ...defined({ days }) }),
      ...defined({ year }),
    }));
}

function calendarOf(line: CronLine, { days, weekdays }: DaySet): CalendarSpec {
  return {
    comment: line.text,
    second: 0,
    minute: ranges(line.minutes),
    hour: ranges(line.hours),
    dayOfMonth: days ? ranges(days) : '*',
    month: line.months.length === 12 ? '*' : line.months.map((month) => monthNames[month - 1] ?? 'JANUARY'),
    dayOfWeek: weekdays && weekdays.length < 7 ? weekdays.map((day) => weekdayNames[day] ?? 'SUNDAY') : '*',
  };
}

/** 8,9,10 and 12 are 8-10 and 12; a step between even distances stays one. */
function ranges(values: readonly number[]): { start: number; end: number; step?: number }[] {
  const [first = 0, second] = values;
  const step = (second ?? first) - first;
  const isEven = values.length > 2 && values.every((value, index) => value === first + index * step);
  if (isEven) return [{ start: first, end: values.at(-1) ?? first, step }];
  return values.map((value) => ({ start: value, end: value }));
}

/** The minutes of each hour in UTC, where they are the same whatever the clocks show. */
function minutesInUtc({ minutes }: CronLine, zone: Zone, now: number): number[] | undefined {
  if (zone === utc) return minutes;
  const changes = clockChangesBetween(zone, now - dayMs, now + nightYears * 366 * dayMs);
  const offsets = new Set([zone.offsetAt(now), ...changes.map(({ after }) => after)]);
  const found = [...offsets].map((offset) =>
    [...new Set(minutes.map((minute) => mod(minute - offset / 60_000, 60)))].sort((a, b) => a - b),
  );
  const [own] = found;
  return own && found.every((each) => each.join() === own.join()) ? own : undefined;
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
