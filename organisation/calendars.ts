/**
 * Calendars of the configuration: windows, freezes and holidays, from recurrence rules (RFC 5545), .ics files and single
 * occurrences. Only ever asked in an activity, since time zone data differs between machines.
 */

import { ApplicationFailure } from '@temporalio/common';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import type { WindowInput, WindowResult } from '../plan/organisation.ts';
import type { Duration } from '../plan/plan.ts';
import { type CalendarSettings, exceptDays, readSettings } from './calendar-settings.ts';
import { eventsOf } from './events.ts';
import { addBusinessDays, localDay } from './local-time.ts';
import { dayMs, zoneNamed } from './time-zones.ts';
import { type Occurrence, type Series, Timetable } from './timetable.ts';

export type { CalendarSettings, Occurrence };

export interface CalendarOptions {
  calendars: Record<string, CalendarSettings>;
  /** Name of the calendar whose days are no working days. */
  holidays?: string | undefined;
  /** IANA zone in which business days are counted. */
  timezone: string;
  /** The text of an .ics file, by the path in the configuration. */
  read(path: string): string;
}

/** How far ahead a window is looked for. */
const horizonMs = 2 * 366 * dayMs;

interface Kept {
  /** Of the .ics file, if there is one. */
  text: string | undefined;
  timetable: Timetable;
}

export class Calendars {
  readonly timezone: string;
  private readonly options: CalendarOptions;
  private readonly kept = new Map<string, Kept>();

  constructor(options: CalendarOptions) {
    this.options = options;
    this.timezone = options.timezone;
  }

  /** The moment a length of time later. Business days skip weekends and the holidays. */
  after(start: number, length: Duration): number {
    if ('ms' in length) return start + length.ms;
    const { holidays } = this.options;
    const begin = start - dayMs;
    const until = start + (length.businessDays * 3 + 60) * dayMs;
    const free = new Set<string>();
    for (const { from, to } of holidays ? this.occurrences(holidays, begin, until) : [])
      for (let at = Math.max(from, begin); at < Math.min(to, until); at += dayMs / 2)
        free.add(localDay(at, this.timezone));
    return addBusinessDays(start, length.businessDays, this.timezone, (day) => free.has(day));
  }

  /**
   * The next window with enough time left, the freezes cut out of it. Fails for good when there is none within two years.
   */
  window({ calendar, freeze, needsMs, now }: WindowInput): WindowResult {
    const until = now + horizonMs;
    // Asked even where no window is long enough: a freeze that cannot be read must not be overlooked.
    const freezes = freeze.map((name) => ({ name, timetable: this.timetable(name) }));
    let frozenBy: string | undefined;
    for (const window of this.timetable(calendar).from(now, until)) {
      if (window.from >= until) break;
      if (window.to - Math.max(window.from, now) < Math.max(needsMs, 1)) continue;
      // A window of decades is asked for as far ahead as any other.
      const [begin, end] = [Math.max(window.from, now), Math.min(window.to, until)];
      const frozen = freezes.flatMap(({ timetable }) => timetable.between(begin, end));
      const open = without(window, frozen).find(
        ({ from, to }) => to - Math.max(from, now) >= Math.max(needsMs, 1),
      );
      if (!open) {
        frozenBy ??= frozen[0]?.name;
        continue;
      }
      // Open but for a freeze: it opens where that ends.
      if (open.from > Math.max(window.from, now))
        frozenBy ??= frozen.find(({ to }) => to === open.from)?.name;
      return {
        opensAt: open.from,
        closesAt: open.to,
        name: open.name,
        ...defined({ frozenBy: frozenBy || undefined }),
      };
    }
    const room = needsMs > 0 ? ` of ${Math.ceil(needsMs / 60_000)} minutes` : '';
    throw notPossible(
      `The calendar "${calendar}" has no window${room} in the next two years${frozenBy ? ` that is not frozen by "${frozenBy}"` : ''}. Change it in countersign.yaml, then retry this step.`,
    );
  }

  /** What overlaps the time, the first one first. */
  occurrences(name: string, from: number, until: number): Occurrence[] {
    return this.timetable(name).between(from, until);
  }

  /** Throws for those that cannot be read; what lies near now is followed, so that the first question is quick. */
  check(now = Date.now()): void {
    const problems = Object.keys(this.options.calendars).flatMap((name) => {
      try {
        this.occurrences(name, now, now + 60 * dayMs);
        return [];
      } catch (error) {
        return [errorText(error)];
      }
    });
    if (problems.length > 0) throw notPossible(problems.join('\n'));
  }

  /** What was read and followed is kept; an .ics file that has changed is read anew. */
  private timetable(name: string): Timetable {
    const settings = Object.hasOwn(this.options.calendars, name) ? this.options.calendars[name] : undefined;
    if (!settings)
      throw notPossible(`There is no calendar "${name}" in countersign.yaml. Add it under calendars:.`);
    try {
      const text = settings.ics === undefined ? undefined : this.options.read(settings.ics);
      const known = this.kept.get(name);
      if (known && known.text === text) return known.timetable;
      const timetable = timetableOf(name, settings, text);
      this.kept.set(name, { text, timetable });
      return timetable;
    } catch (error) {
      const why = errorText(error);
      throw notPossible(`The calendar "${name}" in countersign.yaml cannot be read: ${why}`);
    }
  }
}

function timetableOf(name: string, settings: CalendarSettings, text: string | undefined): Timetable {
  const own = zoneNamed(settings.timezone);
  if (!own) throw new Error(`there is no time zone "${settings.timezone}".`);
  const { series, problems } = readSettings(name, settings, own);
  const [problem] = problems;
  if (problem)
    throw new Error(
      problem.key === 'rrule' && problem.kind === 'wrong'
        ? `the rule "${settings.rrule}" is refused: ${problem.what}.`
        : problem.what,
    );
  const filed: Series[] = [];
  if (text !== undefined) {
    const file = eventsOf(text, { own, name });
    const [wrong] = file.problems;
    if (wrong) throw new Error(`${settings.ics}:${wrong.line}: ${wrong.what}.`);
    filed.push(...file.series);
  }
  return new Timetable([...series, ...filed], { zone: own, days: exceptDays(settings) });
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

function notPossible(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'PermanentFailure');
}
