/**
 * A file of assets -> the rows that the register takes. Its columns are called as here, or as Snipe-IT calls them in its own export. Nothing
 * is guessed: a column or a cell that cannot be read refuses the whole file, with its line and the way out.
 */
import { type CsvRow, readCells } from '../../compiler/expressions/collections.ts';
import { errorText } from '../../plan/error-text.ts';
import {
  type AssetFieldName,
  type AssetFields,
  assetDayNames,
  assetFieldNames,
  readyStatus,
} from '../../plan/register.ts';

/** Rows of one file. */
const mostRows = 100_000;
/** Problems that are told at once. */
const mostProblems = 20;
const longestCell = 2_000;

/** By its letters and digits alone, in lower case. */
const otherNames: Record<string, AssetFieldName> = {
  assettag: 'tag',
  serial: 'serialNumber',
  serialno: 'serialNumber',
  modelname: 'model',
  assetname: 'name',
  statuslabel: 'status',
  checkedoutto: 'assignedTo',
  assignedtoemail: 'assignedTo',
  person: 'assignedTo',
  user: 'assignedTo',
  email: 'assignedTo',
  expectedcheckindate: 'expectedBack',
  warrantyexpires: 'warrantyEnds',
  warrantyexpiration: 'warrantyEnds',
  warrantyend: 'warrantyEnds',
  eoldate: 'lifeEnds',
  asseteoldate: 'lifeEnds',
  endoflife: 'lifeEnds',
  purchased: 'boughtOn',
  purchasedate: 'boughtOn',
  cost: 'price',
  purchasecost: 'price',
  supplier: 'vendor',
  ordernumber: 'purchaseOrder',
  note: 'notes',
};

export interface AssetFile {
  rows: AssetFields[];
  /** The fields that the file has columns for: all others stay as they are. */
  columns: AssetFieldName[];
}

export interface UnreadableFile {
  problems: string[];
}

/** `ignore` names columns that are left out. */
export function readAssetFile(text: string, ignore: readonly string[] = []): AssetFile | UnreadableFile {
  let records: CsvRow[];
  const [first = ''] = text.split('\n', 1);
  const separator = first.split(';').length > first.split(',').length ? ';' : ',';
  try {
    records = readCells(text, separator);
  } catch (error) {
    return {
      problems: [`${sentence(errorText(error))} Save it as CSV with quotes around what has a comma in it.`],
    };
  }
  const [head, ...body] = records;
  if (!head || body.length === 0)
    return {
      problems: ['It has no rows. The first line names the columns, such as tag,serialNumber,model.'],
    };
  if (body.length > mostRows)
    return { problems: [`It has ${body.length} rows, and ${mostRows} are the most at once. Split it.`] };
  const { columns, problems } = columnsOf(head.cells, ignore);
  if (problems.length > 0) return { problems };
  const read = body.map((row) => rowOf(row, head.cells, columns));
  const found = [...read.flatMap((each) => each.problems), ...doubled(read)];
  if (found.length > 0) return { problems: shortened(found) };
  const named = columns.filter((name) => name !== undefined);
  return {
    rows: read.map(({ fields }) => fields),
    columns: assetFieldNames.filter((name) => named.includes(name)),
  };
}

function shortened(problems: readonly string[]): string[] {
  const more = problems.length - mostProblems;
  return more > 0 ? [...problems.slice(0, mostProblems), `There are ${more} more.`] : [...problems];
}

interface Columns {
  /** Of each column of the file; undefined of one that is left out. */
  columns: (AssetFieldName | undefined)[];
  problems: string[];
}

function columnsOf(names: readonly string[], ignore: readonly string[]): Columns {
  const left = new Set(ignore.map(plain));
  const problems: string[] = [];
  const columns = names.map((name) => (left.has(plain(name)) ? undefined : fieldNamed(name)));
  const unknown = names.filter((name, index) => columns[index] === undefined && !left.has(plain(name)));
  if (unknown.length > 0)
    problems.push(
      `Line 1: the register knows no column ${unknown.map((name) => `"${name.trim()}"`).join(', ')}. Rename it to one of ${assetFieldNames.join(', ')}, or leave it out: --ignore "${unknown[0]?.trim()}".`,
    );
  for (const field of new Set(columns.filter((name) => name !== undefined))) {
    const same = names.filter((_, index) => columns[index] === field);
    if (same.length > 1)
      problems.push(
        `Line 1: the columns ${same.map((name) => `"${name.trim()}"`).join(' and ')} are both ${field}. Leave one out: --ignore "${same[1]?.trim()}".`,
      );
  }
  for (const field of ['tag', 'model'] as const)
    if (!columns.includes(field))
      problems.push(`Line 1: there is no column ${field}, which every asset needs. Add it.`);
  return { columns, problems };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function fieldNamed(name: string): AssetFieldName | undefined {
  const key = plain(name);
  const own = assetFieldNames.find((field) => field.toLowerCase() === key);
  return own ?? (Object.hasOwn(otherNames, key) ? otherNames[key] : undefined);
}

interface ReadRow {
  line: number;
  fields: AssetFields;
  problems: string[];
}

function rowOf({ cells, line }: CsvRow, names: readonly string[], columns: Columns['columns']): ReadRow {
  const problems: string[] = [];
  if (cells.length !== names.length)
    problems.push(
      `Line ${line}: ${cells.length} cells, and the first line names ${names.length} columns. Put quotes around what has a comma in it.`,
    );
  const fields: Partial<Record<AssetFieldName, string | number>> = {};
  for (const [index, field] of columns.entries()) {
    const cell = (cells[index] ?? '').trim();
    if (field === undefined || cell === '') continue;
    const problem = problemOf(field, cell);
    if (problem !== undefined) problems.push(`Line ${line}: ${problem}`);
    fields[field] = field === 'price' ? Number(cell) : cell;
  }
  for (const field of ['tag', 'model'] as const)
    if (fields[field] === undefined && cells.length === names.length)
      problems.push(
        `Line ${line}: ${field} is empty, which every asset needs. Fill it in, or leave the line out.`,
      );
  const complete = { status: readyStatus, ...fields } as AssetFields;
  return { line, fields: complete, problems };
}

function problemOf(field: AssetFieldName, cell: string): string | undefined {
  if (cell.length > longestCell) return `${field} has more than ${longestCell} characters. Shorten it.`;
  if ((assetDayNames as readonly string[]).includes(field) && !isDay(cell))
    return `${field} "${cell}" is no day as the register reads it. Write 2027-01-31.`;
  if (field === 'price' && !/^\d{1,12}(\.\d{1,2})?$/.test(cell))
    return `price "${cell}" is no amount. Write 1249.50, without currency.`;
  if (field === 'assignedTo' && !/^[^\s@]+@[^\s@]+$/.test(cell))
    return `assignedTo "${cell}" is no e-mail address. Write the person’s address, by which runs know them.`;
  return undefined;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Tags and serial numbers that stand in it twice. */
function doubled(rows: readonly ReadRow[]): string[] {
  const problems: string[] = [];
  for (const [field, words] of [
    ['tag', 'tag'],
    ['serialNumber', 'serial number'],
  ] as const) {
    const lines = new Map<string, number>();
    for (const { line, fields } of rows) {
      const value = fields[field];
      if (value === undefined) continue;
      const earlier = lines.get(value.toLowerCase());
      if (earlier === undefined) lines.set(value.toLowerCase(), line);
      else
        problems.push(
          `Line ${line}: the ${words} ${value} stands in line ${earlier} already. Each asset has one of its own${field === 'serialNumber' ? '; leave it empty where there is none' : ''}.`,
        );
    }
  }
  return problems;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
