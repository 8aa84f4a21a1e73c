/** JSON Schema -> the type that expressions see. */
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import { bool, dyn, type Field, int, string, type Type } from './types.ts';

export interface SchemaType {
  type: Type;
  nullable: boolean;
}

const cache = new WeakMap<JsonSchema, SchemaType>();

export function typeOfSchema(schema: JsonSchema): SchemaType {
  const known = cache.get(schema);
  if (known) return known;
  // A schema that refers to itself would never end; what is inside it is then anything.
  cache.set(schema, { type: dyn, nullable: false });
  const found = read(schema);
  cache.set(schema, found);
  return found;
}

/** The type of an action's output, with its sensitive fields sealed. */
export function outputTypeOf(schema: JsonSchema, sensitive: readonly string[]): Type {
  const { type } = typeOfSchema(schema);
  if (sensitive.length === 0 || type.kind !== 'object') return type;
  const fields = new Map(type.fields);
  for (const name of sensitive) {
    const field = fields.get(name);
    if (field) fields.set(name, { ...field, type: { kind: 'sealed', of: field.type } });
  }
  return { ...type, fields };
}

function read(schema: JsonSchema): SchemaType {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) return readAlternatives(alternatives.filter(isSchema));
  if (Array.isArray(schema.enum)) return readValues(schema.enum, schema.type);
  if ('const' in schema) return readValues([schema.const ?? null], schema.type);
  if (Array.isArray(schema.type)) {
    return readAlternatives(schema.type.map((type) => ({ ...schema, type })));
  }
  return { type: readSingle(schema), nullable: schema.type === 'null' };
}

function readSingle(schema: JsonSchema): Type {
  switch (schema.type) {
    case 'string':
      return typeof schema.format === 'string' ? { kind: 'string', format: schema.format } : string;
    case 'integer':
      return int;
    case 'number':
      return { kind: 'number' };
    case 'boolean':
      return bool;
    case 'null':
      return { kind: 'null' };
    case 'array':
      return { kind: 'list', item: isSchema(schema.items) ? itemType(schema.items) : dyn };
    case 'object':
      return readObject(schema);
    default:
      return isSchema(schema.properties) ? readObject(schema) : dyn;
  }
}

/** A list item or map value that may be null has no place to be absent in, so it may be anything. */
function itemType(schema: JsonSchema): Type {
  const { type, nullable } = typeOfSchema(schema);
  return nullable ? dyn : type;
}

function readObject(schema: JsonSchema): Type {
  const patterns = isSchema(schema.patternProperties) ? Object.values(schema.patternProperties) : [];
  const more = isSchema(schema.additionalProperties)
    ? itemType(schema.additionalProperties)
    : isSchema(patterns[0])
      ? itemType(patterns[0])
      : undefined;
  const isOpen = schema.additionalProperties === true;
  if (!isSchema(schema.properties)) return { kind: 'map', value: more ?? dyn };
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const fields = new Map<string, Field>();
  for (const [name, property] of Object.entries(schema.properties)) {
    if (!isSchema(property)) continue;
    const { type, nullable } = typeOfSchema(property);
    fields.set(name, {
      type,
      ...defined({
        optional: required.has(name) ? undefined : true,
        nullable: nullable ? true : undefined,
        description: typeof property.description === 'string' ? property.description : undefined,
      }),
    });
  }
  return { kind: 'object', fields, ...(more ? { more } : isOpen ? { more: dyn } : {}) };
}

function readAlternatives(schemas: JsonSchema[]): SchemaType {
  const types = schemas.map(typeOfSchema);
  const nullable = types.some((found) => found.nullable);
  const others = types.filter(({ type }) => type.kind !== 'null').map(({ type }) => type);
  const [first] = others;
  if (first === undefined) return { type: { kind: 'null' }, nullable: true };
  return { type: others.slice(1).reduce(mergeAlternatives, first), nullable };
}

/** Alternatives of one kind merge when nothing is lost for what a checker could say; others may be anything. */
function mergeAlternatives(a: Type, b: Type): Type {
  if (a.kind === 'string' && b.kind === 'string') {
    return a.values && b.values
      ? { kind: 'string', values: [...new Set([...a.values, ...b.values])] }
      : string;
  }
  if (a.kind === b.kind && (a.kind === 'int' || a.kind === 'bool' || a.kind === 'number')) return a;
  if ((a.kind === 'int' && b.kind === 'number') || (a.kind === 'number' && b.kind === 'int'))
    return { kind: 'number' };
  return dyn;
}

function readValues(values: Json[], declared: Json | undefined): SchemaType {
  const nullable = values.includes(null);
  const rest = values.filter((value) => value !== null);
  if (rest.every((value) => typeof value === 'string'))
    return { type: { kind: 'string', values: rest }, nullable };
  const isNumber = declared === 'number' || (Array.isArray(declared) && declared.includes('number'));
  if (!isNumber && rest.every((value) => Number.isInteger(value))) return { type: int, nullable };
  if (rest.every((value) => typeof value === 'number')) return { type: { kind: 'number' }, nullable };
  if (rest.every((value) => typeof value === 'boolean')) return { type: bool, nullable };
  return { type: dyn, nullable };
}

function isSchema(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
