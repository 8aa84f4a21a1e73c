/**
 * Expressions that break the YAML around them: `{ a: ${{ b }} }`, `x: ${{ a ? "b": c }}`, `x: {{ a }}`.
 *
 * They are recognised from the text and masked with characters that mean nothing to YAML, at the same length, so that the
 * rest of the file keeps its positions and is checked as if they had been quoted.
 */
import type { SourceRange } from './source-file.ts';

export type SlipKind = 'flow' | 'colon' | 'comment' | 'bare' | 'other';

export interface Slip extends SourceRange {
  kind: SlipKind;
}

interface LineScan {
  /** Expressions outside quotes, with how many `{` or `[` were open before them. */
  expressions: (SourceRange & { flowDepth: number; bare: boolean })[];
}

/** The slips on the lines where YAML found errors, and those that YAML takes for something else without an error. */
export function findSlips(text: string, errorOffsets: readonly number[]): Slip[] {
  const slips: Slip[] = [];
  const inBlock = blockScalarTest(text);
  const errorLines = new Set(
    errorOffsets.map((offset) => text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1),
  );
  for (const start of linesWithBraces(text)) {
    if (inBlock(start)) continue;
    const end = lineEndOf(text, start);
    const { expressions } = scanLine(text, start, end);
    for (const { flowDepth, bare, ...range } of expressions) {
      const kind = kindOf(text.slice(range.start, range.end), flowDepth, bare);
      // A plain expression with nothing special in it breaks only what YAML says it breaks.
      if (
        kind === 'other'
          ? errorLines.has(start) && errorOffsets.some((at) => at >= range.start && at <= range.end)
          : true
      )
        slips.push({ ...range, kind });
    }
  }
  return slips;
}

/** The text with the slips replaced by as many underscores. */
export function maskSlips(text: string, slips: readonly Slip[]): string {
  let masked = '';
  let at = 0;
  for (const { start, end } of slips) {
    masked += `${text.slice(at, start)}${'_'.repeat(end - start)}`;
    at = end;
  }
  return masked + text.slice(at);
}

function kindOf(expression: string, flowDepth: number, bare: boolean): SlipKind {
  if (bare) return 'bare';
  if (flowDepth > 0) return 'flow';
  if (/:(\s|$)/.test(expression)) return 'colon';
  if (/\s#/.test(expression)) return 'comment';
  return 'other';
}

function* linesWithBraces(text: string): Generator<number> {
  let at = text.indexOf('{{');
  while (at !== -1) {
    const start = text.lastIndexOf('\n', at) + 1;
    yield start;
    at = text.indexOf('{{', lineEndOf(text, start));
  }
}

function lineEndOf(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** A line read as YAML would: quotes open only where a value may begin, a comment ends it. */
function scanLine(text: string, start: number, end: number): LineScan {
  const expressions: LineScan['expressions'] = [];
  let flowDepth = 0;
  let quote = '';
  let valueStart = true;
  for (let at = start; at < end; at++) {
    const char = text[at] ?? '';
    if (quote) {
      if (char === '\\' && quote === '"') at += 1;
      else if (char === quote) quote = '';
      continue;
    }
    const isExpression = text.startsWith('${{', at);
    if (isExpression || (valueStart && text.startsWith('{{', at))) {
      const close = text.indexOf('}}', at);
      if (close === -1 || close >= end) break;
      expressions.push({ start: at, end: close + 2, flowDepth, bare: !isExpression });
      at = close + 1;
      valueStart = false;
    } else if ((char === '"' || char === "'") && valueStart) {
      quote = char;
      valueStart = false;
    } else if (char === '#' && (at === start || /\s/.test(text[at - 1] ?? ''))) {
      break;
    } else if ((char === '{' || char === '[') && (valueStart || flowDepth > 0)) {
      flowDepth += 1;
      valueStart = true;
    } else if ((char === '}' || char === ']') && flowDepth > 0) {
      flowDepth -= 1;
    } else if (/[\s]/.test(char)) {
      // White space neither opens nor closes the place where a value may begin.
    } else {
      const next = text[at + 1] ?? '\n';
      valueStart = char === ',' ? flowDepth > 0 : (char === ':' || char === '-') && /\s/.test(next);
    }
  }
  return { expressions };
}

/** Tells whether a line belongs to a block scalar (`|` or `>`), where nothing needs quotes. */
function blockScalarTest(text: string): (lineStart: number) => boolean {
  const ranges: SourceRange[] = [];
  const header = /(?:^|[:\-?]|[:-] +\S+)[ \t]+[|>][+\-0-9]*[ \t]*(?:#.*)?\r?$/gm;
  for (const match of text.matchAll(header)) {
    if (match.index < (ranges.at(-1)?.end ?? 0)) continue;
    const lineStart = text.lastIndexOf('\n', match.index) + 1;
    const indent = /^ */.exec(text.slice(lineStart, lineEndOf(text, lineStart)))?.[0].length ?? 0;
    let at = lineEndOf(text, match.index + match[0].length) + 1;
    const from = at;
    while (at < text.length) {
      const line = text.slice(at, lineEndOf(text, at));
      if (line.trim() !== '' && (/^ */.exec(line)?.[0].length ?? 0) <= indent) break;
      at = lineEndOf(text, at) + 1;
    }
    ranges.push({ start: from, end: at });
  }
  return (lineStart) => ranges.some(({ start, end }) => lineStart >= start && lineStart < end);
}
