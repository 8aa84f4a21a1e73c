/** `formerly` of a connector: its settings as they were, when it was the same system under another name. */
import type { JsonSchema } from '../../plan/plan.ts';

/** The settings of a connector, with what is known of before. */
export function withFormerly(settings: JsonSchema): JsonSchema {
  const properties = (settings.properties ?? {}) as Record<string, JsonSchema>;
  return { ...settings, properties: { ...properties, formerly: formerlySchema(settings) } };
}

function formerlySchema(settings: JsonSchema): JsonSchema {
  return {
    type: 'array',
    description:
      'Settings as they were before, for a system that is still the same: what was signed when it had these is carried out. An entry has what was otherwise; {} says that it was not configured.',
    items: loosened(settings),
  };
}

/** Nothing is needed of it, and null says that something was not set. */
function loosened({ required: _, default: __, ...schema }: JsonSchema): JsonSchema {
  const { properties, additionalProperties, type } = schema;
  if (type !== 'object') return typeof type === 'string' ? { ...schema, type: [type, 'null'] } : schema;
  return {
    ...schema,
    ...(properties ? { properties: mapped(properties as Record<string, JsonSchema>) } : {}),
    ...(typeof additionalProperties === 'object' && additionalProperties !== null
      ? { additionalProperties: loosened(additionalProperties as JsonSchema) }
      : {}),
  };
}

function mapped(properties: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, loosened(schema)]));
}
