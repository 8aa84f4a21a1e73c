/** What a run is given to start with: filled in, checked, and sealed where it must be. */
import type { TObject } from 'typebox';
import type { Json, JsonObject, Plan } from '../../plan/plan.ts';
import type { Seal } from '../../vault/seal.ts';
import { tooLargeTogether } from '../../workflows/steps/size.ts';
import { problemsOfForm } from '../kit/schema-check.ts';

/**
 * The inputs with the defaults of those not given, and what is wrong with them, a sentence each. Nothing is quoted when
 * an input is sensitive. With `partial`, those not given and without a default may stay away.
 */
export function checkedInputs(
  plan: Pick<Plan, 'inputs'>,
  given: JsonObject,
  options: { partial?: true } = {},
): { inputs: JsonObject; problems: string[] } {
  const entries = Object.entries(plan.inputs);
  const inputs: JsonObject = { ...given };
  for (const [name, { default: value }] of entries) {
    if (inputs[name] === undefined && value !== undefined) inputs[name] = value;
  }
  const schema = {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, input]) => [name, input.schema])),
    required: options.partial ? [] : entries.filter(([, { required }]) => required).map(([name]) => name),
    additionalProperties: false,
  };
  const quote = !entries.some(([, { sensitive }]) => sensitive);
  const problems = problemsOfForm(schema as unknown as TObject, inputs as Json, quote);
  const size = tooLargeTogether(inputs);
  return { inputs, problems: size === undefined ? problems : [...problems, size] };
}

/** From here on a sensitive input is a token, which only an action opens. */
export function sealSensitive(
  plan: Pick<Plan, 'inputs'>,
  inputs: JsonObject,
  seal: Seal,
  /** Whose places these take. */
  current: JsonObject = {},
): JsonObject {
  const sealed: JsonObject = { ...inputs };
  for (const [name, { sensitive }] of Object.entries(plan.inputs)) {
    const value = sealed[name];
    if (sensitive && value !== undefined) sealed[name] = seal.sealed(value, current[name]);
  }
  return sealed;
}
