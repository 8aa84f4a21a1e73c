/** Blocks as one page of HTML that needs nothing else: printable, light and dark. */
import type { Block, Inline } from '../plan/document.ts';

export function toHtml(title: string, blocks: readonly Block[], picture?: string): string {
  const [first, ...rest] = blocks;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; background: Canvas; color: CanvasText; --quiet: #5b6270; }
@media screen and (prefers-color-scheme: dark) { :root { --quiet: #a8afbc; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #8886; } h3 { margin-bottom: .3rem; }
code { font: .9em ui-monospace, monospace; background: #8882; padding: .1em .3em; border-radius: 3px; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #8886; } @media (min-width: 36.01rem) { .short { white-space: nowrap; } }
@media (max-width: 36rem) { thead:has(.short) { display: none; } tr:has(> .short) { display: block; padding: .35rem 0; border-bottom: 1px solid #8886; } tr:has(> .short) > td { padding: 0 .6rem 0 0; border: 0; } tr:has(> .short) > .short { display: inline-block; color: var(--quiet); } tr:has(> .short) > :not(.short) { display: block; } }
dl { margin: .4rem 0 1rem; } dl div { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; padding: .15rem 0; } dt { color: var(--quiet); } dd { margin: 0; white-space: pre-line; } .facts-title { color: var(--quiet); margin: .8rem 0 0; } .facts-title + dl { border-left: 2px solid #8886; padding-left: .8rem; }
em { font-style: normal; color: var(--quiet); }
@media (max-width: 36rem) { dl div { grid-template-columns: 1fr; } }
.flow { overflow-x: auto; } .flow svg { max-width: 100%; height: auto; }
@media print { :root { color-scheme: light; } body { margin: 0; max-width: none; font-size: 10pt; } h1:not(:first-child) { break-before: page; } h2, h3, .facts-title { break-after: avoid; } li, tr, dl div { break-inside: avoid; } }
</style>
</head>
<body>
<main>
${first ? blockHtml(first) : ''}
${rest.map(blockHtml).join('\n')}
${picture ? `<h2>The flow</h2>\n<div class="flow">${picture}</div>` : ''}
</main>
</body>
</html>
`;
}

/** Blocks as a part of a page that exists already. No scripts, no styles; every text escaped. */
export function toHtmlFragment(blocks: readonly Block[]): string {
  return blocks.map(blockHtml).join('\n');
}

function blockHtml(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `<h${block.level}>${inlines(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${inlines(block.text)}</p>`;
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${itemHtml(item)}</li>`).join('\n')}\n</ul>`;
    case 'facts':
      return `${block.title === undefined ? '' : `<p class="facts-title">${escaped(block.title)}</p>\n`}<dl>\n${block.rows
        .map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${inlines(value)}</dd></div>`)
        .join('\n')}\n</dl>`;
    case 'table':
      return `<table>\n<thead><tr>${block.head.map((cell, at) => `<th scope="col"${shortClass(block, at)}>${escaped(cell)}</th>`).join('')}</tr></thead>\n<tbody>\n${block.rows
        .map(
          (row) =>
            `<tr>${row.map((cell, at) => `<td${shortClass(block, at)}>${inlines(cell)}</td>`).join('')}</tr>`,
        )
        .join('\n')}\n</tbody>\n</table>`;
  }
}

function itemHtml(item: readonly Block[]): string {
  const [first, ...rest] = item;
  const lead = first?.type === 'paragraph' ? inlines(first.text) : first ? blockHtml(first) : '';
  return [lead, ...rest.map(blockHtml)].join('\n');
}

function inlines(parts: readonly Inline[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return escaped(part);
      if ('code' in part) return `<code>${escaped(part.code)}</code>`;
      return 'strong' in part
        ? `<strong>${escaped(part.strong)}</strong>`
        : `<em>${escaped(part.quiet)}</em>`;
    })
    .join('');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes; control characters that no page may hold are left out. */
export function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those that XML forbids.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (char) => entities[char] ?? char)
  );
}

function shortClass({ short = 0 }: { short?: number }, at: number): string {
  return at < short ? ' class="short"' : '';
}
