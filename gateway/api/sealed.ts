/** Sealed values leave the gateway as the mere fact that there is one, except to those for whom they are meant. */

import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json, JsonObject, Plan } from '../../plan/plan.ts';
import { withoutSealed } from '../../presentation/sealed.ts';
import type { Seal } from '../../vault/seal.ts';
import { isAddressedTo } from '../../workflows/addressed-to.ts';
import type { Principal } from '../../workflows/messages.ts';
import { Problem } from '../problem.ts';

const sealedPart = '(sealed)';

/**
 * What somebody hands in who was shown a value without its sealed parts, with those parts put back where they were left
 * as they were shown. Throws a {@link Problem} where one was changed, or stands where there was none.
 */
export function withSealed(given: Json, shown: Json | undefined): Json {
  if (shown !== undefined && canonicalJson(given) === canonicalJson(withoutSealed(shown) as Json))
    return shown;
  if (typeof given === 'string' && isText(shown) && given.includes(sealedPart))
    throw new Problem(
      422,
      'A sealed part was changed',
      `"${given}" has a sealed part in it, so it can be left as it is or written anew, but not changed.`,
    );
  if (given === null || typeof given !== 'object') return given;
  if (Array.isArray(given))
    return given.map((item, index) => withSealed(item, Array.isArray(shown) ? shown[index] : undefined));
  if ('$sealed' in given || '$secret' in given || '$text' in given)
    throw new Problem(
      422,
      'Nothing is sealed there',
      'A sealed value or a secret can only stay where it was. Write the value itself.',
    );
  const before = shown && typeof shown === 'object' && !Array.isArray(shown) ? shown : {};
  return Object.fromEntries(
    Object.entries(given).map(([name, item]) => [name, withSealed(item, before[name])]),
  );
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && '$text' in value;
}

/** Inputs of a run, those opened that the runbook lets this person see (`visibleTo`). */
export function openedFor(
  principal: Principal,
  inputs: JsonObject,
  plan: Pick<Plan, 'inputs'> | undefined,
  seal: Seal,
): JsonObject {
  const shown: JsonObject = { ...inputs };
  for (const [name, { visibleTo = [] }] of Object.entries(plan?.inputs ?? {})) {
    if (visibleTo.some((meant) => isAddressedTo(meant, principal))) shown[name] = opened(inputs[name], seal);
    if (shown[name] === undefined) delete shown[name];
  }
  return shown;
}

function opened(value: Json | undefined, seal: Seal): Json {
  const token = value && typeof value === 'object' && !Array.isArray(value) ? value.$sealed : undefined;
  if (typeof token !== 'string') return value as Json;
  try {
    return seal.open(token);
  } catch {
    // Its key is gone: then it stays sealed, and the rest of the run can be read.
    return value as Json;
  }
}
