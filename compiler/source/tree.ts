/** The positioned tree that a YAML text becomes: all that the compiler needs of it, and nothing of the YAML library. */
import { excerpt } from '../../plan/excerpt.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { SourceRange } from './source-file.ts';

interface NodeBase extends SourceRange {
  /** Written so wrongly that what it was meant to be is unknown. It has been reported; later checks pass over it. */
  broken?: true;
}

export interface MapNode extends NodeBase {
  kind: 'map';
  entries: Entry[];
}

export interface Entry {
  key: string;
  keyRange: SourceRange;
  value: Node;
}

export interface ListNode extends NodeBase {
  kind: 'list';
  items: Node[];
}

export interface ScalarNode extends NodeBase {
  kind: 'scalar';
  value: null | boolean | number | string;
  style: 'plain' | 'quoted' | 'block';
  /** As written, quotes included. */
  raw: string;
}

export type Node = MapNode | ListNode | ScalarNode;

export function entryOf(node: MapNode, key: string): Entry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

export function childOf(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === 'map' ? entryOf(node, key)?.value : undefined;
}

export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** The plain JSON of a node. `__proto__` becomes an ordinary key. */
export function jsonOf(node: Node): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(jsonOf);
  const result: JsonObject = {};
  for (const { key, value } of node.entries) setOwn(result, key, jsonOf(value));
  return result;
}

/** Sets a key that an author chose: `__proto__` is a key like any other. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
}

/** What a node is, in a coordinator's words. */
export function describeNode(node: Node): string {
  if (node.kind === 'map') return 'a set of keys';
  if (node.kind === 'list') return 'a list';
  const { value } = node;
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `text ("${excerpt(value)}")`;
  if (typeof value === 'boolean') return `${value} (true or false)`;
  return `the number ${node.raw.trim()}`;
}

export function numberOf(node: Node | undefined): number | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}
