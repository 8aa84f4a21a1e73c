import { describe, expect, it } from '@jest/globals';
import { markdownTable } from '../../plan/tables.ts';
import { documentOf } from './document.ts';

const text = (value: string) => ({ type: 'text', text: value });
const link = (href: string) => ({ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] });

describe('Plain text as a Jira document', () => {
  it('keeps paragraphs and line breaks', () => {
    expect(documentOf('\n\nOne\r\ntwo\n\n  \n\nThree\n')).toEqual({
      type: 'doc',
      version: 1,
      content: [
        { type: 'paragraph', content: [text('One'), { type: 'hardBreak' }, text('two')] },
        { type: 'paragraph', content: [text('Three')] },
      ],
    });
  });

  it('makes links of web addresses, without the sentence’s punctuation', () => {
    const [paragraph] = documentOf('See (https://example.com/a?b=c). Or http://x.example!').content as [
      { content: unknown },
    ];
    expect(paragraph.content).toEqual([
      text('See ('),
      link('https://example.com/a?b=c'),
      text('). Or '),
      link('http://x.example'),
      text('!'),
    ]);
  });

  it('makes a table of what `table(…)` wrote, also between sentences', () => {
    const table = markdownTable([{ name: 'LT-1', note: 'a | b' }], ['name', 'note']);
    const { content } = documentOf(`Overdue:\n${table}\nThat is all.`) as { content: { type: string }[] };
    expect(content.map(({ type }) => type)).toEqual(['paragraph', 'table', 'paragraph']);
    const cell = (type: string, value: string) => ({
      type,
      content: [{ type: 'paragraph', content: [text(value)] }],
    });
    expect(content[1]).toEqual({
      type: 'table',
      content: [
        { type: 'tableRow', content: [cell('tableHeader', 'name'), cell('tableHeader', 'note')] },
        { type: 'tableRow', content: [cell('tableCell', 'LT-1'), cell('tableCell', 'a | b')] },
      ],
    });
  });

  it('has no empty text, which Jira refuses', () => {
    for (const value of ['https://example.com', 'a\n\nhttps://example.com', ' \n ', ''])
      expect(JSON.stringify(documentOf(value))).not.toContain('"text":""');
  });
});
