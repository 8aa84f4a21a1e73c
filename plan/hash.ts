/** The hash of JSON: equal content gives equal hashes, whatever the order of its keys. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Json } from './plan.ts';

/** sha256 of the canonical JSON, hex. */
export function hashOf(value: Json): string {
  return hashOfText(canonicalJson(value));
}

/** Of canonical JSON. */
export function hashOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
