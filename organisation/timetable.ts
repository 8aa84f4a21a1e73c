/**
 * The times of one calendar, followed in pieces of some weeks. A piece is followed when it is first asked for, and kept: a
 * lookup costs what lies near its moment, however long ago a series began.
 */
import type { RecurrenceRule } from './recurrence-rules.ts';
import { dayMs, instantOf, localOf, utc, type Zone } from './time-zones.ts';

export interface Occurrence {
  name: string;
  /** Milliseconds since 1970; `to` is exclusive. */
  from: number;
  to: number;
}

/** How long each lasts: days of the calendar, which may have 23 or 25 hours, and exact time behind them. */
export interface Length {
  days: number;
  ms: number;
}

export interface Series {
  name: string;
  zone: Zone;
  rules: readonly RecurrenceRule[];
  length: Length;
  /** Those that come whatever the rules say. */
  fixed: readonly Occurrence[];
  /** Beginnings that are left out, as instants and as local days. */
  excluded: ReadonlySet<number>;
  excludedDays: ReadonlySet<number>;
}

/** Days of a zone on which nothing begins. */
export interface Except {
  zone: Zone;
  days: ReadonlySet<number>;
}

/** What repeats and lasts longer is a mistake, and would have to be looked for years back. */
export const longestRepeatedMs = 366 * dayMs;

const pieceMs = 64 * dayMs;
/** A local time lies within a day of its instant, and an offset's change may move it once more. */
const slackMs = 2 * dayMs;
const longMs = 400 * dayMs;
const mostPieces = 40;
const mostInAPiece = 500_000;

export class Timetable {
  private readonly series: readonly Series[];
  /** Single ones that last so long that one would have to look back for years to find them. */
  private readonly long: Occurrence[];
  private readonly longestMs: number;
  private readonly pieces = new Map<number, Occurrence[]>();

  private readonly except: Except;

  constructor(series: readonly Series[], except: Except = { zone: utc, days: new Set() }) {
    this.except = except;
    this.long = series
      .flatMap(({ fixed }) => fixed.filter((one) => isLong(one) && !this.isLeftOut(one)))
      .sort(inOrder);
    this.series = series.map((each) => ({ ...each, fixed: each.fixed.filter((one) => !isLong(one)) }));
    this.longestMs = this.series.reduce((longest, each) => Math.max(longest, longestOf(each)), 0);
  }

  /** What overlaps the time, the first one first. */
  between(from: number, until: number): Occurrence[] {
    const found: Occurrence[] = [];
    for (const each of this.from(from, until)) {
      if (each.from >= until) break;
      found.push(each);
    }
    return found;
  }

  /** What is not over at a moment, in order, as far as anybody asks; nothing begins after `horizon`. */
  *from(at: number, horizon = at + 20 * 366 * dayMs): Generator<Occurrence> {
    const first = pieceOf(at - this.longestMs);
    const last = pieceOf(horizon);
    const long = this.long.filter(({ to }) => to > at);
    for (let index = first; index <= last; index += 1) {
      const piece = this.piece(index);
      for (let place = firstFrom(piece, at - this.longestMs); place < piece.length; place += 1) {
        const each = piece[place];
        if (!each || each.to <= at) continue;
        while (long[0] && long[0].from <= each.from) yield long.shift() as Occurrence;
        yield each;
      }
    }
    yield* long;
  }

  private isLeftOut({ from }: Occurrence): boolean {
    const { days, zone } = this.except;
    return days.size > 0 && days.has(dayOf(localOf(from, zone)));
  }

  private piece(index: number): Occurrence[] {
    const known = this.pieces.get(index);
    if (known) return known;
    const piece = this.series
      .flatMap((each) => startingWithin(each, index * pieceMs, (index + 1) * pieceMs))
      // What lasts no time opens nothing and freezes nothing.
      .filter((each) => each.to > each.from && !this.isLeftOut(each))
      .sort(inOrder);
    if (piece.length > mostInAPiece) throw new Error('It has too many times to follow them.');
    if (this.pieces.size >= mostPieces) this.pieces.delete(this.pieces.keys().next().value ?? 0);
    this.pieces.set(index, piece);
    return piece;
  }
}

function startingWithin(series: Series, from: number, to: number): Occurrence[] {
  const { name, zone, rules, length, fixed, excluded, excludedDays } = series;
  const found = new Map<number, Occurrence>();
  for (const rule of rules)
    for (const local of rule.between(from - slackMs, to + slackMs)) {
      const at = instantOf(local, zone);
      if (at < from || at >= to || excluded.has(at)) continue;
      if (excludedDays.size > 0 && excludedDays.has(dayOf(local))) continue;
      found.set(at, { name, from: at, to: endOf(local, at, length, zone) });
    }
  for (const each of fixed) if (each.from >= from && each.from < to) found.set(each.from, each);
  return [...found.values()];
}

/** When what begins at a local time, which is this instant, ends. */
export function endOf(local: number, instant: number, { days, ms }: Length, zone: Zone): number {
  return (days === 0 ? instant : instantOf(local + days * dayMs, zone)) + ms;
}

export function dayOf(local: number): number {
  return Math.floor(local / dayMs);
}

function longestOf({ length, rules, fixed }: Series): number {
  const ruled = rules.length === 0 ? 0 : (length.days + 1) * dayMs + length.ms;
  return fixed.reduce((longest, { from, to }) => Math.max(longest, to - from), ruled);
}

function isLong({ from, to }: Occurrence): boolean {
  return to - from > longMs;
}

function inOrder(a: Occurrence, b: Occurrence): number {
  return a.from - b.from || a.to - b.to;
}

function pieceOf(at: number): number {
  return Math.floor(at / pieceMs);
}

function firstFrom(piece: readonly Occurrence[], at: number): number {
  let low = 0;
  let high = piece.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((piece[middle]?.from ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
