/** Computes the expressions of a declared action. One that cannot be computed is a failure that names the file, the line and itself. */
import { Optional } from '@marcbachmann/cel-js';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { CompiledAction } from '../../plan/declared.ts';
import { errorText } from '../../plan/error-text.ts';
import type { Cel, Json, JsonObject, JsonSchema, Template } from '../../plan/plan.ts';
import { bind, evaluate } from '../../workflows/expressions.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { problemsOf } from '../kit/schema-check.ts';
import { type Answer, answerValue } from './answer.ts';

/** A root: bound as CEL has it when an expression first names it. */
interface Root {
  value: Json | undefined;
  /** As an expression that the checker takes to be absent at times has it. */
  optional?: true;
  /** Of an answer: with its headers too. */
  answer?: Answer;
  bound?: { as: unknown };
}

function boundOf(root: Root, source: Cel): unknown {
  if (root.answer && source.includes('headers')) return bind(answerValue(root.answer, root.answer.headers));
  root.bound ??= { as: bindingOf(root) };
  return root.bound.as;
}

function bindingOf({ value, optional }: Root): unknown {
  if (value === undefined) return Optional.none();
  return optional ? Optional.of(bind(value)) : bind(value);
}

export class Computing {
  private readonly compiled: Pick<CompiledAction, 'file' | 'lines'>;
  private readonly roots: Readonly<Record<string, Root>>;

  constructor(compiled: Pick<CompiledAction, 'file' | 'lines'>, roots: Readonly<Record<string, Root>> = {}) {
    this.compiled = compiled;
    this.roots = roots;
  }

  /** With further roots. An absent value is none, and not null. */
  with(values: Record<string, Json | undefined>): Computing {
    const roots: Record<string, Root> = { ...this.roots };
    for (const name of Object.keys(values)) roots[name] = { value: values[name] };
    return new Computing(this.compiled, roots);
  }

  withAnswer(answer: Answer): Computing {
    return new Computing(this.compiled, { ...this.roots, answer: { value: answerValue(answer), answer } });
  }

  /** A root that the checker takes to be absent at times. */
  withOptional(name: string, value: Json | undefined): Computing {
    return new Computing(this.compiled, { ...this.roots, [name]: { value, optional: true } });
  }

  value(source: Cel): Json | undefined {
    const variables: Record<string, unknown> = {};
    // Most expressions name one or two of them.
    for (const name of Object.keys(this.roots)) {
      const root = this.roots[name];
      if (root && source.includes(name)) variables[name] = boundOf(root, source);
    }
    try {
      return evaluate(source, variables);
    } catch (error) {
      throw new PermanentFailure(`${this.placeOf(source)}${errorText(error)}`, { cause: error });
    }
  }

  holds(source: Cel): boolean {
    const value = this.value(source);
    if (typeof value === 'boolean') return value;
    throw new PermanentFailure(
      `${this.placeOf(source)}\${{ ${source} }} should be true or false, and is ${value === undefined ? 'absent' : 'something else'}.`,
    );
  }

  list(source: Cel): Json[] {
    const value = this.value(source);
    if (Array.isArray(value)) return value;
    if (value === undefined || value === null) return [];
    throw new PermanentFailure(`${this.placeOf(source)}\${{ ${source} }} should be a list, and is none.`);
  }

  text(template: Template): string {
    return scalarText(this.filled(template));
  }

  /** A key whose value is absent is left out, and `"..."` spreads a set of keys. */
  filled(template: Template): Json | undefined {
    if (template === null || typeof template !== 'object') return template;
    if (Array.isArray(template))
      return template.map((item) => this.filled(item)).filter((item) => item !== undefined);
    if (typeof template.$expr === 'string') return this.value(template.$expr);
    if (Array.isArray(template.$text)) return template.$text.map((part) => this.text(part)).join('');
    const result: JsonObject = {};
    for (const [key, part] of Object.entries(template)) {
      const value = this.filled(part);
      if (value === undefined) continue;
      if (key === '...') Object.assign(result, value);
      else result[key] = value;
    }
    return result;
  }

  /** What does not fit is a failure that names the field: it comes from the service, so it is not quoted. */
  fitting(value: Json | undefined, schema: JsonSchema, source: Cel): Json {
    if (value === undefined)
      throw new PermanentFailure(`${this.placeOf(source)}the answer has no \${{ ${source} }}.`);
    const problems = problemsOf(schema as never, value, false);
    if (problems.length === 0) return value;
    throw new PermanentFailure(
      `${this.placeOf(source)}the answer is not of the form that \${{ ${source} }} should have: ${problems.slice(0, 3).join(' ')}`,
    );
  }

  private placeOf(source: Cel): string {
    const line = this.compiled.lines[source];
    return `${this.compiled.file}${line === undefined ? '' : `:${line}`}: `;
  }
}

export function scalarText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Equal as JSON; absent and null are the same. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
