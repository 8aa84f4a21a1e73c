/** Hover, completion and definition inside expressions, and for `uses`. */

import type { ASTNode } from '@marcbachmann/cel-js';
import { Checker } from '../compiler/expressions/check.ts';
import { pathOf } from '../compiler/expressions/facts.ts';
import { functions } from '../compiler/expressions/functions.ts';
import { loopDescriptions } from '../compiler/expressions/loops.ts';
import { parseExpression } from '../compiler/expressions/parse.ts';
import type { Scope } from '../compiler/expressions/scope.ts';
import { functionNames } from '../compiler/expressions/signatures.ts';
import { nameOf, type Type } from '../compiler/expressions/types.ts';
import type { SeenExpression } from '../compiler/scope/compile-session.ts';
import { SourceFile } from '../compiler/source/source-file.ts';
import { defined } from '../plan/defined.ts';
import { childrenOf } from './syntax.ts';
import type { Workspace } from './workspace.ts';

const described = [...functions, ...loopDescriptions];

export interface Suggestion {
  label: string;
  kind: 'step' | 'field' | 'function' | 'name' | 'action';
  detail?: string;
  documentation?: string;
  /** Offsets in the file of what the label takes the place of. */
  replace: { start: number; end: number };
}

/** A place in a file; lines and columns count from 1. */
export interface Target {
  file: string;
  line: number;
  column: number;
}

export function hover(workspace: Workspace, file: string, offset: number): string | undefined {
  const action = actionAt(workspace, file, offset);
  if (action) {
    const found = workspace.catalogue.get(action.name);
    return found && `**${found.title}** (${found.effect})\n\n${found.description}`;
  }
  const place = workspace.expressionAt(file, offset);
  if (!place) return undefined;
  const ast = parseExpression(place.seen.source, () => {});
  const node = ast && smallestAt(ast, place.at);
  if (!node) return undefined;
  if (node.op === 'call' || node.op === 'rcall') {
    const entry = described.find(({ name }) => name === node.args[0]);
    if (entry) return `${entry.signatures.map((each) => `\`${each}\``).join('  \n')}\n\n${entry.description}`;
  }
  const text = place.seen.source.slice(node.start, node.end);
  return `\`${text}\`: ${typeWords(typeOf(node, place.seen.source, place.seen.scope))}`;
}

export function complete(workspace: Workspace, file: string, offset: number): Suggestion[] {
  const action = actionAt(workspace, file, offset);
  if (action) {
    return [...workspace.catalogue.values()].map(({ name, title, description, effect }) => ({
      label: name,
      kind: 'action',
      detail: `${title} (${effect})`,
      documentation: description,
      replace: action.range,
    }));
  }
  const place = workspace.expressionAt(file, offset);
  if (!place) return [];
  const { seen, at } = place;
  const before = /(?:(?:[A-Za-z_]\w*\.)*)([A-Za-z_]\w*)?$/.exec(seen.source.slice(0, at));
  const typed = before?.[1] ?? '';
  const chain = (before?.[0] ?? '').slice(0, (before?.[0] ?? '').length - typed.length).replace(/\.$/, '');
  const rest = /^\w*/.exec(seen.source.slice(at))?.[0] ?? '';
  const replace = { start: seen.offsetOf(at - typed.length), end: seen.offsetOf(at + rest.length) };
  return (chain === '' ? names(seen.scope) : fieldsOf(chain, seen)).map((each) => ({ ...each, replace }));
}

export function definition(workspace: Workspace, file: string, offset: number): Target | undefined {
  const text = workspace.text(file);
  if (text === undefined) return undefined;
  const called = valueAt(text, offset, 'runbook');
  if (called) {
    const target = workspace.fileOf(called.text);
    return target && target !== file ? { file: target, line: 1, column: 1 } : undefined;
  }
  const place = workspace.expressionAt(file, offset);
  const ast = place && parseExpression(place.seen.source, () => {});
  const path = ast && pathAt(ast, place.at);
  if (!path) return undefined;
  const [root, name = ''] = path.split('.');
  if (root === 'steps') {
    const found = place.seen.places.get(name);
    return found && { file, line: found.line, column: 1 };
  }
  const section = root === 'inputs' ? 'inputs' : place.seen.scope.lets.has(root ?? '') ? 'let' : undefined;
  return section && keyIn(text, section, root === 'inputs' ? name : (root ?? ''), file);
}

type Bare = Omit<Suggestion, 'replace'>;

function names(scope: Scope): Bare[] {
  const roots = [...scope.names].map(
    ([label, type]): Bare => ({ label, kind: 'name', detail: typeWords(type) }),
  );
  const lets = [...scope.lets.values()].map(
    ({ name, source }): Bare => ({ label: name, kind: 'name', detail: source }),
  );
  const calls = functionNames().map((label): Bare => {
    const entry = described.find(({ name }) => name === label);
    return {
      label,
      kind: 'function',
      ...defined({ detail: entry?.signatures.join(', '), documentation: entry?.description }),
    };
  });
  return [
    ...roots,
    ...(scope.stepless
      ? []
      : [{ label: 'steps', kind: 'name' as const, detail: 'what steps before this one gave' }]),
    ...lets,
    ...calls,
  ];
}

function fieldsOf(chain: string, { scope }: SeenExpression): Bare[] {
  const [root, name, part] = chain.split('.');
  if (root === 'steps' && name === undefined)
    return scope.stepNames().map((label) => ({ label, kind: 'step', detail: stepWords(label, scope) }));
  if (root === 'steps' && part === undefined && name !== undefined) {
    const found = scope.findStep(name);
    if (!('info' in found)) return [];
    return [
      ...(found.info.output
        ? [{ label: 'output', kind: 'field' as const, detail: typeWords(found.info.output) }]
        : []),
      { label: 'status', kind: 'field', detail: found.info.statuses.join(', ') },
      ...(found.info.kind === 'approve'
        ? [{ label: 'approvers', kind: 'field' as const, detail: 'who signed' }]
        : []),
    ];
  }
  const ast = parseExpression(chain, () => {});
  const type = ast && bare(typeOf(ast, chain, scope));
  if (type?.kind !== 'object') return [];
  return [...type.fields].map(([label, field]) => ({
    label,
    kind: 'field',
    detail: typeWords(field.type),
    ...defined({ documentation: field.description }),
  }));
}

function stepWords(id: string, scope: Scope): string {
  const found = scope.findStep(id);
  if (!('info' in found)) return '';
  return found.maybe === undefined ? found.info.kind : `${found.info.kind}; may be absent: ${found.maybe}`;
}

/** What a part of an expression is. */
export function typeAt(node: ASTNode, { source, scope }: SeenExpression): Type {
  return typeOf(node, source, scope);
}

function typeOf(node: ASTNode, source: string, scope: Scope): Type {
  return new Checker(source, quiet(scope), () => {}).check(node);
}

/** Looking at an expression makes no input used and no step needed. */
function quiet(scope: Scope): Scope {
  return {
    names: scope.names,
    lets: scope.lets,
    facts: scope.facts,
    findStep: (id) => scope.findStep(id),
    stepNames: () => scope.stepNames(),
    need: () => {},
    useTicket: () => {},
    useInput: () => {},
  };
}

function bare(type: Type): Type {
  return type.kind === 'optional' || type.kind === 'sealed' ? bare(type.of) : type;
}

function typeWords(type: Type): string {
  if (type.kind === 'optional')
    return `${typeWords(type.of)}, or absent${type.why === undefined ? '' : ` (${type.why})`}`;
  return type.kind === 'sealed' ? `${nameOf(type.of)}, sealed` : nameOf(type);
}

/** The longest chain of names that ends where the cursor is, or else the smallest part around it. */
function smallestAt(node: ASTNode, at: number): ASTNode | undefined {
  if (at < node.start || at > node.end) return undefined;
  for (const child of childrenOf(node)) {
    const found = smallestAt(child, at);
    if (found) return found;
  }
  return node;
}

function pathAt(node: ASTNode, at: number): string | undefined {
  if (at < node.start || at > node.end) return undefined;
  const path = pathOf(node);
  if (path !== undefined) return path;
  return childrenOf(node)
    .map((child) => pathAt(child, at))
    .find((found) => found !== undefined);
}

function actionAt(
  workspace: Workspace,
  file: string,
  offset: number,
): { name: string; range: { start: number; end: number } } | undefined {
  const text = workspace.text(file);
  const found = text === undefined ? undefined : valueAt(text, offset, 'uses');
  return found && { name: found.text, range: found.range };
}

/** The plain value of a key on the line of an offset, when the offset is in it. */
function valueAt(
  text: string,
  offset: number,
  key: string,
): { text: string; range: { start: number; end: number } } | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset) === -1 ? text.length : text.indexOf('\n', offset);
  const match = new RegExp(`^(\\s*(?:- )?\\s*${key}:[ \\t]+)["']?([\\w.-]*)`).exec(
    text.slice(start, end).replace(/\r$/, ''),
  );
  if (!match) return undefined;
  const from = start + (match[0].length - (match[2] ?? '').length);
  const range = { start: from, end: from + (match[2] ?? '').length };
  return offset >= range.start && offset <= range.end ? { text: match[2] ?? '', range } : undefined;
}

/** Where a key of a section at the top of the file stands. */
function keyIn(text: string, section: string, key: string, file: string): Target | undefined {
  const from = new RegExp(`^${section}:`, 'm').exec(text);
  if (!from) return undefined;
  const body = text.slice(from.index);
  const next = /\n(?=[^\s#])/.exec(body);
  const own = body.slice(0, next?.index ?? body.length);
  const at = new RegExp(`[\\s{,]["']?(${key})["']?\\s*:`).exec(own);
  if (!at) return undefined;
  return { file, ...new SourceFile(file, text).lineColumn(from.index + at.index + at[0].indexOf(key)) };
}
