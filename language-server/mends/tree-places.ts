/** Finding and removing what stands at a place of a file. */

import { maxDepth } from '../../compiler/source/parse.ts';
import type { SourceRange } from '../../compiler/source/source-file.ts';
import type { Entry, MapNode, Node, ScalarNode } from '../../compiler/source/tree.ts';
import type { TextEdit } from '../format.ts';

export interface FoundEntry {
  map: MapNode;
  entry: Entry;
  /** What holds the map, where something does. */
  around: FoundEntry | undefined;
}

/** The innermost key whose own range begins here. */
export function entryAt(root: Node | undefined, start: number): FoundEntry | undefined {
  const visit = (node: Node, around: FoundEntry | undefined, depth: number): FoundEntry | undefined => {
    if (depth > maxDepth || start < node.start || start > node.end) return undefined;
    if (node.kind === 'list') return firstOf(node.items, (item) => visit(item, around, depth + 1));
    if (node.kind !== 'map') return undefined;
    return firstOf(node.entries, (entry) => {
      const found = { map: node, entry, around };
      return entry.keyRange.start === start ? found : visit(entry.value, found, depth + 1);
    });
  };
  return root && visit(root, undefined, 0);
}

/** The scalar, or the key, that has this range inside. */
export function scalarAround(
  root: Node | undefined,
  { start, end }: SourceRange,
): ScalarNode | { kind: 'key'; start: number; end: number } | undefined {
  const visit = (node: Node): ReturnType<typeof scalarAround> => {
    if (node.kind === 'scalar') return start >= node.start && end <= node.end ? node : undefined;
    if (node.kind === 'list') return firstOf(node.items, visit);
    return firstOf(node.entries, ({ keyRange, value }) =>
      start >= keyRange.start && end <= keyRange.end ? { kind: 'key' as const, ...keyRange } : visit(value),
    );
  };
  return root && visit(root);
}

function firstOf<T, U>(items: readonly T[], find: (item: T) => U | undefined): U | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Without this key and its value. What is left empty goes with it. */
export function removal(text: string, { map, entry, around }: FoundEntry): TextEdit | undefined {
  const at = map.entries.indexOf(entry);
  const next = map.entries[at + 1];
  const before = map.entries[at - 1];
  if (!next && !before) return around ? removal(text, around) : undefined;
  const { start } = entry.keyRange;
  const end = Math.max(entry.keyRange.end, entry.value.end);
  if (text[map.start] === '{')
    return next
      ? { start, end: next.keyRange.start, text: '' }
      : { start: Math.max(before?.keyRange.end ?? 0, before?.value.end ?? 0), end, text: '' };
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  // Behind the dash of a list: the next key takes its place.
  if (text.slice(lineStart, start).trim() !== '')
    return next && { start, end: next.keyRange.start, text: '' };
  const lineEnd = text.indexOf('\n', end);
  const rest = text.slice(end, lineEnd === -1 ? text.length : lineEnd);
  // What stands behind it on its line, other than a comment, would be lost.
  if (!/^\s*(#.*)?$/.test(rest)) return undefined;
  const column = start - lineStart;
  let after = lineEnd === -1 ? text.length : lineEnd + 1;
  // A comment that stands further in is part of what goes.
  for (;;) {
    const [comment, indent = ''] = /^([ ]*)#.*(?:\n|$)/.exec(text.slice(after)) ?? [];
    if (comment === undefined || indent.length <= column) break;
    after += comment.length;
  }
  return { start: lineStart, end: after, text: '' };
}
