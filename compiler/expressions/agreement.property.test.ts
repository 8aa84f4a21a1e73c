import { describe, expect, it } from '@jest/globals';
import type { ASTNode } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { bind, evaluate, type Variables } from '../../workflows/expressions.ts';
import { Checker } from './check.ts';
import { parseExpression } from './parse.ts';
import type { Scope } from './scope.ts';
import { type Field, listType, objectType, type Type } from './types.ts';

const string: Type = { kind: 'string' };
const number: Type = { kind: 'number' };
const int: Type = { kind: 'int' };
const field = (type: Type, more: Partial<Field> = {}): Field => ({ type, ...more });
const inputs = objectType({
  name: string,
  level: int,
  share: number,
  flag: { kind: 'bool' },
  phone: field(string, { optional: true }),
  limit: field(number, { optional: true, nullable: true }),
  groups: listType(string),
  shares: listType(number),
  site: objectType({ city: string, floor: field(int, { optional: true }) }),
});

const scope: Scope = {
  names: new Map([['inputs', inputs]]),
  lets: new Map(),
  facts: new Set(),
  findStep: () => ({ problem: { kind: 'unknown', known: [] } }),
  stepNames: () => [],
  need: () => {},
  useTicket: () => {},
  useInput: () => {},
};

/** Of what nobody knows the type before the run, nothing is promised. */
class StrictChecker extends Checker {
  sawAnything = false;

  override check(node: ASTNode): Type {
    const type = super.check(node);
    this.sawAnything ||= containsAnything(type);
    return type;
  }
}

function containsAnything(type: Type): boolean {
  switch (type.kind) {
    case 'list':
      return containsAnything(type.item);
    case 'optional':
      return containsAnything(type.of);
    case 'map':
      return containsAnything(type.value);
    default:
      return type.kind === 'dyn';
  }
}

/** The expression as it goes into a plan, or undefined where the checker refuses it. */
function checked(source: string): string | undefined {
  let refused = false;
  const refuse = () => {
    refused = true;
  };
  const ast = parseExpression(source, refuse);
  if (!ast) return undefined;
  const checker = new StrictChecker(source, scope, refuse);
  checker.check(ast);
  return refused || checker.sawAnything ? undefined : checker.edits.apply(source);
}

const leaves = [
  ...[
    'name',
    'level',
    'share',
    'flag',
    'phone',
    'limit',
    'groups',
    'shares',
    'site',
    'site.city',
    'site.floor',
  ],
  ...['groups[0]', 'shares[0]'],
].map((path) => `inputs.${path}`);
const literals = [
  '1',
  '2',
  '0',
  '1.5',
  '1.0',
  '"Ann"',
  '""',
  'true',
  '[1, 2.5]',
  '["a"]',
  '[]',
  '{"a": 1}',
  'null',
];
const operators = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||'];

const expression = fc.letrec<{ any: string; small: string }>((tie) => ({
  small: fc.constantFrom(...leaves, ...literals),
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('small'),
    fc
      .tuple(tie('any'), fc.constantFrom(...operators), tie('any'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc
      .tuple(
        fc.constantFrom('size', 'string', 'double', 'int', 'has', 'toJson', 'upper', 'unique'),
        tie('any'),
      )
      .map(([name, a]) => `${name}(${a})`),
    fc.tuple(fc.constantFrom('default'), tie('any'), tie('any')).map(([name, a, b]) => `${name}(${a}, ${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a}.orValue(${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a}.map(x, [x, ${b}])[0]`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a}.filter(x, x == ${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a}.exists(x, x in [${b}])`),
    fc
      .tuple(tie('any'), fc.constantFrom('0', '1', '5'))
      .map(([a, index]) => `${a}[${index}].orValue(${index})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `[${a}, ${b}]`),
    tie('any').map((a) => `-${a}`),
    tie('any').map((a) => `!${a}`),
  ),
}));

const values = fc.record({
  name: fc.constantFrom('Ann', '', '7', '😀'),
  level: fc.integer({ min: -3, max: 3 }),
  share: fc.constantFrom(3, 3.5, 0, -1),
  flag: fc.boolean(),
  phone: fc.constantFrom(undefined, '1'),
  limit: fc.constantFrom(undefined, null, 3, 0.5),
  groups: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
  shares: fc.array(fc.constantFrom(1, 1.5), { maxLength: 2 }),
  site: fc.constantFrom({ city: 'Bonn' }, { city: 'Bonn', floor: 2 }),
});

/** What depends on values and not on types: these an author must expect. */
const dependsOnValues =
  /division by zero|beyond 64 bits|has no item|is no (whole )?number|number to hand on|without being rounded|does not fit|too large/;

describe('what the checker accepts', () => {
  it('can be computed, whatever the values: no run parks on types', () => {
    let accepted = 0;
    fc.assert(
      fc.property(expression.any, values, (source, given) => {
        const cel = checked(source);
        if (cel === undefined) return;
        accepted += 1;
        const bound = bind(JSON.parse(JSON.stringify(given))) as Variables[string];
        try {
          evaluate(cel, { inputs: bound });
        } catch (error) {
          if (!dependsOnValues.test((error as Error).message)) throw error;
        }
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('knows an item that may be absent of a list as absent in one way only', () => {
    const cel = checked('double([inputs.site.floor, inputs.limit][0].orValue(0))');
    expect(cel).toBeDefined();
    const at = (site: { floor?: number }) => evaluate(String(cel), { inputs: bind({ site }) });
    expect([at({ floor: 2 }), at({})]).toEqual([2, 0]);
  });

  it('gives the same kind of value for 3 and for 3.5 where a number is given', () => {
    let asked = 0;
    fc.assert(
      fc.property(expression.any, (source) => {
        if (!source.includes('inputs.share')) return;
        const cel = checked(source);
        if (cel === undefined) return;
        const at = (share: number) => {
          const site = { city: 'Bonn' };
          const rest = { name: 'Ann', level: 2, flag: true, groups: ['a'], shares: [share], site };
          return evaluate(cel, { inputs: bind({ ...rest, share }) });
        };
        let near: unknown;
        let whole: unknown;
        try {
          [whole, near] = [at(3), at(3.000_000_001)];
        } catch {
          return;
        }
        asked += 1;
        if (
          typeof whole === 'number' &&
          !/int|string|%|==|!=|[<>]|in|toJson|unique/.test(cel.replaceAll('inputs', ''))
        )
          expect(Math.abs(whole - Number(near))).toBeLessThan(0.01);
      }),
      { numRuns: 10_000 },
    );
    expect(asked).toBeGreaterThan(50);
  });
});
