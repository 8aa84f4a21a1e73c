/** Parts of which the schemas of configuration files are made. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { JsonSchema } from '../../plan/plan.ts';

export const text = (description: string): JsonSchema => ({ type: 'string', description });

export const object = (
  properties: Record<string, JsonSchema>,
  required: string[],
  description: string,
): JsonSchema => ({
  type: 'object',
  description,
  properties,
  ...defined({ required: unlessEmpty(required) }),
  additionalProperties: false,
});

/** Any names, each with such a value. */
export const named = (item: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: item,
});

/** Any names and values. */
export const open = (description: string): JsonSchema => ({ type: 'object', description });
