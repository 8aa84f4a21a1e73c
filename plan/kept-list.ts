/**
 * A list that is too large for the history of its run: `{ $list: { id, count, sha256 } }`. Its items are kept beside the run, and are
 * read in pieces; the hash is that of all of them, so that whoever signs for the reference signs for the content.
 */
import type { Json, JsonObject } from './values.ts';

export interface ListReference {
  id: string;
  count: number;
  /** Of the canonical JSON of all items, hex. */
  sha256: string;
}

/** As expressions have it: not a list, since nobody has the items at hand there. */
export class KeptList implements ListReference {
  readonly id: string;
  readonly count: number;
  readonly sha256: string;

  constructor({ id, count, sha256 }: ListReference) {
    this.id = id;
    this.count = count;
    this.sha256 = sha256;
  }

  get value(): JsonObject {
    return { $list: { id: this.id, count: this.count, sha256: this.sha256 } };
  }
}

export function listReference(value: unknown): ListReference | undefined {
  if (typeof value !== 'object' || value === null || !('$list' in value)) return undefined;
  const { $list } = value;
  if (typeof $list !== 'object' || $list === null) return undefined;
  const { id, count, sha256 } = $list as Record<string, unknown>;
  if (typeof id !== 'string' || typeof count !== 'number' || typeof sha256 !== 'string') return undefined;
  return { id, count, sha256 };
}

/** The first in a value, however deep. */
export function listReferenceIn(value: Json | undefined): ListReference | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const own = listReference(value);
  if (own) return own;
  for (const each of Object.values(value)) {
    const found = listReferenceIn(each);
    if (found) return found;
  }
  return undefined;
}

export function keptListWords({ count }: Pick<ListReference, 'count'>): string {
  return `a list of ${count} items that is kept beside the run`;
}
