/** What a file has, as an outline: inputs, names, triggers and steps of a runbook, the sections of any other file. */

import { innerLists, stepsOf } from '../compiler/runbook/step-numbering.ts';
import type { SourceRange } from '../compiler/source/source-file.ts';
import { childOf, type Entry, entryOf, type MapNode, type Node, textOf } from '../compiler/source/tree.ts';
import { kindOf } from '../compiler/steps/step.ts';
import { defined } from '../plan/defined.ts';
import { entriesOf } from './occurrence.ts';
import type { Workspace } from './workspace.ts';

export interface OutlineItem {
  name: string;
  detail?: string;
  kind: 'runbook' | 'section' | 'input' | 'name' | 'trigger' | 'step' | 'output';
  /** All of it, and the part to show when it is chosen, which lies inside. */
  range: SourceRange;
  selection: SourceRange;
  children: OutlineItem[];
}

/** An outline is for people: what is nested deeper is in the text. */
const deepestOutline = 40;

export function outline(workspace: Workspace, file: string): OutlineItem[] {
  const { root } = workspace.tree(file);
  if (root?.kind !== 'map') return [];
  if (!workspace.runbooks.includes(file)) return root.entries.map((entry) => section(entry, plainChildren));
  return root.entries.flatMap((entry) => {
    const read = Object.hasOwn(sections, entry.key) ? sections[entry.key] : undefined;
    return read ? [section(entry, read)] : [];
  });
}

const keysOf =
  (kind: OutlineItem['kind']) =>
  (node: Node): OutlineItem[] =>
    entriesOf(node).map((entry) => ({
      ...section(entry, () => []),
      kind,
      ...defined({ detail: shortText(childOf(entry.value, 'description') ?? entry.value) }),
    }));

const sections: Record<string, (node: Node) => OutlineItem[]> = {
  on: triggers,
  inputs: keysOf('input'),
  data: keysOf('name'),
  let: keysOf('name'),
  steps: (node) => steps(node, 0),
  finally: (node) => steps(node, 0),
  outputs: keysOf('output'),
};

function section(entry: Entry, read: (node: Node) => OutlineItem[]): OutlineItem {
  const { key, keyRange, value } = entry;
  return {
    name: key || '…',
    kind: 'section',
    range: { start: keyRange.start, end: Math.max(keyRange.end, value.end) },
    selection: keyRange,
    children: read(value),
  };
}

function plainChildren(node: Node): OutlineItem[] {
  return entriesOf(node).map((entry) => section(entry, () => []));
}

function triggers(node: Node): OutlineItem[] {
  return (node.kind === 'list' ? node.items : []).flatMap((item) => {
    const [first] = entriesOf(item);
    return first ? [{ ...section(first, () => []), kind: 'trigger' as const, range: item }] : [];
  });
}

function steps(node: Node | undefined, depth: number): OutlineItem[] {
  if (depth > deepestOutline) return [];
  return stepsOf(node).map((step) => {
    const kind = kindOf(step) ?? '';
    const id = entryOf(step, 'id')?.value;
    const title = entryOf(step, 'title')?.value;
    const what =
      shortText(entryOf(step, 'uses')?.value) ?? shortText(entryOf(step, 'runbook')?.value) ?? kind;
    const shown = shortText(id) ?? shortText(title);
    return {
      name: shown || what || '…',
      ...defined({
        detail: [shown && what, shown && id && shortText(title)].filter(Boolean).join(' · ') || undefined,
      }),
      kind: 'step' as const,
      range: range(step),
      selection: id ?? title ?? step.entries[0]?.keyRange ?? range(step),
      children: inside(step, depth),
    };
  });
}

function inside(step: MapNode, depth: number): OutlineItem[] {
  return innerLists(step).flatMap(({ steps: list, token }) => {
    if (list?.kind !== 'list') return [];
    const children = steps(list, depth + 1);
    return token === undefined
      ? children
      : [{ name: token, kind: 'section' as const, range: range(list), selection: range(list), children }];
  });
}

function range({ start, end }: SourceRange): SourceRange {
  return { start, end };
}

function shortText(node: Node | undefined): string | undefined {
  const text = textOf(node)?.split('\n', 1)[0]?.trim();
  return text ? text.slice(0, 80) : undefined;
}
