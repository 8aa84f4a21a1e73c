/**
 * Calendars of the configuration: windows, freezes and holidays, from recurrence rules (RFC 5545), .ics files and single
 * occurrences. Only ever asked in an activity, since time zone data differs between machines.
 */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import ICAL from 'ical.js';
import { errorText } from '../plan/error-text.ts';
import { parseDuration } from '../plan/lexical.ts';
import type { CalendarConfiguration, WindowInput, WindowResult } from '../plan/organisation.ts';
import type { Duration } from '../plan/plan.ts';
import { addBusinessDays, localDay, localMoment, localText } from './local-time.ts';

/** As `calendars:` of countersign.yaml has them. */
export interface CalendarSettings {
  timezone: string;
  description?: string;
  ics?: string;
  rrule?: string;
  start?: string;
  duration?: string;
  except?: string[];
  windows?: { name?: string; from: string; to: string }[];
}

export interface Occurrence {
  name: string;
  /** Milliseconds since 1970; `to` is exclusive. */
  from: number;
  to: number;
}

export interface CalendarOptions {
  calendars: Record<string, CalendarSettings>;
  /** Name of the calendar whose days are no working days. */
  holidays?: string | undefined;
  /** IANA zone in which business days are counted. */
  timezone: string;
  /** The text of an .ics file, by the path in the configuration. */
  read(path: string): string;
}

const dayMs = 86_400_000;
/** How far ahead a window is looked for. */
const horizonMs = 2 * 366 * dayMs;
/** A rule that happens more often than this between its start and the horizon is a mistake. */
const mostOccurrences = 50_000;

export class Calendars {
  readonly timezone: string;
  private readonly options: CalendarOptions;

  constructor(options: CalendarOptions) {
    this.options = options;
    this.timezone = options.timezone;
  }

  /** The moment a length of time later. Business days skip weekends and the holidays. */
  after(start: number, length: Duration): number {
    if ('ms' in length) return start + length.ms;
    const { holidays } = this.options;
    const until = start + (length.businessDays * 3 + 60) * dayMs;
    const free = new Set<string>();
    for (const { from, to } of holidays ? this.occurrences(holidays, start - dayMs, until) : [])
      for (let at = from; at < to; at += dayMs / 2) free.add(localDay(at, this.timezone));
    return addBusinessDays(start, length.businessDays, this.timezone, (day) => free.has(day));
  }

  /**
   * The next window with enough time left, the freezes cut out of it. Fails for good when there is none within two years.
   */
  window({ calendar, freeze, needsMs, now }: WindowInput): WindowResult {
    const until = now + horizonMs;
    const frozen = freeze.flatMap((name) => this.occurrences(name, now, until));
    let frozenBy: string | undefined;
    for (const window of this.occurrences(calendar, now, until)) {
      const open = without(window, frozen).find(
        ({ from, to }) => to - Math.max(from, now) >= Math.max(needsMs, 1),
      );
      // Open but for a freeze: it opens where that ends.
      if (open && open.from > Math.max(window.from, now))
        frozenBy ??= frozen.find(({ to }) => to === open.from)?.name;
      if (open)
        return { opensAt: open.from, closesAt: open.to, name: open.name, ...(frozenBy ? { frozenBy } : {}) };
      const tooShort = window.to - Math.max(window.from, now) < needsMs;
      if (!tooShort) frozenBy ??= frozen.find(({ from, to }) => from < window.to && to > window.from)?.name;
    }
    const room = needsMs > 0 ? ` of ${Math.ceil(needsMs / 60_000)} minutes` : '';
    throw notPossible(
      `The calendar "${calendar}" has no window${room} in the next two years${frozenBy ? ` that is not frozen by "${frozenBy}"` : ''}. Change it in countersign.yaml, then retry this step.`,
    );
  }

  /** What overlaps the time, the first one first. */
  occurrences(name: string, from: number, until: number): Occurrence[] {
    const settings = Object.hasOwn(this.options.calendars, name) ? this.options.calendars[name] : undefined;
    if (!settings)
      throw notPossible(`There is no calendar "${name}" in countersign.yaml. Add it under calendars:.`);
    try {
      return [
        ...singles(settings, name),
        ...this.ruled(settings, name, until),
        ...this.filed(settings, name, until),
      ]
        .filter((each) => each.to > from && each.from < until)
        .sort((a, b) => a.from - b.from || a.to - b.to);
    } catch (error) {
      if (error instanceof ApplicationFailure) throw error;
      const why = errorText(error);
      throw notPossible(`The calendar "${name}" in countersign.yaml cannot be read: ${why}`);
    }
  }

  /** Throws for a calendar that cannot be read, so that nobody learns of it on the night of the window. */
  check(): void {
    for (const name of Object.keys(this.options.calendars)) this.occurrences(name, 0, Date.now() + horizonMs);
  }

  private ruled(
    { rrule, start, duration, timezone, except = [] }: CalendarSettings,
    name: string,
    until: number,
  ) {
    if (!rrule) return [];
    const length = parseDuration(duration ?? '');
    const first = localTime(start ?? '');
    if (!length || !('ms' in length))
      throw new Error('`duration` should say how long each lasts, such as 6h.');
    if (!first) throw new Error('`start` should say when the first one begins, such as 2026-01-03T22:00.');
    const skipped = new Set(except);
    const found: Occurrence[] = [];
    const times = inLocalTime(ICAL.Recur.fromString(rrule), timezone).iterator(first);
    for (let count = 0, time = times.next(); time; time = times.next(), count += 1) {
      const at = momentOf(time, timezone);
      if (at >= until) break;
      if (count > mostOccurrences) throw new Error(`"${rrule}" happens too often.`);
      if (!skipped.has(dayText(time))) found.push({ name, from: at, to: at + length.ms });
    }
    return found;
  }

  private filed({ ics, timezone, except = [] }: CalendarSettings, name: string, until: number): Occurrence[] {
    if (!ics) return [];
    const root = new ICAL.Component(ICAL.parse(this.options.read(ics)));
    nameZones(root);
    const events = root.getAllSubcomponents('vevent').map((part) => new ICAL.Event(part));
    for (const event of events) {
      const rule = event.component.getFirstPropertyValue('rrule');
      if (rule instanceof ICAL.Recur) inLocalTime(rule, zoneOf(event.startDate, timezone));
    }
    const skipped = new Set(except);
    return events
      .filter((event) => !event.isRecurrenceException())
      .flatMap((event) => {
        for (const other of events)
          if (other.isRecurrenceException() && other.uid === event.uid) event.relateException(other);
        return [...timesOf(event, timezone, until)];
      })
      .filter(({ day }) => !skipped.has(day))
      .map(({ summary, from, to }) => ({ name: summary || name, from, to }));
  }
}

/** The calendars of the configuration, whose .ics files stand beside it and are read when they are asked. */
export function calendarsOf(configuration: CalendarConfiguration, path: string): Calendars {
  return new Calendars({
    calendars: configuration.calendars as unknown as Record<string, CalendarSettings>,
    holidays: configuration.holidays,
    timezone: configuration.timezone,
    read: (file) => readFileSync(resolve(dirname(path), file), 'utf8'),
  });
}

function* timesOf(event: ICAL.Event, timezone: string, until: number) {
  const once = (item: ICAL.Event, start: ICAL.Time, end: ICAL.Time) => ({
    summary: item.summary,
    from: momentOf(start, timezone),
    to: momentOf(end, timezone),
    day: dayText(start),
    cancelled: String(item.component.getFirstPropertyValue('status') ?? '').toUpperCase() === 'CANCELLED',
  });
  if (!event.isRecurring()) {
    const found = once(event, event.startDate, event.endDate);
    if (!found.cancelled) yield found;
    return;
  }
  const times = event.iterator();
  for (let count = 0, time = times.next(); time; time = times.next(), count += 1) {
    if (count > mostOccurrences) throw new Error(`"${event.summary}" happens too often.`);
    const { item, startDate, endDate } = event.getOccurrenceDetails(time);
    const found = once(item, startDate, endDate);
    if (momentOf(time, timezone) >= until) return;
    if (!found.cancelled) yield found;
  }
}

function singles({ windows = [], timezone }: CalendarSettings, name: string): Occurrence[] {
  return windows.map((window) => {
    const from = localMoment(window.from, timezone);
    const to = localMoment(window.to, timezone);
    if (from === undefined || to === undefined || to <= from)
      throw new Error(`"${window.from}" to "${window.to}" is no length of time.`);
    return { name: window.name ?? name, from, to };
  });
}

/** What is left of a window. */
function without(window: Occurrence, frozen: readonly Occurrence[]): Occurrence[] {
  return frozen.reduce<Occurrence[]>(
    (parts, { from, to }) =>
      parts.flatMap((part) => {
        if (to <= part.from || from >= part.to) return [part];
        return [
          { ...part, to: from },
          { ...part, from: to },
        ].filter((left) => left.to > left.from);
      }),
    [window],
  );
}

/**
 * Many files name a zone without defining it. The zone data here is Node's anyway, so that its name is all that is needed.
 */
function nameZones(root: ICAL.Component): void {
  const defined = root.getAllSubcomponents('vtimezone').map((zone) => zone.getFirstPropertyValue('tzid'));
  const named = root
    .getAllSubcomponents('vevent')
    .flatMap((event) => event.getAllProperties().map((property) => property.getParameter('tzid')));
  for (const name of new Set(named)) {
    if (typeof name !== 'string' || defined.includes(name)) continue;
    const zone = new ICAL.Component('vtimezone');
    zone.addPropertyWithValue('tzid', name);
    root.addSubcomponent(zone);
  }
}

/** Rules are followed in local time, and their end is usually given in UTC. */
function inLocalTime(rule: ICAL.Recur, zone: string): ICAL.Recur {
  const { until } = rule;
  if (until && !until.isDate && until.zone?.tzid === 'UTC') {
    const local = localTime(localText(momentOf(until, zone), zone));
    if (local) rule.until = local;
  }
  return rule;
}

function localTime(text: string): ICAL.Time | undefined {
  if (localMoment(text, 'UTC') === undefined) return undefined;
  return ICAL.Time.fromString(
    text.length === 16 ? `${text}:00` : text.includes('T') ? text : `${text}T00:00:00`,
    undefined as never,
  );
}

/** In UTC, in the zone that the file names, or in the calendar's own. */
function momentOf(time: ICAL.Time, timezone: string): number {
  const zone = zoneOf(time, timezone);
  const text = `${dayText(time)}T${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}`;
  const moment = localMoment(text, zone);
  if (moment === undefined) throw new Error(`${time.toString()} is no time.`);
  return moment;
}

function zoneOf({ zone }: ICAL.Time, timezone: string): string {
  return zone?.tzid && isZone(zone.tzid) ? zone.tzid : timezone;
}

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

function dayText(time: ICAL.Time): string {
  return `${time.year}-${pad(time.month)}-${pad(time.day)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

function notPossible(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'PermanentFailure');
}
