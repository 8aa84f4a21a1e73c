/**
 * The functions that Countersign adds to CEL: one table for the checker, the engine, the editor and the manual.
 *
 * All are pure and use no `Date` (Temporal's sandbox replaces it) and no locale (machines differ).
 */
import { Optional } from '@marcbachmann/cel-js';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json } from '../../plan/plan.ts';
import { csvText, escapeHtml, htmlTable, markdownTable } from '../../plan/tables.ts';
import { fromJson, parseCsv, range, sortedBy, sum } from './collections.ts';
import {
  addBusinessDays,
  addDays,
  addMonths,
  datePart,
  daysBetween,
  formatDate,
  hoursBetween,
  weekday,
} from './dates.ts';
import { ExpressionError } from './operations.ts';
import { split, trim } from './standard.ts';
import { titleCase, toAscii, toBase64, toSlug, urlEncode } from './text.ts';
import { userName } from './user-names.ts';

export interface FunctionEntry {
  name: string;
  /** CEL signatures: `addDays(string, int): string`. */
  signatures: string[];
  description: string;
  /** An expression and what it gives. */
  example: { expression: string; gives: Json };
  // Arguments arrive as CEL values: the signature says of which type each is.
  run(...values: never[]): unknown;
}

export const functions: readonly FunctionEntry[] = [
  {
    name: 'lower',
    signatures: ['lower(string): string'],
    description: 'The text in small letters.',
    example: { expression: 'lower("Ann LEE")', gives: 'ann lee' },
    run: (text: string) => text.toLowerCase(),
  },
  {
    name: 'upper',
    signatures: ['upper(string): string'],
    description: 'The text in capitals.',
    example: { expression: 'upper("de")', gives: 'DE' },
    run: (text: string) => text.toUpperCase(),
  },
  {
    name: 'title',
    signatures: ['title(string): string'],
    description: 'Each word with a capital first letter.',
    example: { expression: 'title("ann-marie van LEE")', gives: 'Ann-Marie Van Lee' },
    run: titleCase,
  },
  {
    name: 'trim',
    signatures: ['trim(string): string'],
    description: 'The text without white space at its ends.',
    example: { expression: 'trim("  Ann ")', gives: 'Ann' },
    run: trim,
  },
  {
    name: 'ascii',
    signatures: ['ascii(string): string'],
    description: 'The text in plain Latin letters, for account names: ä becomes ae, ß ss, ø o, ł l, é e.',
    example: { expression: 'ascii("Jürgen Søren Łukasz")', gives: 'Juergen Soren Lukasz' },
    run: toAscii,
  },
  {
    name: 'slug',
    signatures: ['slug(string): string'],
    description: 'The text as a name for addresses: plain small letters, digits and hyphens.',
    example: { expression: 'slug("Große Übung 2026!")', gives: 'grosse-uebung-2026' },
    run: toSlug,
  },
  {
    name: 'userName',
    signatures: ['userName(string, string, string): string'],
    description:
      'A name for an account, of a given and a family name, by a rule: first.last, f.last, firstl, last.first, first, … Plain small Latin letters; Cyrillic, Greek, Georgian and Korean are transliterated, and a name that has no one Latin form is an error.',
    example: { expression: 'userName("Олена", "Шевченко", "first.last")', gives: 'olena.shevchenko' },
    run: userName,
  },
  {
    name: 'replace',
    signatures: ['replace(string, string, string): string'],
    description: 'The text with every occurrence of the second text replaced by the third.',
    example: { expression: 'replace("a b c", " ", ".")', gives: 'a.b.c' },
    run: (text: string, what: string, by: string) => (what === '' ? text : text.split(what).join(by)),
  },
  {
    name: 'split',
    signatures: ['split(string, string): list<string>'],
    description: 'The parts of a text between separators.',
    example: { expression: 'split("a,b", ",")', gives: ['a', 'b'] },
    run: (text: string, separator: string) => split(text, separator),
  },
  {
    name: 'join',
    signatures: ['join(list<string>): string', 'join(list<string>, string): string'],
    description: 'The items of a list as one text, with a separator between them.',
    example: { expression: 'join(["a", "b"], ", ")', gives: 'a, b' },
    run: (items: Iterable<string>, separator = '') => [...items].join(separator),
  },
  {
    name: 'unique',
    signatures: ['unique(list<A>): list<A>'],
    description: 'The list without repetitions, each item where it first stood.',
    example: { expression: 'unique(["a", "b", "a"])', gives: ['a', 'b'] },
    run: (items: Iterable<unknown>) => {
      const seen = new Map<string, unknown>();
      for (const item of items) {
        const key = canonicalJson(plain(item));
        if (!seen.has(key)) seen.set(key, item);
      }
      return [...seen.values()];
    },
  },
  {
    name: 'keys',
    signatures: ['keys(map<string, dyn>): list<string>'],
    description: 'The names in a set of keys and values, in the order of the alphabet.',
    example: { expression: 'keys({"b": 1, "a": 2})', gives: ['a', 'b'] },
    run: (named: unknown) => {
      const object = plain(named);
      return object !== null && typeof object === 'object' ? Object.keys(object).sort() : [];
    },
  },
  {
    name: 'flatten',
    signatures: ['flatten(list<list<A>>): list<A>'],
    description: 'The items of the lists in a list, as one list.',
    example: { expression: 'flatten([["a"], ["b", "c"]])', gives: ['a', 'b', 'c'] },
    run: (lists: readonly (readonly unknown[])[]) => lists.flat(),
  },
  {
    name: 'sort',
    signatures: [
      'sort(list<string>): list<string>',
      'sort(list<int>): list<int>',
      'sort(list<double>): list<double>',
    ],
    description:
      'The list from small to large. Capitals come before small letters; `list.sortBy(x, lower(x))` does not tell them apart, and sorts objects by a field.',
    example: { expression: 'sort(["b", "a"])', gives: ['a', 'b'] },
    run: (items: readonly unknown[]) => sortedBy(items, (item) => item),
  },
  {
    name: 'sum',
    signatures: ['sum(list<int>): int', 'sum(list<double>): double'],
    description: 'The numbers of a list added up; nought of an empty list.',
    example: { expression: 'sum([1.5, 2.25])', gives: 3.75 },
    run: sum,
  },
  {
    name: 'range',
    signatures: ['range(int, int): list<int>'],
    description: 'The whole numbers from the first to the second, both among them; 10,000 at most.',
    example: { expression: 'range(1, 3)', gives: [1, 2, 3] },
    run: range,
  },
  {
    name: 'parseCsv',
    signatures: [
      'parseCsv(string): list<map<string, string>>',
      'parseCsv(string, string): list<map<string, string>>',
    ],
    description:
      'The rows of a table with commas (or what is said second, such as `";"`), each by the names in its first row. Quotes are understood; a row with too few or too many cells is an error, never a guess.',
    example: {
      expression: 'parseCsv("name,team\\n\\"Lee, Jr\\",Sales")',
      gives: [{ name: 'Lee, Jr', team: 'Sales' }],
    },
    run: parseCsv,
  },
  {
    name: 'fromJson',
    signatures: ['fromJson(string): dyn'],
    description:
      'The value that JSON text stands for. Nothing is known of it before the run: ask with `default(…)`.',
    example: { expression: 'fromJson("{\\"a\\": [1]}").a', gives: [1] },
    run: fromJson,
  },
  {
    name: 'urlEncode',
    signatures: ['urlEncode(string): string'],
    description:
      'The text as a part of a web address: everything but letters, digits and -._~ is written as %XX.',
    example: { expression: 'urlEncode("a b/ü")', gives: 'a%20b%2F%C3%BC' },
    run: urlEncode,
  },
  {
    name: 'htmlEscape',
    signatures: ['htmlEscape(string): string'],
    description: 'The text as a part of a web page, in which it is no mark-up.',
    example: { expression: 'htmlEscape("R&D <it>")', gives: 'R&amp;D &lt;it&gt;' },
    run: escapeHtml,
  },
  {
    name: 'table',
    signatures: ['table(list<dyn>, list<string>): string'],
    description:
      'The rows of a list as a table for a ticket comment or a plain mail, with these columns; `manager.mail` is the field of a field. A comment in Jira shows it as a table.',
    example: {
      expression: 'table([{"name": "LT-1", "days": 12}, {"name": "LT-20", "days": 3}], ["name", "days"])',
      gives: '| name  | days |\n| ----- | ---- |\n| LT-1  | 12   |\n| LT-20 | 3    |',
    },
    run: (rows: unknown[], columns: string[]) => markdownTable(rows.map(plain), columns),
  },
  {
    name: 'htmlTable',
    signatures: ['htmlTable(list<dyn>, list<string>): string'],
    description:
      'The rows of a list as a table for the `html` of a mail, with these columns. What is in a cell is no mark-up.',
    example: {
      expression: 'htmlTable([{"team": "R&D"}], ["team"])',
      gives:
        '<table border="1" cellpadding="4" cellspacing="0"><tr><th align="left">team</th></tr><tr><td align="left">R&amp;D</td></tr></table>',
    },
    run: (rows: unknown[], columns: string[]) => htmlTable(rows.map(plain), columns),
  },
  {
    name: 'toCsv',
    signatures: ['toCsv(list<dyn>, list<string>): string'],
    description:
      "The rows of a list as a table with commas, with these columns. A text that a spreadsheet would take for a formula gets a ' before it.",
    example: {
      expression: 'toCsv([{"name": "Lee, Jr", "note": "=1+1"}], ["name", "note"])',
      gives: 'name,note\r\n"Lee, Jr",\'=1+1\r\n',
    },
    run: (rows: unknown[], columns: string[]) => csvText(rows.map(plain), columns),
  },
  {
    name: 'base64',
    signatures: ['base64(string): string'],
    description: 'The text in base64, as UTF-8.',
    example: { expression: 'base64("Ann")', gives: 'QW5u' },
    run: toBase64,
  },
  {
    name: 'first',
    signatures: ['first(list<A>): optional<A>'],
    description: 'The first item of a list; absent, if the list is empty.',
    example: { expression: 'first(["a", "b"]).orValue("")', gives: 'a' },
    run: (items: Iterable<unknown>) => {
      const [item] = items;
      return item === undefined ? Optional.none() : Optional.of(item);
    },
  },
  {
    name: 'toJson',
    signatures: ['toJson(dyn): string'],
    description: 'The value as JSON text, keys in order.',
    example: { expression: 'toJson({"b": 1, "a": [true]})', gives: '{"a":[true],"b":1}' },
    run: (value: unknown) => canonicalJson(plain(value)),
  },
  {
    name: 'addDays',
    signatures: ['addDays(string, int): string'],
    description: 'The date so many days later; earlier, if the number is negative.',
    example: { expression: 'addDays("2026-02-27", 3)', gives: '2026-03-02' },
    run: (date: string, days: bigint) => addDays(date, Number(days)),
  },
  {
    name: 'addMonths',
    signatures: ['addMonths(string, int): string'],
    description: 'The date so many months later; the last day of the month, if it is shorter.',
    example: { expression: 'addMonths("2026-01-31", 1)', gives: '2026-02-28' },
    run: (date: string, months: bigint) => addMonths(date, Number(months)),
  },
  {
    name: 'daysBetween',
    signatures: ['daysBetween(string, string): int'],
    description: 'How many days the second date is after the first; negative, if it is before.',
    example: { expression: 'daysBetween("2026-01-31", "2026-03-01")', gives: 29 },
    run: (from: string, to: string) => BigInt(daysBetween(from, to)),
  },
  {
    name: 'hoursBetween',
    signatures: ['hoursBetween(string, string): double'],
    description:
      'How many hours the second time is after the first, with fractions; negative, if it is before. Both are times with their zone, as systems write them.',
    example: {
      expression: 'hoursBetween("2026-03-29T00:00:00+01:00", "2026-03-29T06:30:00+02:00")',
      gives: 5.5,
    },
    run: hoursBetween,
  },
  {
    name: 'addBusinessDays',
    signatures: ['addBusinessDays(string, int): string'],
    description:
      'The date so many days from Monday to Friday later; earlier, if the number is negative. Holidays count as days: a `wait` or `within` in business days knows them by the calendar.',
    example: { expression: 'addBusinessDays("2026-11-27", 2)', gives: '2026-12-01' },
    run: (date: string, days: bigint) => addBusinessDays(date, Number(days)),
  },
  {
    name: 'dateOf',
    signatures: ['dateOf(string): string'],
    description: 'The date part of a time, as it is written there.',
    example: { expression: 'dateOf("2026-01-31T09:00:00Z")', gives: '2026-01-31' },
    run: datePart,
  },
  {
    name: 'weekday',
    signatures: ['weekday(string): string'],
    description: 'The English name of the day of the week of a date.',
    example: { expression: 'weekday("2026-11-24")', gives: 'Tuesday' },
    run: weekday,
  },
  {
    name: 'formatDate',
    signatures: ['formatDate(string, string): string'],
    description:
      'The date in another form: YYYY, MM, M, DD, D stand for its parts, MMMM for the month and dddd for the day of the week in English.',
    example: { expression: 'formatDate("2026-01-05", "D.M.YYYY")', gives: '5.1.2026' },
    run: formatDate,
  },
];

/** Handled by the checker and the engine as special forms, since they must see an absent value. */
export const defaultFunction: Omit<FunctionEntry, 'run'> = {
  name: 'default',
  signatures: ['default(A, A): A'],
  description: 'The first value, or the second when the first is absent or null.',
  example: { expression: 'default(optional.none(), "none")', gives: 'none' },
};

/** A CEL value as JSON: whole numbers are BigInt there, maps may be `Map`, absent values have no JSON. */
export function plain(value: unknown): Json {
  if (typeof value === 'bigint' || typeof value === 'number') return jsonNumber(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value === null || value === undefined || typeof value !== 'object') return null;
  if (value instanceof Optional) return value.hasValue() ? plain(value.value()) : null;
  if (Array.isArray(value) || value instanceof Set) return [...value].map(plain);
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  // Not by assignment: a key may be called `__proto__`.
  return Object.fromEntries(
    entries.filter(([, item]) => !isAbsent(item)).map(([key, item]) => [String(key), plain(item)]),
  );
}

/** JSON would make null of a number that is none, and other systems round whole numbers beyond 53 bits. */
export function jsonNumber(value: bigint | number): number {
  const number = Number(value);
  if (!Number.isFinite(number))
    throw new ExpressionError('number', `the result is ${number}, which is no number to hand on`);
  if (typeof value === 'bigint' && !Number.isSafeInteger(number))
    throw new ExpressionError(
      'number',
      `the whole number ${value} is too long to be handed on as a number without being rounded. Make text of it: \`string(…)\``,
    );
  return number;
}

function isAbsent(value: unknown): boolean {
  return value instanceof Optional && !value.hasValue();
}
