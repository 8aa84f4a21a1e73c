/** Plain text as Atlassian Document Format, which Jira's API version 3 takes instead of text. */
import type { Json, JsonObject } from '../../plan/plan.ts';
import { cellsOfMarkdown } from '../../plan/tables.ts';

/** Paragraphs at empty lines, line breaks kept, web addresses as links. */
export function documentOf(text: string): JsonObject {
  const paragraphs = text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n+/)
    .map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ''))
    .filter((paragraph) => paragraph !== '');
  return {
    type: 'doc',
    version: 1,
    content: paragraphs.flatMap(blocksOf),
  };
}

/** A table that `table(…)` wrote is one here too; what stands right before or behind it is a paragraph of its own. */
function blocksOf(paragraph: string): Json[] {
  const lines = paragraph.split('\n');
  const first = lines.findIndex((line) => line.startsWith('| '));
  const rest = first === -1 ? [] : lines.slice(first);
  const length = rest.findIndex((line) => !line.startsWith('| '));
  const cells = cellsOfMarkdown(length === -1 ? rest : rest.slice(0, length));
  if (!cells) return [paragraphOf(paragraph)];
  const [before, after] = [lines.slice(0, first), length === -1 ? [] : rest.slice(length)];
  return [
    ...(before.length > 0 ? [paragraphOf(before.join('\n'))] : []),
    { type: 'table', content: cells.map(rowOf) },
    ...(after.length > 0 ? blocksOf(after.join('\n')) : []),
  ];
}

function rowOf(cells: string[], index: number): Json {
  const type = index === 0 ? 'tableHeader' : 'tableCell';
  return { type: 'tableRow', content: cells.map((cell) => ({ type, content: [paragraphOf(cell)] })) };
}

function paragraphOf(text: string): Json {
  return { type: 'paragraph', content: inlineOf(text) };
}

function inlineOf(paragraph: string): Json[] {
  return paragraph
    .split('\n')
    .flatMap((line, index) => [...(index > 0 ? [{ type: 'hardBreak' }] : []), ...withLinks(line)]);
}

/** The punctuation after an address in a sentence is the sentence's. */
const address = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]']/g;

function withLinks(line: string): Json[] {
  const parts: Json[] = [];
  let end = 0;
  for (const match of line.matchAll(address)) {
    const [href] = match;
    if (match.index > end) parts.push({ type: 'text', text: line.slice(end, match.index) });
    parts.push({ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] });
    end = match.index + href.length;
  }
  // A text node must not be empty.
  if (end < line.length) parts.push({ type: 'text', text: line.slice(end) });
  return parts;
}
