/** `steps` alone: a group; with `if` it may have `else`. */
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { childOf, entryOf } from '../source/tree.ts';
import { type Reader, readSteps } from './step.ts';

export const readGroup: Reader<'group'> = ({ context, flow, outer, node, id }) => {
  const inner = flow.inside(id);
  const steps = readSteps(childOf(node, 'steps'), 'a group', inner, context);
  const otherwise = entryOf(node, 'else');
  if (!otherwise) {
    flow.adopt(inner);
    return { step: { steps } };
  }
  if (!entryOf(node, 'if')) context.report(flowCodes.elseWithoutIf, otherwise.keyRange, {});
  // Runs when the condition is false, so that nothing the condition shows holds there.
  const guard = `else ${id}`;
  context.shared.guardWords.set(guard, `it runs only when the \`if\` of \`${id}\` is false`);
  const half = outer.guarded([guard], []).inside(`${id}:else`);
  const elseSteps = readSteps(otherwise.value, '`else`', half, context);
  flow.adopt(inner);
  flow.adopt(half);
  return { step: { steps, else: elseSteps } };
};
