/** `pick: [fields]` of an action that lists: which fields of each item a run keeps. The rest ends where the answer was read. */
import type { ActionDescription, Picking } from './catalogue.ts';
import { defined, unlessEmpty } from './defined.ts';
import type { Json, JsonObject, JsonSchema } from './values.ts';

/** Undefined of an action that lists nothing, or has a `pick` of its own. */
export function pickingOf(
  { effect, input, output }: Pick<ActionDescription, 'effect' | 'input' | 'output'>,
  only: readonly string[] = [],
): Picking | undefined {
  if (effect !== 'read' || Object.hasOwn(propertiesOf(input), 'pick')) return undefined;
  const lists = Object.entries(propertiesOf(output))
    .filter(([, schema]) => Object.keys(itemFields(schema)).length > 0)
    .map(([name]) => name);
  if (lists.length === 0) return undefined;
  return { lists, ...defined({ only: unlessEmpty(lists.filter((name) => only.includes(name))) }) };
}

/** The description with `pick` among what the action takes, so that it is checked, completed and documented like the rest. */
export function withPick(description: ActionDescription, only?: readonly string[]): ActionDescription {
  const picking = pickingOf(description, only);
  if (!picking) return description;
  const fields = picking.lists.flatMap((name) => pathsIn(itemFields(propertiesOf(description.output)[name])));
  const pick: JsonSchema = {
    type: 'array',
    minItems: 1,
    items: { type: 'string', enum: [...new Set(fields)] },
    description: `Which fields of each item of \`${picking.lists.join('`, `')}\` to keep; \`a.b\` is a field of a field.${
      picking.only ? ` Without it, \`${picking.only.join('`, `')}\` is not given.` : ' All without it.'
    }`,
  };
  const { input } = description;
  return { ...description, input: { ...input, properties: { ...propertiesOf(input), pick } }, pick: picking };
}

/** The output as it is where these fields are picked; undefined where none are. */
export function pickedSchema(
  output: JsonSchema,
  picking: Picking,
  paths: readonly string[] | undefined,
): JsonSchema {
  const properties = { ...propertiesOf(output) };
  let required = Array.isArray(output.required) ? [...output.required] : [];
  for (const name of picking.lists) {
    const list = properties[name] as JsonSchema;
    if (paths) properties[name] = { ...list, items: narrowed(list.items as JsonSchema, paths) };
    else if (picking.only?.includes(name)) {
      delete properties[name];
      required = required.filter((each) => each !== name);
    }
    if (paths && picking.only?.includes(name) && !required.includes(name)) required.push(name);
  }
  return { ...output, properties, required };
}

export function pickedOutput(
  output: JsonObject,
  picking: Picking,
  paths: readonly string[] | undefined,
): JsonObject {
  const result = { ...output };
  for (const name of picking.lists) {
    const list = result[name];
    if (!paths && picking.only?.includes(name)) delete result[name];
    else if (paths && Array.isArray(list)) result[name] = list.map((item) => pickedFrom(item, paths));
  }
  return result;
}

function pickedFrom(item: Json, paths: readonly string[]): Json {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
  const result: JsonObject = {};
  for (const [field, inner] of byFirst(paths)) {
    const value = Object.hasOwn(item, field) ? item[field] : undefined;
    if (value !== undefined) result[field] = inner.length > 0 ? pickedFrom(value, inner) : value;
  }
  return result;
}

function narrowed(item: JsonSchema, paths: readonly string[]): JsonSchema {
  const known = propertiesOf(item);
  const fields = [...byFirst(paths)].filter(([field]) => Object.hasOwn(known, field));
  const required = Array.isArray(item.required) ? item.required.map(String) : [];
  const { additionalProperties: _, ...rest } = item;
  return {
    ...rest,
    properties: Object.fromEntries(
      fields.map(([field, inner]) => {
        const schema = known[field] as JsonSchema;
        return [field, inner.length > 0 ? narrowed(schema, inner) : schema];
      }),
    ),
    required: required.filter((field) => fields.some(([name]) => name === field)),
  };
}

/** The first part of each path -> what is picked within; an empty list stands for the whole field. */
function byFirst(paths: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const [field = '', ...rest] = path.split('.');
    const known = found.get(field);
    if (rest.length === 0) found.set(field, []);
    else if (!known) found.set(field, [rest.join('.')]);
    else if (known.length > 0) known.push(rest.join('.'));
  }
  return found;
}

function pathsIn(fields: Record<string, JsonSchema>): string[] {
  return Object.entries(fields).flatMap(([field, schema]) => [
    field,
    ...Object.keys(propertiesOf(schema)).map((inner) => `${field}.${inner}`),
  ]);
}

function itemFields(schema: JsonSchema | undefined): Record<string, JsonSchema> {
  const items = schema?.items;
  return isSchema(items) ? propertiesOf(items) : {};
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return isSchema(schema.properties) ? (schema.properties as Record<string, JsonSchema>) : {};
}

function isSchema(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
