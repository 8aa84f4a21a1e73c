/** `data:` of a runbook: files of the repository, checked row by row, and typed for its expressions. */
import { errorText } from '../../plan/error-text.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/data.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { mostItems } from '../expressions/collections.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { dyn, type Field, listType, type Type } from '../expressions/types.ts';
import { checkNode } from '../schema/check.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { SourceRange } from '../source/source-file.ts';
import { childOf, describeNode, type Entry, jsonOf, type Node, setOwn, textOf } from '../source/tree.ts';
import { readColumn, readColumns } from './columns.ts';
import { fileOf, fileType } from './file.ts';
import { csvRows, listRows, type Row } from './table.ts';

/** What the data of one runbook may be as JSON: they travel with each of its runs. */
export const largestData = 192 * 1024;

export interface ReadData {
  data: Record<string, Json>;
  /** Undefined where the runbook has no data. */
  type: Type | undefined;
}

export function readData(node: Node | undefined, session: CompileSession): ReadData {
  const data: Record<string, Json> = {};
  if (node?.kind !== 'map') return { data, type: undefined };
  const fields = new Map<string, Field>();
  for (const entry of node.entries) {
    session.checkId(entry.keyRange, entry.key, 'a name of data', false);
    const read = readEntry(entry, session);
    fields.set(entry.key, { type: read?.type ?? dyn });
    if (read) setOwn(data, entry.key, read.value);
  }
  const size = Buffer.byteLength(JSON.stringify(data));
  if (size > largestData)
    session.report(codes.tooLarge, node, {
      what: `What this runbook reads of its data is ${Math.ceil(size / 1024)} KB`,
      takes: `${largestData / 1024} KB`,
    });
  return { data, type: { kind: 'object', fields } };
}

function readEntry({ key, value }: Entry, session: CompileSession): { value: Json; type: Type } | undefined {
  if (childOf(value, 'as')) return readFile(value, session);
  const schema = itemSchema(key, value, session);
  if (!schema) return undefined;
  const type = listType(typeOfSchema(schema).type);
  const fileNode = childOf(value, 'file');
  const file = textOf(fileNode);
  if (!fileNode || file === undefined) return undefined;
  const rows = rowsOf(file, fileNode, childOf(value, 'separator'), schema, session);
  return { value: rows ?? [], type };
}

function readFile(node: Node, session: CompileSession): { value: Json; type: Type } | undefined {
  const fileNode = childOf(node, 'file');
  const file = textOf(fileNode);
  if (!fileNode || file === undefined) return undefined;
  let value: Json = null;
  try {
    const base64 = session.surroundings.rawFile?.(file);
    if (base64 !== undefined) value = fileOf(file, base64);
  } catch (error) {
    session.report(codes.noDataFile, fileNode, { file, why: errorText(error) });
  }
  return { value, type: fileType };
}

/** `columns` of a table or of a list of objects, or `items` of a list of plain values: one of the two. */
function itemSchema(key: string, node: Node, session: CompileSession): JsonSchema | undefined {
  if (node.kind !== 'map') return undefined;
  const columns = childOf(node, 'columns');
  const items = childOf(node, 'items');
  if (columns?.kind === 'map' && !items) return readColumns(columns, session);
  if (items && !columns) return readColumn(items, key, session)?.schema;
  if (columns && columns.kind !== 'map') return undefined;
  session.report(structure.noAlternative, node, {
    where: `\`${key}\` under \`data\``,
    takes: 'either `columns` with a name and a kind for each, or `items` for a list of plain values',
    is: describeNode(node),
  });
  return undefined;
}

function rowsOf(
  file: string,
  at: SourceRange,
  separatorNode: Node | undefined,
  schema: JsonSchema,
  session: CompileSession,
): Json[] | undefined {
  let reporter: Reporter | undefined;
  try {
    reporter = session.surroundings.dataFile?.(file);
  } catch (error) {
    session.report(codes.noDataFile, at, { file, why: errorText(error) });
    return undefined;
  }
  if (!reporter) return undefined;
  const rows = readRows(reporter, textOf(separatorNode) ?? ',', schema);
  const known = new Set(Object.keys((schema.properties as JsonObject | undefined) ?? {}));
  const values = (rows ?? []).map((row) => checkedRow(row, schema, known, reporter));
  const count = reporter.diagnostics.filter(({ severity }) => severity === 'error').length;
  if (count > 0) session.report(codes.hasFaults, at, { file, count });
  else if (values.length > mostItems)
    session.report(codes.tooLarge, at, {
      what: `${file} has ${values.length} rows`,
      takes: String(mostItems),
    });
  return values;
}

function readRows(reporter: Reporter, separator: string, schema: JsonSchema): Row[] | undefined {
  const { path } = reporter.file;
  if (/\.csv$/i.test(path)) return csvRows(reporter, separator, { properties: {}, ...schema });
  if (/\.(ya?ml|json)$/i.test(path)) return listRows(reporter);
  const what = 'it is no .csv, .yaml, .yml or .json file';
  reporter.report(codes.unreadable, { start: 0, end: 0 }, { file: path, what });
  return undefined;
}

/** The row as it is carried, without what no column names; each fault is told by row and column. */
function checkedRow(
  { number, value }: Row,
  schema: JsonSchema,
  known: ReadonlySet<string>,
  reporter: Reporter,
): Json {
  const own: Node =
    value.kind === 'map' ? { ...value, entries: value.entries.filter(({ key }) => known.has(key)) } : value;
  const where = (node: SourceRange) =>
    own.kind === 'map'
      ? own.entries.find((entry) => entry.value.start <= node.start && node.end <= entry.value.end)?.key
      : undefined;
  checkNode(own, schema, `row ${number}`, {
    patterns: true,
    reporter: {
      report: (definition, at, params, extra) => {
        const { key } = params as { key?: string };
        const missing = definition === (structure.missingKey as unknown) && key !== undefined;
        const what = missing ? 'it is empty or missing.' : definition.message(params);
        reporter.report(
          codes.badCell,
          missing ? value : at,
          { row: number, column: missing ? key : (where(at) ?? '(the whole row)'), what },
          extra,
        );
      },
    },
  });
  return jsonOf(own);
}
