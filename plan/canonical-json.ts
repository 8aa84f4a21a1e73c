/** Canonical JSON: equal content gives equal text, whatever the order of its keys. Used inside the workflow too. */
import type { Json } from './plan.ts';

/** JSON with keys in code-point order and no white space, as RFC 8785 asks for plain data. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}
