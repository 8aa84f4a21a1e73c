/** Steps, inputs, names under `let` and data: where each is defined, and everywhere it is named, in every file. */

import type { ASTNode } from '@marcbachmann/cel-js';
import { partsOf } from '../compiler/expressions/interpolation.ts';
import { parseExpression } from '../compiler/expressions/parse.ts';
import type { SeenExpression } from '../compiler/scope/compile-session.ts';
import { sourceOffsetOf } from '../compiler/source/scalar-map.ts';
import { childOf, entryOf, type MapNode, type Node, textOf } from '../compiler/source/tree.ts';
import { idPattern, reservedNames, reservedWords } from '../plan/lexical.ts';
import { allSteps, bare, entriesOf, type NamedKind, type Occurrence } from './occurrence.ts';
import { childrenOf } from './syntax.ts';
import { namesInTests } from './test-names.ts';
import { configurationPath, type Workspace } from './workspace.ts';

export const kindWords: Record<NamedKind, string> = {
  step: 'step',
  input: 'input',
  let: 'name under `let`',
  data: 'name under `data`',
};

/** What is named at a place of a file. */
export function occurrenceAt(workspace: Workspace, file: string, offset: number): Occurrence | undefined {
  return namesIn(workspace, file).find(({ start, end }) => offset >= start && offset <= end);
}

/** Every place where the same is named, the definition among them. */
export function occurrencesOf(workspace: Workspace, { kind, name, of }: Occurrence): Occurrence[] {
  const files = [...workspace.runbooks.map((path) => namesIn(workspace, path)), namesInTests(workspace)];
  return files.flat().filter((each) => each.kind === kind && each.name === name && each.of === of);
}

/** Why a name cannot become another, in a sentence; nothing when it can. */
export function whyNotRename(workspace: Workspace, what: Occurrence, to: string): string | undefined {
  const { kind, name, of } = what;
  if (to === name) return undefined;
  if (!idPattern.test(to))
    return `\`${to}\` cannot be a name: write letters, digits and _, beginning with a small letter, such as \`newName\`.`;
  if ((kind === 'let' ? reservedNames : reservedWords).has(to))
    return `\`${to}\` is a reserved word and cannot be a name.`;
  const own = namesIn(workspace, of).filter(({ defines }) => defines);
  if (own.some((each) => each.kind === kind && each.name === to))
    return `There is ${kind === 'input' ? 'an' : 'a'} ${kindWords[kind]} \`${to}\` already.`;
  if (kind === 'let' && shadowedBy(workspace, of).has(to))
    return `\`${to}\` is the name of an item in this runbook: it would stand for something else there.`;
  const broken = occurrencesOf(workspace, what).find(({ file }) => cannotBeRead(workspace, file));
  const unread = broken?.file ?? (cannotBeRead(workspace, of) ? of : undefined);
  return unread && `${unread} cannot be read as a whole. Mend what is not valid in it first.`;
}

/** A name may stand where nothing can be read. */
function cannotBeRead(workspace: Workspace, file: string): boolean {
  if (workspace.text(file) === undefined) return false;
  return (
    workspace.tree(file).broken ||
    workspace.expressionsOf(file).some(({ source }) => !parseExpression(source, () => {}))
  );
}

/** Names of items: of a forEach, and of the functions that go through a list. */
function shadowedBy(workspace: Workspace, file: string): ReadonlySet<string> {
  const names = new Set<string>();
  const { root } = workspace.tree(file);
  for (const step of allSteps(root)) {
    const as = textOf(entryOf(step, 'as')?.value);
    if (as !== undefined) names.add(as);
  }
  for (const { source } of workspace.expressionsOf(file)) {
    const ast = parseExpression(source, () => {});
    if (ast) collectLoopNames(ast, names);
  }
  return names;
}

function collectLoopNames(node: ASTNode, names: Set<string>): void {
  const loop = loopName(node);
  if (loop !== undefined) names.add(loop);
  for (const child of childrenOf(node)) collectLoopNames(child, names);
}

function namesIn(workspace: Workspace, file: string): Occurrence[] {
  if (file === configurationPath) return [];
  if (!workspace.runbooks.includes(file)) return namesInTests(workspace).filter((each) => each.file === file);
  const { root } = workspace.tree(file);
  if (root?.kind !== 'map') return [];
  const lets = new Set(entriesOf(childOf(root, 'let')).map(({ key }) => key));
  return [
    ...definitions(root, file),
    ...givenInputs(workspace, root, file),
    ...expressionsIn(workspace, root, file).flatMap((each) => inExpression(each, file, lets)),
  ];
}

/** An expression, with the names of the items that are known where it stands. */
interface Found extends Pick<SeenExpression, 'source' | 'offsetOf'> {
  items?: Pick<ReadonlyMap<string, unknown>, 'has'>;
}

const neverBraced = new Set(['if', 'until', 'forEach']);

/** What the compiler has looked at, and what it has not: beside a mistake, such as an unknown action, it passes over what follows. */
function expressionsIn(workspace: Workspace, root: MapNode, file: string): Found[] {
  const seen = workspace.expressionsOf(file);
  const known = new Set(seen.map(({ offsetOf }) => offsetOf(0)));
  const text = workspace.text(file) ?? '';
  const missed: Found[] = [];
  const visit = (node: Node, key: string): void => {
    if (node.kind === 'map') for (const entry of node.entries) visit(entry.value, entry.key);
    else if (node.kind === 'list') for (const item of node.items) visit(item, '');
    else if (typeof node.value === 'string' && (node.value.includes('${{') || neverBraced.has(key))) {
      const offsets = sourceOffsetOf(node, text);
      const { parts } = partsOf(node.value);
      const wholes = node.value.includes('${{') ? parts : [{ expression: node.value, start: 0 }];
      for (const part of wholes)
        if (typeof part === 'object' && !known.has(offsets(part.start)))
          missed.push({ source: part.expression, offsetOf: (at) => offsets(part.start + at) });
    }
  };
  visit(root, '');
  return [
    ...seen.map(({ source, offsetOf, scope }) => ({ source, offsetOf, items: scope.names })),
    ...missed,
  ];
}

function definitions(root: MapNode, file: string): Occurrence[] {
  const text = { of: file, file, defines: true };
  const sections: [NamedKind, string][] = [
    ['input', 'inputs'],
    ['let', 'let'],
    ['data', 'data'],
  ];
  const found = sections.flatMap(([kind, section]) =>
    entriesOf(childOf(root, section)).map(({ key, keyRange }) => ({
      ...text,
      kind,
      name: key,
      ...bare(keyRange, key),
    })),
  );
  for (const step of allSteps(root)) {
    const id = entryOf(step, 'id')?.value;
    const name = textOf(id);
    if (id && name !== undefined && !id.broken)
      found.push({ ...text, kind: 'step', name, ...bare(id, name) });
  }
  return found;
}

/** Inputs that triggers give, that tickets may amend, and that called runbooks are given. */
function givenInputs(workspace: Workspace, root: MapNode, file: string): Occurrence[] {
  const input = { kind: 'input' as const, file, defines: false };
  const found: Occurrence[] = [];
  const on = childOf(root, 'on');
  for (const trigger of on?.kind === 'list' ? on.items : []) {
    for (const { key, keyRange } of entriesOf(childOf(trigger, 'inputs')))
      found.push({ ...input, name: key, of: file, ...bare(keyRange, key) });
    const amend = childOf(trigger, 'amend');
    for (const item of amend?.kind === 'list' ? amend.items : []) {
      const name = textOf(item);
      if (name !== undefined) found.push({ ...input, name, of: file, ...bare(item, name) });
    }
  }
  for (const step of allSteps(root)) {
    const called = textOf(entryOf(step, 'runbook')?.value);
    const of = called === undefined ? undefined : workspace.fileOf(called);
    if (of === undefined) continue;
    for (const { key, keyRange } of entriesOf(childOf(step, 'with')))
      found.push({ ...input, name: key, of, ...bare(keyRange, key) });
  }
  return found;
}

const rooted: Record<string, NamedKind> = { steps: 'step', inputs: 'input', data: 'data' };

function inExpression(seen: Found, file: string, lets: ReadonlySet<string>): Occurrence[] {
  const ast = parseExpression(seen.source, () => {});
  if (!ast) return [];
  const found: Occurrence[] = [];
  const add = (kind: NamedKind, name: string, start: number, end: number) =>
    found.push({
      kind,
      name,
      of: file,
      file,
      start: seen.offsetOf(start),
      end: seen.offsetOf(end),
      defines: false,
    });
  const visit = (node: ASTNode, items: ReadonlySet<string>): void => {
    if (node.op === 'id' && lets.has(node.args) && !items.has(node.args) && !seen.items?.has(node.args))
      add('let', node.args, node.start, node.end);
    if (node.op === '.' || node.op === '.?') {
      const [left, name] = node.args;
      const kind = rootOf(left, items);
      if (kind) add(kind, name, node.end - name.length, node.end);
    } else if (node.op === '[]' || node.op === '[?]') {
      const [left, index] = node.args;
      const kind = rootOf(left, items);
      if (kind && index.op === 'value' && typeof index.args === 'string')
        add(kind, index.args, index.start + 1, index.end - 1);
    }
    const loop = loopName(node);
    const inside = loop === undefined ? items : new Set([...items, loop]);
    for (const child of childrenOf(node)) visit(child, inside);
  };
  visit(ast, new Set());
  return found;
}

function rootOf(node: ASTNode, items: ReadonlySet<string>): NamedKind | undefined {
  if (node.op !== 'id' || items.has(node.args)) return undefined;
  return Object.hasOwn(rooted, node.args) ? rooted[node.args] : undefined;
}

/** `x` in `list.map(x, …)`. The list itself is taken for inside as well: it cannot name its own item. */
function loopName(node: ASTNode): string | undefined {
  if (node.op !== 'rcall') return undefined;
  const [, , given] = node.args;
  const [first] = given;
  return given.length > 1 && first?.op === 'id' ? first.args : undefined;
}
