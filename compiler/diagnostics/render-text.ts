/** Diagnostics as a person reads them: where, what, the line with a caret under it, and what to write instead. */
import pico from 'picocolors';
import { SourceFile } from '../source/source-file.ts';
import type { Diagnostic } from './diagnostic.ts';

export interface TextOptions {
  /** Path -> text, for the lines. A file that is not there is shown without its line. */
  sources: ReadonlyMap<string, string>;
  colour?: boolean;
}

const widest = 120;

/** One block a diagnostic, with an empty line between, and a last line that counts. Empty when there is nothing to say. */
export function renderText(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  if (diagnostics.length === 0) return '';
  const colours = pico.createColors(options.colour ?? false);
  const files = new Map<string, SourceFile>();
  const blocks = diagnostics.map((diagnostic) => {
    const text = options.sources.get(diagnostic.file);
    if (text !== undefined && !files.has(diagnostic.file))
      files.set(diagnostic.file, new SourceFile(diagnostic.file, text));
    return block(diagnostic, files.get(diagnostic.file), colours);
  });
  return `${blocks.join('\n\n')}\n\n${summary(diagnostics)}\n`;
}

function block(
  diagnostic: Diagnostic,
  file: SourceFile | undefined,
  colours: ReturnType<typeof pico.createColors>,
): string {
  const { severity, code, message, line, column, suggestion, related } = diagnostic;
  const paint = severity === 'error' ? colours.red : colours.yellow;
  const lines = [
    `${colours.bold(`${diagnostic.file}:${line}:${column}`)} ${paint(severity)} ${colours.dim(code)}`,
    `  ${message}`,
  ];
  if (file) lines.push(...excerpt(diagnostic, file, colours, paint));
  if (suggestion) lines.push(`  ${colours.cyan(`Did you mean \`${suggestion}\`?`)}`);
  for (const place of related ?? [])
    lines.push(`  ${place.file}:${place.line}:${place.column} ${place.message}`);
  return lines.join('\n');
}

function excerpt(
  { line, column, endLine, endColumn }: Diagnostic,
  file: SourceFile,
  colours: ReturnType<typeof pico.createColors>,
  paint: (text: string) => string,
): string[] {
  const text = file.lineText(line);
  const from = Math.max(0, Math.min(column - 1, text.length));
  const to = endLine === line ? Math.max(from + 1, endColumn - 1) : Math.max(from + 1, text.length);
  // A long line is cut so that the place stays in sight.
  const cut = from > widest - 40 ? from - 40 : 0;
  const shown = text.slice(cut, cut + widest);
  const number = String(line);
  const lead = `${cut > 0 ? '…' : ''}`;
  const before = widthOf(lead + text.slice(cut, from));
  const under = Math.max(1, widthOf(text.slice(from, Math.min(to, cut + widest))));
  return [
    `  ${colours.dim(`${number} |`)} ${lead}${shown.replace(/\t/g, ' ')}${text.length > cut + widest ? '…' : ''}`,
    `  ${' '.repeat(number.length)} ${colours.dim('|')} ${' '.repeat(before)}${paint('^'.repeat(under))}`,
  ];
}

/** Columns a text takes on a terminal: wide for East Asian letters and pictures, none for accents that combine. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/\p{M}|\u200d|\ufe0f/u.test(letter)) continue;
    width +=
      /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Extended_Pictographic}|[\uff01-\uff60]/u.test(
        letter,
      )
        ? 2
        : 1;
  }
  return width;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const files = new Set(diagnostics.map(({ file }) => file)).size;
  const parts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ];
  return `${parts.join(' and ')} in ${counted(files, 'file')}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
