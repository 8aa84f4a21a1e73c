/** `repeat`: the same steps until something holds. */

import { isShorter, parseDuration } from '../../plan/lexical.ts';
import type { Length } from '../../plan/plan.ts';
import * as expressions from '../diagnostics/registry/expressions.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { int, nameOf, objectType } from '../expressions/types.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, type Node } from '../source/tree.ts';
import { readLength } from '../values/length.ts';
import { readExpression } from '../values/template.ts';
import type { Reader } from './step-reading.ts';

export const readRepeat: Reader<'repeat'> = (step) => {
  const { reading, node, id, readSteps } = step;
  const repeat = childOf(node, 'repeat');
  const inner = reading.inside(id);
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
      steps,
    },
    output: objectType({ rounds: int }),
  };
};

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
