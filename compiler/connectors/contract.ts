/** An OpenAPI document as far as requests and answers are held to it: paths, parameters, bodies, and the fields of answers. */
import type { Json, JsonObject, JsonSchema, Template } from '../../plan/plan.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import type { Type } from '../expressions/types.ts';

export interface Operation {
  path: string;
  method: string;
  /** Parameters of the path, by name. */
  inPath: ReadonlyMap<string, JsonSchema>;
  /** Parameters of the query, by name. */
  query: ReadonlyMap<string, JsonSchema>;
  /** Parameters of the query that must be given. */
  required: readonly string[];
  /** Headers that must be given, besides those of the body and of signing in. */
  headers: readonly string[];
  /** Of the body, where it is another JSON than the plain one. */
  bodyType: string | undefined;
  body: JsonSchema | undefined;
  bodyRequired: boolean;
  /** Of a success; undefined when it has none in JSON. */
  answerSchema: JsonSchema | undefined;
  answer: Type | undefined;
  summary: string;
  /** What the document lacks and its author knows to be there. */
  isKnown(part: string): boolean;
}

/** `METHOD PATH` -> parts that the document lacks. */
export type Also = Readonly<Record<string, readonly string[]>>;

export type FoundOperation =
  | { operation: Operation }
  | { methods?: string[]; path?: string; nearest?: string | undefined };

/** Deeper than any field that an action names. */
const deepest = 7;

/** Of several, the first that has a thing says what it is. */
export function asOneDocument(documents: readonly JsonObject[]): JsonObject {
  const [first, ...others] = documents;
  if (!first || others.length === 0) return first ?? {};
  return { ...first, paths: mergedIn(documents, 'paths'), components: mergedIn(documents, 'components') };
}

function mergedIn(documents: readonly JsonObject[], section: string): JsonObject {
  const merged: JsonObject = {};
  for (const document of documents)
    for (const [name, part] of Object.entries((document[section] ?? {}) as Record<string, JsonObject>))
      merged[name] = { ...part, ...((merged[name] as JsonObject | undefined) ?? {}) };
  return merged;
}

export class Contract {
  readonly file: string;
  private readonly document: JsonObject;
  private readonly base: string;
  private readonly also: Also;
  private readonly known = new Map<string, Operation>();
  /** By depth, what each part of the document is without references. */
  private readonly written: Map<JsonObject, JsonSchema>[] = [];
  private bySegments: Map<number, PathTemplate[]> | undefined;

  constructor(file: string, document: JsonObject, around: { base?: string | undefined; also?: Also } = {}) {
    this.file = file;
    this.document = document;
    this.base = around.base ?? '';
    this.also = around.also ?? {};
  }

  /** What the document lacks and its author knows to be there: `query.per_page`, `body.ticket.metadata`. */
  private isKnown({ method, path }: { method: string; path: string }, part: string): boolean {
    return this.isSaid(`${method.toUpperCase()} ${this.base}${path}`, part);
  }

  /** Whether its author knows a whole request to be there that the document lacks. `pattern` as {@link pathPattern} gives it. */
  isBeside(method: string, pattern: string): boolean {
    return this.isSaid(`${method.toUpperCase()} ${pattern.replaceAll(hole, '{}')}`, 'request');
  }

  private isSaid(request: string, part: string): boolean {
    const plain = request.replace(/\{[^}]*\}/g, '{}');
    return Object.entries(this.also).some(
      ([name, parts]) => name.replace(/\{[^}]*\}/g, '{}') === plain && parts.includes(part),
    );
  }

  paths(): string[] {
    return Object.keys((this.document.paths ?? {}) as JsonObject);
  }

  methodsOf(path: string): string[] {
    const item = ((this.document.paths ?? {}) as Record<string, JsonObject>)[path] ?? {};
    return Object.keys(item).filter((key) => /^(get|head|post|put|patch|delete)$/.test(key));
  }

  /** `pattern` as {@link pathPattern} gives it. */
  operation(method: string, pattern: string): FoundOperation {
    const own = this.base && pattern.startsWith(this.base) ? pattern.slice(this.base.length) : pattern;
    const given = own.split('/');
    const path = this.templates(given.length).find(({ segments }) => fits(segments, given))?.path;
    if (path === undefined) {
      const near = nearest(
        own.replaceAll(hole, '{}'),
        this.paths().map((each) => each.replace(/\{[^}]*\}/g, '{}')),
      );
      return { nearest: near && this.base + near };
    }
    const methods = this.methodsOf(path);
    if (!methods.includes(method.toLowerCase()))
      return { path, methods: methods.map((name) => name.toUpperCase()) };
    return { operation: this.read(path, method.toLowerCase()) };
  }

  /** A path without parameters is meant before one that has them. */
  private templates(segments: number): PathTemplate[] {
    if (!this.bySegments) {
      this.bySegments = new Map();
      for (const path of this.paths()) {
        const template = { path, segments: path.split('/').map(segmentOf) };
        const others = this.bySegments.get(template.segments.length);
        if (others) others.push(template);
        else this.bySegments.set(template.segments.length, [template]);
      }
      const holes = ({ path }: PathTemplate) => path.split('{').length;
      for (const templates of this.bySegments.values()) templates.sort((a, b) => holes(a) - holes(b));
    }
    return this.bySegments.get(segments) ?? [];
  }

  read(path: string, method: string): Operation {
    const key = `${method} ${path}`;
    const known = this.known.get(key);
    if (known) return known;
    const item = ((this.document.paths ?? {}) as Record<string, JsonObject>)[path] ?? {};
    const operation = (item[method] ?? {}) as JsonObject;
    const parameters = [...list(item.parameters), ...list(operation.parameters)].map((each) =>
      this.target(each),
    );
    const ofQuery = parameters.filter((each) => each.in === 'query');
    const schemas = (of: JsonObject[]) =>
      new Map(of.map((each) => [String(each.name), this.plain((each.schema ?? {}) as JsonSchema)]));
    const answerSchema = once(() => this.schemaOf(this.successOf(operation)));
    const requestBody = this.target(operation.requestBody ?? {});
    const body = once(() => this.schemaOf(requestBody));
    const answer = once(() => {
      const schema = answerSchema();
      return schema && typeOfSchema(allThere(schema) as JsonSchema).type;
    });
    // What a document says of a body may be long, and is written out only for whoever asks.
    const found: Operation = {
      path,
      method,
      inPath: schemas(parameters.filter((each) => each.in === 'path')),
      query: schemas(ofQuery),
      required: ofQuery.filter((each) => each.required === true).map((each) => String(each.name)),
      headers: parameters
        .filter((each) => each.in === 'header' && each.required === true)
        .map((each) => String(each.name))
        .filter((name) => !/^(accept|content-type|authorization)$/i.test(name)),
      bodyType: otherJson(Object.keys((requestBody.content ?? {}) as JsonObject)),
      get body() {
        return body();
      },
      bodyRequired: requestBody.required === true,
      get answerSchema() {
        return answerSchema();
      },
      get answer() {
        return answer();
      },
      isKnown: (part) => this.isKnown({ method, path }, part),
      summary: String(operation.summary ?? operation.operationId ?? ''),
    };
    this.known.set(key, found);
    return found;
  }

  /** What a refusal says, where the document has one. */
  refusalOf(path: string, method: string): JsonSchema | undefined {
    const item = ((this.document.paths ?? {}) as Record<string, JsonObject>)[path] ?? {};
    const responses = ((item[method] as JsonObject | undefined)?.responses ?? {}) as JsonObject;
    const refused = Object.keys(responses)
      .filter((status) => /^(4|5|default)/.test(status))
      .map((status) => this.schemaOf(this.target(responses[status] ?? {})));
    return refused.find((schema) => schema !== undefined);
  }

  private successOf(operation: JsonObject): JsonObject {
    const responses = (operation.responses ?? {}) as JsonObject;
    const success = Object.keys(responses).find((status) => /^2/.test(status)) ?? 'default';
    return this.target(responses[success] ?? {});
  }

  private schemaOf(part: JsonObject): JsonSchema | undefined {
    const content = (part.content ?? {}) as Record<string, JsonObject>;
    const type = Object.keys(content).find((name) => /json/.test(name));
    const schema = type === undefined ? undefined : content[type]?.schema;
    return schema === undefined ? undefined : this.plain(schema as JsonSchema);
  }

  /** Without references, as JSON Schema says it; anything where it goes deeper than is ever named. */
  private plain(schema: JsonSchema, depth = 0): JsonSchema {
    if (depth > deepest) return {};
    const own = this.target(schema);
    // Documents name the same parts again and again, within one another too: written out each time, they would grow without measure.
    const known = this.written[depth]?.get(own);
    if (known) return known;
    const found = this.writtenOut(own, depth);
    this.written[depth] ??= new Map();
    this.written[depth].set(own, found);
    return found;
  }

  private writtenOut(own: JsonObject, depth: number): JsonSchema {
    if (Array.isArray(own.allOf)) return this.merged(own, depth);
    const result: JsonSchema = {};
    for (const key of ['type', 'enum', 'format', 'required', 'description'])
      if (own[key] !== undefined) result[key] = own[key] as Json;
    if (isObject(own.properties))
      result.properties = Object.fromEntries(
        Object.entries(own.properties).map(([name, property]) => [
          name,
          this.plain(property as JsonSchema, depth + 1),
        ]),
      );
    if (isObject(own.items)) result.items = this.plain(own.items, depth + 1);
    if (own.additionalProperties !== undefined)
      result.additionalProperties = isObject(own.additionalProperties)
        ? this.plain(own.additionalProperties, depth + 1)
        : own.additionalProperties;
    if (Array.isArray(own.anyOf ?? own.oneOf))
      result.anyOf = ((own.anyOf ?? own.oneOf) as JsonSchema[]).map((each) => this.plain(each, depth + 1));
    if (own.nullable === true && typeof result.type === 'string')
      return { anyOf: [result, { type: 'null' }] };
    return result;
  }

  private merged(schema: JsonSchema, depth: number): JsonSchema {
    const { allOf, ...rest } = schema;
    const parts = [...(allOf as JsonSchema[]), rest as JsonSchema].map((each) => this.plain(each, depth + 1));
    const properties = Object.assign({}, ...parts.map((each) => each.properties ?? {}));
    const required = parts.flatMap((each) => (Array.isArray(each.required) ? each.required : []));
    return {
      ...Object.assign({}, ...parts),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
    };
  }

  private target(item: Json): JsonObject {
    const seen = new Set<string>();
    let at = item;
    while (isObject(at) && typeof at.$ref === 'string' && at.$ref.startsWith('#/') && !seen.has(at.$ref)) {
      seen.add(at.$ref);
      at = at.$ref
        .slice(2)
        .split('/')
        .reduce<Json>(
          (node, key) =>
            isObject(node) ? (node[key.replaceAll('~1', '/').replaceAll('~0', '~')] ?? {}) : {},
          this.document,
        );
    }
    return isObject(at) ? at : {};
  }
}

/** Undefined where it takes plain JSON, or none. */
function otherJson(types: string[]): string | undefined {
  return types.some((type) => /^application\/json\b/.test(type))
    ? undefined
    : types.find((type) => /json/.test(type));
}

/** Stands for whatever an expression gives. */
const hole = '\u0000';

/** A path with a mark where an expression stands. */
export function pathPattern(path: Template): string {
  if (typeof path === 'string') return path;
  const parts = (path as { $text?: Template[] } | null)?.$text ?? [path];
  return parts.map((part) => (typeof part === 'string' ? part : hole)).join('');
}

/** A path as people read it. */
export function shownPath(path: Template): string {
  return pathPattern(path).replaceAll(hole, '{}');
}

interface PathTemplate {
  path: string;
  segments: (string | RegExp)[];
}

function segmentOf(segment: string): string | RegExp {
  if (!segment.includes('{')) return segment;
  const literals = segment.split(/\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]+')}$`);
}

function fits(segments: readonly (string | RegExp)[], given: readonly string[]): boolean {
  return segments.every((segment, index) =>
    typeof segment === 'string' ? segment === given[index] : segment.test(given[index] ?? ''),
  );
}

function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

/** What a field is called is held to the contract; that it is there is found out at run time, since contracts seldom say. */
function allThere(schema: Json): Json {
  if (typeof schema !== 'object' || schema === null) return schema;
  const known = withAllThere.get(schema);
  if (known !== undefined) return known;
  const found = Array.isArray(schema) ? schema.map(allThere) : objectWithAll(schema as JsonObject);
  withAllThere.set(schema, found);
  return found;
}

const withAllThere = new WeakMap<object, Json>();

function objectWithAll(schema: JsonObject): JsonObject {
  const result = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, allThere(value)]),
  ) as JsonObject;
  if (isObject(result.properties)) result.required = Object.keys(result.properties);
  return result;
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
