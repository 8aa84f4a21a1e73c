/** The JSON Schemas that authors write, of inputs and of form fields: read, and checked to mean something. */

import type { Amend, JsonSchema } from '../../plan/plan.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { checkNode } from '../schema/check.ts';
import { inputSchemaKeywords, ownInputKeywords, ownInputSchemas } from '../schema/inputs.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, describeNode, entryOf, jsonOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import { slowPattern } from './slow-pattern.ts';

export interface ReadSchema {
  /** Without Countersign's own keywords. */
  schema: JsonSchema;
  optional: boolean;
  sensitive: boolean;
  visibleTo: Node | undefined;
  defaultNode: Node | undefined;
  amend: Amend | undefined;
}

/** Undefined when it is no schema at all, which has been reported. */
export function readInputSchema(node: Node, where: string, session: CompileSession): ReadSchema | undefined {
  if (node.broken) return undefined;
  if (node.kind !== 'map') {
    const type = textOf(node);
    const hint =
      type && /^(string|integer|number|boolean|array|object)$/.test(type)
        ? `Write \`{ type: ${type} }\`.`
        : undefined;
    const takes = 'a description such as `{ type: string }`';
    const subject = where.charAt(0).toUpperCase() + where.slice(1);
    session.report(structure.wrongKind, node, { where: subject, takes, is: describeNode(node), hint });
    return undefined;
  }
  const own = { ...node, entries: node.entries.filter(({ key }) => ownInputKeywords.includes(key)) };
  const rest = { ...node, entries: node.entries.filter(({ key }) => !ownInputKeywords.includes(key)) };
  checkNode(own, ownSchema, where, { reporter: session.reporter });
  const ok = checkSchema(rest, where, session, true);
  const schema = jsonOf(rest) as JsonSchema;
  const defaultNode = entryOf(node, 'default')?.value;
  if (defaultNode && ok)
    checkNode(defaultNode, schema, `the default of ${where}`, { reporter: session.reporter, patterns: true });
  return {
    schema: ok ? schema : {},
    optional: isTrue(childOf(node, 'optional')),
    sensitive: isTrue(childOf(node, 'sensitive')),
    visibleTo: childOf(node, 'visibleTo'),
    defaultNode,
    amend: readAmend(childOf(node, 'amend')),
  };
}

/** What is neither of the two has been reported with the rest of the schema. */
export function readAmend(node: Node | undefined): Amend | undefined {
  const text = textOf(node);
  return text === 'free' || text === 'afterwards' ? text : undefined;
}

const ownSchema: JsonSchema = { type: 'object', properties: ownInputSchemas };

function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}

/** False when the schema is of no use, so that nothing more should be checked against it. */
function checkSchema(node: MapNode, where: string, session: CompileSession, top: boolean): boolean {
  let ok = true;
  for (const { key, keyRange, value } of node.entries) {
    const keyword = Object.hasOwn(inputSchemaKeywords, key) ? inputSchemaKeywords[key] : undefined;
    if (!keyword) {
      const known = [...Object.keys(inputSchemaKeywords), ...(top ? ownInputKeywords : [])];
      session.report(
        inputCodes.unknownKeyword,
        keyRange,
        { key, where, known },
        { suggestion: nearest(key, known) },
      );
      continue;
    }
    if (hasExpressionInside(value)) {
      session.report(inputCodes.expressionInSchema, value, { where: `\`${key}\` of ${where}` });
      ok = false;
      continue;
    }
    const before = session.reporter.diagnostics.length;
    checkNode(value, keyword, `\`${key}\` of ${where}`, { reporter: session.reporter });
    if (session.reporter.diagnostics.length > before) ok = false;
    else ok = checkKeyword(key, value, node, where, session) && ok;
  }
  return ok;
}

function checkKeyword(
  key: string,
  value: Node,
  node: MapNode,
  where: string,
  session: CompileSession,
): boolean {
  if (key === 'pattern') return checkPattern(value, session);
  if (key === 'items' && value.kind === 'map')
    return checkSchema(value, `an item of ${where}`, session, false);
  if (key === 'additionalProperties' && value.kind === 'map')
    return checkSchema(value, where, session, false);
  if (key === 'anyOf' && value.kind === 'list') {
    return value.items.every((item) => item.kind !== 'map' || checkSchema(item, where, session, false));
  }
  if (key === 'properties' && value.kind === 'map') {
    return value.entries
      .map(
        (entry) =>
          entry.value.kind !== 'map' ||
          checkSchema(entry.value, `\`${entry.key}\` of ${where}`, session, false),
      )
      .every(Boolean);
  }
  if (key === 'required' && value.kind === 'list') {
    const properties = childOf(node, 'properties');
    const known = properties?.kind === 'map' ? properties.entries.map((entry) => entry.key) : [];
    for (const item of value.items) {
      const name = textOf(item);
      if (name === undefined || known.includes(name)) continue;
      session.report(inputCodes.requiredUnknown, item, { key: name }, { suggestion: nearest(name, known) });
    }
  }
  return true;
}

function checkPattern(node: Node, session: CompileSession): boolean {
  const pattern = textOf(node) ?? '';
  try {
    new RegExp(pattern, 'u');
  } catch {
    session.report(inputCodes.badPattern, node, { pattern });
    return false;
  }
  const why = slowPattern(pattern);
  if (why !== undefined) session.report(inputCodes.slowPattern, node, { pattern, why });
  return why === undefined;
}

function hasExpressionInside(node: Node): boolean {
  if (node.kind === 'list') return node.items.some(hasExpressionInside);
  if (node.kind === 'map') return node.entries.some(({ value }) => hasExpressionInside(value));
  return typeof node.value === 'string' && node.value.includes('${{');
}
