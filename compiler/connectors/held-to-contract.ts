/** What a request sends, and what is taken of an answer, held to the contract: names at least, and written values. */
import type { JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Type } from '../expressions/types.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { SourceRange } from '../source/source-file.ts';
import type { MapNode, Node } from '../source/tree.ts';
import type { Operation } from './contract.ts';

export function checkQuery(node: MapNode, operation: Operation, session: CompileSession): void {
  const { query, required, path } = operation;
  const names = [...query.keys()];
  for (const { key, keyRange } of node.entries) {
    if (query.has(key) || names.length === 0 || operation.isKnown(`query.${key}`)) continue;
    session.report(
      codes.noParameter,
      keyRange,
      { name: key, path, known: names },
      { suggestion: nearest(key, names) },
    );
  }
  const missing = required.find(
    (name) => !node.entries.some(({ key }) => key === name) && !operation.isKnown(`query.${name}`),
  );
  if (missing !== undefined) session.report(codes.missingParameter, node, { name: missing, path });
}

export function checkBody(node: Node, operation: Operation, session: CompileSession): void {
  const { body, path, method } = operation;
  const where = `the body of ${method.toUpperCase()} ${path}`;
  if (body) checkPart(node, body, { where, at: 'body', operation }, session);
}

interface BodyPart {
  where: string;
  /** `body.ticket` */
  at: string;
  operation: Operation;
}

function checkPart(node: Node, schema: JsonSchema, part: BodyPart, session: CompileSession): void {
  const { where, at, operation } = part;
  if (node.kind === 'list' && isSchema(schema.items)) {
    for (const item of node.items) checkPart(item, schema.items, part, session);
    return;
  }
  if (node.kind !== 'map' || !isSchema(schema.properties)) return;
  const properties = schema.properties as Record<string, JsonSchema>;
  const names = Object.keys(properties);
  const isOpen = schema.additionalProperties !== undefined && schema.additionalProperties !== false;
  for (const { key, keyRange, value } of node.entries) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const here = `${at}.${key}`;
    if (property) checkPart(value, property, { where: `\`${key}\``, at: here, operation }, session);
    else if (key !== '...' && !isOpen && names.length > 0 && !operation.isKnown(here))
      session.report(
        codes.noProperty,
        keyRange,
        { name: key, where, known: names },
        { suggestion: nearest(key, names) },
      );
  }
  const spread = node.entries.some(({ key }) => key === '...');
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const missing = required.find((name) => !node.entries.some(({ key }) => key === name));
  if (missing !== undefined && !spread) session.report(codes.missingProperty, node, { name: missing, where });
}

/** Fields that a type names and the contract's answer does not have. */
export function checkTaken(
  type: JsonSchema,
  found: Type | undefined,
  at: SourceRange,
  session: CompileSession,
): void {
  const own = found?.kind === 'optional' ? found.of : found;
  if (own?.kind === 'list' && isSchema(type.items)) {
    checkTaken(type.items, own.item, at, session);
    return;
  }
  if (own?.kind !== 'object' || own.more || own.fields.size === 0 || !isSchema(type.properties)) return;
  for (const name of Object.keys(type.properties)) {
    const field = own.fields.get(name);
    if (field) {
      checkTaken(type.properties[name] as JsonSchema, field.type, at, session);
      continue;
    }
    const known = [...own.fields.keys()];
    session.report(codes.noField, at, { name, known }, { suggestion: nearest(name, known) });
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
