/** Lists, tables and JSON in expressions. Everything is bounded, since a run that computes blocks its worker. */
import { parse } from 'csv-parse/browser/esm/sync';
import { deepest, isTooDeep } from '../../plan/depth.ts';
import { errorText } from '../../plan/error-text.ts';
import { compare, compute, ExpressionError, isList, isObject, kindOf } from './operations.ts';

/** Items that `range` gives at most, and rows that `parseCsv` reads at most: what a list may hold elsewhere. */
export const mostItems = 10_000;

function failed(message: string): ExpressionError {
  return new ExpressionError('function_failed', message);
}

/**
 * The rows of a table as RFC 4180 has it, each by the names in the first row. A row with too few or too many cells, a
 * quote that is not closed and a column named twice are errors, because a guess would put one person's cell in another's place.
 */
export function parseCsv(text: string, separator = ','): Record<string, string>[] {
  if (separator.length !== 1 || /["\r\n]/.test(separator))
    throw failed(`${JSON.stringify(separator)} separates no cells; give one character such as "," or ";"`);
  const rows = readCells(text, separator);
  const [head, ...body] = rows;
  if (!head) return [];
  if (body.length > mostItems)
    throw failed(`the table has ${body.length} rows, and ${mostItems} are the most that are read`);
  const names = head.cells.map((name) => name.trim());
  const other = names.length === 1 ? /[;\t,|]/.exec(names[0] ?? '')?.[0] : undefined;
  // Read as one column, every name that the runbook asks for would be missing.
  if (other !== undefined)
    throw failed(
      `the first row names one column, ${JSON.stringify(names[0])}; where ${JSON.stringify(other)} separates the cells, write parseCsv(…, ${JSON.stringify(other)})`,
    );
  const twice = names.find((name, index) => name === '' || names.indexOf(name) !== index);
  if (twice !== undefined)
    throw failed(
      twice === '' ? 'a column has no name in the first row' : `two columns are called "${twice}"`,
    );
  return body.map(({ cells, line }) => {
    if (cells.length !== names.length)
      throw failed(`line ${line} has ${cells.length} cells, and the first row names ${names.length} columns`);
    const row: Record<string, string> = Object.create(null);
    for (const [index, name] of names.entries()) row[name] = cells[index] ?? '';
    return row;
  });
}

export interface CsvRow {
  cells: string[];
  /** The last line that it takes. */
  line: number;
}

/** The rows of a table as they stand there; what is no table is an error that says where. */
export function readCells(text: string, separator: string): CsvRow[] {
  try {
    const rows = parse(text, {
      bom: true,
      delimiter: separator,
      // All of them: found out by the first line alone, two rows of a file that was put together of several would be one.
      record_delimiter: ['\r\n', '\n', '\r'],
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    throw failed(`the table cannot be read: ${errorText(error)}`);
  }
}

const jsonText = /"(?:[^"\\]|\\.)*"/g;
const longNumber = /-?\d[\d.eE+-]{14,}|-?\d+(?:\.\d+)?[eE]\+?\d{3,}/g;

/** Only data comes out: no prototype, whole numbers as CEL has them, and none that JavaScript would make another. */
export function fromJson(text: string): unknown {
  let value: unknown;
  try {
    // A file that was saved on Windows may begin with the mark.
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw failed('the text is no JSON');
  }
  const changed = (text.replace(jsonText, '').match(longNumber) ?? []).find(isChanged);
  if (changed !== undefined)
    throw failed(
      `the number ${changed.slice(0, 40)} has more digits than a run can keep; have it sent as text`,
    );
  if (isTooDeep(value)) throw failed(`the JSON is nested more than ${deepest} deep`);
  return asData(value);
}

/** A number of an account that became another one would be somebody else's. */
function isChanged(number: string): boolean {
  const value = Number(number);
  if (!Number.isFinite(value)) return true;
  return /^-?\d+$/.test(number) && BigInt(number) !== BigInt(value);
}

function asData(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(asData);
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) result[key] = asData(item);
  return result;
}

/** From the first to the last, both among them; nothing when the last comes before the first. */
export function range(first: bigint, last: bigint): bigint[] {
  const length = last - first + 1n;
  if (length > BigInt(mostItems)) throw failed(`${length} numbers are too many; ${mostItems} are the most`);
  return Array.from({ length: Number(length > 0n ? length : 0n) }, (_, index) => first + BigInt(index));
}

export function sum(numbers: readonly unknown[]): unknown {
  return numbers.reduce((total, number) => compute('+', total, number), 0n);
}

/** Equal keys stay in the order in which they came. */
export function sortedBy(items: readonly unknown[], keyOf: (item: unknown) => unknown): unknown[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (compare('<', a.key, b.key) ? -1 : compare('>', a.key, b.key) ? 1 : 0))
    .map(({ item }) => item);
}

/** Groups in the order in which their keys came first. */
export function groupedBy(items: readonly unknown[], keyOf: (item: unknown) => unknown): unknown[] {
  const groups = new Map<unknown, { key: unknown; items: unknown[] }>();
  for (const item of items) {
    const key = keyOf(item);
    // 1 and 1.0 are the same number, as `==` has it.
    const same = typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key;
    if (isList(same) || isObject(same))
      throw failed(`a group is of a text, a number or true or false, and not of ${kindOf(same)}`);
    const group = groups.get(same);
    if (group) group.items.push(item);
    else groups.set(same, { key, items: [item] });
  }
  return [...groups.values()];
}
