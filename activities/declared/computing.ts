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
import { boundPart, comparisonOf, type Part, readsOf, valueAt } from './reads.ts';

/** A root: bound as CEL has it when an expression first names it. */
interface Root {
  value: Json | undefined;
  /** As an expression that the checker takes to be absent at times has it. */
  optional?: true;
  /** Of an answer: with its headers too. */
  answer?: Answer;
  whole?: { as: unknown };
}

function boundOf(root: Root, part: Part): unknown {
  const { optional, answer } = root;
  const readsHeaders = answer !== undefined && (part === 'all' || part.has('headers'));
  if (readsHeaders) return boundPart(answerValue(answer, answer.headers), part);
  if (root.value === undefined) return Optional.none();
  // Several expressions read the same whole.
  if (part === 'all') root.whole ??= { as: bind(root.value) };
  const bound = part === 'all' ? root.whole?.as : boundPart(root.value, part);
  return optional ? Optional.of(bound) : bound;
}

/** What expressions see, one root upon another: what an attempt learns on its way is added, and nothing is copied. */
export class Computing {
  private readonly compiled: Pick<CompiledAction, 'file' | 'lines'>;
  private readonly name: string | undefined;
  private readonly root: Root | undefined;
  private readonly below: Computing | undefined;

  constructor(
    compiled: Pick<CompiledAction, 'file' | 'lines'>,
    name?: string,
    root?: Root,
    below?: Computing,
  ) {
    this.compiled = compiled;
    this.name = name;
    this.root = root;
    this.below = below;
  }

  /** With further roots. An absent value is none, and not null. */
  with(values: Record<string, Json | undefined>): Computing {
    let upon: Computing = this;
    for (const name of Object.keys(values)) upon = upon.plus(name, { value: values[name] });
    return upon;
  }

  withAnswer(answer: Answer): Computing {
    return this.plus('answer', { value: answerValue(answer), answer });
  }

  /** A root that the checker takes to be absent at times. */
  withOptional(name: string, value: Json | undefined): Computing {
    return this.plus(name, { value, optional: true });
  }

  private plus(name: string, root: Root): Computing {
    return new Computing(this.compiled, name, root, this);
  }

  private rootOf(name: string | undefined): Root | undefined {
    for (let at: Computing | undefined = this; at; at = at.below) if (at.name === name) return at.root;
    return undefined;
  }

  /** Undefined for one that CEL has as an optional. */
  private plainRoot(name: string | undefined): Json | undefined {
    const root = this.rootOf(name);
    return root?.optional ? undefined : root?.value;
  }

  value(source: Cel): Json | undefined {
    const { path, parts, compared } = readsOf(source);
    if (path) {
      const there = valueAt(this.rootOf(path[0])?.value, path);
      if (there !== undefined) return there;
    }
    if (compared) {
      const is = comparisonOf(compared, (name) => this.plainRoot(name));
      if (is !== undefined) return is;
    }
    const variables: Record<string, unknown> = {};
    for (const [name, part] of parts) {
      const root = this.rootOf(name);
      if (root) variables[name] = boundOf(root, part);
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

  /** `connectors/things/find.action.yaml:9: `, where the author can see why. */
  placeOf(source: Cel): string {
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
