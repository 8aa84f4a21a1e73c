/** Holds what goes over the wire against a service's published OpenAPI description. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from '../../sandbox/start.ts';
import { packageRoot } from '../../store/package-root.ts';

type Json = Record<string, unknown>;

export const specsFolder = process.env.COUNTERSIGN_SPECS ?? join(packageRoot(), '..', 'shared', 'specs');

export function hasSpecs(): boolean {
  return existsSync(join(specsFolder, 'graph-v1.0.trimmed.json'));
}

export class Contract {
  private readonly document: Json;
  private readonly paths: { pattern: RegExp; template: string }[];

  constructor(file: string) {
    this.document = JSON.parse(readFileSync(join(specsFolder, file), 'utf8')) as Json;
    this.paths = Object.keys(this.document.paths as Json).map((template) => ({
      template,
      pattern: new RegExp(
        `^${template
          .split(/\{[^}]+\}/)
          .map(literal)
          .join('[^/]+')}$`,
      ),
    }));
  }

  /** What does not fit, a sentence each. */
  problemsOf(exchange: Exchange): string[] {
    const { method, path, query, request, status, answer } = exchange;
    const where = `${method} ${path}`;
    const operation = this.operation(method, path);
    if (!operation) return [`${where}: there is no such operation`];
    const known = this.queryParameters(operation);
    const problems = Object.keys(query)
      .filter((name) => !known.has(name) && name !== '$skiptoken')
      .map((name) => `${where}: query parameter ${name} is not known`);
    const requestSchema = this.schemaIn(this.resolve(operation.requestBody));
    if (request !== undefined && requestSchema)
      problems.push(...this.misfits(request, requestSchema, `${where} request`));
    const responses = operation.responses as Json;
    const response =
      responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default;
    if (!response) return [...problems, `${where}: status ${status} is not among its answers`];
    const answerSchema = this.schemaIn(this.resolve(response));
    if (answer !== undefined && answerSchema)
      problems.push(...this.misfits(answer, answerSchema, `${where} answer`));
    return problems;
  }

  private operation(method: string, path: string): Json | undefined {
    const candidates = this.paths.filter(({ pattern }) => pattern.test(path));
    // The most literal template wins, as in OpenAPI.
    const [best] = candidates.sort((a, b) => a.template.split('{').length - b.template.split('{').length);
    const item = best && ((this.document.paths as Json)[best.template] as Json);
    return item?.[method.toLowerCase()] as Json | undefined;
  }

  private queryParameters(operation: Json): Set<string> {
    const parameters = ((operation.parameters ?? []) as unknown[]).map((parameter) =>
      this.resolve(parameter),
    );
    return new Set(
      parameters.filter((parameter) => parameter?.in === 'query').map((parameter) => String(parameter?.name)),
    );
  }

  private schemaIn(body: Json | undefined): Json | undefined {
    const content = body?.content as Record<string, Json> | undefined;
    return content?.['application/json']?.schema as Json | undefined;
  }

  /** Properties that the schema has not, and values of another type than it says. */
  private misfits(value: unknown, schema: Json, at: string): string[] {
    const flat = this.flatten(schema);
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) {
      if (flat.type !== undefined && flat.type !== 'array')
        return [`${at}: a list where ${flat.type} is promised`];
      const items = flat.items as Json | undefined;
      return items ? value.flatMap((item, index) => this.misfits(item, items, `${at}[${index}]`)) : [];
    }
    if (typeof value !== 'object') {
      const types: Record<string, string[]> = {
        string: ['string'],
        boolean: ['boolean'],
        integer: ['number'],
        number: ['number'],
      };
      const wanted = types[String(flat.type)];
      return wanted && !wanted.includes(typeof value)
        ? [`${at}: ${typeof value} where ${flat.type} is promised`]
        : [];
    }
    const properties = (flat.properties ?? {}) as Record<string, Json>;
    const isClosed = Object.keys(properties).length > 0 && !flat.additionalProperties;
    return Object.entries(value).flatMap(([name, item]) => {
      const property = properties[name];
      if (property) return this.misfits(item, property, `${at}.${name}`);
      return isClosed && !name.startsWith('@odata.') ? [`${at}: ${name} is not known`] : [];
    });
  }

  /** A schema with its references followed and its parts put together. */
  private flatten(schema: Json, depth = 0): Json {
    const resolved = this.resolve(schema) ?? {};
    const parts = [
      ...((resolved.allOf ?? []) as Json[]),
      ...((resolved.anyOf ?? []) as Json[]),
      ...((resolved.oneOf ?? []) as Json[]),
    ];
    if (parts.length === 0 || depth > 6) return resolved;
    const flat: Json = { ...resolved, properties: { ...(resolved.properties as Json) } };
    for (const part of parts) {
      const { properties, type, items, additionalProperties } = this.flatten(part, depth + 1);
      Object.assign(flat.properties as Json, properties);
      flat.type ??= type;
      flat.items ??= items;
      flat.additionalProperties ??= additionalProperties;
    }
    return flat;
  }

  private resolve(value: unknown): Json | undefined {
    const json = value as Json | undefined;
    if (typeof json?.$ref !== 'string') return json;
    const target = json.$ref
      .slice(2)
      .split('/')
      .reduce<unknown>(
        (node, name) => (node as Json | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')],
        this.document,
      );
    return this.resolve(target);
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
