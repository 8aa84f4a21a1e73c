import { describe, expect, it } from '@jest/globals';
import { Optional } from '@marcbachmann/cel-js';
import type { Json, Template } from '../../plan/plan.ts';
import { planOf, problemsOf } from '../testing.ts';
import { parseAst } from './environment.ts';
import { evaluator } from './evaluate.ts';
import { functions, plain } from './functions.ts';
import { loopDescriptions } from './loops.ts';
import { loops } from './signatures.ts';
import { toAscii } from './text.ts';

const environment = {
  evaluate: (source: string, variables: Record<string, unknown> = {}) =>
    evaluator(parseAst(source))(variables),
};

/** As the engine binds values: whole numbers become BigInt. */
function bind(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(bind);
  if (value === null || typeof value !== 'object') return value;
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(value).map(([k, v]) => [k, bind(v)])),
  );
}

const inputs = `inputs:
  name: { type: string }
  phone: { type: string, optional: true }
  level: { type: integer }
  share: { type: number }
  groups: { type: array, items: { type: string } }
  note: { type: [string, "null"] }
  site: { type: object, properties: { city: { type: string }, room: { type: string } }, required: [city] }
`;
const all = 'steps:\n  - end: { status: succeeded, reason: "${{ toJson(inputs) }}" }\n';

/** Compiles an expression where text may stand, and computes it as the engine would. */
function resultOf(expression: string, values: Json): Json | undefined {
  const { outputs } = planOf(`${inputs}outputs:\n  x: '\${{ ${expression.replaceAll("'", "''")} }}'\n${all}`);
  const template = outputs.x as { [key: string]: Template };
  const found: unknown = environment.evaluate(String(template.$expr), {
    inputs: bind(values),
    steps: Object.create(null),
  });
  if (found instanceof Optional) return found.hasValue() ? plain(found.value()) : undefined;
  return plain(found);
}

const given = {
  name: 'Ann',
  level: 2,
  share: 0.5,
  groups: ['a', 'b', 'a'],
  note: null,
  site: { city: 'Bonn' },
};

describe('a checked expression', () => {
  const cases: [string, Json | undefined][] = [
    ['inputs.name + "!"', 'Ann!'],
    ['inputs.phone', undefined],
    ['inputs.phone.orValue("none")', 'none'],
    ['default(inputs.phone, "none")', 'none'],
    ['default(inputs.note, "none")', 'none'],
    ['inputs.note.orValue("none")', 'none'],
    ['inputs.site.room.orValue("-") + inputs.site.city', '-Bonn'],
    ['has(inputs.phone)', false],
    ['has(inputs.note)', false],
    ['has(inputs.phone) ? inputs.phone : inputs.name', 'Ann'],
    ['has(inputs.phone) && inputs.phone == "1"', false],
    ['!has(inputs.phone) || inputs.phone == "1"', true],
    ['inputs.level + inputs.share', 2.5],
    ['inputs.level * 2', 4],
    ['inputs.share > inputs.level', false],
    ['inputs.groups.filter(g, g != "a")', ['b']],
    ['inputs.groups.map(g, upper(g))', ['A', 'B', 'A']],
    ['inputs.groups.exists(g, g == "b") && "a" in inputs.groups', true],
    ['unique(inputs.groups)', ['a', 'b']],
    ['join(inputs.groups, "-")', 'a-b-a'],
    ['size(inputs.groups) + size(inputs.name)', 6],
    ['{"a": inputs.level, "b": [1, 2.5]}', { a: 2, b: [1, 2.5] }],
    ['string(inputs.level) + string(inputs.share)', '20.5'],
    ['inputs["name"]', 'Ann'],
    ['(inputs.phone).orValue("x")', 'x'],
    ['has((inputs).phone)', false],
    ['inputs.groups[7].orValue("none")', 'none'],
    ['inputs.name.split(",")[1].orValue("none")', 'none'],
    ['size(inputs.name) == 3.0', true],
    ['inputs.level - 1.0 == 1', true],
    ['1 in [1.0]', true],
    ['string(-9223372036854775808)', '-9223372036854775808'],
    ['{"a": 1.0} == {"a": 1}', true],
    ['[[1, 2.0]] == [[1.0, 2]]', true],
    ['"😀bc".substring(1)', 'bc'],
    ['"😀bc".indexOf("c")', 2],
    ['"ÀB".lowerAscii()', 'Àb'],
    ['split("😀b", "")', ['😀', 'b']],
    ['{"constructor": 1, "__proto__": 2}', JSON.parse('{"constructor":1,"__proto__":2}') as Json],
    ['"\\U0001F600" < "\\uFFFD"', false],
  ];
  for (const [expression, value] of cases) {
    it(`${expression} gives ${JSON.stringify(value)}`, () => {
      expect(resultOf(expression, given)).toEqual(value);
    });
  }
});

describe('a number', () => {
  const fractions: [string, number, Json][] = [
    ['inputs.share / 4', 3, 0.75],
    ['inputs.share / 4 > 0.5', 3, true],
    ['inputs.share / 4 > 0.5', 3.5, true],
    ['(inputs.share + (1)) / 2', 2, 1.5],
    ['(inputs.share > 0 ? inputs.share : 1) / 2', 3, 1.5],
    ['(inputs.share / 2 > 1 ? inputs.share : 1) / 2', 3, 1.5],
    ['-inputs.share / 2', 3, -1.5],
    ['[inputs.share].map(x, x / 2)', 3, [1.5]],
    ['default(inputs.share, 1) / 2', 3, 1.5],
    ['inputs.share * 9007199254740993.0 * 9007199254740993.0 > 0.0', 3, true],
    ['dyn(inputs.level) / 4', 0, 0.5],
    ['inputs.level / 4', 0, 0],
    ['{"share": inputs.share}.share / 2', 3, 1.5],
  ];
  for (const [expression, share, value] of fractions) {
    it(`of ${share} is computed with by its type: ${expression} gives ${JSON.stringify(value)}`, () => {
      expect(resultOf(expression, { ...given, share })).toEqual(value);
    });
  }

  it('that only has whole values to choose from is still a number', () => {
    const text =
      'inputs:\n  hours: { type: number, enum: [1, 2, 4] }\noutputs:\n  x: ${{ inputs.hours / 4 }}\n';
    const { outputs } = planOf(`${text}steps:\n  - end: { status: succeeded }\n`);
    expect(outputs.x).toEqual({ $expr: 'double(inputs.hours) / 4' });
  });
});

describe('what cannot be computed', () => {
  for (const [expression, why] of [
    ['int("")', '"" is no whole number'],
    ['int("9223372036854775808")', 'beyond 64 bits'],
    ['int(1e19)', 'does not fit a whole number'],
    ['int("0x1f")', 'is no whole number'],
    ['double("1e999")', 'too large a number'],
    ['9223372036854775807 + inputs.level', 'beyond 64 bits'],
    ['-(-9223372036854775807 - inputs.level)', 'beyond 64 bits'],
    ['1e308 * 10.0', 'no number to hand on'],
    ['[0.0 / 0.0]', 'no number to hand on'],
    ['toJson(1e308 * 10.0)', 'no number to hand on'],
    ['9007199254740993 + inputs.level', 'without being rounded'],
    ['inputs.level / 0', 'division by zero'],
    ['inputs.groups[3]', 'has no item 3'],
    ['"😀".substring(2)', 'position 2 is outside a text of 1 characters'],
  ]) {
    it(`says so: ${expression}`, () => {
      expect(() => resultOf(expression ?? '', given)).toThrow(why);
    });
  }

  it('is refused before the run where that can be known', () => {
    for (const expression of ['12u', 'b"a"', 'string(1u)', 'inputs.name == b"Ann"'])
      expect(problems(expression)).toContain('CS1326');
    expect(problems('1e999')).toEqual(['CS1303']);
    expect(problems('9223372036854775808')).toEqual(['CS1326']);
    expect(problems('inputs.site[0].orValue(1)')).toContain('CS1307');
  });
});

function problems(expression: string) {
  return problemsOf(`${inputs}outputs:\n  x: '\${{ ${expression.replaceAll("'", "''")} }}'\n${all}`)
    .map((line) => line.split(' ')[1])
    .filter((code) => code !== 'CS1605');
}

describe('what may be absent', () => {
  it('is known to be there behind a condition that asks', () => {
    expect(problems('has(inputs.phone) && inputs.phone + "" == ""')).toEqual([]);
    expect(problems('!has(inputs.phone) ? "" : inputs.phone + ""')).toEqual([]);
    expect(problems('inputs.groups.map(g, has(inputs.phone), inputs.phone + g)')).toEqual([]);
  });

  it('is not known to be there behind one that does not', () => {
    expect(problems('has(inputs.phone) || inputs.phone + "" == ""')).toEqual(['CS1308']);
    expect(problems('has(inputs.note) && inputs.phone + "" == ""')).toEqual(['CS1308']);
    expect(problems('has(inputs.phone) ? "" : inputs.phone + ""')).toEqual(['CS1308']);
  });

  it('is said once, and does not hide other mistakes', () => {
    expect(problems('inputs.phone + inputs.nme + string(inputs.levl)')).toEqual([
      'CS1308',
      'CS1305',
      'CS1305',
    ]);
  });

  it('needs no handling where it is always there', () => {
    expect(problems('inputs.name.orValue("")')).toEqual(['CS1309']);
  });
});

describe('the functions', () => {
  for (const { name, example } of [...functions, ...loopDescriptions]) {
    it(`${name} does what its example says`, () => {
      expect(plain(environment.evaluate(example.expression))).toEqual(example.gives);
    });
  }

  it('are described, also those that go through a list', () => {
    expect(loopDescriptions.map(({ name }) => name)).toEqual([...loops]);
  });

  it('refuse what is no date, saying which', () => {
    for (const [date, days, result] of [
      ['2026-11-27', 1, '2026-11-30'],
      ['2026-11-28', 1, '2026-11-30'],
      ['2026-11-28', 5, '2026-12-04'],
      ['2026-11-29', -5, '2026-11-23'],
      ['2026-11-25', 260, '2027-11-24'],
      ['2026-11-28', 0, '2026-11-28'],
    ])
      expect(environment.evaluate(`addBusinessDays("${date}", ${days})`)).toBe(result);
    expect(() => environment.evaluate('addDays("31.1.2026", 1)')).toThrow('"31.1.2026" is no date');
    expect(() => environment.evaluate('addDays("2026-02-29", 1)')).toThrow('"2026-02-29" is no date');
  });

  it('read tables strictly, so that no cell lands in another column', () => {
    const rows = (text: string, more = '') => plain(environment.evaluate(`parseCsv(text${more})`, { text }));
    const quoted = '\ufeffname,team\r\n"Lee, Jr","a ""b"""\r\n\r\n';
    expect(rows(quoted)).toEqual([{ name: 'Lee, Jr', team: 'a "b"' }]);
    expect(rows('name;team\n1;2', ', ";"')).toEqual([{ name: '1', team: '2' }]);
    expect(rows('')).toEqual([]);
    expect(() => rows('name,team\nLee')).toThrow('line 2 has 1 cells, and the first row names 2 columns');
    expect(() => rows('name,name\na,b')).toThrow('two columns are called "name"');
    expect(() => rows('name,\na,b')).toThrow('a column has no name in the first row');
    expect(() => rows('name\n"Lee')).toThrow('the table cannot be read');
    expect(() => rows('name\nLee', ', "::"')).toThrow('"::" separates no cells');
  });

  it('sort and group the items of a list, and know the types of what comes out', () => {
    const people = bind([
      { name: 'Cy', team: 'b' },
      { name: 'Al', team: 'a' },
      { name: 'Bo', team: 'b' },
    ]);
    const compute = (source: string) => plain(environment.evaluate(source, { people }));
    expect(compute('people.sortBy(p, p.name).map(p, p.name)')).toEqual(['Al', 'Bo', 'Cy']);
    const grouped = 'people.groupBy(p, p.team).map(g, g.key + ":" + join(g.items.map(p, p.name), "+"))';
    expect(compute(grouped)).toEqual(['b:Cy+Bo', 'a:Al']);
    expect(compute('sum([1, 2.5])')).toBe(3.5);
    expect(compute('range(3, 2)')).toEqual([]);
    expect(() => compute('range(0, 10000)')).toThrow('10001 numbers are too many');
    expect(problems('inputs.groups.sortBy(g, [g])')).toEqual(['CS1318']);
    expect(problems('inputs.groups.groupBy(g, size(g)).map(g, g.key + "x")[0].orValue("")')).toEqual([
      'CS1312',
    ]);
  });

  it('count hours between times with their zones only', () => {
    const hours = (from: string, to: string) => environment.evaluate('hoursBetween(from, to)', { from, to });
    expect(hours('2026-03-29T00:30Z', '2026-03-28T23:30:18-0100')).toBeCloseTo(0.005);
    expect(() => hours('2026-03-29', '2026-03-30')).toThrow('"2026-03-30" is no time');
  });

  it('read JSON as data, and no deeper than a run can carry', () => {
    expect(environment.evaluate('fromJson(text).size', { text: '{"size": 3}' })).toBe(3n);
    expect(() => environment.evaluate('fromJson(text)', { text: '{' })).toThrow('the text is no JSON');
    const deep = `${'['.repeat(101)}${']'.repeat(101)}`;
    expect(() => environment.evaluate('fromJson(text)', { text: deep })).toThrow('more than 100 deep');
  });

  it('count days over leap years as a calendar does', () => {
    for (let days = -1_000_000; days <= 1_000_000; days += 9_973) {
      const expected = new Date(Date.UTC(2000, 0, 1) + days * 86_400_000);
      if (expected.getUTCFullYear() < 0 || expected.getUTCFullYear() > 9999) continue;
      const date = expected.toISOString().slice(0, 10);
      expect(environment.evaluate(`addDays("2000-01-01", ${days})`)).toBe(date);
      expect(environment.evaluate(`daysBetween("2000-01-01", "${date}")`)).toBe(BigInt(days));
    }
  });

  it('turn names of many languages into plain letters', () => {
    expect(toAscii('Žofia Çelik Ñuñez Đorđe Þór Æsir İpek Nguyễn')).toBe(
      'Zofia Celik Nunez Dorde Thor Aesir Ipek Nguyen',
    );
    expect(toAscii('李')).toBe('');
  });
});
