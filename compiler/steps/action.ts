/** `uses`: an action of a connector, with its undo. */

import type { ActionDescription } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import { pickedSchema } from '../../plan/pick.ts';
import type { JsonSchema, Retry, Template, Undo } from '../../plan/plan.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import * as names from '../diagnostics/registry/names.ts';
import * as structure from '../diagnostics/registry/structure.ts';
import { outputTypeOf } from '../expressions/from-schema.ts';
import { hasExpression } from '../expressions/interpolation.ts';
import { dyn } from '../expressions/types.ts';
import type { CompileSession } from '../scope/compile-session.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, entryOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import { readCondition, readTemplate } from '../values/template.ts';
import type { Found, Reader, StepReading } from './step-reading.ts';

export const readAction: Reader<'action'> = (step) => {
  const { reading, node, id } = step;
  const uses = entryOf(node, 'uses');
  const action = reading.session.action(uses?.value);
  const input = readWith(node, uses?.keyRange ?? node, action, reading);
  const output = action ? outputTypeOf(keptOutput(node, action, reading), action.sensitive) : dyn;
  const timeout = reading.session.duration(childOf(node, 'timeout'), '`timeout`', true);
  const timeoutMs = timeout && 'ms' in timeout ? timeout.ms : reading.session.defaults.timeoutMs;
  const own = readRetry(childOf(node, 'retry'), reading.session) ?? reading.session.defaults.retry;
  const retry = withWaiting(own, action, timeoutMs);
  const found: Found<'action'> = {
    step: {
      uses: textOf(uses?.value) ?? '',
      with: input,
      effect: action?.effect ?? 'write',
      ...defined({ timeoutMs, retry }),
    },
    output,
  };
  const undo = readUndo(step, id, found);
  return { ...found, step: { ...found.step, ...defined({ undo }) } };
};

/** What is picked decides the type of the output, so it is known when compiling. */
function keptOutput(node: MapNode, action: ActionDescription, reading: Reading): JsonSchema {
  if (!action.pick) return action.output;
  const pick = childOf(childOf(node, 'with'), 'pick');
  const texts = pick?.kind === 'list' ? pick.items.map(textOf) : [];
  const computed =
    pick && (pick.kind !== 'list' ? pick : pick.items.find((item) => hasExpression(textOf(item) ?? '')));
  if (computed && hasExpression(textOf(computed) ?? ''))
    reading.report(forms.expressionHere, computed, { where: '`pick`' });
  const paths = texts.filter((text) => text !== undefined);
  return pickedSchema(action.output, action.pick, pick ? paths : undefined);
}

/** Runs after the step, so it sees the step's own output. */
function readUndo({ reading, node }: StepReading, id: string, found: Found<'action'>): Undo | undefined {
  const entry = entryOf(node, 'undo');
  if (entry?.value.kind !== 'map') return undefined;
  const own = reading.with({ self: undefined }).inside(id);
  own.scope.add({
    id,
    kind: 'action',
    line: reading.session.lineOf(node),
    guards: [],
    output: found.output,
    // Only a step that succeeded is taken back, so its output is there.
    statuses: ['succeeded'],
    containers: [],
  });
  const uses = entryOf(entry.value, 'uses');
  const action = reading.session.action(uses?.value);
  if (action?.effect === 'read' && uses)
    reading.report(names.undoNotSuited, uses.value, { name: action.name });
  const condition = childOf(entry.value, 'if');
  const read = condition && readCondition(condition, '`if` of `undo`', own);
  const inner = read ? own.guarded(read.guards, read.facts) : own;
  const input = readWith(entry.value, uses?.keyRange ?? entry.keyRange, action, inner);
  return { uses: textOf(uses?.value) ?? '', with: input, ...defined({ if: read ? read.cel : undefined }) };
}

function readWith(
  node: MapNode,
  usesRange: { start: number; end: number },
  action: ActionDescription | undefined,
  reading: Reading,
): Template {
  const value = childOf(node, 'with');
  const schema = action?.input;
  const where = action ? `\`with\` of ${action.name}` : '`with`';
  if (value && !(value.kind === 'scalar' && value.value === null)) {
    if (value.kind !== 'map') return {};
    return readTemplate(value, schema, { where, secrets: true, sealed: true }, reading);
  }
  const required = Array.isArray(schema?.required) ? schema.required : [];
  const properties = (schema?.properties ?? {}) as Record<string, { description?: string }>;
  for (const key of required) {
    const about = properties[String(key)]?.description;
    reading.report(structure.missingKey, usesRange, { key: String(key), where, about });
  }
  return {};
}

/** What DESIGN gives a runbook that says only a part of it. */
const usual: Retry = { attempts: 6, firstMs: 1_000, factor: 2, maxMs: 60_000 };

/** Looks that find it not done yet count as no attempt: there are so many more. */
function withWaiting(
  retry: Retry | undefined,
  action: ActionDescription | undefined,
  timeoutMs = defaultTimeoutMs,
): Retry | undefined {
  const waits = action?.declared?.waits;
  if (!waits) return retry;
  // A shorter wait looks again within its attempt.
  const apartMs = waits.everyMs < nearMs ? Math.min(timeoutMs, nearMs) : waits.everyMs;
  const base = retry ?? usual;
  return { ...base, attempts: base.attempts + Math.ceil(waits.atMostMs / apartMs) };
}

/** As the engine has it, and the interpreter of declared actions. */
const defaultTimeoutMs = 120_000;
const nearMs = 60_000;

export function readRetry(node: Node | undefined, session: CompileSession): Retry | undefined {
  if (node?.kind !== 'map') return undefined;
  const number = (key: string, otherwise: number): number => {
    const value = childOf(node, key);
    return value?.kind === 'scalar' && typeof value.value === 'number' ? value.value : otherwise;
  };
  const length = (key: string, otherwise: number): number => {
    const found = session.duration(childOf(node, key), `\`${key}\` of \`retry\``, true);
    return found && 'ms' in found ? found.ms : otherwise;
  };
  const firstMs = length('first', usual.firstMs);
  return {
    attempts: number('attempts', usual.attempts),
    firstMs,
    factor: number('factor', usual.factor),
    maxMs: Math.max(firstMs, length('max', usual.maxMs)),
  };
}
