/** The lines of an .ics file as properties, each with where it stands: ical.js reads their values, and we count the lines. */

import ICAL from 'ical.js';
import { errorText } from '../plan/error-text.ts';
import { excerpt } from '../plan/excerpt.ts';

/** A property as jCal (RFC 7265) has it, with its place in the file. */
export interface Property {
  /** In lower case. */
  name: string;
  /** From 1, of its first line. */
  line: number;
  /** In lower case; a list where a parameter has several values. */
  parameters: Record<string, string | string[]>;
  /** `date`, `date-time`, `period`, `duration`, `text` and so on. */
  type: string;
  values: unknown[];
  /** What stands behind the colon, unfolded. */
  raw: string;
}

/** What is wrong in a calendar file, and where. */
export interface FileProblem {
  line: number;
  what: string;
}

export interface ContentLine {
  line: number;
  name: string;
  text: string;
}

/** Unfolded (RFC 5545 3.1), whatever the line breaks, without a byte-order mark. */
export function contentLines(text: string): ContentLine[] {
  const found: ContentLine[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, own] of lines.entries()) {
    const last = found.at(-1);
    if (/^[ \t]/.test(own) && last) last.text += own.slice(1);
    else if (own.trim() !== '') found.push({ line: index + 1, name: nameOf(own), text: own });
  }
  return found;
}

/** The property on a line, or why it cannot be read. */
export function propertyOf({ line, name, text }: ContentLine): Property | FileProblem {
  try {
    // Recurrence rules are read by readRecurrence: ical.js changes what it does not understand.
    if (isRule(name)) return { name, line, parameters: {}, type: 'recur', values: [], raw: rawOf(text) };
    const [, parameters, type, ...values] = ICAL.parse.property(text, ICAL.design.icalendar) as [
      string,
      Record<string, string | string[]>,
      string,
      ...unknown[],
    ];
    return { name, line, parameters, type, values, raw: rawOf(text) };
  } catch (error) {
    // Some values make ical.js stumble instead of refusing them.
    const why = error instanceof TypeError ? 'its value is not complete' : errorText(error);
    return { line, what: `"${excerpt(text)}" cannot be read: ${why}` };
  }
}

export function isProblem(found: object): found is FileProblem {
  return 'what' in found;
}

function nameOf(text: string): string {
  return (/^[A-Za-z0-9-]+/.exec(text)?.[0] ?? '').toLowerCase();
}

function isRule(name: string): boolean {
  return name === 'rrule' || name === 'exrule';
}

/** What stands behind the parameters, whose quoted values may hold colons of their own. */
function rawOf(text: string): string {
  return /^(?:[^":]|"[^"]*")*:(.*)$/s.exec(text)?.[1] ?? '';
}
