/** Parts of which the kinds' schemas are made. */
import { defined, unlessEmpty } from '../defined.ts';
import { durationPattern, lengthPattern } from '../lexical.ts';
import type { JsonSchema } from '../values.ts';

export const text = (description: string): JsonSchema => ({ type: 'string', description });

export const duration = (description: string): JsonSchema => ({
  type: 'string',
  pattern: durationPattern,
  description: `${description} For example 90m, 1h30m, 10d, 2 business days.`,
});

/** A length of time that may be computed. */
export const length = (description: string): JsonSchema => ({
  type: 'string',
  pattern: lengthPattern,
  description: `${description} For example 90m, 1h30m, 10d, 2 business days, or \${{ inputs.days }}d.`,
});

export const object = (
  properties: Record<string, JsonSchema>,
  required: string[],
  description = '',
): JsonSchema => ({
  type: 'object',
  ...defined({ description: description || undefined }),
  properties,
  ...defined({ required: unlessEmpty(required) }),
  additionalProperties: false,
});

/** Steps inside a step. */
export const steps = (description: string): JsonSchema => ({
  type: 'array',
  minItems: 1,
  items: { $ref: '#/$defs/step' },
  description,
});

/** An expression: text, or true or false as YAML reads them. */
export const expression = (description: string): JsonSchema => ({
  type: ['string', 'boolean'],
  description: `${description} An expression; the braces may be left out.`,
});

export const people = (description: string): JsonSchema => ({
  description,
  anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }],
});

export const retry: JsonSchema = object(
  {
    attempts: { type: 'integer', minimum: 1, maximum: 100, description: 'How often it is tried in all.' },
    first: duration('How long to wait before the second try.'),
    factor: {
      type: 'number',
      minimum: 1,
      maximum: 10,
      description: 'By how much each wait is longer than the one before.',
    },
    max: duration('The longest wait between two tries.'),
  },
  [],
  'How a failed action is tried again before the step parks.',
);

/** What an author may let a change by hand do that a signature covers. */
export const amendSchema = (about: string): JsonSchema => ({
  enum: ['free', 'afterwards'],
  description: `${about} Without it, a change waits until those who signed have signed it too.`,
});

/** Keys that every step may have. */
export const commonKeys: Record<string, JsonSchema> = {
  id: text(
    'Name of the step in expressions, commands and the record: small letter first, then letters and digits.',
  ),
  title: text('What the step does, as people read it.'),
  if: expression('The step runs only if this is true.'),
  onError: {
    enum: ['park', 'continue', 'abort'],
    description: 'When it fails after its retries: wait for a person (park), go on, or abort the run.',
  },
  amend: amendSchema(
    'What a person enters for this step takes effect at once though it was signed: for good (free), or with the signature given afterwards.',
  ),
};
