/** Lists of rows as tables: for a comment, a mail and a spreadsheet. What is in a cell is data in each of them, never mark-up or a formula. */
import { canonicalJson } from './canonical-json.ts';
import type { Json } from './values.ts';

/** A cell's value, by the column's name; `manager.mail` is the field of a field. What is absent is an empty cell. */
function cellOf(row: Json, column: string): Json {
  let value: Json | undefined = row;
  for (const part of column.split('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, part))
      return '';
    value = value[part];
  }
  return value ?? '';
}

function textOf(value: Json): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return value !== null && typeof value === 'object' ? canonicalJson(value) : String(value ?? '');
}

/**
 * A table as Markdown writes it, with its columns in line, which reads well as plain text too. A line break in a cell becomes a space,
 * and `|` stands as `\|`, so that no cell can end its row.
 */
export function markdownTable(rows: readonly Json[], columns: readonly string[]): string {
  const cells = [
    columns.map((column) => column),
    ...rows.map((row) => columns.map((column) => textOf(cellOf(row, column)))),
  ].map((row) => row.map((cell) => cell.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|')));
  const widths = columns.map((_, index) =>
    Math.max(3, ...cells.map((row) => [...(row[index] ?? '')].length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - [...cell].length)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** The cells of a table that {@link markdownTable} wrote, names first; undefined where the lines are no such table. */
export function cellsOfMarkdown(lines: readonly string[]): string[][] | undefined {
  const [, rule = ''] = lines;
  if (lines.length < 2 || !/^\|( -+ \|)+$/.test(rule) || !lines.every((line) => /^\| .* \|$/.test(line)))
    return undefined;
  const rows = lines.map((line) =>
    line
      .slice(2, -2)
      .split(/(?<!\\) \| /)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
  rows.splice(1, 1);
  return rows.every((row) => row.length === rows[0]?.length) ? rows : undefined;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark);
}

export function htmlTable(rows: readonly Json[], columns: readonly string[]): string {
  const row = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag} align="left">${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((each) =>
    row(
      columns.map((column) => textOf(cellOf(each, column))),
      'td',
    ),
  );
  return `<table border="1" cellpadding="4" cellspacing="0">${row(columns, 'th')}${body.join('')}</table>`;
}

/**
 * CSV as RFC 4180 has it. A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line break, also behind
 * spaces) gets a ' before it, as OWASP advises: the program then shows it as text. Numbers stay as they are.
 */
export function csvText(rows: readonly Json[], columns: readonly string[]): string {
  const lines = [
    columns.map(csvCell),
    ...rows.map((row) => columns.map((column) => csvCell(cellOf(row, column)))),
  ];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function csvCell(value: Json): string {
  const text = textOf(value);
  const isNumber = typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[\s\u00a0]*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** All columns that any of the rows has, in the order in which they first stand. */
export function columnsOf(rows: readonly Json[]): string[] {
  const names = rows.flatMap((row) =>
    row !== null && typeof row === 'object' && !Array.isArray(row) ? Object.keys(row) : [],
  );
  return [...new Set(names)];
}
