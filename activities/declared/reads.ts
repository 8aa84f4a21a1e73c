/**
 * What an expression reads of its roots, found out once. Most read one field or two, and only these are made CEL's; one that merely names a
 * field takes it as it came.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { astOf } from '../../compiler/expressions/ast.ts';
import type { Cel, Json } from '../../plan/plan.ts';
import { bind } from '../../workflows/expressions.ts';

/** All of a value, or some of its fields. */
export type Part = 'all' | Map<string, Part>;

export interface Reads {
  /** By root. */
  parts: ReadonlyMap<string, Part>;
  /** A root and its fields, where the expression is no more than that. */
  path?: readonly string[];
  /** Two such, or one and a text, where the expression only compares them. */
  compared?: Compared;
}

export interface Compared {
  isEqual: boolean;
  sides: readonly [Side, Side];
}

export type Side = readonly string[] | { text: string };

const cacheLimit = 5_000;
const known = new Map<Cel, Reads>();

export function readsOf(source: Cel): Reads {
  const found = known.get(source);
  if (found) return found;
  const made = madeOf(astOf(source));
  if (known.size >= cacheLimit) known.clear();
  known.set(source, made);
  return made;
}

function madeOf(ast: ASTNode | undefined): Reads {
  const parts = new Map<string, Part>();
  if (!ast) return { parts };
  collect(ast, parts);
  const path = pathOf(ast, ['.']);
  if (path) return { parts, path };
  const compared = comparedIn(ast);
  return compared ? { parts, compared } : { parts };
}

function comparedIn(node: ASTNode): Compared | undefined {
  if (node.op !== '==' && node.op !== '!=') return undefined;
  const [left, right] = (node.args as [ASTNode, ASTNode]).map(sideOf);
  return left && right ? { isEqual: node.op === '==', sides: [left, right] } : undefined;
}

function sideOf(node: ASTNode): Side | undefined {
  if (node.op === 'value') return typeof node.args === 'string' ? { text: node.args } : undefined;
  return pathOf(node, ['.']);
}

/** What comparing gives where both are text, or both true or false. Numbers are CEL's own matter, and so is what is not there. */
export function comparisonOf(
  { isEqual, sides: [left, right] }: Compared,
  rootOf: (name: string | undefined) => Json | undefined,
): boolean | undefined {
  const a = sideValue(left, rootOf);
  const b = sideValue(right, rootOf);
  if (typeof a !== typeof b || (typeof a !== 'string' && typeof a !== 'boolean')) return undefined;
  return (a === b) === isEqual;
}

function sideValue(side: Side, rootOf: (name: string | undefined) => Json | undefined): Json | undefined {
  return 'text' in side ? side.text : valueAt(rootOf(side[0]), side);
}

/** Also what a loop calls its items: a name too many changes nothing. */
function collect(node: unknown, parts: Map<string, Part>): void {
  if (Array.isArray(node)) {
    for (const part of node) collect(part, parts);
    return;
  }
  if (typeof node !== 'object' || node === null || !('op' in node)) return;
  const at = node as ASTNode;
  if (at.op === 'value') return;
  const path = pathOf(at, ['.', '.?']);
  if (path) add(parts, path);
  else collect(at.args, parts);
}

function pathOf(node: ASTNode, steps: readonly string[]): string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (!steps.includes(node.op)) return undefined;
  const [from, name] = node.args as [ASTNode, string];
  const before = pathOf(from, steps);
  return before && [...before, name];
}

function add(parts: Map<string, Part>, [name = '', ...rest]: string[]): void {
  const now = parts.get(name);
  if (now === 'all') return;
  if (rest.length === 0) {
    parts.set(name, 'all');
    return;
  }
  const inner = now ?? new Map<string, Part>();
  parts.set(name, inner);
  add(inner, rest);
}

/** As CEL has it; of a set of fields only those that are read. */
export function boundPart(value: Json | undefined, part: Part): unknown {
  if (part === 'all' || value === null || typeof value !== 'object' || Array.isArray(value))
    return bind(value);
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, inner] of part)
    if (Object.hasOwn(value, name)) result[name] = boundPart(value[name], inner);
  return result;
}

/** What stands at a path of plain fields; undefined where that takes more than going there. */
export function valueAt(root: Json | undefined, path: readonly string[]): Json | undefined {
  let at = root;
  for (let nth = 1; nth < path.length; nth++) {
    const name = path[nth] as string;
    if (at === null || typeof at !== 'object' || Array.isArray(at) || !Object.hasOwn(at, name))
      return undefined;
    at = at[name];
  }
  return at;
}
