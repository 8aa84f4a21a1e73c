/**
 * Evaluates a plan's expressions and templates at run time.
 *
 * This module is preloaded into Temporal's sandbox, so that its environment and its cache of parsed expressions are made
 * once a worker and not once a run. Parsing is a pure function of the source, so sharing it cannot make a replay differ.
 */
import { Optional } from '@marcbachmann/cel-js';
import { formerEvaluator, parseAst } from '../compiler/expressions/environment.ts';
import { evaluator } from '../compiler/expressions/evaluate.ts';
import { jsonNumber } from '../compiler/expressions/functions.ts';
import { KeptList, keptListWords, listReference } from '../plan/kept-list.ts';
import type { Cel, Json, JsonObject, Template } from '../plan/plan.ts';

/** What expressions can name: `inputs`, `steps`, `ticket`, `run`, `organisation` and forEach items. */
export type Variables = Record<string, unknown>;

/** An expression that could not be computed, such as a list index past the end. */
export class ExpressionFailure extends Error {
  override readonly name = 'ExpressionFailure';
  readonly expression: Cel;
  constructor(message: string, expression: Cel) {
    super(message);
    this.expression = expression;
  }
}

/** Marks the variables of a run begun by an engine before version 3: what it computed then, it computes again. */
export const formerRules = Symbol('rules of engine 2');

const cacheLimit = 5_000;

type Evaluate = (variables: Variables) => unknown;

const current = new Map<Cel, Evaluate>();
const former = new Map<Cel, Evaluate>();

function evaluatorOf(source: Cel, variables: Variables): Evaluate {
  const isFormer = formerRules in variables;
  const cache = isFormer ? former : current;
  const known = cache.get(source);
  if (known) return known;
  const made = isFormer ? formerEvaluator(source) : evaluator(parseAst(source));
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(source, made);
  return made;
}

/** Computes an expression to JSON. An absent optional becomes `undefined`. */
export function evaluate(source: Cel, variables: Variables): Json | undefined {
  try {
    const value = evaluatorOf(source, variables)(variables);
    return formerRules in variables ? unbindAsBefore(value) : unbind(value);
  } catch (error) {
    const why =
      error instanceof Error ? ((error as { summary?: string }).summary ?? error.message) : String(error);
    throw new ExpressionFailure(`\${{ ${source} }} could not be computed: ${why}.`, source);
  }
}

export function evaluateCondition(source: Cel, variables: Variables): boolean {
  const value = evaluate(source, variables);
  if (typeof value === 'boolean') return value;
  throw new ExpressionFailure(
    `\${{ ${source} }} should be true or false, and is ${describe(value)}.`,
    source,
  );
}

/**
 * Fills in a template. A field whose whole value is an absent optional is left out. Text with a sealed or secret part
 * stays `{ $text }`: only the activity that uses it can join it.
 */
export function evaluateTemplate(template: Template, variables: Variables): Json | undefined {
  if (template === null || typeof template !== 'object') return template;
  if (Array.isArray(template)) {
    return template.map((item) => evaluateTemplate(item, variables)).filter((item) => item !== undefined);
  }
  if (typeof template.$expr === 'string') return evaluate(template.$expr, variables);
  if (Array.isArray(template.$text)) return joinText(template.$text, variables);
  if (typeof template.$secret === 'string') return template;
  const result: JsonObject = {};
  for (const key of Object.keys(template)) {
    const value = evaluateTemplate(template[key] ?? null, variables);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** The same for a template that must give text, such as an approver's address. */
export function evaluateText(template: Template, variables: Variables): string {
  const value = evaluateTemplate(template, variables);
  return value === undefined ? '' : textOf(value);
}

function joinText(parts: Template[], variables: Variables): Json {
  const values = parts.map((part) => (typeof part === 'string' ? part : evaluateTemplate(part, variables)));
  if (values.some(isDeferred))
    return { $text: values.map((value) => (isDeferred(value) ? value : textOf(value))) };
  return values.map(textOf).join('');
}

function isDeferred(value: Json | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    ('$sealed' in value || '$secret' in value || '$text' in value)
  );
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  const kept = listReference(value);
  if (!kept) return JSON.stringify(value);
  throw new ExpressionFailure(
    `A text cannot hold ${keptListWords(kept)}. Attach it as \`csv\`, or say how many there are with size().`,
    '',
  );
}

/** JSON -> CEL: whole numbers become CEL integers, objects lose their prototype so that only data can be selected. */
export function bind(value: Json | undefined): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(bind);
  const kept = listReference(value);
  if (kept) return new KeptList(kept);
  const result: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) result[key] = bind(value[key]);
  return result;
}

/** CEL -> JSON: what goes into a payload must be plain, and a number that JSON cannot say is an error. */
export function unbind(value: unknown): Json | undefined {
  return unbound(value, jsonNumber);
}

function unbindAsBefore(value: unknown): Json | undefined {
  return unbound(value, Number);
}

function unbound(value: unknown, number: (value: bigint | number) => number): Json | undefined {
  if (value === null || value === undefined) return value;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
    case 'bigint':
      return number(value);
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value instanceof KeptList) return value.value;
  if (value instanceof Optional) return value.hasValue() ? unbound(value.value(), number) : undefined;
  if (Array.isArray(value)) return value.map((item) => unbound(item, number) ?? null);
  if (ArrayBuffer.isView(value))
    throw new Error('bytes cannot leave an expression; turn them into text first');
  const entries: [unknown, unknown][] = value instanceof Map ? [...value.entries()] : Object.entries(value);
  // Not by assignment: a key may be called `__proto__`.
  return Object.fromEntries(
    entries.flatMap(([key, item]) => {
      const plain = unbound(item, number);
      return plain === undefined ? [] : [[String(key), plain]];
    }),
  );
}

function describe(value: Json | undefined): string {
  if (value === undefined) return 'absent';
  return JSON.stringify(value);
}
