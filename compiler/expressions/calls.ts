/** Function and method calls: CEL's loops, what is for absent values, and the table of signatures. */
import type { ASTNode } from '@marcbachmann/cel-js';
import * as expressions from '../diagnostics/registry/expressions.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Checking } from './checking.ts';
import { factsOf } from './facts.ts';
import { functionNames, isLoop, type Overload, overloadsOf, refused, usualNames } from './signatures.ts';
import { bool, dyn, listType, nameOf, objectType, optionalType, type Type, unify } from './types.ts';

export function callFunction(node: ASTNode, name: string, args: readonly ASTNode[], checker: Checking): Type {
  const [first, second] = args;
  if (name === 'has' && first && args.length === 1) return checkHas(node, first, checker);
  if (name === 'default') {
    if (first && second && args.length === 2) return checkDefault(first, second, checker);
    for (const argument of args) checker.check(argument);
    const signatures = ['default(value, other)'];
    checker.report(expressions.wrongArguments, node.range, { name, got: counted(args.length), signatures });
    return dyn;
  }
  return callOverload(node, name, undefined, args, checker);
}

export function callMethod(
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  checker: Checking,
): Type {
  if (receiver.op === 'id' && receiver.args === 'optional' && !checker.locals.has('optional')) {
    const [value] = args;
    if (name === 'none' && !value) return optionalType({ kind: 'never' });
    if (name === 'of' && value) return optionalType(checker.definite(value));
  }
  if (receiver.op === 'id' && receiver.args === 'cel') {
    checker.report(expressions.unknownFunction, node.range, {
      name: `cel.${name}`,
      method: false,
      refused: refused.bind,
    });
    return dyn;
  }
  if (isLoop(name)) return checkLoop(node, name, receiver, args, checker);
  if (name === 'orValue' || name === 'or' || name === 'hasValue')
    return checkOptionalMethod(node, name, receiver, args, checker);
  return callOverload(node, name, receiver, args, checker);
}

/** `has(a.b)`: true when it is there. Asking is what it is for, so what may be absent is no mistake inside. */
function checkHas(node: ASTNode, argument: ASTNode, checker: Checking): Type {
  const type = softly(checker, () => checker.check(argument));
  if (type.kind === 'optional') {
    checker.edits.replace({ start: node.start, end: checker.source.indexOf('(', node.start) }, '');
    checker.edits.insert(node.end, '.nonNull().hasValue()');
  }
  return bool;
}

function checkDefault(value: ASTNode, fallback: ASTNode, checker: Checking): Type {
  const type = softly(checker, () => checker.check(value));
  const other = checker.check(fallback);
  const inner = type.kind === 'optional' ? type.of : type;
  if (inner.kind === 'dyn') return dyn;
  return unifyOrReport(fallback, inner, other, checker);
}

function softly<T>(checker: Checking, check: () => T): T {
  const before = checker.soft;
  checker.soft = true;
  try {
    return check();
  } finally {
    checker.soft = before;
  }
}

function checkOptionalMethod(
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  checker: Checking,
): Type {
  checker.asked = receiver;
  const type = checker.check(receiver);
  const [argument] = args;
  const other = argument && checker.check(argument);
  if (type.kind !== 'optional') {
    const at = { start: receiver.end, end: node.end };
    const anything = type.kind === 'dyn';
    checker.report(expressions.neverAbsent, at, { text: checker.text(receiver), method: name, anything });
    return name === 'hasValue' ? bool : type;
  }
  if (name === 'hasValue') return bool;
  if (!argument || !other) return type.of;
  if (name === 'or') {
    const both = unify(type, other);
    return both ?? type;
  }
  return unifyOrReport(argument, type.of, other, checker);
}

function unifyOrReport(at: ASTNode, wanted: Type, given: Type, checker: Checking): Type {
  const both = unify(wanted, given);
  if (both) return both;
  if (given.kind === 'optional') checker.present(at, given);
  else
    checker.report(expressions.differentBranches, at.range, { left: nameOf(wanted), right: nameOf(given) });
  return wanted;
}

function checkLoop(
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  checker: Checking,
): Type {
  const list = checker.definite(receiver);
  const problem = (what: string, at = node.range) => {
    checker.report(expressions.wrongLoop, at, { what });
    return dyn;
  };
  const [variable, ...rest] = args;
  if (list.kind !== 'list' && list.kind !== 'dyn')
    return problem(
      `\`${checker.text(receiver)}\` is ${nameOf(list)}; \`.${name}(…)\` goes through the items of a list.`,
    );
  if (!variable || rest.length === 0 || variable.op !== 'id')
    return problem(`\`.${name}(…)\` takes a name for the item and an expression: \`.${name}(x, …)\`.`);
  const local = variable.args;
  if (
    checker.scope.names.has(local) ||
    checker.scope.lets.has(local) ||
    local === 'steps' ||
    checker.locals.has(local)
  )
    return problem(
      `\`${local}\` already means something here. Choose another name for the item.`,
      variable.range,
    );
  checker.locals.set(local, list.kind === 'list' ? list.item : dyn);
  try {
    return loopResult(name, list, rest, checker);
  } finally {
    checker.locals.delete(local);
  }
}

function loopResult(name: string, list: Type, [first, second]: readonly ASTNode[], checker: Checking): Type {
  if (!first) return dyn;
  if (name === 'map') {
    if (!second) return listType(checker.check(first));
    checker.condition(first);
    return listType(checker.knowing(factsOf(first), () => checker.check(second)));
  }
  if (name === 'sortBy' || name === 'groupBy') return keyedResult(name, list, first, checker);
  checker.condition(first);
  return name === 'filter' ? list : bool;
}

/** Texts, numbers and true or false have an order and can be told apart; lists and objects are no keys. */
const keyKinds = new Set<Type['kind']>(['string', 'int', 'double', 'number', 'bool', 'dyn']);

function keyedResult(name: 'sortBy' | 'groupBy', list: Type, key: ASTNode, checker: Checking): Type {
  const type = checker.definite(key);
  if (!keyKinds.has(type.kind))
    checker.report(expressions.wrongLoop, key.range, {
      what: `\`.${name}(x, …)\` goes by a text, a number, or true or false; \`${checker.text(key)}\` is ${nameOf(type)}.`,
    });
  if (name === 'sortBy') return list;
  return listType(objectType({ key: type, items: list.kind === 'list' ? list : listType(dyn) }));
}

function callOverload(
  node: ASTNode,
  name: string,
  receiver: ASTNode | undefined,
  args: readonly ASTNode[],
  checker: Checking,
): Type {
  const overloads = overloadsOf(name);
  const fitting = overloads.filter(
    (overload) => (overload.receiver !== undefined) === (receiver !== undefined),
  );
  const parts = receiver ? [receiver, ...args] : args;
  const types = parts.map((part) => checker.definite(part));
  if (fitting.length === 0) {
    const other = overloads.length > 0 ? otherForm(name, receiver, args, checker) : undefined;
    reportUnknown(node, name, receiver !== undefined, other, checker);
    return dyn;
  }
  for (const overload of fitting) {
    const wanted = overload.receiver ? [overload.receiver, ...overload.params] : overload.params;
    const bound = new Map<string, Type>();
    if (
      wanted.length === types.length &&
      wanted.every((type, index) => accepts(type, types[index] ?? dyn, bound))
    ) {
      if (tableFunctions.has(name)) checkColumns(args, types[0] ?? dyn, checker);
      return bind(overload.result, bound);
    }
  }
  checker.report(expressions.wrongArguments, node.range, {
    name,
    got: types.length === 0 ? 'nothing' : types.map(nameOf).join(', then '),
    signatures: fitting.map(readable),
  });
  return fitting[0]?.result.kind === 'any' ? dyn : (fitting[0]?.result ?? dyn);
}

const tableFunctions = new Set(['table', 'htmlTable', 'toCsv']);

/** A column that no row has would be an empty one for ever; where the rows' fields are known it is told. */
function checkColumns([rows, columns]: readonly ASTNode[], list: Type, checker: Checking): void {
  if (!rows || columns?.op !== 'list' || list.kind !== 'list') return;
  for (const column of columns.args) {
    if (column.op !== 'value' || typeof column.args !== 'string') continue;
    let type: Type = list.item;
    for (const part of column.args.split('.')) {
      if (type.kind === 'optional') type = type.of;
      if (type.kind !== 'object') break;
      const known = [...type.fields.keys()];
      const field: Type | undefined = type.fields.get(part)?.type ?? type.more;
      if (field === undefined) {
        const params = { field: part, of: `a row of ${checker.text(rows)}`, known };
        checker.report(expressions.unknownField, column.range, params, { suggestion: nearest(part, known) });
        break;
      }
      type = field;
    }
  }
}

/** A method called as a function, or a function as a method, in the form that is known. */
function otherForm(
  name: string,
  receiver: ASTNode | undefined,
  args: readonly ASTNode[],
  checker: Checking,
): string {
  const texts = args.map((argument) => checker.text(argument));
  return receiver
    ? `${name}(${[checker.text(receiver), ...texts].join(', ')})`
    : `${texts[0] ?? 'x'}.${name}(${texts.slice(1).join(', ')})`;
}

function reportUnknown(
  node: ASTNode,
  name: string,
  method: boolean,
  other: string | undefined,
  checker: Checking,
): void {
  checker.report(
    expressions.unknownFunction,
    node.range,
    {
      name,
      method,
      other,
      refused: Object.hasOwn(refused, name) ? refused[name] : undefined,
    },
    { suggestion: other ?? usualNames[name.toLowerCase()] ?? nearest(name, functionNames()) },
  );
}

function accepts(wanted: Type, given: Type, bound: Map<string, Type>): boolean {
  if (given.kind === 'dyn' || given.kind === 'never' || wanted.kind === 'dyn') return true;
  if (wanted.kind === 'any') {
    const known = bound.get(wanted.name);
    const both = known ? unify(known, given) : given;
    if (both) bound.set(wanted.name, both);
    return both !== undefined;
  }
  if (wanted.kind === 'list') return given.kind === 'list' && accepts(wanted.item, given.item, bound);
  if (wanted.kind === 'map') return given.kind === 'map' || given.kind === 'object';
  // What is typed as a number may come as either.
  if (given.kind === 'number') return wanted.kind === 'double';
  return wanted.kind === given.kind;
}

function bind(type: Type, bound: ReadonlyMap<string, Type>): Type {
  if (type.kind === 'any') return bound.get(type.name) ?? dyn;
  return type.kind === 'list' ? listType(bind(type.item, bound)) : type;
}

/** `list<string>.join(string): string` as `list.join(text)`. */
function readable({ text }: Overload): string {
  return text
    .replace(/: [^:]*$/, '')
    .replace(/\bdyn\b|\b[A-Z]\b/g, 'any')
    .replace(/\bstring\b(?!\()/g, 'text')
    .replace(/\bint\b(?!\()/g, 'whole number')
    .replace(/\bdouble\b(?!\()/g, 'number');
}

function counted(count: number): string {
  return count === 0 ? 'nothing' : count === 1 ? 'one value' : `${count} values`;
}
