/** Made-up values: what an action would plausibly answer, where a test does not say. */
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';

/** A value that fits the schema. Fields that the input has too are given back as they came in. */
export function sampleOutput(schema: JsonSchema, input: JsonObject): JsonObject {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const output: JsonObject = {};
  for (const [name, property] of Object.entries(properties)) {
    const given = input[name];
    output[name] = given !== undefined && fits(given, property) ? given : sampleOf(property, name);
  }
  return output;
}

const formats: Record<string, string> = {
  email: 'someone@example.com',
  date: '2026-01-05',
  'date-time': '2026-01-05T09:00:00Z',
  time: '09:00:00',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000001',
};

export function sampleOf(schema: JsonSchema, name: string): Json {
  if ('const' in schema) return schema.const ?? null;
  for (const key of ['enum', 'examples'] as const) {
    const values = schema[key];
    if (Array.isArray(values) && values.length > 0) return values[0] ?? null;
  }
  if ('default' in schema) return schema.default ?? null;
  const [alternative] = (schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[];
  if (alternative) return sampleOf(alternative, name);
  switch (typeOf(schema)) {
    case 'string':
      return sampleText(schema, name);
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema.minimum ?? 1));
    case 'boolean':
      return true;
    case 'array':
      return isSchema(schema.items) ? [sampleOf(schema.items, name)] : [];
    case 'object':
      return sampleOutput(schema, {});
    default:
      return null;
  }
}

function sampleText(schema: JsonSchema, name: string): string {
  // Many services promise no more than "a string" where an address stands.
  const isAddress = /(mail|principalname)$/i.test(name);
  const text = formats[isAddress ? 'email' : String(schema.format)] ?? `sample ${name}`;
  const least = Number(schema.minLength ?? 0);
  return text.length >= least ? text : text.padEnd(least, 'x');
}

function typeOf(schema: JsonSchema): string | undefined {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  return typeof type === 'string' ? type : undefined;
}

function fits(value: Json, schema: JsonSchema): boolean {
  const type = typeOf(schema);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return type !== undefined && type === typeof value && value !== null && !Array.isArray(value);
}

function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
