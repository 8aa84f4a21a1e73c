/** What people and systems really send: each function gives the right answer for it, or says once what is wrong. */
import { describe, expect, it } from '@jest/globals';
import { fromJson } from './collections.ts';
import { parseAst } from './environment.ts';
import { evaluator } from './evaluate.ts';
import { plain } from './functions.ts';

const compute = (source: string, variables: Record<string, unknown> = {}) =>
  plain(evaluator(parseAst(source))(variables));
const given = (text: string) => fromJson(text);

describe('parseCsv', () => {
  const rows = (text: string, more = '') => compute(`parseCsv(text${more})`, { text });

  it.each<[string, string, string, unknown]>([
    [
      'a line break in a cell',
      'name,note\n"Lee","a\nb"\nAnn,c',
      '',
      [
        { name: 'Lee', note: 'a\nb' },
        { name: 'Ann', note: 'c' },
      ],
    ],
    [
      'a file of a German Excel',
      '\ufeffname;team\r\n"Lee; Jr";Sales\r\n',
      ', ";"',
      [{ name: 'Lee; Jr', team: 'Sales' }],
    ],
    ['tabs', 'name\tteam\nLee, Jr\tSales', ', "\\t"', [{ name: 'Lee, Jr', team: 'Sales' }]],
    [
      'ends of lines of several systems in one file',
      'name\r\nLee\nAnn\rBo',
      '',
      [{ name: 'Lee' }, { name: 'Ann' }, { name: 'Bo' }],
    ],
    ['an empty cell, and one with quotes', 'a,b\n,"x ""y"""', '', [{ a: '', b: 'x "y"' }]],
    ['a first row alone', 'name,team\n', '', []],
    [
      'a column of the name that objects have',
      '__proto__,a\nx,y',
      '',
      [
        Object.fromEntries([
          ['__proto__', 'x'],
          ['a', 'y'],
        ]),
      ],
    ],
    ['spaces, which belong to a cell', 'a, b\n x ,y', '', [{ a: ' x ', b: 'y' }]],
  ])('reads %s', (_, text, more, expected) => {
    expect(rows(text, more)).toEqual(expected);
  });

  it.each([
    ['a quote within a cell', 'a,b\nx"y,z', 'the table cannot be read'],
    ['text behind a closing quote', 'a,b\n"x"y,z', 'the table cannot be read'],
    ['a quote that is not closed', 'a,b\n"x,y', 'the table cannot be read'],
    ['one cell too many', 'a,b\nx,y,z', 'line 2 has 3 cells'],
    ['another separator', 'name;team\nLee;Sales', 'parseCsv(…, ";")'],
    ['more rows than are read', `a\n${'x\n'.repeat(10_001)}`, '10001 rows'],
  ])('refuses %s', (_, text, message) => {
    expect(() => rows(text)).toThrow(message);
  });

  it('refuses a line break as what separates cells', () => {
    expect(() => rows('a\nb', ', "\\n"')).toThrow('"\\n" separates no cells');
  });
});

describe('fromJson', () => {
  it('reads a text that begins with a byte-order mark', () => {
    expect(plain(given('\ufeff{"a":1}'))).toEqual({ a: 1 });
  });

  it.each(['12345678901234567890', '[-9007199254740993]', '{"id":9007199254740993}', '1e400', '-1E+999'])(
    'refuses a number that would become another one: %s',
    (text) => {
      expect(() => given(text)).toThrow('has more digits than a run can keep; have it sent as text');
    },
  );

  it.each<[string, unknown]>([
    ['{"id":"12345678901234567890"}', { id: '12345678901234567890' }],
    ['{"a\\"1e999":1}', { 'a"1e999': 1 }],
    ['9007199254740992', 9007199254740992],
    ['0.1234567890123456789', 0.12345678901234568],
    ['{"__proto__":{"x":1}}', JSON.parse('{"__proto__":{"x":1}}')],
    ['"\\u0000"', '\u0000'],
  ])('reads %s', (text, expected) => {
    expect(plain(given(text))).toEqual(expected);
  });
});

describe('hoursBetween', () => {
  it.each<[string, string, number]>([
    // Clocks go forward in Berlin, and back.
    ['2026-03-29T01:59:00+01:00', '2026-03-29T03:00:00+02:00', 1 / 60],
    ['2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00', 1],
    ['2026-10-24T12:00+02:00', '2026-10-25T12:00+01:00', 25],
    ['2026-12-31T23:00-0500', '2027-01-01T05:00Z', 1],
    ['2026-01-01T00:00Z', '2025-12-31T12:00Z', -12],
    ['2026-01-01T00:00+14:00', '2026-01-01T00:00-12:00', 26],
  ])('from %s to %s gives %d', (from, to, hours) => {
    expect(compute('hoursBetween(from, to)', { from, to })).toBeCloseTo(hours, 10);
  });

  it.each([
    '2026-03-29T01:59:00',
    '2026-01-01T24:00Z',
    '2026-01-01T00:00+99:00',
    '2026-01-01T00:00+01:75',
    '2026-02-30T00:00Z',
    '',
  ])('refuses %s', (text) => {
    expect(() => compute('hoursBetween(text, text)', { text })).toThrow(/is no (time|date)/);
  });
});

describe('lists', () => {
  it('are sorted by code points, also beyond 16 bits, and equal ones stay in their order', () => {
    expect(compute('sort(["b", "a", "B", "ä", ""])')).toEqual(['', 'B', 'a', 'b', 'ä']);
    expect(compute('sort(["😀", "\uffee"])')).toEqual(['\uffee', '😀']);
    expect(compute('sort([3, 1, 2])')).toEqual([1, 2, 3]);
    expect(compute('sort(list)', { list: given('[2.5, 1, 10, -3]') })).toEqual([-3, 1, 2.5, 10]);
    expect(
      compute('list.sortBy(x, x.k).map(x, x.n)', {
        list: given('[{"k":1,"n":"a"},{"k":0,"n":"b"},{"k":1,"n":"c"}]'),
      }),
    ).toEqual(['b', 'a', 'c']);
  });

  it.each(['["a", 1]', '[1, null]', '[true, "x"]', '[{}, {}]'])(
    'that are mixed are not sorted: %s',
    (list) => {
      expect(() => compute('list.sortBy(x, x)', { list: given(list) })).toThrow('cannot be used between');
      expect(() => compute('sort(list)', { list: given(list) })).toThrow('`sort` does not take a list');
    },
  );

  it('are grouped by numbers as == compares them, and by nothing that has parts', () => {
    const list = [1n, 1, 1.5, 1n];
    expect(compute('list.groupBy(x, x).map(g, size(g.items))', { list })).toEqual([3, 1]);
    expect(() => compute('list.groupBy(x, x)', { list: given('[[1],[1]]') })).toThrow(
      'a group is of a text, a number or true or false, and not of a list',
    );
  });

  it('of numbers add up to what they are, or are refused', () => {
    expect(compute('sum([])')).toBe(0);
    expect(compute('sum([0.1, 0.2, 1])')).toBeCloseTo(1.3, 12);
    expect(() => compute('sum([9223372036854775807, 1])')).toThrow(/64 bits|whole number/);
  });

  it('of numbers have 10,000 at most', () => {
    expect(compute('size(range(1, 10000))')).toBe(10_000);
    expect(compute('range(-1, 1)')).toEqual([-1, 0, 1]);
    expect(compute('range(5, -5)')).toEqual([]);
    expect(() => compute('range(-9223372036854775807, 9223372036854775807)')).toThrow('are too many');
  });

  it('of lists lose one level', () => {
    expect(compute('flatten([[], [[1]], [2]])')).toEqual([[1], 2]);
  });
});

describe('texts for other places', () => {
  it('are escaped whole, also twice', () => {
    expect(compute('htmlEscape(text)', { text: `<a href="x" b='y'>&amp;` })).toBe(
      '&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;',
    );
    expect(compute('urlEncode(text)', { text: "a b/?&=+%'()*!~" })).not.toMatch(/[ /?&=+]|%(?![0-9A-F]{2})/);
    expect(compute('urlEncode("李😀")')).toBe(encodeURIComponent('李😀'));
  });

  it('that are no Unicode become what stands for that', () => {
    expect(compute('urlEncode(text)', { text: 'a\ud800' })).toBe('a%EF%BF%BD');
  });
});
