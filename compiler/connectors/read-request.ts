/** Reads one request: method and path, what goes with it, and whether the contract has it. */
import type { DeclaredRequest, Method } from '../../plan/declared.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Template } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { string, type Type } from '../expressions/types.ts';
import type { SourceRange } from '../source/source-file.ts';
import { childOf, type Entry, type MapNode, type Node, setOwn, textOf } from '../source/tree.ts';
import type { ActionReading } from './action-reading.ts';
import { type Operation, pathPattern } from './contract.ts';
import { checkBody, checkQuery } from './held-to-contract.ts';
import { readScript } from './read-script.ts';
import { methods } from './schema.ts';

/** Of which a request has one. */
const bodyKeys: readonly string[] = ['body', 'form', 'multipart', 'xml'];

export interface ReadRequest {
  request: DeclaredRequest;
  /** By the contract. */
  answer: Type | undefined;
  at: SourceRange;
}

export interface RequestKind {
  /** `look`, for messages. */
  where: string;
  /** It must not change anything: a look, a list, a wait. */
  onlyReads: boolean;
  /** Sealed inputs may go into it. */
  sealed?: boolean;
}

/** Undefined when there is none, which is reported where one is needed. */
export function readRequest(
  node: MapNode,
  kind: RequestKind,
  reading: ActionReading,
): ReadRequest | undefined {
  const { session } = reading;
  const found = node.entries.filter(
    ({ key }) => key === 'script' || (methods as readonly string[]).includes(key),
  );
  const [entry, second] = found;
  if (!entry) return undefined;
  if ((entry.key === 'script') !== (reading.around.scripts !== undefined)) {
    session.report(codes.otherWay, entry.keyRange, { key: entry.key });
    return undefined;
  }
  if (second) session.report(codes.twoRequests, second.keyRange, { where: kind.where });
  if (entry.key === 'script') {
    const request = readScript(node, kind, reading);
    return request && { request, answer: undefined, at: entry.value };
  }
  const method = entry.key.toUpperCase() as Method;
  const reads = textOf(childOf(node, 'reads'));
  const answers = textOf(childOf(node, 'answers')) === 'text' ? ('text' as const) : undefined;
  if (kind.onlyReads && reads === undefined && method !== 'GET' && method !== 'HEAD')
    session.report(codes.lookWithEffect, entry.keyRange, { where: kind.where, method });
  const path = readPath(entry.value, reading);
  const operation = heldToContract(entry, method, path, reading);
  const { query, ...parts } = readParts(node, kind, operation, reading);
  const own = Object.entries(reading.languages).filter(
    ([name]) => query !== undefined && Object.hasOwn(query, name),
  );
  const languages = unlessEmpty(Object.fromEntries(own));
  return {
    request: {
      method,
      path,
      ...defined({ query, ...parts, reads, languages, answers }),
    },
    answer: answers ? string : operation?.isKnown('answer') ? undefined : operation?.answer,
    at: entry.value,
  };
}

function readPath(node: Node, reading: ActionReading): Template {
  const path = reading.template(node, { where: 'the path' }, { type: 'string' });
  const first = typeof path === 'string' ? path : (path as { $text?: Template[] } | null)?.$text?.[0];
  if (!node.broken && (typeof first !== 'string' || !first.startsWith('/') || first.startsWith('//')))
    reading.session.report(codes.pathForm, node, {});
  else if (
    typeof first === 'string' &&
    /[?#]/.test(JSON.stringify(path).replace(/"\$expr":"(?:[^"\\]|\\.)*"/g, ''))
  )
    reading.session.report(codes.queryInPath, node, {});
  return path;
}

function heldToContract(
  entry: Entry,
  method: Method,
  path: Template,
  { contract, session }: ActionReading,
): Operation | undefined {
  if (!contract || entry.value.broken) return undefined;
  const pattern = pathPattern(path);
  if (contract.isBeside(method, pattern)) return undefined;
  const found = contract.operation(method, pattern);
  if ('operation' in found) return found.operation;
  if (found.methods)
    session.report(codes.noMethod, entry.keyRange, {
      method,
      path: found.path ?? '',
      methods: found.methods,
    });
  else
    session.report(
      codes.noPath,
      entry.value,
      { path: textOf(entry.value) ?? '', file: contract.file },
      { suggestion: found.nearest },
    );
  return undefined;
}

function readParts(
  node: MapNode,
  kind: RequestKind,
  operation: Operation | undefined,
  reading: ActionReading,
) {
  const { session } = reading;
  const bodies = node.entries.filter(({ key }) => bodyKeys.includes(key));
  if (bodies[1]) session.report(codes.twoBodies, bodies[1].keyRange, {});
  const values = (key: string, sealed: boolean) => {
    const part = childOf(node, key);
    if (part?.kind !== 'map') return undefined;
    const result: Record<string, Template> = {};
    for (const { key: name, value } of part.entries)
      setOwn(result, name, reading.template(value, { where: `\`${name}\``, sealed }));
    return result;
  };
  const query = childOf(node, 'query');
  if (query?.kind === 'map' && operation) checkQuery(query, operation, session);
  const bodyNode = childOf(node, 'body');
  if (bodyNode && operation) checkBody(bodyNode, operation, session);
  if (operation) checkHeaders(node, operation, reading);
  const sealed = kind.sealed ?? false;
  return {
    query: values('query', false),
    headers: values('headers', sealed),
    body: bodyNode && reading.template(bodyNode, { where: '`body`', sealed }),
    form: values('form', sealed),
    multipart: values('multipart', sealed),
    xml: readXml(childOf(node, 'xml'), sealed, reading),
  };
}

function checkHeaders(node: MapNode, operation: Operation, { around, session }: ActionReading): void {
  const own = childOf(node, 'headers');
  const given = new Set([
    ...(own?.kind === 'map' ? own.entries.map(({ key }) => key.toLowerCase()) : []),
    ...(around.headers ?? []),
  ]);
  const missing = operation.headers.find(
    (name) => !given.has(name.toLowerCase()) && !operation.isKnown(`header.${name}`),
  );
  const at = own ?? node.entries[0]?.keyRange ?? node;
  if (missing !== undefined) session.report(codes.missingHeader, at, { name: missing, path: operation.path });
}

/** The elements are written, and only what stands in them is computed. */
function readXml(node: Node | undefined, sealed: boolean, reading: ActionReading): Template | undefined {
  if (!node) return undefined;
  const xml = reading.template(node, { where: '`xml`', sealed }, { type: 'string' });
  const first = typeof xml === 'string' ? xml : (xml as { $text?: Template[] } | null)?.$text?.[0];
  if (!node.broken && !(typeof first === 'string' && first.trimStart().startsWith('<')))
    reading.session.report(codes.xmlForm, node, {});
  return xml;
}
