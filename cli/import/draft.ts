/** A runbook drafted from what people had before: YAML with everything that a person must still decide marked `TODO`. */

import { Document, isMap, isScalar, isSeq, Scalar, type YAMLMap } from 'yaml';
import { toSlug } from '../../compiler/expressions/text.ts';
import { reservedWords } from '../../plan/lexical.ts';
import type { JsonObject } from '../../plan/plan.ts';

export interface DraftStep {
  title: string;
  /** Where others refer to the step. */
  id?: string;
  /** All of the step but its id, title and inner steps. */
  content: JsonObject;
  steps?: DraftStep[];
  /** What a person must still decide. */
  todo?: string | undefined;
}

export interface Draft {
  title: string;
  kind: string;
  description: string;
  /** Where it came from, as its first comment. */
  origin: string;
  inputs: JsonObject;
  steps: DraftStep[];
  /** What stands in no step. */
  todos: string[];
  /** What became of the items, in a sentence. */
  summary: string;
}

/** What a person does by themselves until there is an action for it: the draft runs from the first day. */
export function byHand(title: string, instructions: string, todo?: string): DraftStep {
  return {
    title,
    content: { task: { to: owner, instructions: literal(instructions), within: '2 business days' } },
    todo,
  };
}

export const owner = 'role:it-coordinators';

/** Text that is no template: `${{` in it is meant as it stands. */
export function literal(text: string): string {
  return text.replaceAll('${{', '$ {{').trim();
}

/** One line and no longer than a title is read. */
export function titleOf(text: string): string {
  const line = literal(text).replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 87).trimEnd()}…` : line;
}

export function runbookName(title: string): string {
  const name = toSlug(title).slice(0, 60).replace(/-$/, '');
  return /^[a-z]/.test(name) ? name : `runbook-${name}`.replace(/-$/, '');
}

/** The draft as YAML. */
export function writeDraft(draft: Draft): string {
  const ids = new Ids();
  const document = new Document(
    {
      runbook: runbookName(draft.title),
      title: titleOf(draft.title),
      kind: draft.kind,
      owner,
      description: literal(draft.description),
      on: [{ manual: { by: [owner] } }],
      ...(Object.keys(draft.inputs).length > 0 ? { inputs: draft.inputs } : {}),
      steps: draft.steps.map((step) => written(step, ids)),
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore = [
    ` ${draft.origin}`,
    ' A first draft: what is marked TODO is for you to decide. Check it with `countersign validate`, read it with `countersign docs`.',
    ...draft.todos.map((todo) => ` TODO: ${oneLine(todo)}`),
  ].join('\n');
  markTodos(document.get('steps'), draft.steps);
  return document.toString({ lineWidth: 120, flowCollectionPadding: true });
}

function written({ title, id, content, steps }: DraftStep, ids: Ids): JsonObject {
  const shown = titleOf(title);
  const step: JsonObject = { id: id === undefined ? ids.of(shown) : ids.take(id), title: shown, ...content };
  return steps ? { ...step, steps: steps.map((inner) => written(inner, ids)) } : step;
}

/** A comment stands above the step that it is about. */
function markTodos(list: unknown, steps: readonly DraftStep[]): void {
  if (!isSeq(list)) return;
  for (const [index, { todo, steps: inner }] of steps.entries()) {
    const node = list.items[index];
    if (!isMap(node)) continue;
    if (index > 0) node.spaceBefore = true;
    if (todo !== undefined && todo.trim() !== '') node.commentBefore = ` TODO: ${oneLine(todo)}`;
    blockTexts(node);
    if (inner) markTodos(node.get('steps'), inner);
  }
}

/** Text of several lines reads best as a block. */
function blockTexts(node: YAMLMap): void {
  for (const { value } of node.items) {
    if (isMap(value)) blockTexts(value);
    else if (isScalar(value) && typeof value.value === 'string' && value.value.includes('\n'))
      value.type = Scalar.BLOCK_LITERAL;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Ids of steps are words in camelCase, each once. */
class Ids {
  private readonly taken = new Set<string>();

  take(id: string): string {
    let free = id;
    for (let count = 2; this.taken.has(free) || reservedWords.has(free); count += 1) free = `${id}${count}`;
    this.taken.add(free);
    return free;
  }

  of(title: string): string {
    const words = toSlug(title)
      .split('-')
      .filter((word) => word !== '' && !small.has(word))
      .slice(0, 4);
    const id = words
      .map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
      .join('');
    return this.take(/^[a-z]/.test(id) ? id.slice(0, 40) : `step${id.slice(0, 36)}`);
  }
}

const small = new Set([
  'the',
  'a',
  'an',
  'of',
  'to',
  'and',
  'or',
  'for',
  'in',
  'on',
  'with',
  'is',
  'if',
  'all',
]);
