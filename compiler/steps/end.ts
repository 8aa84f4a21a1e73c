/** `end`: stops the run early. */
import { childOf, entryOf, textOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import type { Reader } from './step.ts';

export const readEnd: Reader<'end'> = ({ context, flow, node }) => {
  const end = childOf(node, 'end');
  if (end?.kind !== 'map') return undefined;
  const status = textOf(childOf(end, 'status'));
  const reasonNode = childOf(end, 'reason');
  const reason = reasonNode && readText(reasonNode, { where: '`reason`' }, flow, context);
  if (status === 'succeeded') {
    const line = context.lineOf(entryOf(node, 'end')?.keyRange ?? node);
    const guard = `early ${line}`;
    context.shared.guardWords.set(guard, `the run may end before it, in line ${line}`);
    context.shared.earlyEnds.push(guard);
  }
  return {
    step: {
      status: status === 'cancelled' || status === 'failed' ? status : 'succeeded',
      ...(reason === undefined ? {} : { reason }),
    },
  };
};
