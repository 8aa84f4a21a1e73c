/** Finds `${{ … }}` in a text. */

export interface ExpressionPart {
  /** What stands between the braces, trimmed. */
  expression: string;
  /** Offset in the text where it begins. */
  start: number;
}

export type Part = string | ExpressionPart;

export interface Parts {
  parts: Part[];
  /** Offset of a `${{` that is not closed. */
  unclosed?: number;
}

const open = '${{';

const roots = ['inputs', 'steps', 'ticket', 'run', 'organisation', 'data', 'secrets'];

/**
 * An expression with one brace where there are two. A name alone may be a variable of a shell (`${group}`), so that only a field of
 * what an expression knows is taken for one; `names` are those of the items and `let`s that are known here.
 */
export function singleBraced(
  text: string,
  names: Iterable<string> = [],
): { written: string; index: number } | undefined {
  const known = [...roots, ...names].join('|');
  const found = new RegExp(`(?<!\\$)\\$\\{(?!\\{)\\s*(?:${known})\\s*[.[][^{}]*\\}(?!\\})`).exec(text);
  return found ? { written: found[0], index: found.index } : undefined;
}

export function hasExpression(text: string): boolean {
  return text.includes(open);
}

/** `$${{` stands for the characters themselves. */
export function partsOf(text: string): Parts {
  const parts: Part[] = [];
  let literal = '';
  let at = 0;
  for (;;) {
    const next = text.indexOf(open, at);
    if (next === -1) break;
    if (text[next - 1] === '$') {
      literal += text.slice(at, next - 1) + open;
      at = next + open.length;
      continue;
    }
    literal += text.slice(at, next);
    const close = closeOf(text, next + open.length);
    if (close === -1) return { parts: [...parts, ...(literal ? [literal] : [])], unclosed: next };
    if (literal) parts.push(literal);
    literal = '';
    const inner = text.slice(next + open.length, close);
    const lead = inner.length - inner.trimStart().length;
    parts.push({ expression: inner.trim(), start: next + open.length + lead });
    at = close + 2;
  }
  literal += text.slice(at);
  if (literal || parts.length === 0) parts.push(literal);
  return { parts };
}

/** The `}}` that ends an expression: not one inside its quotes, nor the end of two maps. */
function closeOf(text: string, from: number): number {
  let quote = '';
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote) {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      if (depth === 0 && text[at + 1] === '}') return at;
      depth = Math.max(0, depth - 1);
    }
  }
  // Perhaps a quote is not closed: then the expression's own check says so.
  return quote ? text.indexOf('}}', from) : -1;
}
