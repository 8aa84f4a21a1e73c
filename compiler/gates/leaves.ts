/**
 * The leaves that an expression reads: the paths of inputs, ticket fields and earlier outputs whose change could change
 * what it gives. The name of an item stands for every item of its list; names under `let` the compiler has written out.
 *
 * A value is followed as long as it is only passed on (`list.filter(d, d.mine).map(d, d.name)` reads `mine` and `name` of
 * the list's items); what computes with a value reads all of it. A computed key reads what stands around it, and the key.
 */

import type { ASTNode } from '@marcbachmann/cel-js';
import { defined } from '../../plan/defined.ts';
import { fieldPath, itemPath } from '../../plan/leaf-paths.ts';
import type { Cel, Template } from '../../plan/plan.ts';
import { astOf } from '../expressions/ast.ts';
import { isLoop } from '../expressions/signatures.ts';

/** What a value may be a copy of. */
export interface Value {
  readonly paths: readonly Path[];
  /** What each of its items may be a copy of, where that is not an item of what the value is a copy of. */
  readonly items?: Value;
}

interface Path {
  readonly text: string;
  /** Which part of it is not known before the run, so that going further in stays here. */
  readonly cut?: true;
}

const nothing: Value = { paths: [] };

const roots = new Set(['inputs', 'ticket', 'steps']);
/** Methods that give their receiver, or what stands in for it. */
const passing = new Set(['orValue', 'or', 'value', 'nonNull']);

/** What the names of items mean at one place of a plan. */
export type Names = ReadonlyMap<string, Value>;

/** Adds every leaf of a template to those already found. */
export function readTemplate(template: Template | undefined, names: Names, leaves: Set<string>): void {
  new Reader(names, leaves).template(template);
}

/** Adds every leaf of an expression. */
export function readExpression(source: Cel, names: Names, leaves: Set<string>): void {
  const reader = new Reader(names, leaves);
  reader.take(reader.expression(source));
}

/** The same of a part of one that was read already. */
export function readNode(node: ASTNode, names: Names): Set<string> {
  const leaves = new Set<string>();
  const reader = new Reader(names, leaves);
  reader.take(reader.value(node));
  return leaves;
}

/** What an item of the list that an expression gives may be a copy of. The list is read item by item, each as a whole. */
export function readItems(source: Cel, names: Names, leaves: Set<string>): Value {
  const reader = new Reader(names, leaves);
  const item = reader.itemOf(reader.expression(source));
  reader.take(item);
  return item;
}

class Reader {
  private readonly names: Names;
  private readonly leaves: Set<string>;
  private readonly locals = new Map<string, Value>();

  constructor(names: Names, leaves: Set<string>) {
    this.names = names;
    this.leaves = leaves;
  }

  template(template: Template | undefined): void {
    if (template === null || typeof template !== 'object') return;
    if (Array.isArray(template)) for (const part of template) this.template(part);
    else if (typeof template.$expr === 'string') this.take(this.expression(template.$expr));
    else for (const part of Object.values(template)) this.template(part);
  }

  expression(source: Cel): Value {
    const node = astOf(source);
    return node ? this.value(node) : nothing;
  }

  /** All of the value is used. */
  take(value: Value): void {
    for (const { text } of value.paths) this.leaves.add(text);
    if (value.items) this.take(value.items);
  }

  itemOf({ paths, items }: Value): Value {
    const own = paths.map((path) => (path.cut ? path : { text: itemPath(path.text) }));
    return together([{ paths: own }, items ?? nothing]);
  }

  value(node: ASTNode): Value {
    switch (node.op) {
      case 'value':
        return nothing;
      case 'id':
        return this.name(node.args);
      case '.':
      case '.?':
        return this.field(this.value(node.args[0]), node.args[1]);
      case '[]':
      case '[?]':
        return this.indexed(node.args[0], node.args[1]);
      case 'call':
        return this.call(...node.args);
      case 'rcall':
        return this.method(...node.args);
      case '?:': {
        const [condition, then, otherwise] = node.args;
        this.take(this.value(condition));
        return together([this.value(then), this.value(otherwise)]);
      }
      // Text or lists put together are as good as their parts.
      case '+':
        return together(node.args.map((part) => this.value(part)));
      case 'list':
        return { paths: [], items: together(node.args.map((part) => this.value(part))) };
      case 'map':
        for (const part of node.args.flat()) this.take(this.value(part));
        return nothing;
      case '!_':
      case '-_':
        this.take(this.value(node.args));
        return nothing;
      default:
        for (const part of node.args) this.take(this.value(part));
        return nothing;
    }
  }

  private name(name: string): Value {
    const own = this.locals.get(name) ?? this.names.get(name);
    return own ?? (roots.has(name) ? { paths: [{ text: name }] } : nothing);
  }

  private field({ paths }: Value, key: string): Value {
    return { paths: paths.map((path) => (path.cut ? path : { text: fieldPath(path.text, key) })) };
  }

  private indexed(object: ASTNode, key: ASTNode): Value {
    const value = this.value(object);
    if (key.op === 'value' && typeof key.args === 'string') return this.field(value, key.args);
    if (key.op === 'value') return this.itemOf(value);
    this.take(this.value(key));
    const cut = value.paths.map(({ text }) => ({ text, cut: true as const }));
    return together([{ paths: cut }, value.items ?? nothing]);
  }

  private call(name: string, args: readonly ASTNode[]): Value {
    const values = args.map((part) => this.value(part));
    if (name === 'default' || name === 'dyn') return together(values);
    for (const value of values) this.take(value);
    return nothing;
  }

  private method(name: string, receiver: ASTNode, args: readonly ASTNode[]): Value {
    const [variable, ...rest] = args;
    if (isLoop(name) && variable?.op === 'id') return this.loop(name, receiver, variable.args, rest);
    const values = [receiver, ...args].map((part) => this.value(part));
    // `optional.of(value)`: `optional` itself is no value.
    if (passing.has(name) || (name === 'of' && receiver.op === 'id')) return together(values);
    for (const value of values) this.take(value);
    return nothing;
  }

  private loop(name: string, receiver: ASTNode, variable: string, rest: readonly ASTNode[]): Value {
    const list = this.value(receiver);
    const item = this.itemOf(list);
    const outer = this.locals.get(variable);
    this.locals.set(variable, item);
    const results = rest.map((part) => this.value(part));
    if (outer) this.locals.set(variable, outer);
    else this.locals.delete(variable);
    // How many items there are matters even where nothing of an item is read.
    if (!rest.some((part) => mentions(part, variable))) this.take(list);
    const result = results.at(-1) ?? nothing;
    if (name === 'map') {
      for (const condition of results.slice(0, -1)) this.take(condition);
      return { paths: [], items: result };
    }
    this.take(result);
    // What is in which group depends on the whole list, so all of it is read.
    if (name === 'groupBy') this.take(item);
    return name === 'filter' || name === 'sortBy' ? list : nothing;
  }
}

function together(values: readonly Value[]): Value {
  const paths = new Map<string, Path>();
  for (const path of values.flatMap((value) => value.paths)) {
    const known = paths.get(path.text);
    paths.set(path.text, known?.cut ? known : path);
  }
  const items = values.map((value) => value.items).filter((value) => value !== undefined);
  return {
    paths: [...paths.values()],
    ...defined({ items: items.length > 0 ? together(items) : undefined }),
  };
}

function mentions(part: unknown, name: string): boolean {
  if (Array.isArray(part)) return part.some((each) => mentions(each, name));
  if (typeof part !== 'object' || part === null || !('op' in part)) return false;
  const node = part as ASTNode;
  return node.op === 'id' ? node.args === name : mentions(node.args, name);
}
