/**
 * Checks a positioned tree against a JSON Schema and reports at the right node, in a coordinator's words.
 *
 * Only keywords that the published schemas and the actions use are known here (a test holds it to the same verdicts as
 * Ajv). Of alternatives (`anyOf`) the one whose type fits is taken, so that nobody reads "must match a schema in anyOf".
 */

import { canonicalJson } from '../../plan/canonical-json.ts';
import { excerpt } from '../../plan/excerpt.ts';
import { jsonTypeWords } from '../../plan/json-types.ts';
import { durationPattern, exactKeys, lengthPattern, repairDuration } from '../../plan/lexical.ts';
import type { Json, JsonSchema } from '../../plan/plan.ts';
import { listOf } from '../diagnostics/diagnostic.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import {
  describeNode,
  jsonOf,
  type ListNode,
  type MapNode,
  type Node,
  type ScalarNode,
} from '../source/tree.ts';
import { formats } from './formats.ts';

export interface SchemaCheck {
  reporter: Pick<Reporter, 'report'>;
  /** Called for every node first. True when the node was dealt with, such as an expression whose type was checked. */
  handled?(node: Node, schema: JsonSchema, where: string, required: boolean): boolean;
  /** Where a key that is not known here belongs, as a sentence. */
  belongs?(key: string, where: string): string | undefined;
  /** Language keys have patterns for editors only; their forms are checked with messages of their own. */
  patterns?: boolean;
}

export function checkNode(
  node: Node,
  schema: JsonSchema,
  where: string,
  check: SchemaCheck,
  required = true,
): void {
  if (node.broken || check.handled?.(node, schema, where, required)) return;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) {
    checkAlternatives(node, alternatives as JsonSchema[], where, check, required);
    return;
  }
  if (Array.isArray(schema.allOf)) {
    for (const part of schema.allOf) checkNode(node, part as JsonSchema, where, check, required);
  }
  if (!hasType(node, schema)) {
    reportType(node, schema, where, check);
    return;
  }
  if (node.kind === 'map') checkMap(node, schema, where, check);
  else if (node.kind === 'list') checkList(node, schema, where, check);
  else checkScalar(node, schema, where, check);
}

function checkMap(node: MapNode, schema: JsonSchema, where: string, check: SchemaCheck): void {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = Array.isArray(schema.required) ? schema.required : [];
  const present = new Set<string>();
  for (const { key, keyRange, value } of node.entries) {
    present.add(key);
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const other = schema.additionalProperties;
    if (property) checkNode(value, property, `\`${key}\``, check, required.includes(key));
    else if (typeof other === 'object' && other !== null)
      checkNode(value, other as JsonSchema, `\`${key}\``, check);
    else if (other === false) {
      const known = Object.keys(properties).filter((name) => !present.has(name) || name === key);
      const belongs = check.belongs?.(key, where);
      const suggestion = belongs ? undefined : nearest(key, known);
      check.reporter.report(structure.unknownKey, keyRange, { key, where, known, belongs }, { suggestion });
    }
  }
  for (const key of required) {
    if (typeof key !== 'string' || present.has(key)) continue;
    const about = properties[key]?.description;
    const params = { key, where, about: typeof about === 'string' ? about : undefined };
    check.reporter.report(structure.missingKey, headOf(node), params);
  }
  const minimum = schema.minProperties;
  if (typeof minimum === 'number' && node.entries.length < minimum) {
    const takes = `at least ${minimum === 1 ? 'one key' : `${minimum} keys`}`;
    check.reporter.report(structure.itemCount, headOf(node), { where, takes, has: node.entries.length });
  }
}

/** What to underline of a map that lacks something: its first key. */
function headOf(node: MapNode): { start: number; end: number } {
  return node.entries[0]?.keyRange ?? node;
}

function checkList(node: ListNode, schema: JsonSchema, where: string, check: SchemaCheck): void {
  const { minItems, maxItems, items } = schema;
  const count = node.items.length;
  if (typeof minItems === 'number' && count < minItems) {
    const takes = `at least ${minItems === 1 ? 'one item' : `${minItems} items`}`;
    check.reporter.report(structure.itemCount, node, { where, takes, has: count });
  } else if (typeof maxItems === 'number' && count > maxItems) {
    const takes = `at most ${maxItems === 1 ? 'one item' : `${maxItems} items`}`;
    check.reporter.report(structure.itemCount, node, { where, takes, has: count });
  }
  if (typeof items === 'object' && items !== null && !Array.isArray(items)) {
    for (const item of node.items) checkNode(item, items, `an item of ${where}`, check, false);
  }
  if (schema.uniqueItems === true && check.patterns) {
    const seen = new Set<string>();
    for (const item of node.items) {
      const text = canonicalJson(jsonOf(item));
      if (seen.has(text))
        check.reporter.report(structure.badText, item, {
          where: `an item of ${where}`,
          value: excerpt(text),
          what: 'it stands there twice.',
        });
      seen.add(text);
    }
  }
}

function valuesOf(schema: JsonSchema): Json[] | undefined {
  return Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const ?? null] : undefined;
}

function checkScalar(node: ScalarNode, schema: JsonSchema, where: string, check: SchemaCheck): void {
  const { value } = node;
  const values = valuesOf(schema);
  if (values && !values.includes(value)) {
    const names = values.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
    const params = { value: excerpt(String(value ?? 'nothing')), where, values: names };
    check.reporter.report(structure.notOneOf, node, params, {
      suggestion: nearest(String(value), names),
    });
    return;
  }
  if (typeof value === 'number') checkNumber(node, value, schema, where, check);
  else if (typeof value === 'string') checkText(node, value, schema, where, check);
}

function checkNumber(node: Node, value: number, schema: JsonSchema, where: string, check: SchemaCheck): void {
  const limits: [string, (limit: number) => boolean, string][] = [
    ['minimum', (limit) => value >= limit, 'at least'],
    ['maximum', (limit) => value <= limit, 'at most'],
    ['exclusiveMinimum', (limit) => value > limit, 'more than'],
    ['exclusiveMaximum', (limit) => value < limit, 'less than'],
    ['multipleOf', (limit) => Number.isInteger(value / limit), 'a multiple of'],
  ];
  for (const [keyword, holds, words] of limits) {
    const limit = schema[keyword];
    if (typeof limit !== 'number' || holds(limit)) continue;
    check.reporter.report(structure.outOfRange, node, {
      where,
      value: String(value),
      takes: `${words} ${limit}`,
    });
    return;
  }
}

function checkText(node: Node, value: string, schema: JsonSchema, where: string, check: SchemaCheck): void {
  const what = whatIsWrong(value, schema, check.patterns ?? false);
  if (!what) return;
  check.reporter.report(
    structure.badText,
    node,
    { where, value: excerpt(value), what: what.what },
    { suggestion: what.suggestion },
  );
}

function whatIsWrong(
  value: string,
  schema: JsonSchema,
  patterns: boolean,
): { what: string; suggestion?: string | undefined } | undefined {
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...value].length;
  if (typeof minLength === 'number' && length < minLength)
    return {
      what: minLength === 1 ? 'it must not be empty.' : `it must have at least ${minLength} characters.`,
    };
  if (typeof maxLength === 'number' && length > maxLength)
    return { what: `it can have at most ${maxLength} characters, and has ${length}.` };
  if (!patterns) return undefined;
  const form = typeof format === 'string' ? formats[format] : undefined;
  if (form && !form.test(value))
    return { what: `it must be ${form.words}.`, suggestion: form.repair?.(value) };
  if (typeof pattern === 'string' && !matches(pattern, value))
    return { what: `it must match the pattern ${pattern}.` };
  return undefined;
}

/** Patterns come from actions and from inputs; what they are matched with is short, so that even a bad one ends soon. */
function matches(pattern: string, value: string): boolean {
  if (value.length > 256) return true;
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function checkAlternatives(
  node: Node,
  schemas: JsonSchema[],
  where: string,
  check: SchemaCheck,
  required: boolean,
): void {
  const candidates = schemas.filter((schema) => hasType(node, schema));
  const [only] = candidates;
  if (!only) {
    reportType(node, { anyOf: schemas }, where, check);
    return;
  }
  // A word of a few, or a number: naming only the words would hide the number.
  const plain = only.enum === undefined && !('const' in only);
  if (candidates.length === 1 && (plain || schemas.length === 1)) {
    checkNode(node, only, where, check, required);
    return;
  }
  if (candidates.some((schema) => fits(node, schema, check))) return;
  if (candidates.length === 1 && schemas.every((schema) => schema === only || schema.type === 'null')) {
    checkNode(node, only, where, check, required);
    return;
  }
  const values = schemas.map(valuesOf);
  if (values.every((known) => known !== undefined) && node.kind === 'scalar') {
    checkScalar(node, { enum: values.flat() }, where, check);
    return;
  }
  const takes = schemas.map(wordsFor).join(', or ');
  check.reporter.report(structure.noAlternative, node, { where, takes, is: describeNode(node) });
}

function fits(node: Node, schema: JsonSchema, check: SchemaCheck): boolean {
  let ok = true;
  const silent: SchemaCheck = {
    ...check,
    reporter: { report: () => (ok = false) } as Pick<Reporter, 'report'>,
  };
  checkNode(node, schema, '', silent);
  return ok;
}

function hasType(node: Node, schema: JsonSchema): boolean {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some((part) => hasType(node, part as JsonSchema));
  const types = typesOf(schema);
  if (types === undefined) return true;
  return types.some((type) => isOfType(node, type));
}

function typesOf(schema: JsonSchema): Json[] | undefined {
  if (schema.type === undefined) {
    if ('const' in schema) return [typeName(schema.const ?? null)];
    return Array.isArray(schema.enum) ? [...new Set(schema.enum.map(typeName))] : undefined;
  }
  return Array.isArray(schema.type) ? schema.type : [schema.type];
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? (Array.isArray(value) ? 'array' : 'object') : typeof value;
}

function isOfType(node: Node, type: Json): boolean {
  if (node.kind === 'map') return type === 'object';
  if (node.kind === 'list') return type === 'array';
  const { value } = node;
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    default:
      return false;
  }
}

function reportType(node: Node, schema: JsonSchema, where: string, check: SchemaCheck): void {
  const takes = wordsFor(schema);
  const takesText = takes.startsWith('text') || Array.isArray(schema.enum);
  if (takesText && node.kind === 'scalar' && node.value !== null && typeof node.value !== 'string') {
    const raw = node.raw.trim();
    if (
      (schema.pattern === durationPattern || schema.pattern === lengthPattern) &&
      typeof node.value === 'number'
    ) {
      const suggestion = repairDuration(raw, where);
      const exact = exactKeys.test(where);
      check.reporter.report(
        forms.badDuration,
        node,
        { where: capital(where), value: raw, exact },
        { suggestion },
      );
      return;
    }
    check.reporter.report(
      structure.numberNotText,
      node,
      { where: capital(where), raw },
      { suggestion: `"${raw}"` },
    );
    return;
  }
  const empty = node.kind === 'scalar' && node.value === null;
  const hint = empty ? 'Write the value behind the colon, or remove the key.' : hintFor(node, schema);
  check.reporter.report(structure.wrongKind, node, {
    where: capital(where),
    takes,
    is: describeNode(node),
    hint,
  });
}

function hintFor(node: Node, schema: JsonSchema): string | undefined {
  if (schema.type === 'array' && node.kind === 'scalar')
    return 'For a list of one item, put brackets around it.';
  if (schema.type === 'array' && node.kind === 'map') return 'Begin each item with a dash: `- `.';
  if (
    (schema.type === 'integer' || schema.type === 'number') &&
    node.kind === 'scalar' &&
    node.style === 'quoted'
  )
    return 'Remove the quotes.';
  return undefined;
}

function wordsFor(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives))
    return [...new Set(alternatives.map((part) => wordsFor(part as JsonSchema)))].join(', or ');
  if (Array.isArray(schema.enum)) return listOf(schema.enum.map(String));
  if ('const' in schema) return `\`${String(schema.const)}\``;
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).map(
    (type) => jsonTypeWords[String(type)] ?? 'a value',
  );
  return types.join(' or ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
