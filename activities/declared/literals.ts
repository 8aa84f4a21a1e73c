/**
 * A value as a literal of the query language it stands in, so that what somebody typed never becomes a part of the query. Between quotes
 * it is escaped there; without, it is given with its quotes. What cannot be quoted is refused.
 */
import type { QueryLanguage } from '../../plan/declared.ts';
import type { Json } from '../../plan/plan.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { scalarText } from './computing.ts';

type Quote = (text: string) => string | undefined;

const backslashed: Quote = (text) => text.replace(/[\\"]/g, '\\$&');

const inside: Record<QueryLanguage, { quote: string; escape: Quote }> = {
  odata: { quote: "'", escape: (text) => text.replaceAll("'", "''") },
  rsql: { quote: '"', escape: backslashed },
  jql: { quote: '"', escape: backslashed },
  cql: { quote: '"', escape: backslashed },
  // Its encoded queries know no quotes: `^` ends a condition, and is doubled to stand for itself.
  servicenow: { quote: '', escape: (text) => (/[\r\n]/.test(text) ? undefined : text.replaceAll('^', '^^')) },
  // Neither knows an escape.
  zendesk: { quote: '"', escape: (text) => (text.includes('"') ? undefined : text) },
  freshservice: { quote: "'", escape: (text) => (/['"]/.test(text) ? undefined : text) },
};

/** OData compares ids (Edm.Guid) and times (Edm.DateTimeOffset) with literals without quotes. Where the field is text, the author writes quotes around it. */
const bare =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))$/i;

export function literalIn(language: QueryLanguage, value: Json | undefined, before: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = scalarText(value);
  const { quote, escape: escaping } = inside[language];
  const escaped = escaping(text);
  if (escaped === undefined)
    throw new PermanentFailure(
      `"${text.slice(0, 60)}" cannot be asked for: the query language of this service has no way to write it.`,
    );
  const isOpen = quote !== '' && unescaped(before, quote) % 2 === 1;
  if (language === 'odata' && !isOpen && bare.test(text)) return text;
  return quote === '' || isOpen ? escaped : `${quote}${escaped}${quote}`;
}

function unescaped(text: string, quote: string): number {
  const plain = quote === '"' ? text.replace(/\\./g, '') : text;
  return plain.split(quote).length - 1;
}
