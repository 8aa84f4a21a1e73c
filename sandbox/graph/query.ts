/** OData as Graph understands it: choosing, filtering, expanding and paging (Use query parameters to customize responses). */
import { badQuery, badRequest, GraphError } from './errors.ts';
import { allExtensionAttributes, type Resource } from './properties.ts';

export type Query = Record<string, string | undefined>;
export type Item = Record<string, unknown>;

const usualPage = 100;
const largestPage = 999;

/** Rejects query options that the operation does not take. Names without `$` are no options, and are ignored as Graph does. */
export function checkOptions(query: Query, allowed: string[]): void {
  for (const name of Object.keys(query)) {
    if (name.startsWith('$') && !allowed.includes(name))
      throw badQuery(`The query parameter '${name}' is not supported.`);
  }
}

/** An object as the caller asked to see it. */
export function shape(item: Item, resource: Resource, select?: string): Item {
  const names = select === undefined ? resource.usual : select.split(',').map((name) => name.trim());
  const shaped: Item = {};
  for (const name of names.includes('*') ? resource.known : names) {
    if (!resource.known.has(name)) throw unknownSelection(name, resource);
    shaped[name] = propertyOf(item, name, resource);
  }
  return shaped;
}

function propertyOf(item: Item, name: string, resource: Resource): unknown {
  if (name === 'onPremisesExtensionAttributes') return allExtensionAttributes(item[name]);
  return item[name] ?? (resource.collections.has(name) ? [] : null);
}

function unknownSelection(name: string, resource: Resource): GraphError {
  return badQuery(
    `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${resource.odataType}'.`,
  );
}

/** What `$expand=manager($select=…)` asks for: undefined when nothing, else the selection within. */
export function expandedManager(query: Query, resource: Resource): { select?: string } | undefined {
  if (query.$expand === undefined) return undefined;
  const match = /^manager(?:\(\$select=([\w,\s]+)\))?$/.exec(query.$expand);
  if (match) return match[1] ? { select: match[1] } : {};
  const name = /^\w*/.exec(query.$expand)?.[0] ?? '';
  throw unknownSelection(name, resource);
}

type Test = (item: Item) => boolean;

/** `eq`, `in`, `startswith`, who has a licence, and who signed in before; joined by `and` or `or`. Anything else is refused rather than guessed. */
export function filterOf(filter: string | undefined, resource: Resource): Test {
  if (filter === undefined) return () => true;
  const either = splitOutsideQuotes(filter, ' or ').map((part) =>
    splitOutsideQuotes(part, ' and ').map((clause) => clauseOf(clause.trim(), resource)),
  );
  return (item) => either.some((all) => all.every((test) => test(item)));
}

const literal = `'(?:[^']|'')*'|true|false|null`;
const comparison = new RegExp(String.raw`^(\w+) (eq|ne) (${literal})$`);
const membership = new RegExp(String.raw`^(\w+) in \s*\((${literal}(?:\s*,\s*(?:${literal}))*)\)$`);
const beginning = /^startswith\((\w+),\s*('(?:[^']|'')*')\)$/i;

const licensed = /^assignedLicenses\/any\(l:\s?l\/skuId eq ([0-9a-f-]{36})\)$/i;
const lastSignIn = /^signInActivity\/lastSignInDateTime le (\S+)$/;

function clauseOf(clause: string, resource: Resource): Test {
  const skuId = resource.title === 'User' ? licensed.exec(clause)?.[1] : undefined;
  if (skuId) return ({ assignedLicenses }) => skusOf(assignedLicenses).includes(skuId);
  const before = resource.title === 'User' ? lastSignIn.exec(clause)?.[1] : undefined;
  if (before) return ({ signInActivity }) => signedInBefore(signInActivity, before);
  const compared = comparison.exec(clause);
  const listed = membership.exec(clause);
  const begun = beginning.exec(clause);
  const name = (compared ?? listed ?? begun)?.[1];
  if (!name) throw badQuery(`Invalid filter clause: ${clause}`);
  if (!resource.known.has(name))
    throw badQuery(`Could not find a property named '${name}' on type '${resource.odataType}'.`);
  // `ne` needs an advanced query (ConsistencyLevel: eventual), which the stand-in does not play.
  if (!resource.filterable.has(name) || compared?.[2] === 'ne')
    throw new GraphError(
      400,
      'Request_UnsupportedQuery',
      `Unsupported or invalid query filter clause specified for property '${name}' of resource '${resource.title}'.`,
    );
  if (begun) {
    const start = String(literalOf(begun[2] ?? ''));
    return (item) =>
      String(item[name] ?? '')
        .toLowerCase()
        .startsWith(start);
  }
  const wanted = compared ? [compared[3] ?? ''] : (listed?.[2]?.match(new RegExp(literal, 'g')) ?? []);
  const values = wanted.map(literalOf);
  return (item) => values.includes(comparable(item[name]));
}

function skusOf(licenses: unknown): string[] {
  return ((licenses ?? []) as { skuId: string }[]).map(({ skuId }) => skuId);
}

/** Who never signed in has no time, and is before every other. */
function signedInBefore(activity: unknown, moment: string): boolean {
  const { lastSignInDateTime } = (activity ?? {}) as { lastSignInDateTime?: string };
  return lastSignInDateTime === undefined || Date.parse(lastSignInDateTime) <= Date.parse(moment);
}

function literalOf(text: string): unknown {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'").toLowerCase();
  return text === 'null' ? null : text === 'true';
}

function comparable(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : (value ?? null);
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let part = '';
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "'") quoted = !quoted;
    if (!quoted && text.startsWith(separator, index)) {
      parts.push(part);
      part = '';
      index += separator.length - 1;
    } else part += text[index];
  }
  return [...parts, part];
}

/** One page, and the address of the next. `url` is the collection's own. */
export function page<T>(items: T[], query: Query, url: string, shapeOne: (item: T) => unknown): Item {
  const size = Number(query.$top ?? usualPage);
  if (!Number.isInteger(size) || size < 1 || size > largestPage)
    throw badRequest(
      `Invalid page size specified: '${query.$top}'. Must be between 1 and ${largestPage} inclusive.`,
    );
  const start = query.$skiptoken === undefined ? 0 : startOf(query.$skiptoken);
  const value = items.slice(start, start + size).map(shapeOne);
  if (start + size >= items.length) return { value };
  const rest = Object.entries({ ...query, $skiptoken: tokenOf(start + size) }).map(
    ([name, text]) => `${name}=${encodeURIComponent(text ?? '')}`,
  );
  return { '@odata.nextLink': `${url}?${rest.join('&')}`, value };
}

/** Opaque, so that nobody counts on what is in it. */
function tokenOf(start: number): string {
  return Buffer.from(`page ${start}`).toString('base64url');
}

function startOf(token: string): number {
  const match = /^page (\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match) return Number(match[1]);
  throw new GraphError(400, 'Directory_ExpiredPageToken', 'The specified page token value has expired.');
}
