import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Json } from './plan.ts';
import { cellsOfMarkdown, columnsOf, csvText, htmlTable, markdownTable } from './tables.ts';

const columns = ['name', 'owner.mail', 'days'];
const rows: Json[] = [
  { name: 'LT-1 | spare', owner: { mail: 'a@example.com' }, days: 12 },
  { name: 'two\nlines', days: -3 },
];

describe('A list as a table', () => {
  it('in a comment keeps each row on one line, and is read back as it was', () => {
    const text = markdownTable(rows, columns);
    expect(text.split('\n')).toHaveLength(4);
    expect(cellsOfMarkdown(text.split('\n'))).toEqual([
      columns,
      ['LT-1 | spare', 'a@example.com', '12'],
      ['two lines', '', '-3'],
    ]);
    expect(cellsOfMarkdown(['| a |', '| b |'])).toBeUndefined();
  });

  it('in a mail is no mark-up, whatever stands in a cell', () => {
    const html = htmlTable([{ name: '<script>alert("x")</script>' }], ['name', '<b>']);
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<b>');
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
  });

  it('for a spreadsheet holds no formula, however it is begun, and is read back cell by cell', () => {
    const bad = [
      '=1+1',
      '+cmd',
      '-2+3',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      ' =1',
      '＝1',
      '=HYPERLINK("http://x","y")',
    ];
    const cells = parse(
      csvText(
        bad.map((cell) => ({ cell })),
        ['cell'],
      ),
    ) as string[][];
    expect(cells.slice(1).map(([cell]) => cell)).toEqual(bad.map((cell) => `'${cell}`));
    const heads = parse(csvText([], ['=x'])) as string[][];
    expect(heads).toEqual([["'=x"]]);
  });

  it('for a spreadsheet leaves numbers, and quotes what separates', () => {
    const text = csvText(
      [{ a: -3, b: '-3.5', c: 'Lee, "Jr"', d: ['x', 'y'], e: null }],
      ['a', 'b', 'c', 'd', 'e'],
    );
    expect(parse(text)).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['-3', '-3.5', 'Lee, "Jr"', 'x, y', ''],
    ]);
  });

  it('has every column that some row has, where none are named', () => {
    expect(columnsOf([{ a: 1 }, { b: 1, a: 2 }])).toEqual(['a', 'b']);
  });
});
