/** Reads one `*.action.yaml`: its tree becomes a declared action and its description, or its mistakes are reported. */
import type { ActionDescription } from '../../plan/catalogue.ts';
import type { DeclaredAction, DeclaredRequest } from '../../plan/declared.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { withPick } from '../../plan/pick.ts';
import type { Effect, Json, JsonObject, JsonSchema } from '../../plan/plan.ts';
import * as codes from '../diagnostics/registry/connectors.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import type { Type } from '../expressions/types.ts';
import { readInputs } from '../runbook/inputs.ts';
import { checkNode } from '../schema/check.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import { childOf, describeNode, jsonOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import type { ActionParts } from './action-parts.ts';
import { ActionReading } from './action-reading.ts';
import { shownPath } from './contract.ts';
import { checkEffect, checkWays, deliveryOf } from './delivery.ts';
import {
  madeSoFar,
  readAnswers,
  readChange,
  readConfirm,
  readPrepare,
  readRefusals,
  readWait,
  readWant,
} from './read-change.ts';
import type { ReadConnector } from './read-connector.ts';
import { outputOf, readGive } from './read-give.ts';
import { readLooks, readMark } from './read-looks.ts';
import { actionSchema } from './schema.ts';

export interface ReadAction {
  action: DeclaredAction;
  description: ActionDescription;
  lines: Record<string, number>;
  /** Where its undo stands, so that it can be looked at when all actions are known. */
  undoNode: MapNode | undefined;
  undoReading: ActionReading;
}

const ownReaders = ['input', 'give'];

export function readAction(
  root: Node,
  connector: ReadConnector,
  session: CompileSession,
): ReadAction | undefined {
  if (root.kind !== 'map') {
    session.report(structure.wrongKind, root, {
      where: 'An action',
      takes: 'a set of keys',
      is: describeNode(root),
    });
    return undefined;
  }
  const own = new Set(ownReaders.map((key) => childOf(root, key)));
  checkNode(root, actionSchema, 'an action', {
    reporter: session.reporter,
    handled: (node) => own.has(node) && node.kind === 'map',
  });
  const name = textOf(childOf(root, 'action')) ?? '';
  const nameNode = childOf(root, 'action');
  if (nameNode && !new RegExp(`^${connector.name}\\.[a-z][A-Za-z0-9]*$`).test(name))
    session.report(codes.actionName, nameNode, { name, connector: connector.name });
  const { inputs, type } = readInputs(childOf(root, 'input'), session);
  const names = new Map<string, Type>([
    ['input', type],
    ['key', { kind: 'string' }],
    ['settings', connector.openSettings],
  ]);
  const reading = new ActionReading(session, connector, names);
  const sensitiveInputs = Object.keys(inputs).filter((input) => inputs[input]?.sensitive);
  const parts = readParts(root, reading);
  const effect = (textOf(childOf(root, 'effect')) ?? 'read') as Effect;
  checkEffect(root, effect, parts, connector, session);
  checkWays(root, parts, session);
  const action: DeclaredAction = {
    name,
    effect,
    input: inputSchemaOf(inputs),
    sensitiveInputs,
    ...parts,
    ...defined({ scripts: unlessEmpty(reading.scripts) }),
    delivery: deliveryOf(parts),
  };
  reportUnusedInputs(childOf(root, 'input'), action, session);
  const picked = Object.keys(action.give).filter((name) => action.give[name]?.picked);
  const description = withPick(describe(root, action, connector), picked);
  const undoNode = childOf(root, 'undo');
  return {
    action,
    description,
    lines: reading.lines,
    undoNode: undoNode?.kind === 'map' ? undoNode : undefined,
    undoReading: new ActionReading(
      session,
      connector,
      new Map([
        ['input', type],
        ['output', outputOf(action)],
      ]),
      reading,
    ),
  };
}

/** In the order in which they happen: what is known grows on the way. */
function readParts(root: MapNode, start: ActionReading): ActionParts {
  const looked = readLooks(childOf(root, 'look'), start);
  const afterLook = start.with({ found: looked.found });
  const marked = readMark(childOf(root, 'mark'), afterLook);
  const want = readWant(childOf(root, 'want'), afterLook);
  const already = afterLook.condition(childOf(root, 'already'), '`already`');
  const compared = afterLook.with({ wanted: want?.wanted, before: want?.before });
  const refuse = readRefusals(childOf(root, 'refuse'), compared);
  const prepared = readPrepare(childOf(root, 'prepare'), looked.found, compared);
  const ready = compared.with({ found: prepared.found });
  const changed = readChange(
    childOf(root, 'change'),
    marked?.mark.list || marked?.mark.of ? marked.schema : undefined,
    ready,
  );
  const answers = readAnswers(childOf(root, 'answers'), ready);
  const confirm = readConfirm(
    childOf(root, 'confirm'),
    ready.withAnswer(changed?.answer).with({ made: changed?.made }),
  );
  const atWait = ready.with({ made: changed?.made });
  const wait = readWait(childOf(root, 'wait'), atWait);
  const mayBeDone =
    already !== undefined || want !== undefined || refuse.some(({ means }) => means === 'skip');
  const atEnd = ready.with({ made: madeSoFar(changed?.made, mayBeDone) });
  const { give, did, sensitive, output } = readGive(childOf(root, 'give'), atEnd, refuse);
  const say = readSay(childOf(root, 'say'), compared);
  return {
    looks: looked.looks,
    refuse,
    prepare: prepared.prepare,
    answers,
    confirm,
    give,
    output,
    sensitive,
    ...defined({ mark: marked?.mark, want: want?.want, already, change: changed?.change, wait, did, say }),
  };
}

function readSay(node: Node | undefined, reading: ActionReading): DeclaredAction['say'] {
  if (node?.kind !== 'map') return undefined;
  const would = reading.text(childOf(node, 'would'), '`would`');
  const is = reading.text(childOf(node, 'is'), '`is`');
  return defined({ would, is });
}

function inputSchemaOf(inputs: ReturnType<typeof readInputs>['inputs']): JsonSchema {
  const required = Object.entries(inputs)
    .filter(([, input]) => input.required)
    .map(([name]) => name);
  const properties = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [
      name,
      { ...input.schema, ...defined({ default: input.default }) } as JsonSchema,
    ]),
  );
  return {
    type: 'object',
    properties,
    ...defined({ required: unlessEmpty(required) }),
    additionalProperties: false,
  };
}

function reportUnusedInputs(node: Node | undefined, action: DeclaredAction, session: CompileSession): void {
  if (node?.kind !== 'map') return;
  const text = JSON.stringify({ ...action, input: null });
  const uses = text.matchAll(/\binput(?:\.\??([A-Za-z_]\w*)|\[\\?["']([^"'\\]+)\\?["'])/g);
  const used = new Set([...uses].map(([, plain, quoted]) => plain ?? quoted));
  for (const { key, keyRange } of node.entries)
    if (!used.has(key)) session.report(codes.unusedActionInput, keyRange, { name: key });
}

export function requestsOf(
  action: Pick<DeclaredAction, 'looks' | 'mark' | 'prepare' | 'change' | 'wait'>,
): DeclaredRequest[] {
  const { looks, mark, prepare, change, wait } = action;
  return [
    ...looks.map(({ one, list }) => one?.request ?? list?.request),
    mark?.list?.request,
    ...prepare.map(({ request }) => request),
    change?.request,
    wait?.one ?? wait?.list?.request,
  ].filter((request) => request !== undefined);
}

function describe(root: MapNode, action: DeclaredAction, connector: ReadConnector): ActionDescription {
  const examples = childOf(root, 'examples');
  const own = textOf(childOf(root, 'permissions'));
  const permissions = [connector.permissions, own].filter((text) => text !== undefined).join(' ');
  const undo = textOf(childOf(childOf(root, 'undo'), 'uses'));
  const title = textOf(childOf(root, 'title')) ?? '';
  return {
    name: action.name,
    title,
    description: textOf(childOf(root, 'description'))?.trim() ?? `${title}.`,
    effect: action.effect,
    delivery: action.delivery,
    source: connector.source,
    input: withSensitive(action),
    output: action.output,
    sensitive: action.sensitive,
    ...defined({ undo }),
    examples:
      examples?.kind === 'list' ? (examples.items.map(jsonOf) as { title: string; with: Json }[]) : [],
    declared: {
      hash: '',
      requests: requestsOf(action).map(({ method, path }) => `${method} ${shownPath(path)}`),
      ...defined({
        waits: action.wait && { everyMs: action.wait.everyMs, atMostMs: action.wait.atMostMs },
        permissions: unlessEmpty(permissions),
        contract: connector.contractWords,
      }),
    },
  };
}

function withSensitive({ input }: DeclaredAction): JsonSchema {
  return JSON.parse(JSON.stringify(input)) as JsonObject;
}
