/** Which keywords of JSON Schema describe an input or a form field, and what each takes. */
import type { JsonSchema } from '../../plan/plan.ts';
import { amendSchema } from '../../plan/step-kinds/schemas.ts';
import { formats } from './formats.ts';

const types = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'];
const count: JsonSchema = { type: 'integer', minimum: 0 };
const schema: JsonSchema = { type: 'object' };

export const inputSchemaKeywords: Record<string, JsonSchema> = {
  type: {
    anyOf: [{ enum: types }, { type: 'array', minItems: 1, items: { enum: types } }],
    description: 'What kind of value it is.',
  },
  title: { type: 'string', description: 'Its name, as people read it.' },
  description: { type: 'string', description: 'What it is for.' },
  default: { description: 'The value when none is given.' },
  examples: { type: 'array', description: 'Values as they may be given.' },
  enum: { type: 'array', minItems: 1, description: 'The possible values.' },
  const: { description: 'The only possible value.' },
  format: { enum: Object.keys(formats), description: 'The form of the text.' },
  pattern: { type: 'string', description: 'A regular expression that the text must match.' },
  minLength: { ...count, description: 'How many characters it must have.' },
  maxLength: { ...count, description: 'How many characters it can have.' },
  minimum: { type: 'number', description: 'The least number.' },
  maximum: { type: 'number', description: 'The greatest number.' },
  exclusiveMinimum: { type: 'number', description: 'It must be more than this.' },
  exclusiveMaximum: { type: 'number', description: 'It must be less than this.' },
  multipleOf: { type: 'number', exclusiveMinimum: 0, description: 'It must be a multiple of this.' },
  items: { ...schema, description: 'What each item of the list is.' },
  minItems: { ...count, description: 'How many items there must be.' },
  maxItems: { ...count, description: 'How many items there can be.' },
  uniqueItems: { type: 'boolean', description: 'Whether no item may repeat.' },
  properties: { type: 'object', additionalProperties: schema, description: 'The fields of the object.' },
  required: { type: 'array', items: { type: 'string' }, description: 'Fields that must be there.' },
  additionalProperties: {
    type: ['boolean', 'object'],
    description: 'Whether there may be further fields, or what they are.',
  },
  anyOf: { type: 'array', minItems: 1, items: schema, description: 'It must be one of these.' },
};

/** Countersign's own, which only an input or form field itself can have. */
export const ownInputKeywords = ['optional', 'sensitive', 'visibleTo', 'amend'];

export const ownInputSchemas: Record<string, JsonSchema> = {
  optional: { type: 'boolean', description: 'It may be left out, and is absent then.' },
  sensitive: {
    type: 'boolean',
    description: 'It is sealed as soon as it arrives, and shown only to those in visibleTo.',
  },
  visibleTo: {
    type: 'array',
    items: { type: 'string' },
    description: 'Who may see a sensitive input: e-mail addresses or role:NAME.',
  },
  amend: amendSchema(
    'A change of this input takes effect at once though it was signed: for good (free), or with the signature given afterwards.',
  ),
};
