/**
 * Values that a run carries only by reference, and that become real inside the action: `{ $secret: NAME }`,
 * `{ $sealed: TOKEN }`, `{ $text: [ … ] }`, a text with such parts, and `{ $list: … }`, a list that is kept beside the run.
 */

import { errorText } from '../plan/error-text.ts';
import { type ListReference, listReference } from '../plan/kept-list.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import type { Seal } from './seal.ts';
import type { Secrets } from './secrets.ts';

/** A missing secret or a lost key. It does not come back by trying again: somebody must put it right. */
export class UnresolvedReference extends Error {
  override readonly name = 'UnresolvedReference';
}

export interface Resolved {
  value: Json;
  /** The texts that were opened: they must appear in no message and, unsealed, in no output. */
  opened: string[];
}

/** Gives all items of a list that is kept beside a run. */
export interface ListItems {
  all(list: ListReference): Promise<Json[]>;
}

export async function resolveReferences(
  value: Json,
  services: { secrets: Secrets; seal: Seal; lists?: ListItems | undefined },
): Promise<Resolved> {
  const opened: string[] = [];

  async function resolve(part: Json): Promise<Json> {
    if (part === null || typeof part !== 'object') return part;
    if (Array.isArray(part)) return Promise.all(part.map(resolve));
    if (typeof part.$secret === 'string') {
      const secret = await explained(services.secrets.get(part.$secret));
      opened.push(secret);
      return secret;
    }
    if (typeof part.$sealed === 'string') {
      const token = part.$sealed;
      const content = await explained((async () => services.seal.open(token))());
      opened.push(...textsIn(content));
      return content;
    }
    if (Array.isArray(part.$text)) {
      const parts = await Promise.all(part.$text.map(resolve));
      return parts.map(textOf).join('');
    }
    const list = listReference(part);
    if (list) return resolve(await itemsOf(list));
    const entries = await Promise.all(
      Object.entries(part).map(async ([key, item]) => [key, await resolve(item)] as const),
    );
    return Object.fromEntries(entries) as JsonObject;
  }

  async function itemsOf(list: ListReference): Promise<Json[]> {
    if (!services.lists)
      throw new UnresolvedReference('A list that is kept beside its run cannot be read here.');
    return services.lists.all(list);
  }

  return { value: await resolve(value), opened };
}

const references = new Set(['$secret', '$sealed', '$text', '$list']);

/**
 * The first of these keys in a value from outside, where only a runbook and the engine may write them. `{ $sealed: true }` is
 * none: so the API shows a sealed value, and takes it back.
 */
export function referenceIn(value: unknown): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  for (const [key, item] of Object.entries(value)) {
    if (references.has(key) && item !== true) return key;
    const found = referenceIn(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A value from outside as a run may carry it: a key that would be taken for a reference gets an underscore before it. */
export function withoutReferences(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutReferences);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      references.has(key) ? `_${key}` : key,
      withoutReferences(item),
    ]),
  );
}

/** Every text (and number, as text) in a value. */
export function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UnresolvedReference(errorText(error), { cause: error });
  }
}

function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
