/** The types of `+ - * / %`, of comparisons and of `in`. */
import type { ASTNode } from '@marcbachmann/cel-js';
import * as expressions from '../diagnostics/registry/expressions.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Checking } from './checking.ts';
import {
  bool,
  comparable,
  double,
  dyn,
  int,
  isNumeric,
  listType,
  nameOf,
  string,
  type Type,
  unify,
} from './types.ts';

export function computeType(
  node: ASTNode,
  operator: string,
  parts: readonly ASTNode[],
  checker: Checking,
): Type {
  const date = checker.text(node);
  if (operator === '-' && /^\d{4}-\d\d?-\d\d?$/.test(date)) {
    checker.report(expressions.dateWithoutQuotes, node.range, { text: date }, { suggestion: `"${date}"` });
    return string;
  }
  const types = parts.map((part) => checker.definite(part));
  const [left = dyn, right = left] = types;
  for (const [index, part] of parts.entries()) asFraction(part, types[index] ?? dyn, operator, checker);
  if (left.kind === 'dyn' || right.kind === 'dyn') {
    if (operator === '/') return double;
    return isNumeric(left) ? right : left;
  }
  if (
    isNumeric(left) &&
    isNumeric(right) &&
    (operator !== '%' || (left.kind === 'int' && right.kind === 'int'))
  ) {
    return left.kind === 'int' && right.kind === 'int' ? int : double;
  }
  if (operator === '+' && left.kind === 'string' && right.kind === 'string') return string;
  if (operator === '+' && left.kind === 'list' && right.kind === 'list')
    return listType(unify(left.item, right.item) ?? dyn);
  const hint = hintFor(operator, left, right, parts, checker);
  checker.report(expressions.operatorTypes, node.range, {
    operator,
    left: nameOf(left),
    right: nameOf(right),
    hint,
  });
  return dyn;
}

/**
 * JSON writes 3.0 as 3, so that a value does not show whether it is a whole number: its type does. What is typed as a
 * number, and what is divided without a type, is computed with as a fraction whatever its value.
 */
function asFraction(node: ASTNode, type: Type, operator: string, checker: Checking): void {
  if (type.kind !== 'number' && !(type.kind === 'dyn' && operator === '/')) return;
  checker.edits.wrap(node.range, 'double(', ')');
}

function hintFor(
  operator: string,
  left: Type,
  right: Type,
  parts: readonly ASTNode[],
  checker: Checking,
): string | undefined {
  if (operator !== '+') return undefined;
  const other = left.kind === 'string' ? [right, parts[1]] : right.kind === 'string' ? [left, parts[0]] : [];
  const [type, node] = other as [Type | undefined, ASTNode | undefined];
  if (!type || !node) return undefined;
  if (isNumeric(type) || type.kind === 'bool') return `Write \`string(${checker.text(node)})\`.`;
  return type.kind === 'list' ? `Write \`join(${checker.text(node)}, ", ")\`.` : undefined;
}

export function compareTypes(
  node: ASTNode,
  operator: string,
  a: ASTNode,
  b: ASTNode,
  checker: Checking,
): Type {
  if (operator === '==' || operator === '!=') return checkEquality(node, a, b, checker);
  const left = checker.definite(a);
  const right = checker.definite(b);
  if (left.kind === 'dyn' || right.kind === 'dyn') return bool;
  if (operator === 'in') {
    checkMembership(node, left, right, checker);
    return bool;
  }
  const ordered =
    (isNumeric(left) && isNumeric(right)) ||
    (left.kind === right.kind && (left.kind === 'string' || left.kind === 'bool'));
  if (!ordered)
    checker.report(expressions.operatorTypes, node.range, {
      operator,
      left: nameOf(left),
      right: nameOf(right),
    });
  return bool;
}

function checkEquality(node: ASTNode, a: ASTNode, b: ASTNode, checker: Checking): Type {
  const first = checker.check(a);
  const second = checker.check(b);
  const nullSide = first.kind === 'null' ? b : second.kind === 'null' ? a : undefined;
  const otherType = first.kind === 'null' ? second : first;
  if (nullSide && otherType.kind === 'optional') {
    const text = checker.text(nullSide);
    const hint = `To ask whether it is there, write \`has(${text})\`.`;
    checker.report(expressions.neverEqual, node.range, { left: `\`${text}\``, right: 'null', hint });
    return bool;
  }
  const left = checker.present(a, first);
  const right = checker.present(b, second);
  if (left.kind === 'string' && right.kind === 'string' && left.values && right.values) {
    const { values } = left;
    if (!values.some((value) => right.values?.includes(value)))
      reportNeverEqual(node, { at: a, type: left }, { at: b, type: right }, checker);
  } else if (!comparable(left, right)) {
    const hint =
      (left.kind === 'string' && isNumeric(right)) || (right.kind === 'string' && isNumeric(left))
        ? 'Text stands in quotes and a number does not.'
        : undefined;
    checker.report(expressions.neverEqual, node.range, {
      left: capital(nameOf(left)),
      right: nameOf(right),
      hint,
    });
  }
  return bool;
}

/** One side of a comparison of texts. */
interface TextSide {
  at: ASTNode;
  type: Type & { kind: 'string' };
}

/** Two texts of which the possible values are known and have none in common. */
function reportNeverEqual(node: ASTNode, left: TextSide, right: TextSide, checker: Checking): void {
  const [asked, literal] = right.at.op === 'value' ? [left, right] : [right, left];
  const text = checker.text(asked.at);
  const known = asked.type.values;
  const shown = (known ?? [])
    .slice(0, 8)
    .map((value) => `"${value}"`)
    .join(', ');
  const written = literal.type.values?.[0] ?? '';
  const hint = `It can be ${shown}.`;
  checker.report(
    expressions.neverEqual,
    node.range,
    { left: `\`${text}\``, right: `"${written}"`, hint },
    { suggestion: nearest(written, known ?? []) },
  );
}

function checkMembership(node: ASTNode, left: Type, right: Type, checker: Checking): void {
  if (right.kind === 'list' && comparable(left, right.item)) return;
  if ((right.kind === 'map' || right.kind === 'object') && left.kind === 'string') return;
  const hint =
    right.kind === 'string' ? 'To look for a part of a text, write `text.contains(part)`.' : undefined;
  checker.report(expressions.operatorTypes, node.range, {
    operator: 'in',
    left: nameOf(left),
    right: nameOf(right),
    hint,
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
