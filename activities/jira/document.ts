/** Plain text as Atlassian Document Format, which Jira's API version 3 takes instead of text. */
import type { Json, JsonObject } from '../../plan/plan.ts';

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
    content: paragraphs.map((paragraph) => ({ type: 'paragraph', content: inlineOf(paragraph) })),
  };
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
