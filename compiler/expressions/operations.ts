/**
 * What CEL's operators do with values, by the CEL specification: whole numbers have 64 bits, equality is by value across
 * kinds, texts are ordered by code points.
 *
 * One thing is added to the specification: whole numbers and fractions may be computed with each other, and give a fraction.
 */
import { Optional } from '@marcbachmann/cel-js';
import { KeptList, keptListWords } from '../../plan/kept-list.ts';

/** Why an expression could not be computed. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly code:
    | 'no_such_key'
    | 'index_out_of_bounds'
    | 'no_such_overload'
    | 'number'
    | 'function_failed'
    | 'kept_list';
  constructor(code: ExpressionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** A whole number has 64 bits: beyond them it is an error, and not another number. */
export function whole(value: bigint): bigint {
  if (value >= smallest && value <= largest) return value;
  throw new ExpressionError('number', `the whole number ${value} is beyond 64 bits`);
}

/** What a value is, in a coordinator's words. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'bigint':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      if (value === null || value === undefined) return 'null';
      if (value instanceof Optional) return 'a value that may be absent';
      if (value instanceof KeptList) return keptListWords(value);
      return isList(value) ? 'a list' : 'an object';
  }
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isList(value) &&
    !(value instanceof Optional) &&
    !(value instanceof KeptList)
  );
}

function isNumber(value: unknown): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** Equal by value: 1 and 1.0 are, a text and a number never are. What is not a number equals nothing, not even itself. */
export function areEqual(a: unknown, b: unknown): boolean {
  // JavaScript compares a BigInt and a number by what they are worth, without rounding either.
  // biome-ignore lint/suspicious/noDoubleEquals: that is what is wanted here
  if (isNumber(a) && isNumber(b)) return a == b;
  if (a === null || a === undefined) return b === null || b === undefined;
  if (a instanceof Optional || b instanceof Optional) return areEqualOptionals(a, b);
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, index) => areEqual(item, b[index]));
  if (a instanceof KeptList || b instanceof KeptList)
    return a instanceof KeptList && b instanceof KeptList && a.sha256 === b.sha256;
  if (!isObject(a)) return a === b;
  if (!isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && areEqual(a[key], b[key]))
  );
}

function areEqualOptionals(a: unknown, b: unknown): boolean {
  if (!(a instanceof Optional && b instanceof Optional)) return false;
  if (!a.hasValue() || !b.hasValue()) return a.hasValue() === b.hasValue();
  return areEqual(a.value(), b.value());
}

/** What needs the items of a list that is kept beside the run cannot be computed, and says what can be done instead. */
export function needsItems(what: string, list: KeptList): ExpressionError {
  return new ExpressionError(
    'kept_list',
    `\`${what}\` needs all items of ${keptListWords(list)}, since they are too large for its history. Ask the source for less (\`pick\`, or its own conditions and groups), or go through the list with forEach, where \`if\` chooses and \`collect\` gathers`,
  );
}

export function isIn(value: unknown, container: unknown): boolean {
  if (container instanceof KeptList) throw needsItems('in', container);
  if (isList(container)) return container.some((item) => areEqual(item, value));
  if (isObject(container)) return typeof value === 'string' && Object.hasOwn(container, value);
  throw unfit('in', value, container);
}

/** Below nought, nought, above nought, as for sorting; NaN where either is no number that can be ordered. */
function order(operator: string, a: unknown, b: unknown): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  // As the specification has it, a whole number is compared with a fraction as one.
  if (isNumber(a) && isNumber(b)) {
    const [left, right] = [Number(a), Number(b)];
    return left === right ? 0 : left - right;
  }
  if (typeof a === 'string' && typeof b === 'string') return orderOfTexts(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  throw unfit(operator, a, b);
}

/** By code points: JavaScript's own order puts characters beyond 16 bits before some that they come after. */
function orderOfTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    // Where the second halves of two pairs differ, these are compared; what they are halves of is the same.
    return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
  }
  return a.length - b.length;
}

export function compare(operator: '<' | '<=' | '>' | '>=', a: unknown, b: unknown): boolean {
  const found = order(operator, a, b);
  switch (operator) {
    case '<':
      return found < 0;
    case '<=':
      return found <= 0;
    case '>':
      return found > 0;
    case '>=':
      return found >= 0;
  }
}

export type Arithmetic = '+' | '-' | '*' | '/' | '%';

export function compute(operator: Arithmetic, a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return whole(wholeNumbers(operator, a, b));
  if (isNumber(a) && isNumber(b) && operator !== '%') return fractions(operator, Number(a), Number(b));
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    if (isList(a) && isList(b)) return [...a, ...b];
  }
  throw unfit(operator, a, b);
}

function wholeNumbers(operator: Arithmetic, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      if (b === 0n) throw new ExpressionError('number', 'division by zero');
      // The smallest number has no counterpart, so that its remainder by -1 is beyond 64 bits on the way.
      if (b === -1n) whole(-a);
      return operator === '/' ? a / b : a % b;
  }
}

function fractions(operator: '+' | '-' | '*' | '/', a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
  }
}

export function negate(value: unknown): unknown {
  if (typeof value === 'bigint') return whole(-value);
  if (typeof value === 'number') return -value;
  throw new ExpressionError('no_such_overload', `\`-\` cannot be used on ${kindOf(value)}`);
}

function unfit(operator: string, a: unknown, b: unknown): ExpressionError {
  if (a instanceof KeptList) return needsItems(operator, a);
  if (b instanceof KeptList) return needsItems(operator, b);
  return new ExpressionError(
    'no_such_overload',
    `\`${operator}\` cannot be used between ${kindOf(a)} and ${kindOf(b)}`,
  );
}
