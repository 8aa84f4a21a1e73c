/** `repeat`: the same steps until something holds. */

import { defined } from '../../plan/defined.ts';
import { isShorter, parseDuration } from '../../plan/lexical.ts';
import type { Length, Template } from '../../plan/plan.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { int, nameOf, objectType, type Type } from '../expressions/types.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, type Node, setOwn } from '../source/tree.ts';
import { readLength } from '../values/length.ts';
import { readRemembered } from '../values/remembered.ts';
import { readExpression } from '../values/template.ts';
import type { Reader, StepReading } from './step-reading.ts';

export const readRepeat: Reader<'repeat'> = (step) => {
  const { reading, node, id, readSteps } = step;
  const repeat = childOf(node, 'repeat');
  const state = readState(repeat && childOf(repeat, 'state'), step);
  const inner = state ? reading.inside(id).withName('state', state.type) : reading.inside(id);
  if (state) reading.session.shared.statefulIds.add(id);
  const steps = readSteps(childOf(node, 'steps'), 'a repeat', inner);
  reading.adopt(inner);
  if (repeat?.kind !== 'map') return undefined;
  // After each round, so it sees what the round gave.
  const untilNode = childOf(repeat, 'until');
  const until = untilNode && readExpression(untilNode, '`until`', inner);
  if (until && untilNode && until.type.kind !== 'bool' && until.type.kind !== 'dyn')
    reading.report(expressions.notTrueOrFalse, untilNode, {
      text: until.ast.input.trim(),
      is: nameOf(until.type),
    });
  const everyNode = childOf(repeat, 'every');
  const every = readLength(everyNode, '`every`', inner);
  const atMost = readAtMost(childOf(repeat, 'atMost'), reading);
  if (everyNode && every && typeof atMost === 'object' && !isShorter(every, atMost))
    reading.report(flowCodes.onlyOneRound, everyNode, {});
  return {
    step: {
      until: until?.cel ?? 'true',
      every: every ?? { ms: 60_000 },
      atMost: atMost ?? 1,
      ...defined({ state: state?.values }),
      steps,
    },
    output: objectType(state ? { rounds: int, state: state.type } : { rounds: int }),
  };
};

/** Names with the values that they begin with. */
function readState(
  node: Node | undefined,
  { reading }: StepReading,
): { values: Record<string, Template>; type: Type } | undefined {
  if (node?.kind !== 'map') return undefined;
  if (reading.scope.names.has('state') || reading.scope.lets.has('state'))
    reading.report(expressions.wrongLoop, node, {
      what: '`state` already means something here. A repeat with `state` stands in none that has one, and no item or name under `let` is called so.',
    });
  const values: Record<string, Template> = {};
  const fields: Record<string, Type> = {};
  for (const { key, keyRange, value } of node.entries) {
    reading.session.checkId(keyRange, key, 'a name under `state`', false);
    const { template, type } = readRemembered(value, `\`${key}\``, reading);
    setOwn(values, key, template);
    setOwn(fields, key, type);
  }
  return { values, type: objectType(fields) };
}

function readAtMost(node: Node | undefined, reading: Reading): number | Length | undefined {
  if (node?.kind !== 'scalar' || node.broken) return undefined;
  const { value } = node;
  if (typeof value === 'string' && value.includes('${{')) return readLength(node, '`atMost`', reading);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  const found = typeof value === 'string' ? parseDuration(value) : undefined;
  if (!found && value !== null && typeof value !== 'boolean')
    reading.report(flowCodes.needsWhole, node, { where: '`atMost`' });
  return found;
}
