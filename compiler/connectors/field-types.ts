/** The types that authors write of answers: `integer`, `text?`, `ticket[]`, or a JSON Schema in whose place a name may stand. */
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Type } from '../expressions/types.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { jsonOf, type Node, setOwn } from '../source/tree.ts';

const primitives = ['string', 'integer', 'number', 'boolean', 'object', 'any'];

export type NamedTypes = ReadonlyMap<string, JsonSchema>;

/** `types` of a connector: each a set of fields. A type may name those before it. */
export function readTypes(node: Node | undefined, session: CompileSession): NamedTypes {
  const types = new Map<string, JsonSchema>();
  if (node?.kind !== 'map') return types;
  for (const { key, keyRange, value } of node.entries) {
    session.checkId(keyRange, key, "a type's name", false);
    if (value.kind === 'map') types.set(key, fieldsSchema(value, types, session));
  }
  return types;
}

export function fieldsSchema(
  node: Node & { kind: 'map' },
  types: NamedTypes,
  session: CompileSession,
): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const { key, value } of node.entries) {
    const read = readField(value, types, session);
    setOwn(properties, key, read.schema);
    if (!read.optional) required.push(key);
  }
  return { type: 'object', properties, required };
}

export interface FieldType {
  schema: JsonSchema;
  /** May be absent, or null. */
  optional: boolean;
}

export function readField(node: Node, types: NamedTypes, session: CompileSession): FieldType {
  if (node.broken) return { schema: {}, optional: false };
  if (node.kind === 'scalar') return named(String(node.value ?? ''), node, types, session);
  if (node.kind === 'list') {
    session.report(codes.noType, node, { type: 'a list', known: [...primitives, ...types.keys()] });
    return { schema: {}, optional: false };
  }
  const optional = node.entries.some(
    ({ key, value }) => key === 'optional' && value.kind === 'scalar' && value.value === true,
  );
  const schema: JsonObject = {};
  for (const { key, value } of node.entries) {
    if (key === 'optional') continue;
    if (key === 'items' || key === 'additionalProperties')
      schema[key] =
        value.kind === 'scalar' && typeof value.value === 'boolean'
          ? value.value
          : readField(value, types, session).schema;
    else if (key === 'properties' && value.kind === 'map')
      Object.assign(schema, fieldsSchema(value, types, session));
    else if (
      key === 'type' &&
      value.kind === 'scalar' &&
      !primitives.includes(String(value.value)) &&
      value.value !== 'array'
    )
      Object.assign(schema, named(String(value.value), value, types, session).schema);
    else setOwn(schema, key, jsonOf(value) as Json);
  }
  return { schema: optional ? nullable(schema) : schema, optional };
}

/** `ticket`, `integer?`, `ticket[]`, `string[]?` */
function named(text: string, node: Node, types: NamedTypes, session: CompileSession): FieldType {
  const optional = text.endsWith('?');
  const plain = optional ? text.slice(0, -1) : text;
  if (plain.endsWith('[]')) {
    const list: JsonSchema = { type: 'array', items: named(plain.slice(0, -2), node, types, session).schema };
    return { schema: optional ? nullable(list) : list, optional };
  }
  const schema = primitives.includes(plain) ? (plain === 'any' ? {} : { type: plain }) : types.get(plain);
  if (!schema) {
    const known = [...primitives, ...types.keys()];
    session.report(
      codes.noType,
      node,
      { type: `\`${plain}\``, known },
      { suggestion: nearest(plain, known) },
    );
    return { schema: {}, optional };
  }
  return { schema: optional ? nullable(schema) : schema, optional };
}

export function nullable(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0) return schema;
  if (Array.isArray(schema.enum) && schema.type === undefined)
    return { ...schema, enum: [...schema.enum, null] };
  return { anyOf: [schema, { type: 'null' }] };
}

/** The schema that a value of this type fits: what an action's output promises. */
export function schemaOfType(type: Type): JsonSchema {
  switch (type.kind) {
    case 'string':
      return {
        type: 'string',
        ...(type.values && type.values.length > 1 ? { enum: [...type.values] } : {}),
        ...(type.format ? { format: type.format } : {}),
      };
    case 'int':
      return { type: 'integer' };
    case 'double':
    case 'number':
      return { type: 'number' };
    case 'bool':
      return { type: 'boolean' };
    case 'null':
      return { type: 'null' };
    case 'list':
      return { type: 'array', items: schemaOfType(type.item) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOfType(type.value) };
    case 'object':
      return schemaOfObject(type);
    case 'optional':
    case 'sealed':
      return schemaOfType(type.of);
    case 'dyn':
    case 'never':
    case 'any':
      return {};
  }
}

function schemaOfObject(type: Type & { kind: 'object' }): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, field] of type.fields) {
    const schema = schemaOfType(field.type);
    setOwn(properties, name, field.nullable ? nullable(schema) : schema);
    if (!field.optional && field.type.kind !== 'optional') required.push(name);
  }
  return { type: 'object', properties, required };
}
