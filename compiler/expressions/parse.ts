/** Source -> CEL syntax tree, with syntax errors in words that say what to write. */
import { type ASTNode, ParseError } from '@marcbachmann/cel-js';
import * as expressions from '../diagnostics/registry/expressions.ts';
import type { Report } from './checking.ts';
import { parseAst } from './environment.ts';

export function parseExpression(source: string, report: Report): ASTNode | undefined {
  if (source === '') {
    report(expressions.emptyExpression, { start: 0, end: 0 }, {});
    return undefined;
  }
  try {
    return parseAst(source);
  } catch (error) {
    const at = (error instanceof ParseError && error.range) || { start: 0, end: source.length };
    report(expressions.expressionSyntax, at, { what: wordingOf(error, source, at) });
    return undefined;
  }
}

function wordingOf(error: unknown, source: string, at: { start: number; end: number }): string {
  if (!(error instanceof ParseError)) return 'it is too complicated.';
  const here = source.slice(at.start, Math.max(at.end, at.start + 1));
  const word = /^\w+/.exec(source.slice(at.start))?.[0] ?? here;
  if (/[“”„‘’]/.test(here)) return 'curly quotes mean nothing here. Use straight ones: "text".';
  switch (error.code) {
    case 'unterminated_string':
    case 'newline_in_string':
    case 'unterminated_triple_quoted_string':
      return 'a quote is opened here and not closed.';
    case 'reserved_identifier':
      return `\`${word}\` is a reserved word and cannot be a name.`;
    case 'limit_exceeded':
      return 'it is too large. Split it with `let`.';
    case 'invalid_macro_argument':
      return 'the first value of `map`, `filter`, `all` and `exists` is a plain name for the item: `list.map(x, …)`.';
    case 'unexpected_character':
      return unexpected(here, word);
    case 'expected_token':
    case 'unexpected_token':
      return /EOF/.test(error.summary)
        ? 'it ends too early: a value or a closing bracket is missing at its end.'
        : `\`${here}\` does not fit here.`;
    default:
      if (error.code.includes('escape'))
        return 'a backslash begins an escape in text. For the character itself write it twice.';
      return `${error.summary.charAt(0).toLowerCase()}${error.summary.slice(1)}.`;
  }
}

function unexpected(here: string, word: string): string {
  const instead: Record<string, string> = {
    and: '&&',
    or: '||',
    is: '==',
    equals: '==',
    '=': '==',
    '&': '&&',
    '|': '||',
  };
  const better = [word, here].filter((each) => Object.hasOwn(instead, each)).map((each) => instead[each])[0];
  if (better)
    return `instead of \`${better === '==' && here === '=' ? '=' : word || here}\` write \`${better}\`.`;
  return `\`${word}\` does not fit here. Is an operator such as \`+\` or \`&&\` missing before it, or are quotes missing around text?`;
}
