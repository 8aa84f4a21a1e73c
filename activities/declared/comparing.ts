/** What an attempt compares: its input with its defaults, what is with what is wanted, and whether a request can have left. */
import type { Want } from '../../plan/declared.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import { reasonOf } from '../kit/reach.ts';
import { type Computing, sameJson } from './computing.ts';

/** What is not given is what the action says then. */
export function withDefaults(input: JsonObject, schema: JsonSchema): JsonObject {
  const properties = (schema.properties ?? {}) as Record<string, { default?: Json }>;
  const result = { ...input };
  for (const [name, property] of Object.entries(properties))
    if (result[name] === undefined && property.default !== undefined) result[name] = property.default;
  return result;
}

/** What differs of what is wanted, and what it was. A field whose `to` is absent is left alone. */
export function compared(
  want: Want | undefined,
  computing: Computing,
): { wanted: JsonObject; before: JsonObject } {
  const wanted: JsonObject = {};
  const before: JsonObject = {};
  if (!want || !('fields' in want)) return { wanted, before };
  for (const [name, { is, to }] of Object.entries(want.fields)) {
    const target = computing.value(to);
    if (target === undefined) continue;
    const now = computing.value(is);
    if (sameJson(now, target)) continue;
    wanted[name] = target;
    before[name] = now ?? null;
  }
  return { wanted, before };
}

/** No connection was made, so that nothing can have left. */
export function neverConnected(error: unknown): boolean {
  const { details } = error as { details?: { cause?: unknown } };
  return /connection refused|unknown host|name lookup failed|no connection in time/.test(
    reasonOf(details?.cause),
  );
}
