/** One VEVENT of a calendar file: its times, its rules, and what is wrong with them. */

import { errorText } from '../plan/error-text.ts';
import { excerpt } from '../plan/excerpt.ts';
import {
  type FileMoment,
  fileLength,
  fileMoment,
  instantOfMoment,
  wholeDays,
  type ZoneFinder,
} from './ical-values.ts';
import { type Component, firstProperty, propertiesOf } from './icalendar.ts';
import type { FileProblem, Property } from './icalendar-lines.ts';
import { type RecurrenceParts, readRecurrence } from './recurrence-parts.ts';
import { RecurrenceRule, startProblem } from './recurrence-rules.ts';
import { dayMs } from './time-zones.ts';
import { type Length, longestRepeatedMs } from './timetable.ts';

export interface FileEvent {
  uid: string;
  line: number;
  sequence: number;
  /** When it was written, as an instant; 0 where it does not say. */
  stamp: number;
  summary?: string;
  isCancelled: boolean;
  /** Absent only where it is cancelled. */
  start?: FileMoment;
  length?: Length;
  rules: RecurrenceRule[];
  rdates: { moment: FileMoment; length: Length }[];
  exdates: FileMoment[];
  recurrenceId?: FileMoment;
  /** What makes two revisions the same. */
  text: string;
}

interface Reading {
  zones: ZoneFinder;
  problems: FileProblem[];
  /** The whole file takes its events back. */
  isCancelled: boolean;
}

export function readEvent(component: Component, reading: Reading): FileEvent | undefined {
  const reader = new EventReader(component, reading);
  const start = reader.moments('dtstart')[0];
  const isCancelled = reading.isCancelled || reader.text('status')?.toUpperCase() === 'CANCELLED';
  if (!start && !isCancelled) {
    if (!firstProperty(component, 'dtstart'))
      reading.problems.push({ line: component.line, what: 'this event has no DTSTART' });
    return undefined;
  }
  const [recurrenceId] = reader.moments('recurrence-id');
  // What an exception cannot say is told; it is no second series of that UID.
  if (!recurrenceId && firstProperty(component, 'recurrence-id')) return undefined;
  const summary = reader.text('summary');
  const length = start && reader.length(start);
  const event: FileEvent = {
    uid: reader.text('uid') ?? `line ${component.line}`,
    line: component.line,
    sequence: Number(reader.text('sequence') ?? 0),
    stamp: reader.stamp(),
    isCancelled,
    rules: start && !isCancelled ? reader.rules(start, length, recurrenceId !== undefined) : [],
    rdates: start && !isCancelled ? reader.rdates(start, length) : [],
    exdates: reader.moments('exdate'),
    text: component.properties.map(({ name, raw }) => `${name}:${raw}`).join('\n'),
  };
  if (summary !== undefined) event.summary = summary;
  if (start) event.start = start;
  if (length) event.length = length;
  if (recurrenceId) event.recurrenceId = recurrenceId;
  return event;
}

/** Without an end a day lasts a day and a time no time (RFC 5545 3.6.1). */
export function eventLength({ start, length }: FileEvent): Length {
  return length ?? { days: start?.form === 'date' ? 1 : 0, ms: 0 };
}

class EventReader {
  private readonly component: Component;
  private readonly zones: ZoneFinder;
  private readonly problems: FileProblem[];

  constructor(component: Component, { zones, problems }: Reading) {
    this.component = component;
    this.zones = zones;
    this.problems = problems;
  }

  text(name: string): string | undefined {
    const value = firstProperty(this.component, name)?.values[0];
    return value === undefined ? undefined : String(value).trim();
  }

  stamp(): number {
    const property = firstProperty(this.component, 'dtstamp');
    try {
      return property ? instantOfMoment(fileMoment(property.values[0], undefined, this.zones)) : 0;
    } catch {
      return 0;
    }
  }

  /** All that the properties of a name hold. */
  moments(name: string): FileMoment[] {
    return propertiesOf(this.component, name).flatMap((property) =>
      property.values.flatMap((value) => this.trying(property, () => [this.moment(property, value)]) ?? []),
    );
  }

  length(start: FileMoment): Length | undefined {
    const end = firstProperty(this.component, 'dtend');
    const duration = firstProperty(this.component, 'duration');
    const property = end ?? duration;
    return property && this.trying(property, () => this.lengthOf(property, property === end, start));
  }

  rdates(start: FileMoment, length: Length | undefined): FileEvent['rdates'] {
    const usual = length ?? { days: start.form === 'date' ? 1 : 0, ms: 0 };
    return propertiesOf(this.component, 'rdate').flatMap((property) =>
      property.values.flatMap(
        (value) => this.trying(property, () => [this.rdate(property, value, start, usual)]) ?? [],
      ),
    );
  }

  rules(start: FileMoment, length: Length | undefined, isException: boolean): RecurrenceRule[] {
    for (const property of propertiesOf(this.component, 'exrule'))
      this.problem(property, 'EXRULE is no longer in the standard; write EXDATE');
    return propertiesOf(this.component, 'rrule').flatMap((property) => {
      const rule = this.trying(property, () => {
        if (isException) throw new Error('it belongs to an exception (RECURRENCE-ID), which happens once');
        if (length && length.days * dayMs + length.ms > longestRepeatedMs)
          throw new Error('it repeats, and lasts longer than a year');
        return this.rule(property.raw, start);
      });
      return rule ? [rule] : [];
    });
  }

  private rule(text: string, start: FileMoment): RecurrenceRule {
    const parts = withFittingUntil(readRecurrence(text), start);
    if (start.form === 'date' && parts.byHour.length + parts.byMinute.length + parts.bySecond.length > 0)
      throw new Error('it names times of day, and its DTSTART is a date');
    const rule = new RecurrenceRule(parts, start.local, start.zone);
    const problem = startProblem(rule, start.local, { zone: start.zone, countsStart: true });
    if (problem) throw new Error(problem);
    return rule;
  }

  private moment({ name, parameters }: Property, value: unknown): FileMoment {
    if (name === 'recurrence-id' && parameters.range !== undefined)
      throw new Error(
        'an exception of all that follows (RANGE) is not known here; end the series and begin another',
      );
    return fileMoment(value, parameters.tzid, this.zones);
  }

  private rdate(property: Property, value: unknown, start: FileMoment, usual: Length) {
    const { type, parameters } = property;
    if (type === 'period' || Array.isArray(value)) {
      const [from, to] = value as [string, string];
      const moment = fileMoment(from, parameters.tzid, this.zones);
      if (/^[+-]?P/.test(to)) return { moment, length: fileLength(to) };
      const ms = instantOfMoment(fileMoment(to, parameters.tzid, this.zones)) - instantOfMoment(moment);
      if (ms < 0) throw new Error('it ends before it begins');
      return { moment, length: { days: 0, ms } };
    }
    const moment = fileMoment(value, parameters.tzid, this.zones);
    if (start.form === 'date') {
      if (moment.form !== 'date' && moment.local % dayMs !== 0)
        throw new Error('it is a time, and its DTSTART is a date');
      return { moment: { ...moment, form: 'date' as const, zone: start.zone }, length: usual };
    }
    if (moment.form === 'date') throw new Error('it is a date, and its DTSTART is a time');
    return { moment: moment.form === 'floating' ? { ...moment, zone: start.zone } : moment, length: usual };
  }

  private lengthOf(property: Property, isEnd: boolean, start: FileMoment): Length {
    const [value] = property.values;
    if (!isEnd) return start.form === 'date' ? wholeDays(fileLength(value)) : fileLength(value);
    const end = fileMoment(value, property.parameters.tzid, this.zones);
    if ((end.form === 'date') !== (start.form === 'date'))
      throw new Error('one of DTSTART and DTEND is a date, and the other a time');
    const ms = end.form === 'date' ? end.local - start.local : instantOfMoment(end) - instantOfMoment(start);
    if (ms < 0) throw new Error('it ends before it begins');
    return start.form === 'date' ? wholeDays({ days: ms / dayMs, ms: 0 }) : { days: 0, ms };
  }

  private trying<T>(property: Property, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.problem(property, errorText(error));
      return undefined;
    }
  }

  private problem({ name, line, raw }: Property, what: string): void {
    this.problems.push({ line, what: `${name.toUpperCase()} "${excerpt(raw)}": ${what}` });
  }
}

/** UNTIL is of the start's own kind (RFC 5545 3.3.10), or takes in a whole day. */
function withFittingUntil(parts: RecurrenceParts, start: FileMoment): RecurrenceParts {
  const { until } = parts;
  if (!until || until.form === 'day') return parts;
  if (start.form === 'date') {
    if (until.local % dayMs !== 0) throw new Error('its UNTIL is a time, and its DTSTART is a date');
    return { ...parts, until: { ...until, form: 'day' } };
  }
  if (until.form === 'local' && start.form !== 'floating')
    throw new Error('its UNTIL is in no time zone, and its DTSTART is in one; write UNTIL in UTC, or a date');
  return parts;
}
