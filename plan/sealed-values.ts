/**
 * Sealed values as runs carry them: `{ $sealed: TOKEN, $digest: SALT.MAC }`. The token differs each time; the digest, by a key of the
 * vault, is the same for the same content under the same salt, so that the same secret sealed again is no change.
 */
import { canonicalJson } from './canonical-json.ts';
import type { Json } from './values.ts';

/** Whether two values are the same; of sealed ones, whether their content is, as far as that can be told. */
export function sameValue(a: Json, b: Json): boolean {
  return canonicalJson(byDigest(a)) === canonicalJson(byDigest(b));
}

function byDigest(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(byDigest);
  if (typeof value.$sealed === 'string' && typeof value.$digest === 'string')
    return { $digest: value.$digest };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, byDigest(item)]));
}
