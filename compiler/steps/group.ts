/** `steps` alone: a group; with `if` it may have `else`. */
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { childOf, entryOf } from '../source/tree.ts';
import type { Reader } from './step-reading.ts';

export const readGroup: Reader<'group'> = ({ reading, outer, node, id, readSteps }) => {
  const inner = reading.inside(id);
  const steps = readSteps(childOf(node, 'steps'), 'a group', inner);
  const otherwise = entryOf(node, 'else');
  if (!otherwise) {
    reading.adopt(inner);
    return { step: { steps } };
  }
  if (!entryOf(node, 'if')) reading.report(flowCodes.elseWithoutIf, otherwise.keyRange, {});
  // Runs when the condition is false, so that nothing the condition shows holds there.
  const guard = `else ${id}`;
  reading.session.shared.guardWords.set(guard, `it runs only when the \`if\` of \`${id}\` is false`);
  const half = outer.guarded([guard], []).inside(`${id}:else`);
  const elseSteps = readSteps(otherwise.value, '`else`', half);
  reading.adopt(inner);
  reading.adopt(half);
  return { step: { steps, else: elseSteps } };
};
