/** Blocks as Markdown (CommonMark, with tables as GitHub shows them). */
import type { Block, Inline } from '../plan/document.ts';

export function toMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map((block) => blockText(block)).join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${inlines(block.text)}`;
    case 'paragraph':
      // What would begin a heading or a list is text here.
      return inlines(block.text)
        .replace(/^([#+-])(?=\s|$)/, '\\$1')
        .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
    case 'table': {
      const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
      const rows = block.rows.map((cells) =>
        row(cells.map((cell) => inlines(cell).replaceAll('|', '\\|').replaceAll('\n', ' '))),
      );
      return [row(block.head), row(block.head.map(() => '---')), ...rows].join('\n');
    }
    case 'facts': {
      const rows = block.rows.map(([name, value]) => `- **${escaped(name)}:** ${inlines(value)}`).join('\n');
      return block.title === undefined ? rows : `${escaped(block.title)}:\n\n${rows}`;
    }
    case 'list': {
      const items = block.items.map((item) =>
        item
          .map((part) => blockText(part))
          .join('\n\n')
          .split('\n')
          .map((line, index) => (index === 0 ? `- ${line}` : line === '' ? '' : `  ${line}`))
          .join('\n'),
      );
      const loose = block.items.some((item) => item.length > 1);
      return items.join(loose ? '\n\n' : '\n');
    }
  }
}

function inlines(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return escaped(part);
      if ('code' in part) return codeSpan(part.code);
      return 'strong' in part ? `**${escaped(part.strong)}**` : `_${escaped(part.quiet)}_`;
    })
    .join('')
    .trim();
}

/** What an author wrote shows as it is, and forms nothing. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>]/g, '\\$&').replace(/\s*\n\s*/g, ' ');
}

function codeSpan(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}
