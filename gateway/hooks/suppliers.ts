/** The suppliers of `connectors: procurement:` that may send something. */

import { errorText } from '../../plan/error-text.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { Secrets } from '../../vault/secrets.ts';
import { Problem } from '../problem.ts';
import type { KnownSupplier } from './cxml.ts';

/** `settings` with secrets by reference. Each secret is read when it is asked for, since it may be rotated. */
export function suppliersOf(settings: JsonObject | undefined, secrets: () => Secrets): KnownSupplier[] {
  return Object.entries(mapOf(settings?.suppliers)).flatMap(([name, supplier]) => {
    const cxml = mapOf(mapOf(supplier).cxml);
    const { domain, identity } = mapOf(cxml.to);
    if (typeof domain !== 'string' || typeof identity !== 'string') return [];
    return [{ name, credential: { domain, identity }, secret: () => secretOf(cxml.inboundSecret, secrets) }];
  });
}

async function secretOf(value: Json | undefined, secrets: () => Secrets): Promise<string | undefined> {
  // An empty one would believe everybody who sends none.
  if (value === undefined || typeof value === 'string') return value || undefined;
  const { $secret: name } = mapOf(value);
  if (typeof name !== 'string') return undefined;
  try {
    return await secrets().get(name);
  } catch (error) {
    const why = errorText(error);
    throw new Problem(503, 'Not configured', why, { retryAfter: 60 });
  }
}

function mapOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
