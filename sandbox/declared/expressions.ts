/** CEL as the CEL library itself computes it, so that a stand-in shares no code with the interpreter that it stands opposite. */
import { Environment, Optional } from '@marcbachmann/cel-js';

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Values = { [key: string]: Value };

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
});
environment.registerFunction('now(): string', () => new Date().toISOString());
environment.registerFunction('text(dyn): string', (value: unknown) => scalarText(unbound(value)));
environment.registerFunction('plain(string): string', (html: string) =>
  html
    .replace(/<br>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&'),
);
/** What a service takes as JSON within a form. */
environment.registerFunction('fromJson(string): dyn', (text: string) => bound(JSON.parse(text) as Value));
/** What stands behind `NAME:` in a query language, without its quotes. */
environment.registerFunction('term(string, string): string', (query: string, name: string) =>
  (
    new RegExp(`\\b${name}\\s*(?:==|:|=|~| eq | is )\\s*("[^"]*"|'[^']*'|[^\\s"')]+)`, 'i').exec(
      query,
    )?.[1] ?? ''
  ).replace(/^["']|["']$/g, ''),
);

const parsed = new Map<string, (variables: Record<string, unknown>) => unknown>();

export function computed(source: string, variables: Values): Value | undefined {
  const known = parsed.get(source) ?? environment.parse(source);
  parsed.set(source, known);
  const bindings = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, bound(value)]));
  try {
    return unbound(known(bindings));
  } catch (error) {
    throw new Error(
      `The stand-in could not compute ${source}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** A key whose value is absent is left out; `"..."` spreads. */
export function filled(template: Value, variables: Values): Value | undefined {
  if (typeof template === 'string') return filledText(template, variables);
  if (template === null || typeof template !== 'object') return template;
  if (Array.isArray(template))
    return template.map((item) => filled(item, variables)).filter((item) => item !== undefined);
  const result: Values = {};
  for (const [key, part] of Object.entries(template)) {
    const value = filled(part, variables);
    if (value === undefined) continue;
    if (key === '...') Object.assign(result, value);
    else result[key] = value;
  }
  return result;
}

function filledText(text: string, variables: Values): Value | undefined {
  const whole = /^\$\{\{((?:[^}]|\}(?!\}))*)\}\}$/.exec(text);
  if (whole) return computed((whole[1] ?? '').trim(), variables);
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, source: string) =>
    scalarText(computed(source.trim(), variables)),
  );
}

export function scalarText(value: Value | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function bound(value: Value): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  // An array of another realm is none to the library.
  if (Array.isArray(value)) return Array.from(value, bound);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bound(item)]));
}

function unbound(value: unknown): Value | undefined {
  if (value instanceof Optional) return value.hasValue() ? unbound(value.value()) : undefined;
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value as Value;
  if (Array.isArray(value)) return value.map((item) => unbound(item) ?? null);
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.flatMap(([key, item]) => {
      const plain = unbound(item);
      return plain === undefined ? [] : [[String(key), plain]];
    }),
  );
}
