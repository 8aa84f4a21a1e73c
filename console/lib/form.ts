/** A JSON Schema of inputs or a task's form as the fields of a web form, and what was typed back as JSON. */
import { errorText } from '../../plan/error-text.ts';
import { fieldLabel } from '../../plan/field-label.ts';
import type { InputDescription, Json, JsonObject, JsonSchema, Task } from '../api/types.ts';
import { enumerated, fieldWords } from './words.ts';

export type FieldType =
  | 'text'
  | 'lines'
  | 'email'
  | 'date'
  | 'time'
  | 'number'
  | 'flag'
  | 'choice'
  | 'choices'
  | 'json';

export interface Field {
  name: string;
  /** What it is, in the author's words. */
  label: string;
  type: FieldType;
  required: boolean;
  /** Of `choice` and `choices`. */
  options: Json[];
  /** Of `number`: only whole ones. */
  whole: boolean;
  sensitive: boolean;
  /** What the field holds before anything is typed. */
  initial: FieldValue;
}

/** What a control holds: text as typed, whether it is ticked, which options are. */
export type FieldValue = string | boolean | string[];
export type FieldValues = Record<string, FieldValue>;

type TaskForm = Pick<Task, 'form' | 'required' | 'sensitive'>;

/** `current` values, if any, go before the defaults. */
export function fieldsOf(inputs: Record<string, InputDescription>, current: JsonObject = {}): Field[] {
  return Object.entries(inputs).map(([name, { schema, required, default: value, sensitive }]) => {
    const type = typeOf(schema);
    return {
      name,
      label: fieldLabel(schema) ?? fieldWords(name),
      type,
      required: required && value === undefined && type !== 'flag',
      options: optionsOf(schema),
      whole: schema.type === 'integer',
      sensitive: sensitive === true,
      initial: asTyped(sensitive ? undefined : (current[name] ?? value), type),
    };
  });
}

/** The properties of an object's schema; undefined where it has none, so that only JSON will do. */
export function fieldsOfObject(
  schema: JsonSchema | undefined,
  { current = {}, sensitive = [] }: { current?: JsonObject; sensitive?: readonly string[] } = {},
): Field[] | undefined {
  const { properties, required = [] } = (schema ?? {}) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  if (properties === undefined) return undefined;
  const isHidden = (name: string) => hasSealed(current[name]);
  const open = Object.fromEntries(Object.entries(current).filter(([name]) => !isHidden(name)));
  const inputs = Object.entries(properties).map(([name, each]) => [
    name,
    { schema: each, required: required.includes(name), sensitive: sensitive.includes(name) },
  ]);
  return fieldsOf(Object.fromEntries(inputs), open).map((field) =>
    isHidden(field.name)
      ? {
          ...field,
          required: false,
          label: `${field.label} (sealed: stays as it is unless you write it anew)`,
        }
      : field,
  );
}

function hasSealed(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.includes('(sealed)');
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(hasSealed);
  return '$sealed' in value || Object.values(value).some(hasSealed);
}

/**
 * All the values of a form: those that were there, with what was typed instead. A field that was emptied is left out, and one that must be
 * filled in says so; what has no field stays as it was.
 */
export function valuesInstead(
  fields: readonly Field[],
  typed: FieldValues,
  current: JsonObject = {},
): FormResult {
  const { values, problems } = valuesOf(fields, typed);
  const untouched = Object.entries(current).filter(([name]) => typed[name] === undefined);
  const all: JsonObject = { ...values, ...Object.fromEntries(untouched) };
  for (const { name, required } of fields)
    if (required && all[name] === undefined) problems[name] ??= 'Please fill this in.';
  return { values: all, problems };
}

/** A task names its form's fields, which of them must be filled in, and which are sealed. */
export function fieldsOfTask({ form, required = Object.keys(form), sensitive = [] }: TaskForm): Field[] {
  const inputs = Object.entries(form).map(([name, schema]) => [
    name,
    {
      schema: schema as JsonSchema,
      required: required.includes(name),
      sensitive: sensitive.includes(name),
    },
  ]);
  return fieldsOf(Object.fromEntries(inputs));
}

function typeOf(schema: JsonSchema): FieldType {
  if (Array.isArray(schema.enum)) return 'choice';
  switch (schema.type) {
    case 'string':
      if (schema.format === 'date') return 'date';
      if (schema.format === 'date-time') return 'time';
      return schema.format === 'email' ? 'email' : 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'flag';
    case 'array': {
      const items = (schema.items ?? {}) as JsonSchema;
      if (Array.isArray(items.enum)) return 'choices';
      return items.type === 'string' ? 'lines' : 'json';
    }
    default:
      return 'json';
  }
}

function optionsOf(schema: JsonSchema): Json[] {
  const items = (schema.items ?? {}) as JsonSchema;
  const options = schema.enum ?? items.enum;
  return Array.isArray(options) ? options : [];
}

function asTyped(value: Json | undefined, type: FieldType): FieldValue {
  if (type === 'flag') return value === true;
  if (type === 'choices') return Array.isArray(value) ? value.map(String) : [];
  if (value === undefined || value === null) return '';
  if (type === 'lines') return Array.isArray(value) ? value.join('\n') : '';
  if (type === 'json') return JSON.stringify(value, null, 2);
  return type === 'time' && typeof value === 'string' ? localTime(value) : String(value);
}

/** As `<input type="datetime-local">` wants it, in the zone of whoever looks. */
function localTime(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export interface FormResult {
  values: JsonObject;
  /** By field, a sentence each: only what cannot be sent at all. The gateway checks the rest. */
  problems: Record<string, string>;
}

/** What was typed as JSON. Fields left empty stay away, so that defaults hold and what is missing is named. */
export function valuesOf(fields: readonly Field[], typed: FieldValues): FormResult {
  const values: JsonObject = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const value = typed[field.name] ?? field.initial;
    try {
      const result = jsonOf(field, value);
      if (result !== undefined) values[field.name] = result;
    } catch (error) {
      problems[field.name] = errorText(error);
    }
  }
  return { values, problems };
}

/** Fields that must be filled in and are not, a sentence each. */
export function missingIn(fields: readonly Field[], values: JsonObject): Record<string, string> {
  const missing = fields.filter(({ name, required }) => required && values[name] === undefined);
  return Object.fromEntries(missing.map(({ name }) => [name, 'Please fill this in.']));
}

function jsonOf(field: Field, value: FieldValue): Json | undefined {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return field.options.filter((option) => value.includes(String(option)));
  // A secret is taken as it was typed: a space at its end may belong to it.
  const text = field.sensitive ? value : value.trim();
  if (text === '') return field.type === 'lines' && !field.required ? [] : undefined;
  switch (field.type) {
    case 'number': {
      const number = Number(text.replace(',', '.'));
      if (!Number.isFinite(number)) throw new Error('This must be a number.');
      return number;
    }
    case 'choice':
      return field.options.find((option) => String(option) === text) ?? text;
    case 'lines':
      return text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean);
    case 'time': {
      const at = new Date(text);
      if (Number.isNaN(at.getTime())) throw new Error('This must be a date and a time.');
      return at.toISOString();
    }
    case 'json':
      return parsed(text);
    default:
      return text;
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Error(`This is not valid JSON: ${errorText(error)}`);
  }
}

/** Named values as somebody typed them in JSON. Throws an error in plain words. */
export function parsedObject(text: string): JsonObject {
  const value = parsed(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error('This must be named values in braces, such as { "name": "value" }.');
}

/** Only the values that differ from those at the start. */
export function changedValues(fields: readonly Field[], typed: FieldValues): FormResult {
  const changed = fields.filter(
    ({ name, initial }) =>
      typed[name] !== undefined && JSON.stringify(typed[name]) !== JSON.stringify(initial),
  );
  return valuesOf(changed, typed);
}

/** Above a form, which of its fields have something wrong; undefined when none has. */
export function needsLook(
  fields: readonly Field[],
  problems: Readonly<Record<string, string>>,
): string | undefined {
  const named = fields.filter(({ name }) => problems[name]).map(({ label }) => `“${label}”`);
  if (named.length === 0) return undefined;
  return `${enumerated(named)} ${named.length === 1 ? 'needs' : 'need'} another look.`;
}

/**
 * The gateway's sentences about fields, by field. It names each in backticks at the sentence's start:
 * "New hire: “Country” (`country`) must be …. `manager` is missing." What names no field is left in `rest`.
 */
export function fieldProblems(
  detail: string,
  names: readonly string[],
): { byField: Record<string, string>; rest: string } {
  const byField: Record<string, string> = {};
  const starts = [...detail.matchAll(/(?<=^|[.:] )(?:“[^”]*” \()?`([^`]+)`\)? /g)].filter(([, path = '']) =>
    names.includes(path.split('.')[0] ?? ''),
  );
  for (const [index, match] of starts.entries()) {
    const name = match[1]?.split('.')[0] ?? '';
    const sentence = detail.slice(match.index + match[0].length, starts[index + 1]?.index).trim();
    const text = sentence === 'is missing.' ? 'Please fill this in.' : `This ${sentence}`;
    byField[name] = byField[name] ? `${byField[name]} ${text}` : text;
  }
  return { byField, rest: starts.length > 0 ? '' : detail };
}
