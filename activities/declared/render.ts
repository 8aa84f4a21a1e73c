/** From a declared request to one that can be sent: each expression is encoded by where it stands. */
import type { DeclaredRequest, Method, QueryLanguage } from '../../plan/declared.ts';
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject, Template } from '../../plan/plan.ts';
import { escapeHtml } from '../../plan/tables.ts';
import { PermanentFailure } from '../kit/failures.ts';
import { type Computing, scalarText } from './computing.ts';
import { literalIn } from './literals.ts';

export interface Rendered {
  method: Method;
  /** Begins with a slash; encoded. */
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body?: { text: string | FormData; type?: string };
  /** Of a script, whose name is the path. */
  param?: JsonObject;
  gives?: 'list' | 'nothing';
  answers?: 'text';
}

export function rendered(request: DeclaredRequest, computing: Computing): Rendered {
  const { method, headers, query, gives } = request;
  if (method === 'RUN')
    return {
      method,
      path: String(request.path),
      query: [],
      headers: {},
      param: filledMap(request.param ?? {}, computing),
      ...defined({ gives }),
    };
  const result: Rendered = {
    method,
    path: pathOf(request.path, computing),
    query: query
      ? Object.entries(query).flatMap(([name, value]) =>
          parametersOf(name, value, request.languages?.[name], computing),
        )
      : [],
    headers: headers ? headersOf(headers, computing) : {},
    ...bodyOf(request, computing),
  };
  if (request.answers) result.answers = request.answers;
  return result;
}

function headersOf(headers: Record<string, Template>, computing: Computing): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const filled = computing.filled(value);
    if (filled !== undefined) result[name] = oneLine(scalarText(filled), name);
  }
  return result;
}

function pathOf(path: Template, computing: Computing): string {
  if (typeof path === 'string') return path;
  const parts = (path as { $text?: Template[] } | null)?.$text ?? [path];
  let result = '';
  // Between quotes it is a literal of OData, as in `/reports/getX(period='…')`.
  let isQuoted = false;
  for (const part of parts) {
    if (typeof part === 'string') {
      result += part;
      isQuoted = isInQuotes(part, isQuoted);
      continue;
    }
    const text = computing.text(part);
    result += isQuoted ? encodeURIComponent(text.replaceAll("'", "''")) : segment(text);
  }
  return result;
}

/** After this much more of a path. A quote ends with its segment. */
function isInQuotes(text: string, before: boolean): boolean {
  if (!text.includes("'")) return before && !text.includes('/');
  const segments = text.split('/');
  const quotes = (segments.at(-1) ?? '').split("'").length - 1;
  return (quotes % 2 === 1) !== (before && segments.length === 1);
}

function segment(text: string): string {
  if (text === '' || text === '.' || text === '..' || text.includes('/'))
    throw new PermanentFailure(
      `"${text.slice(0, 60)}" cannot stand in the path of a request, which would lead somewhere else.`,
    );
  return encodeURIComponent(text);
}

function parametersOf(
  name: string,
  template: Template,
  language: QueryLanguage | undefined,
  computing: Computing,
): [string, string][] {
  if (language && template !== null && typeof template === 'object' && '$text' in template)
    return [[name, inLanguage(template.$text as Template[], language, computing)]];
  const value = computing.filled(template);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((item) => [name, scalarText(item)]);
  return [[name, scalarText(value)]];
}

function inLanguage(parts: Template[], language: QueryLanguage, computing: Computing): string {
  let before = '';
  return parts
    .map((part) => {
      const text = typeof part === 'string' ? part : literalIn(language, computing.filled(part), before);
      before += text;
      return text;
    })
    .join('');
}

function bodyOf(request: DeclaredRequest, computing: Computing): Pick<Rendered, 'body'> {
  if (request.form) {
    const fields = Object.entries(filledMap(request.form, computing)).map(
      ([name, value]) => [name, scalarText(value)] as [string, string],
    );
    return {
      body: { text: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' },
    };
  }
  if (request.multipart) return { body: { text: multipartOf(filledMap(request.multipart, computing)) } };
  if (request.xml !== undefined)
    return { body: { text: xmlOf(request.xml, computing), type: 'application/xml' } };
  if (request.body === undefined) return {};
  const body = computing.filled(request.body);
  return body === undefined ? {} : { body: { text: JSON.stringify(body), type: 'application/json' } };
}

function xmlOf(template: Template, computing: Computing): string {
  if (typeof template === 'string') return template;
  const parts = (template as { $text?: Template[] } | null)?.$text ?? [template];
  return parts.map((part) => (typeof part === 'string' ? part : escapedXml(computing.text(part)))).join('');
}

function escapedXml(text: string): string {
  if (!/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(text))
    throw new PermanentFailure('A value has a control character, which cannot be written in XML.');
  return escapeHtml(text);
}

function filledMap(map: Record<string, Template>, computing: Computing): JsonObject {
  return computing.filled(map) as JsonObject;
}

/** A set with `fileName` and `content` is a file, as text or in base64 (`encoding: base64`). */
function multipartOf(fields: JsonObject): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      const file = fileOf(item);
      if (file) form.append(name, file.content, file.name);
      else form.append(name, scalarText(item));
    }
  }
  return form;
}

function fileOf(value: Json): { name: string; content: Blob } | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { fileName, content, contentType, encoding } = value;
  if (typeof fileName !== 'string' || typeof content !== 'string') return undefined;
  const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
  return {
    name: fileName,
    content: new Blob([bytes], typeof contentType === 'string' ? { type: contentType } : {}),
  };
}

function oneLine(text: string, name: string): string {
  if (/[\r\n\0]/.test(text)) throw new PermanentFailure(`The header ${name} would have more than one line.`);
  return text;
}
