/** Reads one runbook: its tree becomes a plan, or its mistakes are reported. */

import type { ASTNode } from '@marcbachmann/cel-js';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { hashOf } from '../../plan/hash.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import { namePattern } from '../../plan/lexical.ts';
import {
  type Input,
  type Json,
  type JsonObject,
  type Kind,
  PLAN_FORMAT,
  type Plan,
  type Position,
  type Step,
  type Template,
} from '../../plan/plan.ts';
import { readData } from '../data/read-data.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as inputCodes from '../diagnostics/registry/inputs.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { parseAst } from '../expressions/environment.ts';
import { typeOfJson } from '../expressions/from-json.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import { partsOf } from '../expressions/interpolation.ts';
import { parseExpression } from '../expressions/parse.ts';
import type { LetEntry } from '../expressions/scope.ts';
import { dyn, type Field, objectType, string, type Type } from '../expressions/types.ts';
import { computeCovers } from '../gates/cover.ts';
import { tellSignatureProblems } from '../gates/signature-problems.ts';
import { checkNode } from '../schema/check.ts';
import { organisationSchema } from '../schema/organisation.ts';
import { kinds, runbookKeys, runbookSchema } from '../schema/runbook.ts';
import { kindSchemas } from '../schema/steps.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { Reading } from '../scope/reading.ts';
import { ScopeAt } from '../scope/scope-at.ts';
import type { SourceRange } from '../source/source-file.ts';
import { childOf, describeNode, entryOf, type MapNode, type Node, setOwn, textOf } from '../source/tree.ts';
import { readRetry } from '../steps/action.ts';
import { readSteps } from '../steps/step.ts';
import { readExpression, readTemplate, readText } from '../values/template.ts';
import { givenByOrganisation } from './given-by-organisation.ts';
import { readInputs, reportUnused } from './inputs.ts';
import { findLetCircles } from './let-circles.ts';
import { rememberOutputTypes } from './output-types.ts';
import { findPlaces } from './step-numbering.ts';
import { type ReadTrigger, readTriggers } from './triggers.ts';

/** The plan, whole only when the session's reporter has no error. */
export interface ReadRunbook {
  plan: Plan;
  triggers: ReadTrigger[];
  /** Where a step's mistakes are told, by step id. */
  places: Map<string, SourceRange>;
  /** The keys of each step, by its id. */
  nodes: Map<string, MapNode>;
}

export function readRunbook(written: Node, session: CompileSession): ReadRunbook | undefined {
  if (written.kind !== 'map') {
    session.report(structure.wrongKind, written, {
      where: 'A runbook',
      takes: 'a set of keys',
      is: describeNode(written),
    });
    return undefined;
  }
  const organisation = organisationType(session);
  const outside = new Reading(
    ScopeAt.start(session.shared, new Map([['organisation', organisation]])),
    session,
  ).with({ view: 'trigger' });
  const root = givenByOrganisation(written, outside);
  checkTop(root, session);
  if (!findPlaces(root, session)) return undefined;
  readDefaults(childOf(root, 'defaults'), session);
  const inputs = readInputs(childOf(root, 'inputs'), session);
  const data = readData(childOf(root, 'data'), session);
  const known: [string, Type][] = [
    ['organisation', organisation],
    ...(data.type ? [['data', data.type] as [string, Type]] : []),
  ];
  const readingOf = (names: ReadonlyMap<string, Type>) =>
    new Reading(ScopeAt.start(session.shared, names), session);
  const triggers = readTriggers(childOf(root, 'on'), inputs, outside);
  const reading = readingOf(
    new Map<string, Type>([['inputs', inputs.type], ['ticket', ticketType], ['run', runType], ...known]),
  );
  readLets(childOf(root, 'let'), session);
  const atLets = reading.with({ view: 'let', order: Number.MAX_SAFE_INTEGER });
  session.shared.atLets = atLets.scope;
  const start = reading.with({ visible: new Map() });
  const uniqueNode = childOf(root, 'unique');
  // Computed before there is a run, by whoever begins it.
  const unstarted = new Map([...reading.scope.names].filter(([name]) => name !== 'run' && name !== 'data'));
  const unique = uniqueNode && readText(uniqueNode, { where: '`unique`' }, start.with({ names: unstarted }));
  const subjectNode = childOf(root, 'subject');
  const subject = subjectNode && readText(subjectNode, { where: '`subject`' }, start);
  if (subjectNode && typeof subject === 'string' && textOf(subjectNode) !== undefined)
    session.report(inputCodes.sameSubject, subjectNode, { value: subject });
  const change = readChange(childOf(root, 'change'), start);
  const steps = readSteps(childOf(root, 'steps'), '`steps`', reading);
  const finallyNames = new Map([...reading.scope.names, ['run', finalRunType]]);
  const last = reading.with({ view: 'finally', names: finallyNames });
  const finallyEntry = entryOf(root, 'finally');
  const finallySteps = finallyEntry ? readSteps(finallyEntry.value, '`finally`', last) : [];
  const outputs = readOutputs(
    childOf(root, 'outputs'),
    reading.with({ view: 'outputs', order: Number.MAX_SAFE_INTEGER }),
  );
  checkLets(atLets);
  reportUnused(inputs.entries, session);
  reportScheduleWithTicket(triggers, session);
  markNeeded([...steps, ...finallySteps], session.shared.needed);
  const plan = planOf(
    root,
    {
      inputs: inputs.inputs,
      data: data.data,
      triggers,
      unique,
      subject,
      change,
      steps,
      finallySteps,
      outputs: outputs.outputs,
    },
    session,
  );
  if (!session.reporter.hasErrors) reportSignatureProblems(plan, session);
  rememberOutputTypes(plan, outputs.type);
  const nodes = new Map([...session.ids].map(([node, id]) => [id, node]));
  return { plan, triggers, places: placesOf(session), nodes };
}

function planOf(
  root: MapNode,
  parts: {
    inputs: Record<string, Input>;
    data: Record<string, Json>;
    triggers: ReadTrigger[];
    unique: Template | undefined;
    subject: Template | undefined;
    change: Plan['change'];
    steps: Step[];
    finallySteps: Step[];
    outputs: Record<string, Template>;
  },
  session: CompileSession,
): Plan {
  const description = textOf(childOf(root, 'description'));
  const kind = textOf(childOf(root, 'kind')) ?? 'other';
  const { inputs, data, triggers, unique, subject, change, steps, finallySteps, outputs } = parts;
  const runbook = textOf(childOf(root, 'runbook')) ?? '';
  const covers = session.reporter.hasErrors
    ? {}
    : computeCovers(
        { runbook, inputs, steps, finally: finallySteps },
        (action) => session.surroundings.catalogue.get(action)?.sensitive ?? [],
      );
  const content = {
    format: PLAN_FORMAT,
    runbook,
    title: textOf(childOf(root, 'title')) ?? '',
    kind: (kinds.includes(kind) ? kind : 'other') as Kind,
    owner: textOf(childOf(root, 'owner')) ?? '',
    ...defined({ description: description === undefined ? undefined : description.trim() }),
    triggers: triggers.map(({ trigger }) => trigger),
    inputs,
    ...defined({
      unique,
      subject,
      needsTicket: session.shared.ticketUsed ? (true as const) : undefined,
      change,
    }),
    steps,
    finally: finallySteps,
    outputs,
    ...defined({
      covers: unlessEmpty(covers),
      data: unlessEmpty(data),
      declared: unlessEmpty(declaredOf([...steps, ...finallySteps], session)),
    }),
  } satisfies Omit<Plan, 'hash' | 'positions'>;
  const organisation = unlessEmpty(organisationRead(content, session));
  const whole = { ...content, ...defined({ organisation }) };
  return { ...whole, hash: hashOf(whole as unknown as Json), positions: positionsOf(session) };
}

/** The declared actions among these steps, those that take back included. */
function declaredOf(steps: readonly Step[], session: CompileSession): Record<string, string> {
  const hashes: Record<string, string> = {};
  const add = (name: string) => {
    const hash = session.surroundings.catalogue.get(name)?.declared?.hash;
    if (hash !== undefined) hashes[name] = hash;
  };
  const visit = (step: Step) => {
    if (step.kind === 'action') {
      add(step.uses);
      if (step.undo) add(step.undo.uses);
    }
    for (const inner of innerSteps(step).flat()) visit(inner);
  };
  for (const step of steps) visit(step);
  return hashes;
}

function positionsOf(session: CompileSession): Record<string, Position> {
  const { file } = session.reporter;
  const positions: Record<string, Position> = {};
  for (const [node, id] of session.ids)
    setOwn(positions, id, { file: file.path, ...file.lineColumn(node.start) });
  return positions;
}

function reportSignatureProblems(plan: Plan, session: CompileSession): void {
  const nodes = new Map([...session.ids].map(([node, id]) => [id, node]));
  const places = placesOf(session);
  const { runbooks, configuration } = session.surroundings;
  const find = (name: string) => {
    const found = runbooks.find(name);
    return typeof found === 'object' && 'plan' in found ? found.plan : undefined;
  };
  tellSignatureProblems(plan, { find, roles: configuration?.roles }, (definition, step, params, key) => {
    const node = nodes.get(step);
    const approve = node && childOf(node, 'approve');
    const entry = [node, approve]
      .map((each) => (each?.kind === 'map' && key !== undefined ? entryOf(each, key) : undefined))
      .find((each) => each !== undefined);
    session.report(definition, entry?.value ?? places.get(step) ?? { start: 0, end: 0 }, params);
  });
}

function placesOf(session: CompileSession): Map<string, SourceRange> {
  const places = new Map<string, SourceRange>();
  for (const [node, id] of session.ids) {
    const uses = entryOf(node, 'uses') ?? entryOf(node, 'runbook');
    places.set(id, uses?.value ?? node.entries[0]?.keyRange ?? node);
  }
  return places;
}

/** Lists of steps and what authors describe themselves have readers of their own. */
const ownReaders = new Set(['on', 'inputs', 'let', 'outputs', 'steps', 'finally']);

/** Keys of steps that a runbook itself does not have. */
const stepKeys = [...kindSchemas.map(({ key }) => key), 'with', 'if', 'id'].filter(
  (key) => !Object.hasOwn(runbookKeys, key),
);

function checkTop(root: MapNode, session: CompileSession): void {
  const own = new Set<Node>();
  for (const { key, value } of root.entries) if (ownReaders.has(key)) own.add(value);
  checkNode(root, runbookSchema, 'a runbook', {
    reporter: session.reporter,
    handled: (node) => own.has(node) && kindMatches(node, root),
    belongs: (key) =>
      stepKeys.includes(key)
        ? 'It belongs in a step: begin the step with `- ` under `steps`, and indent its keys.'
        : undefined,
  });
  const name = textOf(childOf(root, 'runbook'));
  const nameNode = childOf(root, 'runbook');
  if (nameNode && name !== undefined && !namePattern.test(name)) {
    const suggestion = name
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[-0-9]+|-+$/g, '');
    session.report(
      forms.badName,
      nameNode,
      { value: name, what: "a runbook's name" },
      { suggestion: suggestion || undefined },
    );
  }
  for (const key of ['title', 'description']) session.plainText(childOf(root, key), `\`${key}\``);
  const owner = childOf(root, 'owner');
  if (owner && textOf(owner) !== undefined) session.checkPerson(owner, '`owner`');
}

/** A list where keys belong, or keys where a list belongs, is reported by the schema. */
function kindMatches(node: Node, root: MapNode): boolean {
  const key = root.entries.find(({ value }) => value === node)?.key ?? '';
  if (key === 'steps' || key === 'finally') return true;
  return key === 'on' ? node.kind === 'list' : node.kind === 'map';
}

function readDefaults(node: Node | undefined, session: CompileSession): void {
  if (node?.kind !== 'map') return;
  const timeout = session.duration(childOf(node, 'timeout'), '`timeout`', true);
  const retry = readRetry(childOf(node, 'retry'), session);
  session.defaults = {
    ...defined({ timeoutMs: timeout && 'ms' in timeout ? timeout.ms : undefined, retry }),
  };
}

function readChange(node: Node | undefined, reading: Reading): Plan['change'] {
  if (node?.kind !== 'map') return undefined;
  const change: Record<string, Template> = {};
  for (const { key, value } of node.entries) {
    if (key === 'affects')
      setOwn(change, key, readTemplate(value, affectsSchema, { where: '`affects`' }, reading));
    else if (key === 'risk' || key === 'backout')
      setOwn(change, key, readText(value, { where: `\`${key}\`` }, reading));
  }
  return change;
}

const affectsSchema = { type: 'array', items: { type: 'string' } };

function readOutputs(
  node: Node | undefined,
  reading: Reading,
): { outputs: Record<string, Template>; type: Type } {
  const outputs: Record<string, Template> = {};
  const fields: Record<string, Field> = {};
  for (const { key, keyRange, value } of node?.kind === 'map' ? node.entries : []) {
    reading.session.checkId(keyRange, key, "an output's name", false);
    const types: Type[] = [];
    const template = readTemplate(
      value,
      undefined,
      { where: 'an output', onType: (type) => types.push(type) },
      reading,
    );
    setOwn(outputs, key, template);
    const [type] = types;
    const whole = typeof template === 'object' && template !== null && '$expr' in template;
    const fallback =
      typeof template === 'string' || (template && typeof template === 'object' && '$text' in template)
        ? string
        : dyn;
    const known = (whole && type) || fallback;
    // An absent output is left out of what the caller gets.
    setOwn(fields, key, known.kind === 'optional' ? { type: known.of, optional: true } : { type: known });
  }
  return { outputs, type: objectType(fields) };
}

/** Reads the names under `let`; they are checked where they are used, and once for themselves. */
function readLets(node: Node | undefined, session: CompileSession): void {
  if (node?.kind !== 'map') return;
  const lets = new Map<string, LetEntry>();
  for (const { key, keyRange, value } of node.entries) {
    if (!session.checkId(keyRange, key, 'a name', true)) continue;
    const text = value.kind === 'scalar' && !value.broken ? String(value.value ?? '') : undefined;
    const [only] = text?.includes('${{') ? partsOf(text.trim()).parts : [];
    const source = typeof only === 'object' ? only.expression : (text ?? '').trim();
    const ast = text === undefined ? undefined : parseExpression(source, () => {});
    session.letNodes.set(key, value);
    // What cannot be read is reported by checkLets; meanwhile the name stands for anything.
    lets.set(
      key,
      ast ? { name: key, source, ast } : { name: key, source: 'null', ast: nothing(), broken: true },
    );
  }
  for (const circle of findLetCircles(lets)) {
    const [first = ''] = circle;
    const at = entryOf(node, first)?.keyRange ?? node;
    session.report(inputCodes.letCircle, at, { circle });
    for (const name of circle) {
      const entry = lets.get(name);
      if (entry) lets.set(name, { ...entry, source: 'null', ast: nothing(), broken: true });
      session.letNodes.delete(name);
    }
  }
  session.shared.lets = lets;
}

function nothing(): ASTNode {
  return parseAst('null');
}

/** Each name under `let` by itself, seen from the end of the runbook: what is wrong with it everywhere is said once. */
function checkLets(reading: Reading): void {
  for (const node of reading.session.letNodes.values()) readExpression(node, 'a name under `let`', reading);
}

function reportScheduleWithTicket(triggers: readonly ReadTrigger[], session: CompileSession): void {
  if (!session.shared.ticketUsed) return;
  for (const { trigger, node } of triggers) {
    if (trigger.type === 'schedule')
      session.report(inputCodes.scheduleWithoutTicket, entryOf(node, 'schedule')?.keyRange ?? node, {});
  }
}

function markNeeded(steps: readonly Step[], needed: ReadonlySet<string>): void {
  for (const step of steps) {
    if (needed.has(step.id)) step.needed = true;
    for (const inner of innerSteps(step)) markNeeded(inner, needed);
  }
}

function organisationType(session: CompileSession): Type {
  const { configuration } = session.surroundings;
  if (!configuration) return dyn;
  const type = typeOfJson(configuration.organisation);
  if (type.kind !== 'object') return type;
  // What organisation.yaml may say is known also where it does not: a runbook that asks for it is no mistake.
  const known = typeOfSchema(organisationSchema).type as Type & { kind: 'object' };
  const fields = new Map(type.fields);
  const inFile = session.surroundings.organisation ?? {};
  for (const [name, field] of known.fields) {
    if (!fields.has(name)) fields.set(name, field);
    else if (Object.hasOwn(inFile, name) && name !== 'values')
      fields.set(name, { type: asSaid(field.type, inFile[name]) });
  }
  return { ...type, fields };
}

/** What the file has is there: only what it leaves out may be absent. */
function asSaid(type: Type, value: Json | undefined): Type {
  if (type.kind !== 'object' || value === null || typeof value !== 'object' || Array.isArray(value))
    return type;
  const fields = [...type.fields].map(([name, field]): [string, Field] =>
    Object.hasOwn(value, name)
      ? [name, { ...field, type: asSaid(field.type, value[name]), optional: false }]
      : [name, field],
  );
  return { ...type, fields: new Map(fields) };
}

/** The values of organisation.yaml that the runbook reads, whole under their first name. */
function organisationRead(content: object, session: CompileSession): JsonObject {
  const text = JSON.stringify(content);
  const { organisation = {} } = session.surroundings;
  const named = new Set([...text.matchAll(/\borganisation\.\??([A-Za-z_]\w*)/g)].map(([, name]) => name));
  // `organisation["name"]`, or the whole of it.
  const anyhow = /\borganisation\b(?!\.)/.test(text);
  return Object.fromEntries(Object.entries(organisation).filter(([name]) => anyhow || named.has(name)));
}

export const ticketType = objectType({
  system: string,
  key: string,
  id: string,
  url: string,
  summary: string,
});
export const runFields = {
  id: string,
  runbook: string,
  requester: { kind: 'string', format: 'email' } as Type,
  startedAt: { kind: 'string', format: 'date-time' } as Type,
};
const runType = objectType(runFields);
const finalRunType = objectType({
  ...runFields,
  status: { kind: 'string', values: ['succeeded', 'failed', 'rejected', 'cancelled'] },
});
