/**
 * The events of a calendar file as series: which revision counts, what is excluded, moved or cancelled, and how long each
 * lasts (RFC 5545 3.8.5, 3.8.7.4). Nothing is guessed: what cannot be read is a problem with its line.
 */
import { errorText } from '../plan/error-text.ts';
import { eventLength, type FileEvent, readEvent } from './event.ts';
import { instantOfMoment, type ZoneFinder } from './ical-values.ts';
import { type Component, firstProperty, readCalendarFile } from './icalendar.ts';
import type { FileProblem } from './icalendar-lines.ts';
import { dayMs, localOf, type Zone, zoneOfFileName } from './time-zones.ts';
import { dayOf, endOf, type Occurrence, type Series } from './timetable.ts';
import { zoneOfComponent } from './vtimezone.ts';

export interface CalendarFile {
  series: Series[];
  problems: FileProblem[];
  /** By series: the line of its event. */
  lines: ReadonlyMap<Series, number>;
}

const mostEvents = 50_000;
const mostRepeating = 5_000;

/** `own` is the zone of whole days and of times that name none; `name` is for events that have none. */
export function eventsOf(text: string, { own, name }: { own: Zone; name: string }): CalendarFile {
  const { calendars, problems } = readCalendarFile(text);
  const byUid = new Map<string, FileEvent[]>();
  for (const calendar of calendars) {
    const zones = zonesOf(calendar, own, problems);
    const isCancelled = String(firstProperty(calendar, 'method')?.values[0]).toUpperCase() === 'CANCEL';
    for (const component of calendar.inner.filter((each) => each.name === 'vevent')) {
      const event = readEvent(component, { zones, problems, isCancelled });
      if (!event) continue;
      const others = byUid.get(event.uid);
      if (others) others.push(event);
      else byUid.set(event.uid, [event]);
    }
  }
  const lines = new Map<Series, number>();
  const series = [...byUid.values()].flatMap((events) => {
    const found = seriesOf(events, { own, name }, problems);
    for (const each of found) lines.set(each, events[0]?.line ?? 1);
    return found;
  });
  const repeating = series.filter(({ rules }) => rules.length > 0).length;
  if (byUid.size > mostEvents || repeating > mostRepeating)
    problems.push({
      line: 1,
      what: `it has ${byUid.size} events, of which ${repeating} repeat; there may be ${mostEvents}, and ${mostRepeating} that repeat`,
    });
  return { series, problems: problems.sort((a, b) => a.line - b.line), lines };
}

/** The IANA or Windows name; where it is neither, what the file defines; else a problem. */
function zonesOf(calendar: Component, own: Zone, problems: FileProblem[]): ZoneFinder {
  const defined = new Map<string, Component>();
  for (const each of calendar.inner.filter(({ name }) => name === 'vtimezone'))
    defined.set(String(firstProperty(each, 'tzid')?.values[0] ?? ''), each);
  const found = new Map<string, Zone>();
  const look = (name: string): Zone => {
    const known = zoneOfFileName(name);
    if (known) return known;
    const component = defined.get(name);
    if (!component)
      throw new Error(
        `the time zone "${name}" is unknown: it is no IANA or Windows name, and the file has no VTIMEZONE for it`,
      );
    try {
      return zoneOfComponent(component);
    } catch (error) {
      const what = errorText(error);
      problems.push({ line: component.line, what: `its VTIMEZONE "${name}" cannot be used: ${what}` });
      return own;
    }
  };
  return {
    own,
    named: (name) => {
      const zone = found.get(name) ?? look(name);
      found.set(name, zone);
      return zone;
    },
  };
}

/** All that one UID says. */
function seriesOf(
  events: readonly FileEvent[],
  { own, name }: { own: Zone; name: string },
  problems: FileProblem[],
): Series[] {
  const master = newest(
    events.filter(({ recurrenceId }) => !recurrenceId),
    problems,
  );
  if (master?.isCancelled) return [];
  const moved = new Map<string, FileEvent[]>();
  for (const event of events) {
    if (!event.recurrenceId) continue;
    const key = exceptionKey(exceptionOf(event.recurrenceId, master, own));
    moved.set(key, [...(moved.get(key) ?? []), event]);
  }
  const excluded = new Set<number>();
  const excludedDays = new Set<number>();
  const exclude = (at: Exception) => ('day' in at ? excludedDays.add(at.day) : excluded.add(at.instant));
  for (const each of master?.exdates ?? []) exclude(exceptionOf(each, master, own));
  const isExcluded = (at: Exception) =>
    'day' in at ? excludedDays.has(at.day) : excluded.has(at.instant) || excludedDays.has(at.ownDay);
  const fixed: Occurrence[] = [];
  const exceptions: Exception[] = [];
  for (const candidates of moved.values()) {
    const event = newest(candidates, problems);
    if (!event?.recurrenceId) continue;
    const at = exceptionOf(event.recurrenceId, master, own);
    exceptions.push(at);
    if (!event.isCancelled && event.start && !isExcluded(at))
      fixed.push(...occurrencesOf(event, master?.summary ?? name));
  }
  const ruled: Occurrence[] = [];
  if (master?.start) {
    for (const each of exceptions) exclude(each);
    ruled.push(...occurrencesOf(master, name, isExcluded));
  }
  const none = {
    rules: [],
    length: { days: 0, ms: 0 },
    excluded: new Set<number>(),
    excludedDays: new Set<number>(),
  };
  const series: Series[] = [];
  if (master)
    series.push({
      name: master.summary || name,
      zone: master.start?.zone ?? own,
      rules: master.rules,
      length: eventLength(master),
      fixed: ruled,
      excluded,
      excludedDays,
    });
  // By itself: what was moved to the beginning of another occurrence happens besides it.
  if (fixed.length > 0) series.push({ name: master?.summary || name, zone: own, fixed, ...none });
  return series;
}

/** Of the revisions of one event, that of the highest SEQUENCE, and of those the one written last. */
function newest(revisions: readonly FileEvent[], problems: FileProblem[]): FileEvent | undefined {
  const [best, second] = [...revisions].sort((a, b) => b.sequence - a.sequence || b.stamp - a.stamp);
  if (
    best &&
    second &&
    best.sequence === second.sequence &&
    best.stamp === second.stamp &&
    best.text !== second.text
  )
    problems.push({
      line: Math.max(best.line, second.line),
      what: `the events of lines ${Math.min(best.line, second.line)} and ${Math.max(best.line, second.line)} have the same UID, and neither SEQUENCE nor DTSTAMP says which one counts`,
    });
  return best;
}

/** What DTSTART and RDATE name, without what is excluded. */
function occurrencesOf(
  event: FileEvent,
  name: string,
  isExcluded: (at: Exception) => boolean = () => false,
): Occurrence[] {
  const { start, rdates } = event;
  if (!start) return [];
  const starts = [{ moment: start, length: eventLength(event) }, ...(event.recurrenceId ? [] : rdates)];
  const found = new Map<number, Occurrence>();
  for (const { moment, length } of starts) {
    const from = instantOfMoment(moment);
    const local = localOf(from, start.zone);
    const day = dayOf(start.form === 'date' ? moment.local : local);
    if (isExcluded(start.form === 'date' ? { day } : { instant: from, ownDay: day })) continue;
    const to = endOf(moment.local, from, length, moment.zone);
    found.set(from, { name: event.summary || name, from, to });
  }
  return [...found.values()];
}

type Exception = { day: number } | { instant: number; ownDay: number };

/** An exception of whole days names a day, however it is written; a day among times leaves out all of that day. */
function exceptionOf(
  moment: FileEvent['exdates'][number],
  master: FileEvent | undefined,
  own: Zone,
): Exception {
  const start = master?.start;
  if (moment.form === 'date') return { day: dayOf(moment.local) };
  if (start?.form === 'date') {
    // 20260512T000000Z means the 12th, and 20260511T220000Z is its midnight in Berlin.
    const isMidnight = moment.local % dayMs === 0;
    const local = moment.form === 'utc' && !isMidnight ? localOf(moment.local, own) : moment.local;
    return { day: dayOf(local) };
  }
  // A time in no zone is meant in that of the series.
  const zone = moment.form === 'floating' && start ? start.zone : moment.zone;
  const instant = instantOfMoment({ ...moment, zone });
  return { instant, ownDay: dayOf(localOf(instant, start?.zone ?? zone)) };
}

function exceptionKey(at: Exception): string {
  return 'day' in at ? `day ${at.day}` : `at ${at.instant}`;
}
