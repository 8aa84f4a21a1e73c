/**
 * Time zones, and the one rule by which a local time becomes an instant. Local times are numbers: milliseconds since 1970
 * as if the local time were UTC.
 */
import { WINDOWS_TO_IANA_MAP } from 'windows-iana';

export interface Zone {
  readonly name: string;
  /** Local time minus UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number;
}

export const dayMs = 86_400_000;

export const utc: Zone = { name: 'UTC', offsetAt: () => 0 };

export function localOf(instant: number, zone: Zone): number {
  return instant + zone.offsetAt(instant);
}

/**
 * RFC 5545 3.3.5: a local time that the clocks skip has the offset before the gap, and one that comes twice is the first.
 * Everything that turns local times into instants comes here.
 */
export function instantOf(local: number, zone: Zone): number {
  const { before, after } = offsetsAround(local, zone);
  const first = local - before;
  if (before === after || zone.offsetAt(first) === before) return first;
  const second = local - after;
  return zone.offsetAt(second) === after ? second : first;
}

export interface ClockChange {
  /** The first instant with the new offset. */
  at: number;
  before: number;
  after: number;
}

/** When a zone's clocks go forward or back, in order. */
export function clockChangesBetween(zone: Zone, from: number, to: number): ClockChange[] {
  const changes: ClockChange[] = [];
  for (let day = from; day < to; day += dayMs) {
    const before = zone.offsetAt(day);
    const after = zone.offsetAt(day + dayMs);
    if (after === before) continue;
    let [low, high] = [Math.floor(day / 1000), Math.ceil((day + dayMs) / 1000)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (zone.offsetAt(middle * 1000) === before) low = middle;
      else high = middle;
    }
    changes.push({ at: high * 1000, before, after });
  }
  return changes;
}

/** A day covers the widest offset there is, so that these are in force before and after any change near the local time. */
function offsetsAround(local: number, zone: Zone): { before: number; after: number } {
  return { before: zone.offsetAt(local - dayMs), after: zone.offsetAt(local + dayMs) };
}

const zones = new Map<string, Zone | undefined>();

/** By its IANA name, whatever its case; undefined when this machine knows none of that name. */
export function zoneNamed(name: string): Zone | undefined {
  if (/^(utc|z|gmt|etc\/utc|etc\/gmt)$/i.test(name)) return utc;
  // Newer machines take offsets such as +01:00 for names.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,60}$/.test(name)) return undefined;
  if (!zones.has(name)) {
    // What files name is bounded only by what they hold.
    if (zones.size > 5_000) zones.clear();
    zones.set(name, knownZone(name));
  }
  return zones.get(name);
}

/** As calendar files name zones: by IANA name, by CLDR's Windows name, or by either behind a vendor's prefix. */
export function zoneOfFileName(name: string): Zone | undefined {
  const plain = name.trim().replace(/^"|"$/g, '');
  const parts = plain.split('/');
  // `/freeassociation.sourceforge.net/Europe/Berlin`, `/mozilla.org/20050126_1/Europe/Berlin`, `tzone://Microsoft/Utc`
  const hasPrefix = /^\/|:\/\//.test(plain);
  const candidates = hasPrefix ? parts.map((_, index) => parts.slice(index).join('/')).filter(Boolean) : [];
  for (const each of [plain, ...candidates]) {
    const found = zoneNamed(each) ?? zoneOfWindowsName(each);
    if (found) return found;
  }
  return undefined;
}

let windowsNames: Map<string, string> | undefined;

function zoneOfWindowsName(name: string): Zone | undefined {
  windowsNames ??= new Map(
    WINDOWS_TO_IANA_MAP.filter(({ territory }) => territory === '001').map(({ windowsName, iana }) => [
      windowsName.toLowerCase(),
      iana[0] ?? '',
    ]),
  );
  const iana = windowsNames.get(name.replace(/\s+/g, ' ').toLowerCase());
  return iana === undefined ? undefined : zoneNamed(iana);
}

function knownZone(name: string): Zone | undefined {
  try {
    return new KnownZone(name);
  } catch {
    return undefined;
  }
}

/** Apart enough to be quick, and close enough that no zone has gone there and back again in between. */
const sampleMs = 4 * dayMs;
const spanMs = 92 * sampleMs;

interface Span {
  from: number;
  offset: number;
}

/** The offsets are asked of Node's zone data once for each year or so, and kept. */
class KnownZone implements Zone {
  readonly name: string;
  private readonly format: Intl.DateTimeFormat;
  private readonly kept = new Map<number, Span[]>();

  constructor(name: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    this.name = name;
  }

  offsetAt(instant: number): number {
    const spans = this.spansOf(Math.floor(instant / spanMs));
    for (let index = spans.length - 1; index > 0; index -= 1) {
      const span = spans[index];
      if (span && span.from <= instant) return span.offset;
    }
    return spans[0]?.offset ?? 0;
  }

  private spansOf(index: number): Span[] {
    const known = this.kept.get(index);
    if (known) return known;
    const begin = index * spanMs;
    const spans: Span[] = [{ from: begin, offset: this.ask(begin) }];
    for (let at = begin; at < begin + spanMs; at += sampleMs) {
      const offset = this.ask(at + sampleMs);
      const last = spans.at(-1);
      if (last && last.offset !== offset)
        spans.push({ from: this.changeBetween(at, at + sampleMs, last.offset), offset });
    }
    if (this.kept.size > 500) this.kept.clear();
    this.kept.set(index, spans);
    return spans;
  }

  /** The first second at which the offset is no longer this one. */
  private changeBetween(before: number, after: number, offset: number): number {
    let low = Math.floor(before / 1000);
    let high = Math.floor(after / 1000);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.ask(middle * 1000) === offset) low = middle;
      else high = middle;
    }
    return high * 1000;
  }

  private ask(instant: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.format.formatToParts(instant)) parts[type] = value;
    const number = (name: string) => Number(parts[name] ?? 0);
    const year = parts.era === 'BC' ? 1 - number('year') : number('year');
    const local = utcOf(year, number('month'), number('day'));
    const time = ((number('hour') * 60 + number('minute')) * 60 + number('second')) * 1000;
    return local + time - Math.floor(instant / 1000) * 1000;
  }
}

/** `Date.UTC` without its habit of reading 26 as 1926. Months count from 1. */
export function utcOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  return date.setUTCFullYear(year, month - 1, day);
}
