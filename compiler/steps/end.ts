/** `end`: stops the run early. */
import { defined } from '../../plan/defined.ts';
import { childOf, entryOf, textOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import type { Reader } from './step-reading.ts';

export const readEnd: Reader<'end'> = ({ reading, node }) => {
  const end = childOf(node, 'end');
  if (end?.kind !== 'map') return undefined;
  const status = textOf(childOf(end, 'status'));
  const reasonNode = childOf(end, 'reason');
  const reason = reasonNode && readText(reasonNode, { where: '`reason`' }, reading);
  if (status === 'succeeded') {
    const line = reading.session.lineOf(entryOf(node, 'end')?.keyRange ?? node);
    const guard = `early ${line}`;
    reading.session.shared.guardWords.set(guard, `the run may end before it, in line ${line}`);
    reading.session.shared.earlyEnds.push(guard);
  }
  return {
    step: {
      status: status === 'cancelled' || status === 'failed' ? status : 'succeeded',
      ...defined({ reason }),
    },
  };
};
