/**
 * Holds requests, and in the tests our own answers, to a service's official OpenAPI description. The descriptions are not
 * ours to ship: they are read where `COUNTERSIGN_SPECS` says, or from `../shared/specs`. Without them the stand-ins'
 * own checks stand alone.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { defined, unlessEmpty } from '../plan/defined.ts';
import { isSwagger, openApiOf, type Swagger } from './swagger.ts';

export interface Schema {
  [key: string]: unknown;
  $ref?: string;
  type?: string;
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: unknown;
  enum?: unknown[];
}

interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  schema?: Schema;
}

interface Content {
  $ref?: string;
  required?: boolean;
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: Content;
  responses?: Record<string, Content>;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** What is wrong with a request. `name` is the property, parameter or segment that it is about. */
export interface Problem {
  kind: 'path' | 'method' | 'query' | 'body' | 'property' | 'value';
  name: string;
  /** Name of the schema that the property should be in, such as `user`. */
  type: string;
  detail: string;
}

const contracts = new Map<string, Contract | undefined>();

/** The contract in a file of the specs folder, or undefined when there is none. Read once a process. */
export function contractOf(file: string): Contract | undefined {
  const path = join(specsFolder(), file);
  if (!contracts.has(path)) {
    contracts.set(path, existsSync(path) ? new Contract(descriptionIn(path)) : undefined);
  }
  return contracts.get(path);
}

/** The contract that a document is. */
export function contractIn(document: object): Contract {
  return new Contract(descriptionOf(document as Description | Swagger));
}

function descriptionIn(path: string): Description {
  return descriptionOf(JSON.parse(readFileSync(path, 'utf8')) as Description | Swagger);
}

function descriptionOf(description: Description | Swagger): Description {
  return isSwagger(description) ? (openApiOf(description) as Description) : description;
}

export function specsFolder(): string {
  return process.env.COUNTERSIGN_SPECS ?? join(repositoryRoot(), '..', 'shared', 'specs');
}

function repositoryRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder;
  return resolve(here, '..');
}

export class Contract {
  private readonly description: Description;
  private readonly ajv: Ajv;
  private readonly paths: { template: string; segments: string[] }[];
  private readonly validators = new Map<Schema, ValidateFunction>();

  constructor(description: Description) {
    this.description = description;
    // Not strict: OpenAPI has keywords and formats of its own.
    this.ajv = new Ajv({ strict: false, logger: false, validateSchema: false });
    addFormats.default(this.ajv);
    this.ajv.addSchema(description, 'api');
    this.paths = Object.keys(description.paths).map((template) => ({
      template,
      segments: template.split('/'),
    }));
  }

  /** The first thing that is wrong with a request, or undefined. */
  problemOf(
    method: string,
    path: string,
    query: Record<string, unknown>,
    body: unknown,
  ): Problem | undefined {
    const template = this.templateOf(path);
    if (!template) return { kind: 'path', name: path, type: '', detail: `There is no ${path}.` };
    const operation = this.description.paths[template]?.[method.toLowerCase()];
    if (!operation)
      return { kind: 'method', name: method, type: '', detail: `${template} has no ${method}.` };
    return this.problemOfQuery(operation, query) ?? this.problemOfBody(operation, body);
  }

  /** Everything in which an answer differs from the description; no line means that it keeps to it. */
  differencesOf(method: string, path: string, status: number, body: unknown): string[] {
    const template = this.templateOf(path) ?? '';
    const responses = this.description.paths[template]?.[method.toLowerCase()]?.responses;
    if (!responses) return [`${method} ${path} is not in the description`];
    const found = responses[String(status)] ?? responses[`${String(status)[0]}XX`] ?? responses.default;
    if (!found) return [`${method} ${template} has no answer ${status}`];
    const schema = this.resolved(found).content?.['application/json']?.schema;
    // Descriptions give few errors a body, though they all have one, and some a body to 204, which cannot have one.
    if (!schema)
      return body === undefined || status >= 400
        ? []
        : [`${method} ${template} answers ${status} with no body`];
    if (body === undefined)
      return status === 204 ? [] : [`${method} ${template} answers ${status} with a body`];
    const unknown = this.unknownIn(schema, body, '');
    const invalid = this.invalidIn(schema, body);
    return [
      ...(unknown ? [`${unknown.type} has no property ${unknown.name}`] : []),
      ...(invalid ? [`${invalid.instancePath} ${invalid.message ?? ''}`] : []),
    ];
  }

  /** The most literal of the templates that match. */
  private templateOf(path: string): string | undefined {
    const wanted = path.split('/');
    const literal = (segments: string[]) => segments.filter((segment) => !segment.includes('{')).length;
    return this.paths
      .filter(
        ({ segments }) =>
          segments.length === wanted.length &&
          segments.every((segment, index) => fitsSegment(segment, wanted[index] ?? '')),
      )
      .sort((a, b) => literal(b.segments) - literal(a.segments))[0]?.template;
  }

  private problemOfQuery(operation: Operation, query: Record<string, unknown>): Problem | undefined {
    const parameters = (operation.parameters ?? [])
      .map((parameter) => this.resolved(parameter))
      .filter((parameter) => parameter.in === 'query');
    for (const [name, value] of Object.entries(query)) {
      const parameter = parameters.find((candidate) => candidate.name === name);
      // Comes with a next page's address, which is the service's own business.
      if (!parameter && name === '$skiptoken') continue;
      if (!parameter) return { kind: 'query', name, type: '', detail: `There is no parameter ${name}.` };
      if (!fits(parameter.schema ?? {}, String(value)))
        return { kind: 'query', name, type: '', detail: `${name} cannot be "${String(value)}".` };
    }
    return undefined;
  }

  private problemOfBody(operation: Operation, body: unknown): Problem | undefined {
    const given = body !== undefined && body !== null && JSON.stringify(body) !== '{}';
    if (!operation.requestBody)
      return given ? { kind: 'body', name: '', type: '', detail: 'This takes no body.' } : undefined;
    const content = this.resolved(operation.requestBody);
    const schema = content.content?.['application/json']?.schema;
    if (body === undefined)
      return content.required
        ? { kind: 'body', name: '', type: '', detail: 'A body is required.' }
        : undefined;
    if (!schema) return undefined;
    const unknown = this.unknownIn(schema, body, '');
    if (unknown) return unknown;
    const error = this.invalidIn(schema, body);
    if (!error) return undefined;
    const name = error.instancePath.split('/')[1] ?? '';
    return {
      kind: name ? 'value' : 'body',
      name,
      type: typeName(schema),
      detail: `${error.instancePath} ${error.message ?? ''}`,
    };
  }

  private invalidIn(schema: Schema, value: unknown): ErrorObject | undefined {
    let validate = this.validators.get(schema);
    if (!validate) {
      validate = this.ajv.compile(absolute(schema));
      this.validators.set(schema, validate);
    }
    return validate(value) ? undefined : validate.errors?.[0];
  }

  /** The first property that the schema does not know, however deep. Annotations (`@odata.…`) are free. */
  private unknownIn(schema: Schema, value: unknown, type: string): Problem | undefined {
    if (Array.isArray(value)) {
      const { items } = this.flat(schema);
      return items && firstOf(value, (item) => this.unknownIn(items, item, type));
    }
    if (typeof value !== 'object' || value === null) return undefined;
    const { properties, open } = this.flat(this.actual(schema, value));
    if (!properties) return undefined;
    const name = typeName(schema) || type;
    return firstOf(Object.entries(value), ([key, item]) => {
      if (key.includes('@odata.')) return undefined;
      const property = properties[key];
      if (property) return this.unknownIn(property, item, key);
      return open ? undefined : { kind: 'property', name: key, type: name, detail: `${name} has no ${key}.` };
    });
  }

  /** An object may say that it is of a derived type, as the members of a group do. */
  private actual(schema: Schema, value: object): Schema {
    const type = (value as Record<string, unknown>)['@odata.type'];
    if (typeof type !== 'string') return schema;
    return this.description.components.schemas[type.replace(/^#/, '')] ?? schema;
  }

  /** A schema with its references and its parents taken in. */
  private flat(schema: Schema): { properties?: Record<string, Schema>; items?: Schema; open: boolean } {
    const own = this.resolved(schema);
    const parts = (own.allOf ?? []).map((part) => this.flat(part));
    const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}), own.properties ?? {});
    const items = own.items ?? parts.find((part) => part.items)?.items;
    return {
      ...defined({ properties: unlessEmpty(properties), items }),
      open: Boolean(own.additionalProperties) || parts.some((part) => part.open),
    };
  }

  private resolved<T extends { $ref?: string }>(item: T): T {
    if (!item.$ref) return item;
    const target = item.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], this.description);
    return this.resolved(target as T);
  }
}

function firstOf<T>(items: T[], find: (item: T) => Problem | undefined): Problem | undefined {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return undefined;
}

/** References of a part of the description, as the validator knows the whole. */
function absolute(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"api#/')) as Schema;
}

function typeName(schema: Schema): string {
  return schema.$ref?.split(/[./]/).pop() ?? '';
}

/** A parameter may stand within a segment: `/reports/getX(period='{period}')`. */
function fitsSegment(template: string, segment: string): boolean {
  if (!template.includes('{')) return template === segment;
  const literals = template.split(/\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('[^/]+')}$`).test(segment);
}

/** Query parameters come as text. Lists and objects are left to the stand-in that reads them. */
function fits(schema: Schema, value: string): boolean {
  if (schema.type === 'integer') return /^\d+$/.test(value);
  if (schema.type === 'boolean') return value === 'true' || value === 'false';
  return schema.type !== 'string' || !schema.enum || schema.enum.includes(value);
}
