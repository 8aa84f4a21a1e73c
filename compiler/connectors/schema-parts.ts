/** The small words in which the schemas of connectors are written. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';

export const text = (description: string): JsonSchema => ({ type: 'string', description });
/** Text or an expression, which YAML may read as a number or as true. */
export const expression = (description: string): JsonSchema => ({
  type: ['string', 'boolean', 'number', 'integer'],
  description,
});
export const any = (description: string): JsonSchema => ({ description });
export const map = (description: string, values: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  additionalProperties: values,
  description,
});
export function object(
  properties: Record<string, JsonSchema>,
  required: string[],
  description: string,
): JsonSchema {
  return {
    type: 'object',
    description,
    properties,
    ...defined({ required: unlessEmpty(required) }),
    additionalProperties: false,
  };
}
export const listOf = (items: JsonSchema, description: string): JsonSchema => ({
  type: 'array',
  minItems: 1,
  items,
  description,
});
