/** Whether something is a document that Jira would take (Atlassian Document Format). */
import { JiraError } from './errors.ts';

/** Longest text of a comment, in characters. */
const longest = 32_767;

const blocks = [
  ...[
    'paragraph',
    'heading',
    'bulletList',
    'orderedList',
    'codeBlock',
    'blockquote',
    'panel',
    'rule',
    'table',
  ],
  ...[
    'mediaSingle',
    'mediaGroup',
    'expand',
    'taskList',
    'decisionList',
    'blockCard',
    'bodiedExtension',
    'extension',
  ],
];
const inline = ['text', 'hardBreak', 'mention', 'emoji', 'date', 'status', 'inlineCard', 'mediaInline'];

/** What may stand in what. Nodes not named here are not looked into. */
const contents: Record<string, string[]> = {
  doc: blocks,
  paragraph: inline,
  heading: inline,
  bulletList: ['listItem'],
  orderedList: ['listItem'],
  listItem: ['paragraph', 'bulletList', 'orderedList', 'codeBlock', 'mediaSingle'],
  codeBlock: ['text'],
  blockquote: ['paragraph', 'bulletList', 'orderedList'],
};

interface Node {
  type?: unknown;
  text?: unknown;
  version?: unknown;
  content?: unknown;
  marks?: unknown;
}

/** Rejects what is no document: plain text, an unknown node, an empty text. */
export function checkDocument(document: unknown): void {
  const root = (document ?? {}) as Node;
  const isDocument = root.type === 'doc' && root.version === 1 && Array.isArray(root.content);
  if (!isDocument) throw new JiraError(400, [], { comment: 'Comment body is not valid!' });
  const { content } = root as { content: Node[] };
  if (
    textOf(root).trim() === '' &&
    !content.some((node) => !['paragraph', 'text'].includes(String(node.type)))
  )
    throw new JiraError(400, [], { comment: 'Comment body can not be empty!' });
  if (!isValid(root)) throw new JiraError(400, 'INVALID_INPUT');
  if (textOf(root).length > longest)
    throw new JiraError(400, [], {
      comment: 'The entered text is too long. It exceeds the allowed limit of 32,767 characters.',
    });
}

function isValid(node: Node): boolean {
  if (typeof node !== 'object' || node === null || typeof node.type !== 'string') return false;
  if (node.type === 'text')
    return (
      typeof node.text === 'string' &&
      node.text !== '' &&
      (node.marks === undefined || Array.isArray(node.marks))
    );
  const allowed = contents[node.type];
  if (!allowed) return blocks.includes(node.type) || inline.includes(node.type);
  if (node.content === undefined) return node.type === 'paragraph' || node.type === 'codeBlock';
  return (
    Array.isArray(node.content) &&
    node.content.every((child: Node) => allowed.includes(String(child?.type)) && isValid(child))
  );
}

/** The words of a document. */
export function textOf(node: unknown): string {
  const { text, content } = (node ?? {}) as Node;
  if (typeof text === 'string') return text;
  return Array.isArray(content) ? content.map(textOf).join('') : '';
}
