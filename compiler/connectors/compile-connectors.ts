/** From the texts of connectors to declared actions and diagnostics. Pure: the files are read by whoever calls. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { ActionDescription, Catalogue } from '../../plan/catalogue.ts';
import type { DeclaredConnector } from '../../plan/declared.ts';
import type { DeclaredTicketSystem } from '../../plan/declared-tickets.ts';
import { defined } from '../../plan/defined.ts';
import { errorText } from '../../plan/error-text.ts';
import { hashOfText } from '../../plan/hash.ts';
import type { Json, JsonSchema } from '../../plan/plan.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import * as sourceCodes from '../diagnostics/registry/source.ts';
import { byPlace, Reporter } from '../diagnostics/reporter.ts';
import { checkNode } from '../schema/check.ts';
import { CompileSession, type SeenExpression } from '../scope/compile-session.ts';
import { parseSource } from '../source/parse.ts';
import { SourceFile } from '../source/source-file.ts';
import { childOf, type Node } from '../source/tree.ts';
import { type ReadAction, readAction } from './read-action.ts';
import { readCheck } from './read-check.ts';
import { type KnownDocuments, type ReadConnector, readConnector } from './read-connector.ts';
import { readUndo } from './read-give.ts';
import { readTickets } from './read-tickets.ts';

/** The texts of one folder. */
export interface ConnectorSource {
  /** The folder's own name, which is the connector's. */
  name: string;
  /** As diagnostics show it: `connectors/zendesk`. */
  folder: string;
  /** `connector.yaml` and the `*.action.yaml`, by their paths as diagnostics show them. */
  files: readonly { path: string; text: string }[];
  /** The text of another file of the folder: undefined where it is not at hand, an error where it cannot be read. */
  read(file: string): string | undefined;
}

export interface CompileConnectorsOptions {
  sources: readonly ConnectorSource[];
  /** Actions that there are besides. */
  catalogue: Catalogue;
  /** Other connectors of the same repository, compiled before and unchanged: compiling all at once gives the same. */
  beside?: readonly DeclaredConnector[];
  observe?: ((seen: SeenExpression) => void) | undefined;
}

export interface CompiledConnectors {
  /** Those without an error. */
  connectors: DeclaredConnector[];
  /** Actions that have one, as far as they could be read: what uses them is not judged by it. */
  faulty: ActionDescription[];
  diagnostics: Diagnostic[];
  /** By connector: the others whose actions it names. When one of them changes, it may no longer be right. */
  needs: ReadonlyMap<string, readonly string[]>;
}

interface Unit {
  reporter: Reporter;
  session: CompileSession;
  root: Node | undefined;
  read?: ReadAction | undefined;
  tickets?: DeclaredTicketSystem | undefined;
}

/** Without a file: one that ships with Countersign. */
type KnownActions = Map<string, { description: ActionDescription; file: string | undefined }>;

interface Around {
  known: KnownActions;
  documents: KnownDocuments;
}

export function compileConnectors(options: CompileConnectorsOptions): CompiledConnectors {
  const known: KnownActions = new Map();
  for (const description of options.catalogue.values())
    known.set(description.name, { description, file: undefined });
  for (const { folder, descriptions } of options.beside ?? [])
    for (const description of descriptions) known.set(description.name, { description, file: folder });
  const around: Around = { known, documents: new Map() };
  const read = options.sources.map((source) => readFolder(source, options, around));
  const needs = new Map(options.sources.map(({ name }) => [name, new Set<string>()]));
  const findFor = (connector: string) => (name: string) => {
    const [other = ''] = name.split('.');
    if (other !== connector) needs.get(connector)?.add(other);
    return known.get(name)?.description;
  };
  for (const { source, connector, units } of read)
    for (const unit of units) if (connector) guarded(unit.reporter, () => finish(unit, findFor(source.name)));
  const connectors = read.flatMap(({ source, connector, own, session, root, units }) => {
    if (!connector || !root) return [];
    const check = guarded(own, () => readCheck(root, connector.name, findFor(source.name), session));
    if (own.hasErrors) return [];
    return [{ ...connectorOf(source, connector, units), ...defined({ check }) }];
  });
  for (const { units } of read) for (const { reporter } of units) dropConsequences(reporter);
  const reporters = read.flatMap(({ own, units }) => [own, ...units.map(({ reporter }) => reporter)]);
  const faulty = read.flatMap(({ own, units }) =>
    units.flatMap(({ read: action, reporter }) =>
      action && (own.hasErrors || reporter.hasErrors) ? [action.description] : [],
    ),
  );
  return {
    connectors,
    faulty,
    diagnostics: reporters.flatMap(({ diagnostics }) => [...diagnostics].sort(byPlace)),
    needs: ownNeeds(needs, options),
  };
}

/**
 * Without those that ship, which change with the build alone. What no folder is called stays: an action may have been found under a name
 * that its folder does not have, and goes away when that is put right.
 */
function ownNeeds(
  needs: ReadonlyMap<string, ReadonlySet<string>>,
  { beside = [], catalogue }: CompileConnectorsOptions,
): CompiledConnectors['needs'] {
  const own = new Set([...needs.keys(), ...beside.map(({ name }) => name)]);
  const ship = new Set([...catalogue.keys()].map((name) => name.split('.')[0]));
  const mayChange = (other: string) => own.has(other) || !ship.has(other);
  return new Map([...needs].map(([name, others]) => [name, [...others].filter(mayChange)]));
}

function readFolder(source: ConnectorSource, options: CompileConnectorsOptions, around: Around) {
  const units: Unit[] = [];
  const main = source.files.find(({ path }) => /(^|\/)connector\.ya?ml$/.test(path));
  const unit = unitOf(main ?? { path: `${source.folder}/connector.yaml`, text: '' }, options);
  const own = unit.reporter;
  const { root } = unit;
  const connector =
    root && guarded(own, () => readConnector(root, source.read, unit.session, around.documents));
  if (connector && connector.name !== source.name)
    own.report(codes.connectorFolder, childOf(root, 'connector') ?? { start: 0, end: 0 }, {
      what: `The connector calls itself "${connector.name}", and its folder is ${source.name}. Give them one name.`,
    });
  for (const file of source.files) {
    if (/(^|\/)tickets\.ya?ml$/.test(file.path)) {
      const tickets = unitOf(file, options);
      units.push(tickets);
      const at = tickets.root;
      if (connector && at)
        tickets.tickets = guarded(tickets.reporter, () => readTickets(at, source.name, tickets.session));
      continue;
    }
    if (file === main || !/\.action\.ya?ml$/.test(file.path)) continue;
    const action = unitOf(file, options);
    units.push(action);
    const node = action.root;
    if (!connector || !node) continue;
    action.read = guarded(action.reporter, () => readAction(node, connector, action.session));
  }
  const shipped = units.flatMap(({ read }) => {
    const first = read && around.known.get(read.description.name);
    return first && first.file === undefined ? [read.description.name] : [];
  });
  // A copy of a whole connector is one mistake, and not one of each of its actions.
  const isCopy = shipped.length > 1;
  if (isCopy)
    own.report(codes.connectorShips, childOf(root, 'connector') ?? { start: 0, end: 0 }, {
      name: source.name,
      actions: shipped,
    });
  for (const each of units)
    if (each.read && !(isCopy && shipped.includes(each.read.description.name)))
      register(each, each.read, around.known);
  return { source, connector, own, session: unit.session, root, units };
}

function register({ reporter, root }: Unit, { description }: ReadAction, known: KnownActions): void {
  const first = known.get(description.name);
  if (first)
    reporter.report(codes.sameActionTwice, childOf(root, 'action') ?? { start: 0, end: 0 }, {
      name: description.name,
      file: first.file ?? 'one that ships with Countersign',
    });
  else known.set(description.name, { description, file: reporter.file.path });
}

function unitOf(
  { path, text }: { path: string; text: string },
  { catalogue, observe }: CompileConnectorsOptions,
): Unit {
  const reporter = new Reporter(new SourceFile(path, text));
  const nothing = { names: () => [], find: () => 'unknown' as const };
  const session = new CompileSession(reporter, { catalogue, observe, runbooks: nothing });
  const what = path.endsWith('connector.yaml')
    ? 'A connector begins with `connector: NAME` and has `title`, `settings` and `http`.'
    : path.endsWith('tickets.yaml')
      ? 'A ticket system begins with `tickets: NAME` and has `title`, `signed`, `setup` and `reads`.'
      : 'An action begins with `action: CONNECTOR.name` and has `title` and `effect`.';
  const root = guarded(reporter, () => parseSource(reporter.file, reporter, what).root);
  return { reporter, session, root };
}

/** What needs all actions: undo, and the examples. */
function finish({ read, session, root }: Unit, find: (name: string) => ActionDescription | undefined): void {
  if (!read) return;
  const { action, undoNode, undoReading, description } = read;
  if (undoNode) {
    const undo = readUndo(undoNode, action, find, undoReading);
    if (undo) action.undo = undo;
  }
  const examples = childOf(root, 'examples');
  for (const example of examples?.kind === 'list' ? examples.items : []) {
    const node = childOf(example, 'with');
    if (node)
      checkNode(node, description.input, 'the example', { reporter: session.reporter, patterns: true });
  }
}

function connectorOf(
  { folder }: ConnectorSource,
  connector: ReadConnector,
  units: readonly Unit[],
): DeclaredConnector {
  const whole = units.flatMap(({ read, reporter }) =>
    read && !reporter.hasErrors ? [{ read, file: reporter.file.path }] : [],
  );
  const { service } = connector;
  const ofService = canonicalJson(service as unknown as Json);
  const actions = whole.map(({ read: { action, lines }, file }) => {
    // Of `{ action, service }`, of which the service is written once for all.
    const text = `{"action":${canonicalJson(action as unknown as Json)},"service":${ofService}}`;
    return { hash: hashOfText(text), action, file, lines };
  });
  const descriptions = whole.map(({ read: { description } }, index) => ({
    ...description,
    ...(description.declared
      ? { declared: { ...description.declared, hash: actions[index]?.hash ?? '' } }
      : {}),
  }));
  const tickets = units.find((unit) => unit.tickets && !unit.reporter.hasErrors)?.tickets;
  return {
    name: service.name,
    title: service.title,
    folder,
    service,
    actions,
    descriptions,
    ...defined({ tickets }),
  };
}

/** The settings of each connector, as a configuration is checked by them. What one leaves out may come from another. */
export function settingsOf(connectors: readonly DeclaredConnector[]): Record<string, JsonSchema> {
  return Object.fromEntries(
    connectors
      .filter(({ name, service }) => service.settingsFrom !== name)
      .map(({ name, service }) => {
        const { required, ...schema } = service.settings;
        const { settingsFrom: from } = service;
        return [
          name,
          { ...schema, ...defined(from === undefined ? { required } : { 'x-settingsFrom': from }) },
        ];
      }),
  );
}

/** What stands on a line whose expression YAML has cut follows from that. */
function dropConsequences(reporter: Reporter): void {
  const { code } = codes.cutExpression;
  const cut = new Set(reporter.diagnostics.filter((each) => each.code === code).map(({ line }) => line));
  if (cut.size === 0) return;
  const kept = reporter.diagnostics.filter((each) => each.code === code || !cut.has(each.line));
  reporter.diagnostics.splice(0, reporter.diagnostics.length, ...kept);
}

function guarded<T>(reporter: Reporter, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    reporter.report(sourceCodes.internalProblem, { start: 0, end: 0 }, { what: errorText(error) });
    return undefined;
  }
}
