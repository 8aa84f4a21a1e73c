/**
 * What a test takes from the organisation, so that it holds in every repository: `${{ organisation.domain }}`,
 * `${{ roles["cab"][1] }}`, and `role:cab#2` where a person stands.
 */
import type { Json, JsonObject } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/tests.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Entry, Node, ScalarNode } from '../source/tree.ts';

export interface TestNames {
  organisation?: JsonObject;
  /** Role -> its people, in the order of the configuration. */
  roles?: Readonly<Record<string, { people: readonly string[] }>>;
}

const written = /\$\{\{\s*(.*?)\s*\}\}/g;
const whole = /^\$\{\{\s*(.*?)\s*\}\}$/;
const part = /^(?:\.([A-Za-z_]\w*)|\["([^"\]]+)"\]|\[(\d+)\])/;
const member = /^role:([\w-]+)(?:#(\d+))?$/;

/** The same tree with the values in the place of their names. */
export function withNames(root: Node, names: TestNames, reporter: Reporter): Node {
  return new Naming(names, reporter).tree(root, []);
}

class Naming {
  private readonly values: JsonObject;
  private readonly reporter: Reporter;

  constructor({ organisation = {}, roles = {} }: TestNames, reporter: Reporter) {
    const people = Object.entries(roles).map(([name, role]): [string, Json] => [name, [...role.people]]);
    this.values = { organisation, roles: Object.fromEntries(people) };
    this.reporter = reporter;
  }

  tree(node: Node, path: readonly string[]): Node {
    switch (node.kind) {
      case 'list':
        return { ...node, items: node.items.map((item) => this.tree(item, path)) };
      case 'map':
        return { ...node, entries: node.entries.map((entry) => this.entry(entry, path)) };
      case 'scalar':
        return typeof node.value === 'string' ? this.text(node, node.value, path) : node;
    }
  }

  private entry(entry: Entry, path: readonly string[]): Entry {
    return { ...entry, value: this.tree(entry.value, [...path, entry.key]) };
  }

  private text(node: ScalarNode, text: string, path: readonly string[]): Node {
    if (isPerson(path)) {
      const [, role, number = '1'] = member.exec(text) ?? [];
      if (role !== undefined) return { ...node, value: this.person(role, Number(number), node) };
    }
    if (!text.includes('${{')) return node;
    const only = whole.exec(text)?.[1];
    if (only !== undefined && !only.includes('${{')) return nodeOf(this.value(only, node), node);
    const value = text.replace(written, (_, name: string) => {
      const found = this.value(name, node);
      return typeof found === 'string' ? found : JSON.stringify(found);
    });
    return { ...node, value };
  }

  private person(role: string, number: number, at: Node): string {
    const roles = this.values.roles as Record<string, string[]>;
    const people = roles[role];
    const found = people?.[number - 1];
    if (found !== undefined) return found;
    const known = people ? people.map((_, index) => `role:${role}#${index + 1}`) : Object.keys(roles);
    const suggestion = people ? undefined : nearest(role, known);
    const name = number === 1 ? `role:${role}` : `role:${role}#${number}`;
    this.reporter.report(codes.unknownTestName, at, { name, known }, { suggestion });
    return '';
  }

  /** Step by step, so that it is told where the name ends that is known. */
  private value(name: string, at: Node): Json {
    let rest = name.startsWith('organisation') || name.startsWith('roles') ? `.${name}` : '';
    let value: Json | undefined = rest ? this.values : undefined;
    let known = Object.keys(this.values);
    while (rest && value !== undefined) {
      const found = part.exec(rest);
      if (!found) value = undefined;
      else {
        rest = rest.slice(found[0].length);
        known = keysOf(value);
        value = within(value, found[1] ?? found[2] ?? found[3] ?? '');
      }
    }
    if (value !== undefined) return value;
    this.reporter.report(codes.unknownTestName, at, { name, known });
    return '';
  }
}

/** Where a test names somebody who acts, asks or is told. */
function isPerson(path: readonly string[]): boolean {
  const key = path.at(-1);
  const around = path.at(-2);
  if (key === 'requester') return around === 'tests' || around === 'defaults';
  if (key === 'by' || key === 'for') return around === 'events';
  return key === 'to' && (around === 'told' || around === 'notTold');
}

function keysOf(value: Json): string[] {
  if (Array.isArray(value)) return value.map((_, index) => `[${index}]`);
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function within(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? ((value as JsonObject)[key] ?? null) : undefined;
}

/** As if it had been written there. */
function nodeOf(value: Json, at: ScalarNode): Node {
  const { start, end } = at;
  if (Array.isArray(value)) return { kind: 'list', start, end, items: value.map((each) => nodeOf(each, at)) };
  if (typeof value !== 'object' || value === null) return { ...at, value };
  const entries = Object.entries(value).map(([key, each]) => ({
    key,
    keyRange: { start, end },
    value: nodeOf(each, at),
  }));
  return { kind: 'map', start, end, entries };
}
