/** Reads `countersign.yaml`: what runbooks name, and how the systems are reached. */

import { defined } from '../../plan/defined.ts';
import { isTimezone, namePattern, timezoneNames } from '../../plan/lexical.ts';
import type { Role } from '../../plan/organisation.ts';
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/configuration.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import type { Extra, Reporter } from '../diagnostics/reporter.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { partsOf } from '../expressions/interpolation.ts';
import { type Policy, readPolicies } from '../rules/policies.ts';
import { checkNode } from '../schema/check.ts';
import { configurationSchema } from '../schema/configuration.ts';
import {
  childOf,
  describeNode,
  entryOf,
  type MapNode,
  type Node,
  type ScalarNode,
  setOwn,
  shorten,
  textOf,
} from '../source/tree.ts';
import { type OutboundRules, readHostPattern, readPrivateNetwork } from './outbound.ts';
import { checkSignIn, type SignInSettings } from './sign-in.ts';

export type SecretSource = { env: string } | { file: string };

/** In connectors and tickets a secret stands as `{ $secret: NAME }`; only the process that uses it resolves it. */
export interface Configuration {
  organisation: JsonObject;
  /** IANA zone in which business days are counted. */
  timezone: string;
  roles: Record<string, Role>;
  secrets: Record<string, SecretSource>;
  connectors: Record<string, JsonObject>;
  /** Ticket system -> its settings, such as `webhookSecret`. */
  tickets: Record<string, JsonObject>;
  calendars: Record<string, JsonObject>;
  /** Name of the calendar whose days are no working days. */
  holidays?: string;
  policies: Policy[];
  /** Who else may not sign in a run, besides whoever asked for it or changed its inputs. */
  separationOfDuties: ('author' | 'operator')[];
  notifications: JsonObject;
  outbound: OutboundRules;
  temporal: JsonObject;
  database: JsonObject;
  signIn: SignInSettings;
}

/** A connector's name -> the JSON Schema of its settings. */
export type ConnectorSettings = Readonly<Record<string, JsonSchema>>;

export function readConfiguration(
  root: Node,
  reporter: Reporter,
  connectorSettings: ConnectorSettings | undefined,
): Configuration | undefined {
  if (root.kind !== 'map') {
    const params = { where: 'The configuration', takes: 'a set of keys', is: describeNode(root) };
    reporter.report(structure.wrongKind, root, params);
    return undefined;
  }
  const reader = new Reader(root, reporter);
  checkNode(root, configurationSchema, 'the configuration', {
    reporter,
    patterns: true,
    handled: (node) => reader.isSecret(node),
  });
  reader.checkForms();
  reader.checkConnectors(connectorSettings);
  const roles = reader.section('roles') as Record<string, Partial<Role>>;
  const holidays = textOf(childOf(root, 'holidays'));
  return {
    organisation: reader.section('organisation'),
    timezone: textOf(childOf(root, 'timezone')) ?? 'UTC',
    roles: Object.fromEntries(
      Object.entries(roles).map(([name, role]) => [name, { ...role, people: role?.people ?? [] }]),
    ),
    secrets: reader.section('secrets') as Record<string, SecretSource>,
    connectors: reader.section('connectors') as Record<string, JsonObject>,
    tickets: reader.section('tickets') as Record<string, JsonObject>,
    calendars: reader.section('calendars') as Record<string, JsonObject>,
    ...defined({ holidays }),
    separationOfDuties: reader.list('separationOfDuties') as Configuration['separationOfDuties'],
    policies: readPolicies(childOf(root, 'policies'), reporter),
    notifications: reader.section('notifications'),
    outbound: reader.section('outbound') as OutboundRules,
    temporal: reader.section('temporal'),
    database: reader.section('database'),
    signIn: reader.section('signIn') as SignInSettings,
  };
}

/** Sections whose values may be secrets. */
const withSecrets = new Set(['connectors', 'tickets', 'notifications', 'temporal', 'database', 'signIn']);
const secretLike = /(secret|password|token|apikey|privatekey|webhook)$/i;

class Reader {
  private readonly root: MapNode;
  private readonly reporter: Reporter;
  private readonly secretNodes = new Map<Node, string>();

  constructor(root: MapNode, reporter: Reporter) {
    this.root = root;
    this.reporter = reporter;
    // Policies are expressions themselves, with or without braces.
    for (const { key, value } of root.entries)
      if (key !== 'policies') this.findSecrets(value, '', withSecrets.has(key));
  }

  isSecret(node: Node): boolean {
    return this.secretNodes.has(node);
  }

  section(key: string): JsonObject {
    const node = childOf(this.root, key);
    return node?.kind === 'map' ? (this.json(node) as JsonObject) : {};
  }

  list(key: string): Json[] {
    const node = childOf(this.root, key);
    return node?.kind === 'list' ? (this.json(node) as Json[]) : [];
  }

  checkForms(): void {
    const roles = childOf(this.root, 'roles');
    for (const { key, keyRange, value } of roles?.kind === 'map' ? roles.entries : []) {
      this.checkName(keyRange, key, "a role's name");
      const people = childOf(value, 'people');
      const count = people?.kind === 'list' ? people.items.length : 0;
      if (count === 0 && !childOf(value, 'entraGroup'))
        this.reporter.report(codes.emptyRole, keyRange, { role: key });
    }
    const secrets = childOf(this.root, 'secrets');
    for (const { key, keyRange, value } of secrets?.kind === 'map' ? secrets.entries : []) {
      if (value.kind !== 'map') continue;
      const has = ['env', 'file'].filter((place) => entryOf(value, place)).length;
      if (has !== 1) this.reporter.report(codes.secretSource, keyRange, { name: key, has });
    }
    this.checkTimezone(childOf(this.root, 'timezone'));
    this.checkCalendars();
    const names = roles?.kind === 'map' ? roles.entries.map(({ key }) => key) : [];
    checkSignIn(childOf(this.root, 'signIn'), names, this.reporter);
    this.checkOutbound();
  }

  private checkOutbound(): void {
    const outbound = childOf(this.root, 'outbound');
    const lists = [
      { key: 'allow', read: readHostPattern, code: codes.badOutboundHost },
      { key: 'privateNetworks', read: readPrivateNetwork, code: codes.badPrivateNetwork },
    ];
    for (const { key, read, code } of lists) {
      const list = childOf(outbound, key);
      for (const item of list?.kind === 'list' ? list.items : []) {
        const value = textOf(item);
        const found = value === undefined ? undefined : read(value);
        if (value === undefined || !found || !('problem' in found)) continue;
        const params = { value: shorten(value), problem: found.problem };
        this.reporter.report(code, item, params, { suggestion: found.suggestion });
      }
    }
  }

  private checkCalendars(): void {
    const calendars = childOf(this.root, 'calendars');
    const entries = calendars?.kind === 'map' ? calendars.entries : [];
    for (const { value } of entries) this.checkTimezone(childOf(value, 'timezone'));
    const holidays = childOf(this.root, 'holidays');
    const name = textOf(holidays);
    const known = entries.map(({ key }) => key);
    if (holidays && name !== undefined && !known.includes(name))
      this.reporter.report(
        codes.unknownHolidays,
        holidays,
        { name, known },
        { suggestion: nearest(name, known) },
      );
  }

  /** With the settings' schemas at hand, a connector's settings are checked like an action's input. */
  checkConnectors(settings: ConnectorSettings | undefined): void {
    const connectors = childOf(this.root, 'connectors');
    if (!settings || connectors?.kind !== 'map') return;
    for (const { key, keyRange, value } of connectors.entries) {
      const schema = Object.hasOwn(settings, key) ? settings[key] : undefined;
      const known = Object.keys(settings);
      if (!schema) {
        const extra: Extra = { suggestion: nearest(key, known) };
        this.reporter.report(structure.unknownKey, keyRange, { key, where: '`connectors`', known }, extra);
        continue;
      }
      checkNode(value, schema, `the connector \`${key}\``, {
        reporter: this.reporter,
        patterns: true,
        handled: (node) => this.isSecret(node),
      });
    }
  }

  private checkName(at: { start: number; end: number }, name: string, what: string): void {
    if (!namePattern.test(name)) this.reporter.report(forms.badName, at, { value: name, what });
  }

  private checkTimezone(node: Node | undefined): void {
    const value = textOf(node);
    if (!node || value === undefined || isTimezone(value)) return;
    this.reporter.report(forms.badTimezone, node, { value }, { suggestion: nearest(value, timezoneNames()) });
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
      this.reporter.report(codes.onlySecrets, node, { text: shorten(text) });
      this.secretNodes.set(node, '');
      return;
    }
    this.secretNodes.set(node, name);
    const secrets = childOf(this.root, 'secrets');
    const known = secrets?.kind === 'map' ? secrets.entries.map((entry) => entry.key) : [];
    if (!known.includes(name))
      this.reporter.report(codes.unknownSecret, node, { name, known }, { suggestion: nearest(name, known) });
  }

  private json(node: Node): Json {
    const secret = this.secretNodes.get(node);
    if (secret !== undefined) return { $secret: secret };
    if (node.kind === 'scalar') return node.value;
    if (node.kind === 'list') return node.items.map((item) => this.json(item));
    const result: JsonObject = {};
    for (const { key, value } of node.entries) setOwn(result, key, this.json(value));
    return result;
  }
}
