/** What people see of sealed values: that there is one, and, where old and new stand beside each other, whether it changed. */
import { sameValue } from '../plan/sealed-values.ts';
import type { Json } from '../plan/values.ts';
import { isSealed } from './plain-text.ts';

const sealed = { $sealed: true };
const sealedPart = '(sealed)';

/** What is said of a sealed value that stands beside another one. */
type Comparison = 'changed' | 'unchanged' | 'as signed';

const comparisons: ReadonlySet<string> = new Set<Comparison>(['changed', 'unchanged', 'as signed']);

/** The same with neither a token of a sealed value nor the name of a secret in it. */
export function withoutSealed(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(withoutSealed);
  const { $sealed, $secret, $text } = value as Record<string, unknown>;
  if ($sealed !== undefined || typeof $secret === 'string') return shownOnce(value as SealedShown);
  // A text with such a part in it: people read the rest of it.
  if (Array.isArray($text)) return $text.map(partText).join('');
  return Object.fromEntries(
    Object.entries(comparedWithin(value as Record<string, unknown>)).map(([name, item]) => [
      name,
      withoutSealed(item),
    ]),
  );
}

interface SealedShown {
  $sealed?: unknown;
  $compared?: unknown;
}

/** What was compared already stays so: it may pass here a second time. */
function shownOnce({ $sealed, $compared }: SealedShown): object {
  const isCompared = $sealed === true && comparisons.has(String($compared));
  return isCompared ? { $sealed, $compared } : sealed;
}

/** A change is told as old and new: of sealed values in it only whether they are the same. */
function comparedWithin(value: Record<string, unknown>): Record<string, unknown> {
  if (!('before' in value && 'after' in value)) return value;
  return { ...value, after: compared(value.before as Json, value.after as Json) };
}

/** The second of two values, with its sealed parts marked as changed or as the same as in the first. */
export function compared(before: Json | undefined, after: Json, same: Comparison = 'unchanged'): Json {
  if (after === null || typeof after !== 'object') return after;
  if (isSealed(after)) {
    if (!isSealed(before)) return after;
    return { $sealed: true, $compared: sameValue(before ?? null, after) ? same : 'changed' };
  }
  if (Array.isArray(after))
    return after.map((item, index) =>
      compared(Array.isArray(before) ? before[index] : undefined, item, same),
    );
  const old = before && typeof before === 'object' && !Array.isArray(before) ? before : {};
  return Object.fromEntries(
    Object.entries(after).map(([name, item]) => [name, compared(old[name], item, same)]),
  );
}

function partText(part: unknown): string {
  return part !== null && typeof part === 'object' ? sealedPart : String(part);
}
