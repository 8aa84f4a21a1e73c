/** `approve`: people are asked for their signature. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { childOf, entryOf, numberOf, textOf } from '../source/tree.ts';
import { readTemplate } from '../values/template.ts';
import { readPeople, readPerson } from './people.ts';
import type { Reader } from './step-reading.ts';

export const readApprove: Reader<'approve'> = ({ reading, node, onError }) => {
  const approve = childOf(node, 'approve');
  if (approve?.kind !== 'map') return undefined;
  const onErrorEntry = entryOf(node, 'onError');
  if (onError === 'continue' && onErrorEntry)
    reading.report(flowCodes.approvalGoesOn, onErrorEntry.keyRange, {});
  const fromNode = childOf(approve, 'from');
  const from = readPeople(fromNode, '`from`', reading);
  const except = readPeople(childOf(approve, 'except'), '`except`', reading);
  const quorumNode = childOf(approve, 'quorum');
  const quorumText = textOf(quorumNode);
  const quorum = quorumText === 'majority' || quorumText === 'all' ? quorumText : (numberOf(quorumNode) ?? 1);
  const within = reading.session.duration(childOf(approve, 'within'), '`within`');
  const remind = reading.session.duration(childOf(approve, 'remind'), '`remind`');
  const escalateNode = childOf(approve, 'escalate');
  const escalate = escalateNode && readPerson(escalateNode, '`escalate`', reading);
  if (escalateNode && !within && !childOf(approve, 'within'))
    reading.report(flowCodes.escalateWithoutWithin, escalateNode, {});
  // Only people named by their address count for certain: a role or an expression may stand for several.
  const named = from.filter((person) => typeof person === 'string' && !person.startsWith('role:'));
  if (
    typeof quorum === 'number' &&
    quorumNode &&
    named.length === from.length &&
    from.length > 0 &&
    quorum > from.length &&
    !escalate
  )
    reading.report(flowCodes.quorumTooHigh, quorumNode, { quorum, people: from.length });
  const showNode = childOf(approve, 'show');
  const show = showNode && readTemplate(showNode, { type: 'object' }, { where: '`show`' }, reading);
  const retroactiveEntry = entryOf(approve, 'retroactive');
  const retroactive = retroactiveEntry?.value.kind === 'scalar' && retroactiveEntry.value.value === true;
  if (retroactive && !childOf(approve, 'within'))
    reading.report(flowCodes.retroactiveWithoutWithin, retroactiveEntry.keyRange, {});
  const onReject = textOf(childOf(approve, 'onReject'));
  return {
    step: {
      from,
      ...defined({ except: unlessEmpty(except) }),
      quorum,
      ...defined({
        within,
        remind,
        escalate,
        show,
        retroactive: retroactive ? (true as const) : undefined,
        onReject: onReject === 'continue' ? ('continue' as const) : undefined,
      }),
    },
    approversMayLack: onReject === 'continue' ? 'the approval may have been refused' : undefined,
    statuses: ['rejected'],
  };
};
