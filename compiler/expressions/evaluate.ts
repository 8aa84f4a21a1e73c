/**
 * Computes checked expressions, by the CEL specification.
 *
 * The library parses; what is computed is computed here, so that the checker (`check.ts`) and the run never disagree: the
 * library's own evaluation checks types a second time by other rules, and a run then parks on what had compiled. A syntax
 * tree becomes a function once, and is then only called. Kept light, since it is bundled into the workflow.
 */
import { type ASTNode, Optional } from '@marcbachmann/cel-js';
import { KeptList } from '../../plan/kept-list.ts';
import { groupedBy, sortedBy } from './collections.ts';
import { functions } from './functions.ts';
import {
  areEqual,
  compare,
  compute,
  ExpressionError,
  isIn,
  isList,
  isObject,
  kindOf,
  needsItems,
  negate,
} from './operations.ts';
import { isLoop, type Loop, parseSignature } from './signatures.ts';
import { standardFunctions } from './standard.ts';
import type { Type } from './types.ts';

/** Names of items, innermost first; below them what the run knows. */
interface Scope {
  name: string | undefined;
  value: unknown;
  outer: Scope | undefined;
  variables: Readonly<Record<string, unknown>>;
}

type Compute = (scope: Scope) => unknown;

/** An expression ready to be computed. An absent value comes as an empty `Optional`; errors are thrown. */
export function evaluator(ast: ASTNode): (variables: Readonly<Record<string, unknown>>) => unknown {
  const run = prepare(ast);
  return (variables) => run({ name: undefined, value: undefined, outer: undefined, variables });
}

function prepare(node: ASTNode): Compute {
  switch (node.op) {
    case 'value': {
      const value = node.args;
      return () => value;
    }
    case 'id':
      return prepareName(node.args);
    case '.':
    case '.?':
      return prepareAccess(node.args[0], () => node.args[1], node.op === '.?');
    case '[]':
    case '[?]':
      return prepareAccess(node.args[0], prepare(node.args[1]), node.op === '[?]');
    case 'list': {
      const items = node.args.map(prepare);
      return (scope) => items.map((item) => item(scope));
    }
    case 'map':
      return prepareMap(node.args);
    case 'call':
      return prepareCall(node.args[0], node.args[1]);
    case 'rcall':
      return prepareMethod(node.args[0], node.args[1], node.args[2]);
    case '?:': {
      const [condition, yes, no] = node.args.map(prepare) as [Compute, Compute, Compute];
      return (scope) => (truth(condition(scope)) ? yes(scope) : no(scope));
    }
    case '&&':
      return prepareLogic(node.args, false);
    case '||':
      return prepareLogic(node.args, true);
    case '!_': {
      const part = prepare(node.args);
      return (scope) => !truth(part(scope));
    }
    case '-_': {
      const part = prepare(node.args);
      return (scope) => negate(part(scope));
    }
    default:
      return prepareOperator(node.op, prepare(node.args[0]), prepare(node.args[1]));
  }
}

type BinaryOperator = '==' | '!=' | 'in' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%';

function prepareOperator(operator: BinaryOperator, left: Compute, right: Compute): Compute {
  switch (operator) {
    case '==':
      return (scope) => areEqual(left(scope), right(scope));
    case '!=':
      return (scope) => !areEqual(left(scope), right(scope));
    case 'in':
      return (scope) => isIn(left(scope), right(scope));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (scope) => compare(operator, left(scope), right(scope));
    default:
      return (scope) => compute(operator, left(scope), right(scope));
  }
}

function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ExpressionError('no_such_overload', `true or false is needed here, and not ${kindOf(value)}`);
}

/** CEL's `&&` and `||` ask both sides: an error on one does not matter when the other decides. */
function prepareLogic(parts: readonly [ASTNode, ASTNode], decides: boolean): Compute {
  const [left, right] = parts.map(prepare) as [Compute, Compute];
  return (scope) => {
    let first: boolean;
    try {
      first = truth(left(scope));
    } catch (error) {
      if (truth(right(scope)) === decides) return decides;
      throw error;
    }
    return first === decides ? decides : truth(right(scope));
  };
}

function prepareName(name: string): Compute {
  return (scope) => {
    for (let at: Scope | undefined = scope; at?.outer; at = at.outer) if (at.name === name) return at.value;
    if (Object.hasOwn(scope.variables, name)) return scope.variables[name];
    throw new ExpressionError('no_such_key', `Unknown variable: ${name}`);
  };
}

function prepareMap(entries: readonly [ASTNode, ASTNode][]): Compute {
  const parts = entries.map(([key, value]) => [prepare(key), prepare(value)] as const);
  return (scope) => {
    const result: Record<string, unknown> = Object.create(null);
    for (const [key, value] of parts) {
      const name = key(scope);
      if (typeof name !== 'string')
        throw new ExpressionError('no_such_overload', `a key is text, and not ${kindOf(name)}`);
      if (name in result) throw new ExpressionError('function_failed', `the key "${name}" is given twice`);
      result[name] = value(scope);
    }
    return result;
  };
}

function prepareAccess(object: ASTNode, key: Compute, isOptional: boolean): Compute {
  const from = prepare(object);
  return (scope) => {
    const value = from(scope);
    const wanted = key(scope);
    if (value instanceof Optional) return value.hasValue() ? found(value.value(), wanted) : value;
    return isOptional ? found(value, wanted) : member(value, wanted);
  };
}

/** What is there under a key, or nothing. Null has no fields: what is below it is absent, like what is below nothing. */
function found(value: unknown, key: unknown): Optional {
  if (value === null) return Optional.none();
  try {
    const it = member(value, key);
    // An item that may itself be absent is absent in one way only, as the checker's types have it.
    return it instanceof Optional ? it : Optional.of(it);
  } catch (error) {
    if (isMissing(error)) return Optional.none();
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return (
    error instanceof ExpressionError && (error.code === 'no_such_key' || error.code === 'index_out_of_bounds')
  );
}

function member(value: unknown, key: unknown): unknown {
  if (isList(value)) return itemAt(value, key);
  if (value instanceof KeptList) throw needsItems(`[${kindOf(key) === 'text' ? `"${key}"` : key}]`, value);
  if (!isObject(value))
    throw new ExpressionError('no_such_overload', `${kindOf(value)} has no \`${String(key)}\``);
  const result = typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined;
  if (result === undefined) throw new ExpressionError('no_such_key', `No such key: ${String(key)}`);
  return result;
}

function itemAt(list: readonly unknown[], key: unknown): unknown {
  const index = typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : key;
  if (typeof index !== 'bigint')
    throw new ExpressionError('no_such_overload', `a list has positions, and not ${kindOf(key)}`);
  if (index < 0n || index >= BigInt(list.length))
    throw new ExpressionError(
      'index_out_of_bounds',
      `the list has no item ${index}: it has ${list.length}, counted from 0`,
    );
  return list[Number(index)];
}

function prepareCall(name: string, args: readonly ASTNode[]): Compute {
  const [first, second] = args;
  if (name === 'has' && first) return prepareHas(first);
  if (name === 'default' && first && second) return prepareDefault(first, second);
  return prepareFunction(name, undefined, args);
}

function prepareHas(node: ASTNode): Compute {
  const value = prepare(node);
  return (scope) => {
    try {
      const there = value(scope);
      return !(there instanceof Optional) || there.hasValue();
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };
}

/** `default(value, fallback)`: a value that is not there must not fail before the fallback is looked at. */
function prepareDefault(node: ASTNode, instead: ASTNode): Compute {
  const [value, fallback] = [prepare(node), prepare(instead)];
  return (scope) => {
    let there: unknown;
    try {
      there = value(scope);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    if (there instanceof Optional) there = there.hasValue() ? there.value() : undefined;
    return there === undefined || there === null ? fallback(scope) : there;
  };
}

function prepareMethod(name: string, receiver: ASTNode, args: readonly ASTNode[]): Compute {
  const [first] = args;
  if (receiver.op === 'id' && receiver.args === 'optional') {
    if (name === 'none') return () => Optional.none();
    const value = first && prepare(first);
    if (name === 'of' && value) return (scope) => Optional.of(value(scope));
  }
  const item = first?.op === 'id' && args.length > 1 ? first.args : undefined;
  if (item !== undefined && isLoop(name)) return prepareLoop(name, item, prepare(receiver), args.slice(1));
  if (isOptionalMethod(name) && args.length <= 1)
    return prepareOptional(name, prepare(receiver), first && prepare(first));
  return prepareFunction(name, receiver, args);
}

type OptionalMethod = 'orValue' | 'or' | 'hasValue' | 'nonNull';

function isOptionalMethod(name: string): name is OptionalMethod {
  return name === 'orValue' || name === 'or' || name === 'hasValue' || name === 'nonNull';
}

function prepareOptional(name: OptionalMethod, receiver: Compute, other: Compute | undefined): Compute {
  return (scope) => {
    const value = receiver(scope);
    if (!(value instanceof Optional))
      throw new ExpressionError('no_such_overload', `\`${name}\` cannot be used on ${kindOf(value)}`);
    switch (name) {
      case 'hasValue':
        return value.hasValue();
      // The compiler writes this after a field that may be null, so that null and absent are the same to an author.
      case 'nonNull':
        return value.hasValue() && value.value() === null ? Optional.none() : value;
      case 'or':
        return value.hasValue() ? value : other?.(scope);
      case 'orValue':
        return value.hasValue() ? value.value() : other?.(scope);
    }
  };
}

function prepareLoop(name: Loop, item: string, over: Compute, args: readonly ASTNode[]): Compute {
  const [first = () => null, second] = args.map(prepare);
  const items = (scope: Scope) => {
    const value = over(scope);
    if (isList(value)) return value;
    if (isObject(value)) return Object.keys(value);
    if (value instanceof KeptList) throw needsItems(name, value);
    throw new ExpressionError(
      'no_such_overload',
      `\`${name}\` goes through the items of a list, and not of ${kindOf(value)}`,
    );
  };
  const inner = (scope: Scope, value: unknown): Scope => ({
    name: item,
    value,
    outer: scope,
    variables: scope.variables,
  });
  switch (name) {
    case 'map':
      return (scope) => {
        const scopes = items(scope).map((value) => inner(scope, value));
        if (!second) return scopes.map(first);
        return scopes.filter((each) => truth(first(each))).map(second);
      };
    case 'filter':
      return (scope) => items(scope).filter((value) => truth(first(inner(scope, value))));
    case 'sortBy':
      return (scope) => sortedBy(items(scope), (value) => first(inner(scope, value)));
    case 'groupBy':
      return (scope) => groupedBy(items(scope), (value) => first(inner(scope, value)));
    case 'exists_one':
      return (scope) => items(scope).filter((value) => truth(first(inner(scope, value)))).length === 1;
    default:
      return (scope) =>
        quantified(items(scope), (value) => truth(first(inner(scope, value))), name === 'exists');
  }
}

/** As `&&` and `||` of all items: an error matters only when no item decides. */
function quantified(
  values: readonly unknown[],
  holds: (value: unknown) => boolean,
  decides: boolean,
): boolean {
  let problem: { error: unknown } | undefined;
  for (const value of values) {
    try {
      if (holds(value) === decides) return decides;
    } catch (error) {
      problem ??= { error };
    }
  }
  if (problem) throw problem.error;
  return !decides;
}

interface Implementation {
  isMethod: boolean;
  params: Type[];
  run(...values: unknown[]): unknown;
}

let implementations: Map<string, Implementation[]> | undefined;

function implementationsOf(name: string): Implementation[] {
  implementations ??= readImplementations();
  return implementations.get(name) ?? [];
}

function readImplementations(): Map<string, Implementation[]> {
  const table = new Map<string, Implementation[]>();
  for (const { signatures, run } of [...standardFunctions, ...functions]) {
    for (const signature of signatures) {
      const read = parseSignature(signature);
      if (!read) throw new Error(`The signature ${signature} cannot be read.`);
      const { name, receiver, params } = read;
      table.set(name, [
        ...(table.get(name) ?? []),
        {
          isMethod: receiver !== undefined,
          params: receiver ? [receiver, ...params] : params,
          run: run as (...values: unknown[]) => unknown,
        },
      ]);
    }
  }
  return table;
}

function prepareFunction(name: string, receiver: ASTNode | undefined, args: readonly ASTNode[]): Compute {
  const values = (receiver ? [receiver, ...args] : args).map(prepare);
  const candidates = implementationsOf(name).filter(
    ({ isMethod, params }) => isMethod === (receiver !== undefined) && params.length === values.length,
  );
  return (scope) => {
    const given = values.map((value) => value(scope));
    const kept = given.find((value) => value instanceof KeptList);
    if (kept) {
      if (name === 'size') return BigInt(kept.count);
      throw needsItems(name, kept);
    }
    const fitting = candidates.find(({ params }) => params.every((type, index) => fits(type, given[index])));
    if (fitting) return fitting.run(...given);
    throw new ExpressionError(
      'no_such_overload',
      `\`${name}\` does not take ${given.map(kindOf).join(', then ') || 'nothing'}`,
    );
  };
}

function fits(type: Type, value: unknown): boolean {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      // A list of numbers may hold whole ones beside fractions.
      return typeof value === 'number' || typeof value === 'bigint';
    case 'bool':
      return typeof value === 'boolean';
    case 'list':
      return isList(value) && value.every((item) => fits(type.item, item));
    case 'map':
      return isObject(value);
    // No signature asks for these, and what it takes of any type it takes as it is.
    case 'dyn':
    case 'null':
    case 'number':
    case 'never':
    case 'object':
    case 'optional':
    case 'sealed':
    case 'any':
      return true;
  }
}
