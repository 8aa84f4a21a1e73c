/** The functions an expression may call, with types: CEL's own that are safe in a run, and Countersign's. */

import { functions } from './functions.ts';
import { standardFunctions } from './standard.ts';
import { bool, double, dyn, int, listType, optionalType, string, type Type } from './types.ts';

export interface Overload {
  receiver?: Type | undefined;
  params: Type[];
  result: Type;
  /** As the reference shows it. */
  text: string;
}

/** Why a function of CEL cannot be used, and what to use instead. */
export const refused: Record<string, string> = {
  matches:
    'a pattern can take minutes on some texts. Use `startsWith`, `endsWith`, `contains`, or a `pattern` on the input.',
  timestamp: 'dates are text here. Compare them as text, or use `addDays`, `daysBetween`, `dateOf`.',
  duration: 'lengths of time are written as `90m` or `2 business days` where a step takes one.',
  bytes: 'there are no bytes in runbooks. Use text.',
  uint: 'use `int`.',
  type: 'types are checked before the run.',
  value: 'it would fail when there is no value. Use `orValue(…)`.',
  bind: 'name the expression under `let` at the top of the runbook.',
};

/** What functions are called elsewhere. */
export const usualNames: Readonly<Record<string, string>> = {
  lowercase: 'lower',
  tolower: 'lower',
  tolowercase: 'lower',
  uppercase: 'upper',
  toupper: 'upper',
  touppercase: 'upper',
  capitalize: 'title',
  length: 'size',
  len: 'size',
  count: 'size',
  includes: 'contains',
  substr: 'substring',
  strip: 'trim',
  concat: 'join',
  str: 'string',
  tostring: 'string',
  number: 'double',
  any: 'exists',
  some: 'exists',
  every: 'all',
  distinct: 'unique',
  coalesce: 'default',
  json: 'toJson',
  tojson: 'toJson',
  csv: 'parseCsv',
  parsejson: 'fromJson',
  total: 'sum',
  sorted: 'sort',
  flatmap: 'flatten',
  encodeuricomponent: 'urlEncode',
  escape: 'htmlEscape',
};

/** Methods that name each item of a list in turn. */
export const loops = ['all', 'exists', 'exists_one', 'filter', 'map', 'sortBy', 'groupBy'] as const;

export type Loop = (typeof loops)[number];

export function isLoop(name: string): name is Loop {
  return (loops as readonly string[]).includes(name);
}

let table: Map<string, Overload[]> | undefined;

export function overloadsOf(name: string): Overload[] {
  table ??= readTable();
  return table.get(name) ?? [];
}

export function functionNames(): string[] {
  table ??= readTable();
  return [...table.keys(), 'default', 'has', ...loops, 'orValue'];
}

function readTable(): Map<string, Overload[]> {
  const found = new Map<string, Overload[]>();
  for (const signature of [...standardFunctions, ...functions].flatMap(({ signatures }) => signatures)) {
    const overload = parseSignature(signature);
    if (overload) found.set(overload.name, [...(found.get(overload.name) ?? []), overload]);
  }
  return found;
}

/** `list<string>.join(string): string`. Undefined for signatures with types that expressions do not have here. */
export function parseSignature(text: string): (Overload & { name: string }) | undefined {
  const match = /^(?:(.+)\.)?([A-Za-z_]\w*)\((.*)\): (.+)$/.exec(text);
  if (!match) return undefined;
  const [, receiver, name = '', parameters = '', result = ''] = match;
  const types = [receiver, ...splitTop(parameters), result].map((part) =>
    part ? parseType(part) : undefined,
  );
  const [receiverType] = types;
  const params = types.slice(1, -1);
  const resultType = types.at(-1);
  if (!resultType || (receiver && !receiverType) || params.some((type) => !type)) return undefined;
  return {
    name,
    receiver: receiverType,
    params: params.filter((type) => type !== undefined),
    result: resultType,
    text,
  };
}

function parseType(text: string): Type | undefined {
  const generic = /^(list|map|optional)<(.+)>$/.exec(text);
  if (generic) {
    const parts = splitTop(generic[2] ?? '').map(parseType);
    const last = parts.at(-1);
    if (!last) return undefined;
    if (generic[1] === 'list') return listType(last);
    return generic[1] === 'map' ? { kind: 'map', value: last } : optionalType(last);
  }
  if (/^[A-Z]$/.test(text)) return { kind: 'any', name: text };
  return { dyn, string, int, double, bool, list: listType(dyn), map: { kind: 'map', value: dyn } as Type }[
    text
  ];
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === '<') depth += 1;
    else if (char === '>') depth -= 1;
    else if ((char === ',' && depth === 0) || at === text.length) {
      const part = text.slice(from, at).trim();
      if (part) parts.push(part);
      from = at + 1;
    }
  }
  return parts;
}
