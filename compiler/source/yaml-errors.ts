/** The YAML library's errors in words that say what to do. */
import type { Document } from 'yaml';
import * as source from '../diagnostics/registry/source.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import type { SourceFile, SourceRange } from './source-file.ts';

/** Reports the first error of each line: those after it on the same line follow from it. */
export function reportYamlErrors(
  document: Document.Parsed,
  file: SourceFile,
  reporter: Reporter,
  errorLines: Set<number>,
): void {
  let missingDash: number | undefined;
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const at = { start: pos[0], end: Math.max(pos[0], pos[1]) };
    const { line } = file.lineColumn(at.start);
    if (errorLines.has(line)) continue;
    errorLines.add(line);
    if (missingDash !== undefined && belongsTo(missingDash, line, file)) continue;
    missingDash = looksLikeMissingDash(file, line, code) ? line : undefined;
    report(code, message, at, file, reporter);
  }
}

function report(code: string, message: string, at: SourceRange, file: SourceFile, reporter: Reporter): void {
  const { line } = file.lineColumn(at.start);
  const lineText = file.lineText(line);
  const whole = wholeLine(file, line);
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(lineText)) {
    reporter.report(source.tabIndent, whole, {});
    return;
  }
  if (code === 'MULTIPLE_DOCS') {
    reporter.report(source.severalDocuments, at, {});
    return;
  }
  if (code === 'TAG_RESOLVE_FAILED') {
    const tag = /![^\s,\]}]*/.exec(lineText)?.[0] ?? '!';
    reporter.report(source.unsupportedTag, at, { tag });
    return;
  }
  const key = /^\s*([A-Za-z][\w-]*):(\s|$)/.exec(lineText)?.[1];
  if (key && looksLikeMissingDash(file, line, code)) {
    reporter.report(source.missingDash, whole, { key });
    return;
  }
  reporter.report(source.yamlSyntax, at.end > at.start ? at : whole, {
    what: wordingOf(code, message, lineText),
  });
}

/** A key that stands where the dash of the step above it stands. */
function looksLikeMissingDash(file: SourceFile, line: number, code: string): boolean {
  if (code !== 'BAD_INDENT' && code !== 'BLOCK_AS_IMPLICIT_KEY' && code !== 'UNEXPECTED_TOKEN') return false;
  const indent = indentOf(file.lineText(line));
  for (let above = line - 1; above > 0; above--) {
    const text = file.lineText(above);
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    if (indentOf(text) < indent) return false;
    if (indentOf(text) === indent) return text.trimStart().startsWith('- ');
  }
  return false;
}

/** The rest of a step whose dash is missing is broken only because of that. */
function belongsTo(first: number, line: number, file: SourceFile): boolean {
  const indent = indentOf(file.lineText(first));
  for (let between = first + 1; between <= line; between++) {
    const text = file.lineText(between);
    if (text.trim() !== '' && (indentOf(text) < indent || text.trimStart().startsWith('- '))) return false;
  }
  return line > first;
}

function wordingOf(code: string, message: string, lineText: string): string {
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return /:\s.*:(\s|$)/.test(lineText)
        ? 'There is a second colon followed by a space in this line, which YAML takes for another key. If the value is text, put it in quotes.'
        : 'YAML cannot tell whether this is a value or further keys. Indent keys by the same number of spaces, and put text with a colon in quotes.';
    case 'BAD_INDENT':
      return 'This line is not indented like the lines it belongs to. Keys and dashes of the same list or map begin in the same column; a bracket must be closed before the indentation ends.';
    case 'MISSING_CHAR':
      if (/quote/.test(message)) return 'A quote is opened here and not closed. Close it, or remove it.';
      if (/map keys? need/.test(message))
        return 'A key needs a colon and a space behind it. If this line belongs to the text above, indent it like that text.';
      return 'Something is missing here: a comma between items, a closing bracket, or the colon and space behind a key.';
    case 'BAD_SCALAR_START':
      return 'A value cannot begin with this character. Put the value in quotes.';
    case 'BAD_DQ_ESCAPE':
      return 'A backslash in double quotes begins an escape, and this is none. Use single quotes, or write the backslash twice.';
    case 'UNEXPECTED_TOKEN':
      return /["']/.test(lineText)
        ? 'Something stands behind the end of this value, perhaps behind its closing quote. Put the whole value in one pair of quotes.'
        : 'This does not fit here. Check the indentation and the brackets; put text with special characters in quotes.';
    case 'COMMENT_SPACE':
      return 'A comment needs a space before its `#`. If the `#` belongs to the text, put the text in quotes.';
    case 'DUPLICATE_KEY':
      return 'The same key stands here twice.';
    case 'BLOCK_IN_FLOW':
      return 'Between { } or [ ] everything must be in the short form too: `{ a: b, c: d }`. Is a comma or a closing bracket missing?';
    default:
      return `This is not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
  }
}

function wholeLine(file: SourceFile, line: number): SourceRange {
  const start = file.lineStart(line) + (/^\s*/.exec(file.lineText(line))?.[0].length ?? 0);
  return { start, end: Math.max(start, file.lineEnd(line)) };
}

function indentOf(text: string): number {
  return /^ */.exec(text)?.[0].length ?? 0;
}
