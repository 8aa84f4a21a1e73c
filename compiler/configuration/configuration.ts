/** Reads `countersign.yaml`: what runbooks name, and how the systems are reached. Each of its keys is a file in `sections/`. */

import { readOnlyRoleNamed } from '../../organisation/read-only.ts';
import { type Defined, defined } from '../../plan/defined.ts';
import { excerpt } from '../../plan/excerpt.ts';
import { isPerson, isTimezone, namePattern, roleOf, timezoneNames } from '../../plan/lexical.ts';
import type { Role } from '../../plan/organisation.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/configuration.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as names from '../diagnostics/registry/names.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import type { Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { partsOf } from '../expressions/interpolation.ts';
import { checkNode } from '../schema/check.ts';
import { configurationSchema } from '../schema/configuration.ts';
import type { SourceRange } from '../source/source-file.ts';
import {
  childOf,
  describeNode,
  type MapNode,
  type Node,
  type ScalarNode,
  setOwn,
  textOf,
} from '../source/tree.ts';
import type { Around, ConnectorSettings, Section } from './section.ts';
import { sections } from './sections/registry.ts';

export type { ConnectorSettings } from './section.ts';

/** What each section reads. One that may be left out without anything in its place is absent then. */
export type Configuration = Defined<{
  -readonly [K in keyof typeof sections]: ReturnType<(typeof sections)[K]['read']>;
}>;

/** Where the configuration names somebody who is to act. */
const actsWhere: ReadonlySet<string> = new Set(['`recordedBy`', '`lastResort`']);

const all: [string, Section<unknown>][] = Object.entries(sections);

/** What there is besides: the connectors' settings, and the repository's own ticket systems. */
interface KnownAround {
  connectorSettings?: ConnectorSettings | undefined;
  ticketSystems?: readonly string[] | undefined;
}

export function readConfiguration(
  root: Node,
  reporter: Reporter,
  known: KnownAround,
): Configuration | undefined {
  if (root.kind !== 'map') {
    const params = { where: 'The configuration', takes: 'a set of keys', is: describeNode(root) };
    reporter.report(structure.wrongKind, root, params);
    return undefined;
  }
  const reader = new Reader(root, reporter, known);
  checkNode(root, configurationSchema, 'the configuration', {
    reporter,
    patterns: true,
    handled: (node) => reader.isSecret(node),
  });
  const found = all.map(([key, section]) => {
    const node = reader.section(key);
    if (node) section.check?.(node, reader);
    return [key, section.read(node, reader)];
  });
  // The registry's type says what each section reads; TypeScript cannot follow the keys through the list.
  return defined(Object.fromEntries(found)) as Configuration;
}

const secretLike = /(secret|password|token|apikey|privatekey|webhook)$/i;

class Reader implements Around {
  readonly reporter: Reporter;
  readonly connectorSettings: ConnectorSettings | undefined;
  readonly ticketSystems: readonly string[];
  private readonly root: MapNode;
  private readonly secretNodes = new Map<Node, string>();

  constructor(root: MapNode, reporter: Reporter, { connectorSettings, ticketSystems = [] }: KnownAround) {
    this.root = root;
    this.reporter = reporter;
    this.connectorSettings = connectorSettings;
    this.ticketSystems = ticketSystems;
    for (const { key, value } of root.entries) {
      const section = all.find(([name]) => name === key)?.[1];
      if (!section?.expressions) this.findSecrets(value, '', section?.secrets ?? false);
    }
  }

  section(key: string): Node | undefined {
    return childOf(this.root, key);
  }

  isSecret(node: Node): boolean {
    return this.secretNodes.has(node);
  }

  checkName(at: SourceRange, name: string, what: string): void {
    if (!namePattern.test(name)) this.reporter.report(forms.badName, at, { value: name, what });
  }

  checkTimezone(node: Node | undefined): void {
    const value = textOf(node);
    if (!node || value === undefined || isTimezone(value)) return;
    this.reporter.report(forms.badTimezone, node, { value }, { suggestion: nearest(value, timezoneNames()) });
  }

  checkPerson(node: Node, where: string): void {
    const value = textOf(node);
    // What is no text has been reported with the schema.
    if (value === undefined) return;
    if (!isPerson(value)) {
      this.reporter.report(forms.badPerson, node, { where, value });
      return;
    }
    const role = roleOf(value);
    const roles = this.section('roles');
    const known = roles?.kind === 'map' ? roles.entries.map(({ key }) => key) : [];
    const lookers = roles?.kind === 'map' ? (this.json(roles) as Record<string, Partial<Role>>) : {};
    const looker = actsWhere.has(where) ? readOnlyRoleNamed(value, lookers) : undefined;
    if (looker !== undefined)
      this.reporter.report(codes.readOnlyAsked, node, { role: looker, person: value, where });
    if (role === undefined || known.includes(role)) return;
    const near = nearest(role, known);
    this.reporter.report(names.unknownRole, node, { role, known }, { suggestion: near && `role:${near}` });
  }

  private findSecrets(node: Node, key: string, allowed: boolean): void {
    if (node.kind === 'map')
      for (const entry of node.entries) this.findSecrets(entry.value, entry.key, allowed);
    else if (node.kind === 'list') for (const item of node.items) this.findSecrets(item, key, allowed);
    else if (typeof node.value === 'string' && !node.broken) this.findSecret(node, node.value, key, allowed);
  }

  private findSecret(node: ScalarNode, text: string, key: string, allowed: boolean): void {
    if (!text.includes('${{')) {
      if (allowed && secretLike.test(key) && text !== '')
        this.reporter.report(codes.plainSecret, node, { key });
      return;
    }
    const { parts } = partsOf(text);
    const [only] = parts;
    const name =
      parts.length === 1 && typeof only === 'object'
        ? /^secrets\.([A-Za-z_]\w*)$/.exec(only.expression)?.[1]
        : undefined;
    if (name === undefined || !allowed) {
      this.reporter.report(codes.onlySecrets, node, { text: excerpt(text) });
      this.secretNodes.set(node, '');
      return;
    }
    this.secretNodes.set(node, name);
    const secrets = childOf(this.root, 'secrets');
    const known = secrets?.kind === 'map' ? secrets.entries.map((entry) => entry.key) : [];
    if (!known.includes(name))
      this.reporter.report(codes.unknownSecret, node, { name, known }, { suggestion: nearest(name, known) });
  }

  json(node: Node): Json {
    const secret = this.secretNodes.get(node);
    if (secret !== undefined) return { $secret: secret };
    if (node.kind === 'scalar') return node.value;
    if (node.kind === 'list') return node.items.map((item) => this.json(item));
    const result: JsonObject = {};
    for (const { key, value } of node.entries) setOwn(result, key, this.json(value));
    return result;
  }
}
