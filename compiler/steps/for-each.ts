/** `forEach`: the same steps for every item of a list. */

import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import { parseTolerance } from '../../plan/lexical.ts';
import type { Cel, Step } from '../../plan/plan.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import { fallbackFor } from '../expressions/check.ts';
import { typeOfSchema } from '../expressions/from-schema.ts';
import {
  dyn,
  type Field,
  int,
  listType,
  nameOf,
  objectType,
  string,
  type Type,
} from '../expressions/types.ts';
import type { ScopeAt } from '../scope/scope-at.ts';
import { childOf, entryOf, jsonOf, type Node, numberOf, textOf } from '../source/tree.ts';
import { readExpression } from '../values/template.ts';
import type { Reader, StepReading } from './step-reading.ts';

export const readForEach: Reader<'forEach'> = (step) => {
  const { reading, node, id, readSteps } = step;
  const items = readItems(childOf(node, 'forEach'), step);
  const asNode = childOf(node, 'as');
  const as = textOf(asNode) ?? '';
  if (asNode && as) {
    const ok = reading.session.checkId(asNode, as, 'the name of an item', true);
    if (ok && (reading.scope.names.has(as) || reading.scope.lets.has(as)))
      reading.report(expressions.wrongLoop, asNode, {
        what: `\`${as}\` already means something here. Choose another name for the item.`,
      });
  }
  const inner = reading.inside(id).withName(as || '', items.item);
  const steps = readSteps(childOf(node, 'steps'), 'a forEach', inner);
  const toleranceNode = childOf(node, 'tolerate');
  const collect = numberOf(childOf(node, 'collect'));
  const upTo = numberOf(childOf(node, 'upTo'));
  const tolerate = readTolerance(toleranceNode, step);
  const itemError = entryOf(node, 'onItemError');
  const onItemError = textOf(itemError?.value) === 'undo' ? ('undo' as const) : undefined;
  if (itemError && onItemError && !steps.some(canBeTakenBack))
    reading.report(flowCodes.nothingToUndo, itemError.keyRange, {});
  return {
    step: {
      items: items.cel,
      as,
      concurrency: numberOf(childOf(node, 'concurrency')) ?? 1,
      ...defined({
        tolerate,
        onItemError,
        upTo,
        collect,
        inOrder: collect === undefined ? undefined : (true as const),
      }),
      steps,
    },
    output: outputOf(
      collect,
      steps.map((child) => child.id),
      inner.scope,
    ),
  };
};

/** What a called runbook does may be. */
function canBeTakenBack(step: Step): boolean {
  if (step.kind === 'runbook') return true;
  return (step.kind === 'action' && step.undo !== undefined) || innerSteps(step).flat().some(canBeTakenBack);
}

function readItems(node: Node | undefined, { reading }: StepReading): { cel: Cel; item: Type } {
  if (!node || node.broken) return { cel: '[]', item: dyn };
  if (node.kind === 'list') {
    const { type } = typeOfSchema({ enum: node.items.map(jsonOf) });
    return { cel: celOf(jsonOf(node)), item: node.items.some((item) => item.kind !== 'scalar') ? dyn : type };
  }
  const found = readExpression(node, '`forEach`', reading);
  if (!found) return { cel: '[]', item: dyn };
  const { type, cel } = found;
  const text = found.ast.input.trim();
  if (type.kind === 'list') return { cel, item: type.item };
  if (type.kind === 'optional')
    reading.report(expressions.mayBeAbsent, node, { text, why: type.why, fallback: fallbackFor(type.of) });
  else if (type.kind !== 'dyn')
    reading.report(expressions.wrongType, node, {
      text,
      is: nameOf(type),
      where: '`forEach`',
      takes: 'a list',
    });
  return { cel, item: dyn };
}

/** JSON is CEL, but for control characters in text, which JSON escapes in the same way. */
function celOf(value: unknown): Cel {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

function readTolerance(node: Node | undefined, { reading }: StepReading) {
  if (node?.kind !== 'scalar' || node.broken || node.value === null || typeof node.value === 'boolean')
    return undefined;
  const found = parseTolerance(node.value);
  if (!found) reading.report(forms.badTolerance, node, { value: String(node.value) });
  return found;
}

function outputOf(collect: number | undefined, ids: string[], inner: ScopeAt): Type {
  const failures = listType(objectType({ index: int, message: string }));
  const fields: Record<string, Field | Type> = { total: int, succeeded: int, failed: int, failures };
  if (collect === undefined) return objectType(fields);
  const collected: Record<string, Field> = {};
  for (const id of ids) {
    const found = inner.findStep(id);
    if ('info' in found && found.info.output) collected[id] = { type: found.info.output, optional: true };
  }
  return objectType({ ...fields, collected: { type: listType(objectType(collected)), optional: true } });
}
