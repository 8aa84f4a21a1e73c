/** Reads values that may hold expressions: each is checked where it stands and becomes a template of the plan. */

import type { ASTNode } from '@marcbachmann/cel-js';
import { excerpt } from '../../plan/excerpt.ts';
import type { Cel, JsonObject, JsonSchema, Template } from '../../plan/plan.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as sourceCodes from '../diagnostics/registry/source.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { misfitOf } from '../expressions/assign.ts';
import { astOf } from '../expressions/ast.ts';
import { Checker, fallbackFor } from '../expressions/check.ts';
import type { Report } from '../expressions/checking.ts';
import { conjunctsOf, factsOf } from '../expressions/facts.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { hasExpression, partsOf, singleBraced } from '../expressions/interpolation.ts';
import { parseExpression } from '../expressions/parse.ts';
import { isNumeric, nameOf, string, type Type } from '../expressions/types.ts';
import { checkNode } from '../schema/check.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { Reading } from '../scope/reading.ts';
import { sourceOffsetOf } from '../source/scalar-map.ts';
import { describeNode, type Node, type ScalarNode, setOwn } from '../source/tree.ts';

/** Where a value goes, which decides what may go there. */
export interface ValueSlot {
  /** For messages: "`user`", "the title". */
  where: string;
  secrets?: boolean;
  /** Placeholders of another system may stand in the text: `{{ticket.id}}`. */
  foreign?: boolean;
  sealed?: boolean;
  /** What stands in for an absent value, where nothing but that will do. */
  fallback?: string;
  /** Told the type of each whole expression. */
  onType?(type: Type): void;
}

interface Compiled {
  template: Template;
  /** What the whole value is; `undefined` when it could not be found out, which has been reported. */
  type: Type | undefined;
  /** The expression's own text, or the whole text around several. */
  text: string;
}

export interface ReadExpression {
  cel: Cel;
  type: Type;
  ast: ASTNode;
}

/** Reads a value. With a schema, what is written and what its expressions give are checked against it. */
export function readTemplate(
  node: Node,
  schema: JsonSchema | undefined,
  slot: ValueSlot,
  reading: Reading,
): Template {
  const compiled = new Map<ScalarNode, Compiled>();
  compileAll(node, slot, reading, compiled);
  if (schema) {
    checkNode(node, schema, slot.where, {
      reporter: reading.session.reporter,
      patterns: true,
      handled: (part, partSchema, where, required) => {
        const value = part.kind === 'scalar' ? compiled.get(part) : undefined;
        if (!value) return false;
        checkFit(
          part,
          value,
          { schema: partSchema, where, required, fallback: slot.fallback },
          reading.session,
        );
        return true;
      },
    });
  }
  return toTemplate(node, compiled);
}

/** Reads text that may hold expressions, such as a title or an approver. */
export function readText(node: Node, slot: ValueSlot, reading: Reading): Template {
  return readTemplate(node, { type: 'string' }, slot, reading);
}

function reportAbsent(
  node: ScalarNode,
  { text, type }: Compiled,
  session: CompileSession,
  instead: string | undefined,
): void {
  if (type?.kind !== 'optional') return;
  const fallback = instead ?? fallbackFor(type.of);
  session.report(expressions.mayBeAbsent, node, { text, why: type.why, fallback });
}

function compileAll(
  node: Node,
  slot: ValueSlot,
  reading: Reading,
  compiled: Map<ScalarNode, Compiled>,
): void {
  if (node.broken) return;
  if (node.kind === 'list') for (const item of node.items) compileAll(item, slot, reading, compiled);
  else if (node.kind === 'map') {
    for (const { key, keyRange, value } of node.entries) {
      if (/^\$(expr|text|secret|sealed)$/.test(key)) reading.report(structure.reservedKey, keyRange, { key });
      compileAll(value, slot, reading, compiled);
    }
  } else if (typeof node.value === 'string') {
    const value = compileScalar(node, node.value, slot, reading);
    if (value) compiled.set(node, value);
  }
}

const bareBraces = /(?<!\$)\{\{\s*(?:inputs|steps|ticket|run|organisation|data|secrets)\b[^}]*\}\}/;

function compileScalar(
  node: ScalarNode,
  text: string,
  slot: ValueSlot,
  reading: Reading,
): Compiled | undefined {
  const bare = slot.foreign ? null : bareBraces.exec(text);
  if (bare) {
    const offsets = sourceOffsetOf(node, reading.session.reporter.file.text);
    const at = { start: offsets(bare.index), end: offsets(bare.index + bare[0].length) };
    reading.report(sourceCodes.bracesWithoutDollar, at, { text: bare[0] }, { suggestion: `$${bare[0]}` });
  }
  if (!slot.foreign) reportSingleBraces(node, text, reading);
  reading.session.checkWhole(node);
  if (!hasExpression(text)) return undefined;
  const { parts, unclosed } = partsOf(text);
  const offsets = sourceOffsetOf(node, reading.session.reporter.file.text);
  if (unclosed !== undefined) {
    reportUnclosed(node, text, unclosed, offsets, reading.session);
    observe(text.slice(unclosed + 3), (at) => offsets(unclosed + 3 + at), reading);
    return { template: text, type: undefined, text };
  }
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object') {
    const secret = secretIn(only.expression, slot);
    if (secret) return secretValue(node, secret, reading.session);
    return compileWhole(only.expression, only.start, offsets, slot, reading);
  }
  const template: Template[] = [];
  for (const part of parts) {
    const secret = typeof part === 'string' ? undefined : secretIn(part.expression, slot);
    if (typeof part === 'string') template.push(part);
    else if (secret) template.push(secretValue(node, secret, reading.session).template);
    else template.push(compileInText(part.expression, part.start, offsets, slot, reading));
  }
  const joined = template.every((part) => typeof part === 'string') ? template.join('') : { $text: template };
  return { template: joined, type: string, text: excerpt(text) };
}

function reportSingleBraces(node: ScalarNode, text: string, { scope, session }: Reading): boolean {
  const single = singleBraced(text, [...scope.names.keys(), ...scope.lets.keys()]);
  if (!single) return false;
  const { written } = single;
  const offsets = sourceOffsetOf(node, session.reporter.file.text);
  const at = { start: offsets(single.index), end: offsets(single.index + written.length) };
  const better = `\${{ ${written.slice(2, -1).trim()} }}`;
  session.report(sourceCodes.singleBraces, at, { text: written, better }, { suggestion: better });
  return true;
}

function reportUnclosed(
  node: ScalarNode,
  text: string,
  unclosed: number,
  offsets: (offset: number) => number,
  session: CompileSession,
): void {
  const { file } = session.reporter;
  const line = file.lineColumn(node.end).line;
  const rest = file.text.slice(node.end, file.lineEnd(line));
  const start = offsets(unclosed);
  // YAML ended the value at ` #`: what follows on the line shows that it was meant to go on.
  if (node.style === 'plain' && /^\s+#.*\}\}/.test(rest)) {
    const end = node.end + rest.lastIndexOf('}}') + 2;
    const written = file.text.slice(node.start, end);
    const suggestion = `'${written.replaceAll("'", "''")}'`;
    session.report(
      sourceCodes.expressionWithComment,
      { start: node.start, end },
      { text: written },
      { suggestion },
    );
    return;
  }
  session.report(expressions.unclosedExpression, { start, end: offsets(text.length) }, {});
}

/** The name of the secret that an expression is, where one may stand: by itself, since nothing is computed with it. */
function secretIn(expression: string, slot: ValueSlot): string | undefined {
  return slot.secrets ? /^secrets\.([A-Za-z_]\w*)$/.exec(expression)?.[1] : undefined;
}

function secretValue(node: ScalarNode, name: string, session: CompileSession): Compiled {
  session.checkConfigured(node, name, 'secret', session.surroundings.configuration?.secrets);
  return { template: { $secret: name }, type: string, text: `secrets.${name}` };
}

function compileWhole(
  source: string,
  start: number,
  offsets: (offset: number) => number,
  slot: ValueSlot,
  reading: Reading,
): Compiled {
  const found = checkSource(source, start, offsets, reading);
  if (!found) return { template: null, type: undefined, text: source };
  const at = { start: offsets(start), end: offsets(start + source.length) };
  refuseSealed(found.type, source, at, slot, reading.session);
  slot.onType?.(found.type);
  return { template: { $expr: found.cel }, type: found.type, text: source };
}

function compileInText(
  source: string,
  start: number,
  offsets: (offset: number) => number,
  slot: ValueSlot,
  reading: Reading,
): Template {
  const found = checkSource(source, start, offsets, reading);
  if (!found) return '';
  const { type } = found;
  const at = { start: offsets(start), end: offsets(start + source.length) };
  refuseSealed(type, source, at, slot, reading.session);
  if (type.kind === 'optional') {
    reading.report(expressions.mayBeAbsent, at, { text: source, why: type.why, fallback: '""' });
  } else if (!['string', 'bool', 'dyn', 'sealed', 'never'].includes(type.kind) && !isNumeric(type)) {
    const hint =
      type.kind === 'list' && type.item.kind === 'string'
        ? `Write \`join(${source}, ", ")\`.`
        : `Take one of its fields, or write \`toJson(${source})\`.`;
    reading.report(expressions.notInText, at, { text: source, is: nameOf(type), hint });
  }
  return { $expr: found.cel };
}

function refuseSealed(
  type: Type,
  text: string,
  at: { start: number; end: number },
  slot: ValueSlot,
  session: CompileSession,
): void {
  if (slot.sealed || !isSealed(type)) return;
  session.report(expressions.sealedHere, at, { text, where: slot.where });
}

function isSealed(type: Type): boolean {
  switch (type.kind) {
    case 'sealed':
      return true;
    case 'optional':
      return isSealed(type.of);
    case 'list':
      return isSealed(type.item);
    case 'object':
      return [...type.fields.values()].some((field) => isSealed(field.type));
    case 'map':
      return isSealed(type.value);
    case 'string':
    case 'int':
    case 'double':
    case 'number':
    case 'bool':
    case 'dyn':
    case 'null':
    case 'never':
    case 'any':
      return false;
  }
}

/** Reads a value that is an expression as a whole; its braces may be left out. */
export function readExpression(node: Node, where: string, reading: Reading): ReadExpression | undefined {
  if (node.broken) return undefined;
  if (node.kind === 'scalar' && (typeof node.value === 'boolean' || typeof node.value === 'number')) {
    return checkSource(String(node.value), 0, () => node.start, reading);
  }
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    const params = { where, takes: 'an expression', is: describeNode(node) };
    reading.report(structure.wrongKind, node, params);
    return undefined;
  }
  const text = node.value;
  const offsets = sourceOffsetOf(node, reading.session.reporter.file.text);
  if (!hasExpression(text)) {
    if (reportSingleBraces(node, text, reading)) return undefined;
    const bare = /^\{\{(.*)\}\}$/s.exec(text.trim());
    if (bare) {
      reading.report(
        sourceCodes.bracesWithoutDollar,
        node,
        { text: text.trim() },
        { suggestion: `$${text.trim()}` },
      );
      return undefined;
    }
    return checkSource(text.trim(), text.length - text.trimStart().length, offsets, reading);
  }
  const { parts, unclosed } = partsOf(text.trim());
  if (unclosed !== undefined) {
    reportUnclosed(node, text, unclosed, offsets, reading.session);
    observe(text.slice(unclosed + 3), (at) => offsets(unclosed + 3 + at), reading);
    return undefined;
  }
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object') {
    const lead = text.length - text.trimStart().length;
    return checkSource(only.expression, only.start + lead, offsets, reading);
  }
  reading.report(expressions.onlyExpression, node, { text: excerpt(text) });
  return undefined;
}

/** Reads a condition, with what it shows for the steps it governs. */
export function readCondition(
  node: Node,
  where: string,
  reading: Reading,
): { cel: Cel; guards: string[]; facts: string[] } | undefined {
  const found = readExpression(node, where, reading);
  if (!found) return undefined;
  const { type, cel, ast } = found;
  if (type.kind === 'optional') {
    reading.report(expressions.mayBeAbsent, node, { text: cel, why: type.why, fallback: 'false' });
  } else if (type.kind !== 'bool' && type.kind !== 'dyn') {
    reading.report(expressions.notTrueOrFalse, node, { text: ast.input.trim(), is: nameOf(type) });
  }
  return { cel, guards: conjunctsOf(ast), facts: factsOf(ast) };
}

function checkSource(
  source: string,
  start: number,
  offsets: (offset: number) => number,
  reading: Reading,
): ReadExpression | undefined {
  const report: Report = (definition, at, params, extra) => {
    reading.report(
      definition,
      { start: offsets(start + at.start), end: offsets(start + at.end) },
      params,
      extra,
    );
  };
  observe(source, (at) => offsets(start + at), reading);
  const ast = parseExpression(source, report);
  if (!ast) return undefined;
  const checker = new Checker(source, reading.scope, report);
  const type = checker.check(ast);
  const cel = checker.edits.apply(source);
  if (!checker.edits.isEmpty && !astOf(cel)) {
    report(
      sourceCodes.internalProblem,
      { start: 0, end: source.length },
      { what: `the expression became ${cel}` },
    );
    return undefined;
  }
  return { cel, type, ast };
}

function observe(source: string, offsetOf: (at: number) => number, reading: Reading): void {
  const { surroundings, reporter, places } = reading.session;
  surroundings.observe?.({ file: reporter.file.path, source, offsetOf, scope: reading.scope, places });
}

function checkFit(
  node: Node,
  value: Compiled,
  {
    schema,
    where,
    required,
    fallback,
  }: { schema: JsonSchema; where: string; required: boolean; fallback: string | undefined },
  session: CompileSession,
): void {
  let { type } = value;
  if (!type || node.kind !== 'scalar') return;
  const wanted = typeOfSchema(schema);
  if (type.kind === 'optional') {
    // An absent value leaves an optional field out; a required one would be missing.
    if (required && !wanted.nullable) {
      reportAbsent(node, value, session, fallback);
      return;
    }
    type = type.of;
  }
  if (type.kind === 'null' && wanted.nullable) return;
  const misfit = misfitOf(type, wanted.type, value.text);
  if (!misfit) return;
  session.report(expressions.wrongType, node, { text: value.text, is: nameOf(type), where, ...misfit });
}

function toTemplate(node: Node, compiled: ReadonlyMap<ScalarNode, Compiled>): Template {
  if (node.kind === 'scalar') return compiled.get(node)?.template ?? node.value;
  if (node.kind === 'list') return node.items.map((item) => toTemplate(item, compiled));
  const result: JsonObject = {};
  for (const { key, value } of node.entries) setOwn(result, key, toTemplate(value, compiled));
  return result;
}
