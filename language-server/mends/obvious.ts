/** Diagnostics without a suggestion that have one obvious mend all the same. */

import type { ASTNode } from '@marcbachmann/cel-js';
import { fallbackFor } from '../../compiler/expressions/check.ts';
import { parseExpression } from '../../compiler/expressions/parse.ts';
import type { Type } from '../../compiler/expressions/types.ts';
import type { SeenExpression } from '../../compiler/scope/compile-session.ts';
import { entryOf } from '../../compiler/source/tree.ts';
import { typeAt } from '../assist.ts';
import { childrenOf } from '../syntax.ts';
import type { Mend, Place } from './mend.ts';
import { inScalar } from './suggested.ts';
import { entryAt, removal, scalarAround } from './tree-places.ts';

type Mender = (place: Place) => Mend | undefined;

export const obvious: Readonly<Record<string, Mender>> = {
  CS1006: spacesForTabs,
  CS1013: withoutTag,
  CS1301: closed,
  CS1308: orValue,
  CS1309: withoutMethod,
  CS1319: quotedKey,
  CS1322: inText,
  CS1605: without('Remove the input'),
  CS1606: sensitive,
  CS1614: notOptional,
  CS1722: without('Remove `onExpiry`'),
  CS1726: without('Remove `onError`'),
  CS1727: without('Remove `onItemError`'),
  CS2024: without('Remove the input'),
};

/** Without the key that the diagnostic stands at. */
function without(title: string): Mender {
  return ({ workspace, file, text, diagnostic }) => {
    const found = entryAt(workspace.tree(file).root, diagnostic.range.start);
    const edit = found && removal(text, found);
    return edit && { title, edits: [edit] };
  };
}

/** Every tab at the beginning of a line of the file: one alone leaves the next in the way. */
function spacesForTabs({ text }: Place): Mend | undefined {
  const edits = [...text.matchAll(/^[ ]*\t[ \t]*/gm)].map(({ 0: indent, index }) => ({
    start: index,
    end: index + indent.length,
    text: indent.replaceAll('\t', '  '),
  }));
  return edits.length === 0 ? undefined : { title: 'Write spaces for the tabs of this file', edits };
}

function withoutTag({ text, diagnostic: { range } }: Place): Mend | undefined {
  const tag = /^![^\s,[\]{}]*[ \t]*/.exec(text.slice(range.start))?.[0];
  return tag === undefined
    ? undefined
    : {
        title: `Remove \`${tag.trim()}\``,
        edits: [{ start: range.start, end: range.start + tag.length, text: '' }],
      };
}

/** `${{ inputs.name }` and `${{ inputs.name`. */
function closed({ text, diagnostic: { range } }: Place): Mend | undefined {
  const line = /^[^\r\n]*/.exec(text.slice(range.start, range.end))?.[0] ?? '';
  const end = range.start + line.trimEnd().length;
  const half = text[end - 1] === '}' && text[end - 2] !== '}';
  return { title: 'Close the expression with `}}`', edits: [{ start: end, end, text: half ? '}' : ' }}' }] };
}

/** The expression that a diagnostic is about: one that it stands in, or the only one of the value that it stands at. */
function expressionOf({ workspace, file, diagnostic: { range } }: Place): SeenExpression | undefined {
  const inside = workspace
    .expressionsOf(file)
    .filter(
      ({ offsetOf, source }) => offsetOf(0) >= range.start - 1 && offsetOf(source.length) <= range.end + 1,
    );
  if (inside.length > 0) return inside.length === 1 ? inside[0] : undefined;
  return workspace
    .expressionsOf(file)
    .find(({ offsetOf, source }) => offsetOf(0) <= range.start && offsetOf(source.length) >= range.end);
}

function astOf({ source }: SeenExpression): ASTNode | undefined {
  return parseExpression(source, () => {});
}

/** The part of an expression that a diagnostic is about; all of it where the diagnostic stands at the value. */
function partOf(seen: SeenExpression, { diagnostic: { range } }: Place): ASTNode | undefined {
  const visit = (node: ASTNode): ASTNode | undefined => {
    if (seen.offsetOf(node.start) === range.start && seen.offsetOf(node.end) === range.end) return node;
    for (const child of childrenOf(node)) {
      const found = visit(child);
      if (found) return found;
    }
    return undefined;
  };
  const ast = astOf(seen);
  return ast && (visit(ast) ?? (seen.offsetOf(0) >= range.start ? ast : undefined));
}

/** In the place of a part of an expression, as the quotes around the value have it. */
function rewritten(place: Place, seen: SeenExpression, node: ASTNode, wording: string): Mend['edits'] {
  const start = seen.offsetOf(node.start);
  const end = seen.offsetOf(node.end);
  const scalar = scalarAround(place.workspace.tree(place.file).root, { start, end });
  return [{ start, end, text: inScalar(scalar?.kind === 'scalar' ? scalar : undefined, wording) }];
}

const bindsTightly: ReadonlySet<string> = new Set([
  'id',
  '.',
  '.?',
  '[]',
  '[?]',
  'call',
  'rcall',
  'value',
  'list',
]);

function orValue(place: Place): Mend | undefined {
  const seen = expressionOf(place);
  const node = seen && partOf(seen, place);
  if (!seen || !node) return undefined;
  const type = typeAt(node, seen);
  if (type.kind !== 'optional') return undefined;
  const source = seen.source.slice(node.start, node.end);
  const receiver = bindsTightly.has(node.op) ? source : `(${source})`;
  const wording = `${receiver}.orValue(${fallbackFor(type.of)})`;
  return { title: `Write \`${wording}\``, edits: rewritten(place, seen, node, wording) };
}

/** `inputs.name.orValue("x")` as `inputs.name`. */
function withoutMethod(place: Place): Mend | undefined {
  const seen = expressionOf(place);
  const ast = seen && astOf(seen);
  if (!seen || !ast) return undefined;
  const calls: ASTNode[] = [];
  const collect = (node: ASTNode): void => {
    if (node.op === 'rcall' && ['orValue', 'or'].includes(node.args[0])) calls.push(node);
    for (const child of childrenOf(node)) collect(child);
  };
  collect(ast);
  const { range } = place.diagnostic;
  const call = calls
    .filter((node) => seen.offsetOf(node.start) <= range.start && seen.offsetOf(node.end) >= range.end)
    .at(-1);
  if (call?.op !== 'rcall' || typeAt(call.args[1], seen).kind === 'dyn') return undefined;
  const wording = seen.source.slice(call.args[1].start, call.args[1].end);
  return { title: `Write \`${wording}\``, edits: rewritten(place, seen, call, wording) };
}

function quotedKey(place: Place): Mend | undefined {
  const seen = expressionOf(place);
  const node = seen && partOf(seen, place);
  if (!seen || !node) return undefined;
  const wording = JSON.stringify(seen.source.slice(node.start, node.end));
  return { title: `Write \`${wording}\``, edits: rewritten(place, seen, node, wording) };
}

/** A list of texts is joined, anything else becomes JSON. */
function inText(place: Place): Mend | undefined {
  const seen = expressionOf(place);
  const node = seen && astOf(seen);
  if (!seen || !node) return undefined;
  const type = typeAt(node, seen);
  const source = seen.source.slice(node.start, node.end);
  const wording = isListOfTexts(type) ? `join(${source}, ", ")` : `toJson(${source})`;
  return { title: `Write \`${wording}\``, edits: rewritten(place, seen, node, wording) };
}

function isListOfTexts(type: Type): boolean {
  return type.kind === 'list' && type.item.kind === 'string';
}

/** `visibleTo` says who may see what is sealed: then it is. */
function sensitive({ workspace, file, text, diagnostic: { range } }: Place): Mend | undefined {
  const found = entryAt(workspace.tree(file).root, range.start);
  if (found?.entry.key !== 'visibleTo') return undefined;
  const { start } = found.entry.keyRange;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(lineStart, start);
  const separator = before.trim() === '' ? `\n${before}` : ', ';
  return {
    title: 'Add `sensitive: true`',
    edits: [{ start, end: start, text: `sensitive: true${separator}` }],
  };
}

/** An input with a default is never asked for. */
function notOptional({ workspace, file, text, diagnostic: { range } }: Place): Mend | undefined {
  const found = entryAt(workspace.tree(file).root, range.start);
  const input = found?.entry.value;
  const entry = input?.kind === 'map' ? entryOf(input, 'optional') : undefined;
  const edit =
    entry && input?.kind === 'map' ? removal(text, { map: input, entry, around: undefined }) : undefined;
  return edit && { title: 'Remove `optional`', edits: [edit] };
}
