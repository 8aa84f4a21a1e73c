/** The text of a data file -> its rows as positioned values, so that each fault is told at its cell. */
import { parse } from 'csv-parse/browser/esm/sync';
import { errorText } from '../../plan/error-text.ts';
import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/data.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { maxCharacters, parseSource } from '../source/parse.ts';
import type { Entry, MapNode, Node, ScalarNode } from '../source/tree.ts';

export interface Row {
  /** As a spreadsheet counts: the names are row 1. In a list, the first item is 1. */
  number: number;
  value: Node;
}

/** The items of a YAML or JSON list. */
export function listRows(reporter: Reporter): Row[] | undefined {
  const { file } = reporter;
  const { root } = parseSource(file, reporter, 'A data file is a list: `- { name: … }` for each item.');
  if (!root) return undefined;
  if (root.kind === 'list') return root.items.map((value, index) => ({ number: index + 1, value }));
  const what = 'it is no list. Begin each item with `- `';
  reporter.report(codes.unreadable, root, { file: file.path, what });
  return undefined;
}

interface CsvRecord {
  record: string[];
  raw: string;
}

/** Only the cells of these columns, each made what its column holds where its text says so. */
export function csvRows(reporter: Reporter, separator: string, row: JsonSchema): Row[] | undefined {
  const { file } = reporter;
  const records = recordsOf(reporter, separator);
  const [head, ...body] = records ?? [];
  if (!records || !head) {
    if (records)
      reporter.report(codes.unreadable, { start: 0, end: 0 }, { file: file.path, what: 'it is empty' });
    return undefined;
  }
  const names = head.record.map((name) => name.trim());
  const properties = row.properties as Record<string, JsonSchema>;
  if (!checkNames(names, head, properties, reporter)) return undefined;
  return body.flatMap((record, index): Row[] => {
    const number = index + 2;
    if (record.record.length !== names.length) {
      const what = `row ${number} has ${record.record.length} cells, and the first row names ${names.length} columns`;
      reporter.report(codes.unreadable, record, { file: file.path, what });
      return [];
    }
    return [{ number, value: rowOf(record, names, properties, separator) }];
  });
}

interface Placed extends CsvRecord {
  start: number;
  end: number;
}

function recordsOf(reporter: Reporter, separator: string): Placed[] | undefined {
  const { path, text } = reporter.file;
  if (text.length > maxCharacters) {
    const what = `${path} has ${text.length} characters`;
    reporter.report(codes.tooLarge, { start: 0, end: 0 }, { what, takes: `${maxCharacters}` });
    return undefined;
  }
  let records: CsvRecord[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: separator,
      raw: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as CsvRecord[];
  } catch (error) {
    const line = Number(/line (\d+)/.exec(errorText(error))?.[1] ?? 1);
    const at = { start: reporter.file.lineStart(line), end: reporter.file.lineEnd(line) };
    reporter.report(codes.unreadable, at, { file: path, what: errorText(error) });
    return undefined;
  }
  let cursor = 0;
  return records.map(({ record, raw }) => {
    const written = raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
    const start = Math.max(cursor, text.indexOf(written, cursor));
    cursor = start + written.length;
    return { record, raw: written, start, end: cursor };
  });
}

function checkNames(
  names: readonly string[],
  head: Placed,
  properties: Record<string, JsonSchema>,
  reporter: Reporter,
): boolean {
  const file = reporter.file.path;
  const twice = names.find((name, index) => name === '' || names.indexOf(name) !== index);
  if (twice !== undefined) {
    const what = twice === '' ? 'a column has no name in the first row' : `two columns are called "${twice}"`;
    reporter.report(codes.unreadable, head, { file, what });
  }
  const missing = Object.keys(properties).filter((column) => !names.includes(column));
  for (const column of missing) {
    const suggestion = nearest(column, [...names]);
    reporter.report(codes.missingColumn, head, { column, file, known: [...names] }, { suggestion });
  }
  return twice === undefined && missing.length === 0;
}

function rowOf(
  record: Placed,
  names: readonly string[],
  properties: Record<string, JsonSchema>,
  separator: string,
): MapNode {
  const ranges = cellRanges(record.raw, separator);
  const entries = names.flatMap((key, index): Entry[] => {
    const cell = record.record[index]?.trim() ?? '';
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!schema || cell === '') return [];
    const range = ranges[index] ?? { start: 0, end: record.raw.length };
    const at = { start: record.start + range.start, end: record.start + range.end };
    const value: ScalarNode = {
      kind: 'scalar',
      value: typed(cell, schema),
      style: 'plain',
      raw: cell,
      ...at,
    };
    return [{ key, keyRange: at, value }];
  });
  return { kind: 'map', entries, start: record.start, end: record.end };
}

/** What is no number where one belongs stays text, and is told as such. */
function typed(cell: string, schema: JsonSchema): ScalarNode['value'] {
  const kinds = [schema.type].flat();
  if (kinds.includes('string')) return cell;
  if ((kinds.includes('integer') || kinds.includes('number')) && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell))
    return Number(cell);
  if (kinds.includes('boolean') && /^(true|false)$/i.test(cell)) return cell.toLowerCase() === 'true';
  return cell;
}

/** Where each cell stands in the text of its row, quotes included. */
function cellRanges(raw: string, separator: string): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at <= raw.length; at++) {
    if (raw[at] === '"') quoted = !quoted;
    if (at < raw.length && (quoted || raw[at] !== separator)) continue;
    ranges.push({ start, end: at });
    start = at + 1;
  }
  return ranges;
}
