/** Every runbook as the page that is published of it. */
import { createHash } from 'node:crypto';
import type { ActionDescription } from '../../plan/catalogue.ts';
import { type Block, type Inline, paragraph } from '../../plan/document.ts';
import type { Plan } from '../../plan/plan.ts';
import { toHtmlFragment } from '../../presentation/html.ts';
import { toMarkdown } from '../../presentation/markdown.ts';
import { procedureOf } from '../../presentation/procedure.ts';

export interface Page {
  runbook: string;
  title: string;
  markdown: string;
  /** Simple HTML, as wikis take it. */
  html: string;
  /** Tells this text from every other: wikis write HTML their own way, so that the text itself cannot be compared. */
  mark: string;
}

export function pagesOf(plans: readonly Plan[], actions: ReadonlyMap<string, ActionDescription>): Page[] {
  const titles = plans.map(({ title }) => title);
  return [...plans]
    .sort((a, b) => (a.runbook < b.runbook ? -1 : 1))
    .map((plan) => {
      const { runbook } = plan;
      const blocks = procedureOf(plan, actions);
      const text = toHtmlFragment(blocks.map(plainBlock));
      const mark = `countersign:${runbook}:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
      const last = paragraph({
        quiet: `Written by Countersign from the runbook ${runbook}. Changes here are lost. ${mark}`,
      });
      // Two pages of one title would be one.
      const title =
        titles.filter((each) => each === plan.title).length > 1 ? `${plan.title} (${runbook})` : plan.title;
      return {
        ...{ runbook, title, mark },
        markdown: toMarkdown([...blocks, last]),
        html: `${text}\n${toHtmlFragment([last])}`,
      };
    });
}

/** Wikis know no list of terms: each fact becomes a line. */
function plainBlock(block: Block): Block {
  if (block.type === 'list') return { ...block, items: block.items.map((item) => item.map(plainBlock)) };
  if (block.type !== 'facts') return block;
  const lines = block.rows.map(([name, value]): Block[] => [
    { type: 'paragraph', text: [{ strong: name }, ': ', ...value] as Inline[] },
  ]);
  return { type: 'list', items: block.title === undefined ? lines : [[paragraph(block.title)], ...lines] };
}
