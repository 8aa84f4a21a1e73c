/** Checks what goes into an action and what comes out of it, in words that say what to change. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { TObject } from 'typebox';
import { excerpt } from '../../plan/excerpt.ts';
import { fieldLabel } from '../../plan/field-label.ts';
import { jsonTypeWords } from '../../plan/json-types.ts';
import type { Json, JsonSchema } from '../../plan/plan.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false });
formats.default(ajv);
const compiled = new WeakMap<TObject, ValidateFunction>();
/** By the schema's text: a runbook's inputs are put together anew for each run. */
const byText = new Map<string, ValidateFunction>();
const remembered = 500;

/**
 * What is wrong with a value, a sentence each; none when it fits. A value is quoted only when `quote` says that
 * nothing in it is secret.
 */
export function problemsOf(schema: TObject, value: Json, quote: boolean): string[] {
  let check = compiled.get(schema);
  if (!check) {
    check = checkOf(JSON.stringify(schema));
    compiled.set(schema, check);
  }
  if (check(value)) return [];
  return [...new Set((check.errors ?? []).map((error) => sentenceOf(error, schema, value, quote)))];
}

/** TypeBox adds non-enumerable marks of its own; Ajv gets what the published schema has. */
function checkOf(text: string): ValidateFunction {
  const known = byText.get(text);
  if (known) return known;
  // Ajv keeps what it compiled for good, unless it is told otherwise.
  if (byText.size >= remembered) {
    for (const { schema } of byText.values()) ajv.removeSchema(schema as object);
    byText.clear();
  }
  const check = ajv.compile(JSON.parse(text));
  byText.set(text, check);
  return check;
}

/** The same of a form that a person fills in: a field that its author described is called by that, beside its name. */
export function problemsOfForm(schema: TObject, value: Json, quote: boolean): string[] {
  return problemsOf(schema, value, quote).map((sentence) =>
    sentence.replace(/^`([^`.]+)([^`]*)`/, (name, field: string) => {
      const label = fieldLabel(schema.properties?.[field] as JsonSchema | undefined);
      const isSaid = label === undefined || sentence.includes(`(${label})`);
      return isSaid ? name : `“${label}” (${name})`;
    }),
  );
}

function sentenceOf(error: ErrorObject, schema: TObject, value: Json, quote: boolean): string {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const at = path.length > 0 ? `\`${path.join('.')}\`` : 'The value';
  switch (error.keyword) {
    case 'required':
      return `\`${[...path, error.params.missingProperty].join('.')}\` is missing.`;
    case 'additionalProperties': {
      const name = [...path, error.params.additionalProperty].join('.');
      const known = path.length === 0 ? ` Known are: ${Object.keys(schema.properties).join(', ')}.` : '';
      return `\`${name}\` is not known here.${known}`;
    }
    case 'enum':
      return `${at} must be one of ${error.params.allowedValues.map((item: Json) => JSON.stringify(item)).join(', ')}${found(path, value, quote)}.`;
    case 'format':
      return `${at} must be ${formatWords[error.params.format] ?? `a valid ${error.params.format}`}${found(path, value, quote)}.`;
    case 'type':
      return `${at} must be ${jsonTypeWords[String(error.params.type)] ?? error.params.type}${found(path, value, quote)}.`;
    case 'minLength':
      return `${at} must have at least ${error.params.limit} character${error.params.limit === 1 ? '' : 's'}${found(path, value, quote)}.`;
    case 'maxLength':
      return `${at} may have at most ${error.params.limit} character${error.params.limit === 1 ? '' : 's'}${found(path, value, quote)}.`;
    case 'minItems':
      return `${at} must have at least ${error.params.limit} entr${error.params.limit === 1 ? 'y' : 'ies'}${found(path, value, quote)}.`;
    case 'minimum':
      return `${at} must be at least ${error.params.limit}${found(path, value, quote)}.`;
    case 'maximum':
      return `${at} must be at most ${error.params.limit}${found(path, value, quote)}.`;
    case 'pattern':
      return `${at} does not have the form that is asked for${formOf(path, schema)}${found(path, value, quote)}.`;
    default:
      return `${at} ${error.message ?? 'does not fit'}${found(path, value, quote)}.`;
  }
}

/** In its author's words where there are some: a pattern says nothing to whoever fills in a form. */
function formOf(path: readonly string[], schema: TObject): string {
  const [name = ''] = path;
  const { description, examples, pattern } = (schema.properties?.[name] ?? {}) as {
    description?: string;
    examples?: unknown[];
    pattern?: string;
  };
  if (path.length === 1 && examples?.length) return `, such as ${examples.map(String).join(', ')}`;
  if (path.length === 1 && description) return ` (${description.replace(/\.$/, '')})`;
  return path.length === 1 && pattern !== undefined ? ` (${pattern})` : '';
}

const formatWords: Record<string, string> = {
  email: 'an e-mail address',
  date: 'a date such as 2026-01-31',
  'date-time': 'a time such as 2026-01-31T08:00:00Z',
  uri: 'a web address',
};

function found(path: string[], value: Json, quote: boolean): string {
  if (!quote) return '';
  let part: Json | undefined = value;
  for (const key of path) {
    if (part === null || typeof part !== 'object') return '';
    part = (part as Record<string, Json>)[key];
  }
  const text = JSON.stringify(part) ?? 'nothing';
  return `, and is ${excerpt(text)}`;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
