/**
 * Which system a connector acts on, by those of its settings that say so: address, tenant, account. What people signed for one
 * system is not carried out on another, unless the configuration says that it was called so before.
 */
import type { Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import type { SystemParts } from '../../plan/warrant.ts';
import { resolveReferences, UnresolvedReference } from '../../vault/references.ts';
import type { Connector } from './define-connector.ts';
import type { ActingOn } from './leave.ts';
import type { Services } from './services.ts';
import { settingsOf } from './settings-of.ts';

type Needs = Pick<Services, 'settings' | 'formerly' | 'secrets' | 'seal'>;
type Described = Pick<Connector, 'name' | 'settings' | 'settingsFrom' | 'sameSystem'>;

const ofSecret = 'from a secret';

export async function actingOn(connector: Connector, services: Needs): Promise<ActingOn> {
  const now = await systemOf(connector, services);
  const formerly: SystemParts[] = [];
  // An empty one: it was not configured.
  for (const entry of formerlyOf(connector, services))
    formerly.push(Object.keys(entry).length === 0 ? {} : await systemOf(connector, services, entry));
  const { name, title, settings } = connector;
  const has = (part: string) => Object.hasOwn(settings.properties, part.split('.')[0] ?? '');
  return { connector: name, title, now, formerly, has };
}

/** Empty for one that is not configured. `before` are settings as they were. */
export async function systemOf(
  connector: Described,
  services: Needs,
  before: JsonObject = {},
): Promise<SystemParts> {
  const configured = settingsOf(connector, services);
  if (!configured) return {};
  const schema = JSON.parse(JSON.stringify(connector.settings)) as JsonSchema;
  const parts: Record<string, string> = {};
  for (const [path, value] of leavesOf(merged(configured, before), schema))
    if (!saysNothing(path, connector.sameSystem)) parts[path] = await partText(path, value, services);
  return parts;
}

function formerlyOf({ name, settings, settingsFrom }: Described, services: Needs): JsonObject[] {
  const names = [...new Set([settingsFrom ?? name, name])];
  return names
    .flatMap((each) => services.formerly?.(each) ?? [])
    .map((entry) =>
      Object.fromEntries(Object.entries(entry).filter(([key]) => Object.hasOwn(settings.properties, key))),
    );
}

/** What is not written counts as what stands for it. */
function* leavesOf(value: Json | undefined, schema: JsonSchema, path = ''): Generator<[string, Json]> {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const further = schema.additionalProperties;
  if (isMap(value) && (schema.type === 'object' || schema.properties)) {
    for (const name of new Set([...Object.keys(properties), ...Object.keys(value)])) {
      const inner = properties[name] ?? (typeof further === 'object' ? (further as JsonSchema) : {});
      yield* leavesOf(value[name], inner, path === '' ? name : `${path}.${name}`);
    }
    return;
  }
  const said = value ?? (schema.default as Json | undefined);
  if (said !== undefined) yield [path, said];
}

/** `hosts.*.privateKey` names it of every host. */
function saysNothing(path: string, patterns: readonly string[]): boolean {
  const names = path.split('.');
  return patterns.some((pattern) => {
    const wanted = pattern.split('.');
    return wanted.length <= names.length && wanted.every((each, at) => each === '*' || each === names[at]);
  });
}

async function partText(path: string, value: Json, services: Needs): Promise<string> {
  if (!hasReference(value)) return normalised(typeof value === 'string' ? value : JSON.stringify(value));
  try {
    const resolved = await resolveReferences(value, services);
    const text = normalised(JSON.stringify(resolved.value));
    return `${ofSecret}, ${services.seal.derive(`system\n${path}\n${text}`).slice(0, 16)}`;
  } catch (error) {
    if (!(error instanceof UnresolvedReference)) throw error;
    return `${ofSecret} that is not there`;
  }
}

function hasReference(value: Json): boolean {
  return isMap(value) && (value.$secret !== undefined || value.$text !== undefined);
}

/** The same address is written in several ways. */
function normalised(text: string): string {
  if (!/^https?:\/\//i.test(text)) return text;
  try {
    const url = new URL(text);
    [url.username, url.password] = ['', ''];
    return url.href.replace(/\/+$/, '');
  } catch {
    return text;
  }
}

function merged(now: Json, before: Json): JsonObject {
  const result: JsonObject = { ...(now as JsonObject) };
  for (const [name, value] of Object.entries(before as JsonObject)) {
    const known = result[name];
    // Nothing was set.
    if (value === null) delete result[name];
    else result[name] = isMap(value) && isMap(known) && !hasReference(known) ? merged(known, value) : value;
  }
  return result;
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In words that follow "Not carried out:". */
export function otherSystemWords(acting: ActingOn, signed: SystemParts, gate: string): string {
  const { connector, title, now } = acting;
  const changed = differing(acting, signed);
  const told = changed.map(
    (name) => `${name} was ${signed[name] ?? 'not set'} and is ${now[name] ?? 'not set'} now`,
  );
  return `${title} is another system than when people were asked for "${gate}": ${told.join(', ')}. Put connectors: ${connector}: in countersign.yaml back as it was, and start the worker anew; or, if it is the same system under another name, add \`${entryFor(changed, signed)}\` to its formerly: there. Then retry this step`;
}

/** What `formerly` takes for it: `- { tenant: old.example.com }`. */
function entryFor(changed: readonly string[], signed: SystemParts): string {
  if (Object.keys(signed).length === 0) return '- {}';
  const entry: JsonObject = {};
  for (const path of changed) {
    const names = path.split('.');
    let within = entry;
    for (const name of names.slice(0, -1)) {
      const inner = (within[name] ?? {}) as JsonObject;
      within[name] = inner;
      within = inner;
    }
    within[names.at(-1) ?? ''] = signed[path] ?? null;
  }
  return `- ${flowText(entry)}`;
}

function flowText(value: Json): string {
  if (isMap(value)) {
    const entries = Object.entries(value).map(([name, inner]) => `${keyText(name)}: ${flowText(inner)}`);
    return `{ ${entries.join(', ')} }`;
  }
  const text = String(value);
  if (text.startsWith(ofSecret)) return '"${{ secrets.NAME }}"';
  return value === null || /^(\d+|true|false|[\w./@:-]*[a-z/][\w./@-]*)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function keyText(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

/** Names of the parts that are others now. */
export function differing({ now, has }: Pick<ActingOn, 'now' | 'has'>, signed: SystemParts): string[] {
  const names = new Set([...Object.keys(now), ...Object.keys(signed).filter(has)]);
  return [...names].filter((name) => now[name] !== signed[name]).sort();
}

/** Whether it is the system that was signed for: as it is, or as it was called before. */
export function isSystem({ now, formerly, has }: ActingOn, signed: SystemParts): boolean {
  const own = Object.keys(signed).filter(has);
  return [now, ...formerly].some((parts) =>
    own.length === 0 && Object.keys(parts).length === 0
      ? true
      : differing({ now: parts, has }, signed).length === 0,
  );
}
