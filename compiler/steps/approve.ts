/** `approve`: people are asked for their signature. */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { isShorter, roleOf } from '../../plan/lexical.ts';
import type { Template } from '../../plan/plan.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import * as signatures from '../diagnostics/registry/signatures.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, entryOf, type MapNode, numberOf, textOf } from '../source/tree.ts';
import { readLength } from '../values/length.ts';
import { readTemplate } from '../values/template.ts';
import { type ReadForm, readForm } from './form.ts';
import { readPeople, readPerson } from './people.ts';
import type { Reader } from './step-reading.ts';

/** Everybody who can be asked, where that is known before a run: not where an expression or a group of Entra gives people. */
function knownPeople(from: readonly Template[], reading: Reading): Set<string> | undefined {
  const roles = reading.session.surroundings.configuration?.roles;
  const people = new Set<string>();
  for (const person of from) {
    if (typeof person !== 'string') return undefined;
    const name = roleOf(person);
    const role = name === undefined || !roles || !Object.hasOwn(roles, name) ? undefined : roles[name];
    if (name !== undefined && (!role || role.entraGroup !== undefined)) return undefined;
    for (const each of role ? role.people : [person]) people.add(each.toLowerCase());
  }
  return people.size > 0 ? people : undefined;
}

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
  const within = readLength(childOf(approve, 'within'), '`within`', reading);
  const remind = readLength(childOf(approve, 'remind'), '`remind`', reading);
  const escalateNode = childOf(approve, 'escalate');
  const escalate = escalateNode && readPerson(escalateNode, '`escalate`', reading);
  if (escalateNode && !within && !childOf(approve, 'within'))
    reading.report(flowCodes.escalateWithoutWithin, escalateNode, {});
  const exceptNode = childOf(approve, 'except');
  const people = knownPeople(from, reading);
  for (const each of except) for (const left of knownPeople([each], reading) ?? []) people?.delete(left);
  const needed = typeof quorum === 'number' ? quorum : 1;
  const at = quorumNode ?? exceptNode;
  if (at && people && needed > people.size && !escalate)
    reading.report(flowCodes.quorumTooHigh, at, { quorum: needed, people: people.size });
  const remindNode = childOf(approve, 'remind');
  if (remindNode && within && remind && !isShorter(remind, within))
    reading.report(flowCodes.remindTooLate, remindNode, {});
  const showNode = childOf(approve, 'show');
  const show = showNode && readTemplate(showNode, { type: 'object' }, { where: '`show`' }, reading);
  const retroactiveEntry = entryOf(approve, 'retroactive');
  const retroactive = retroactiveEntry?.value.kind === 'scalar' && retroactiveEntry.value.value === true;
  if (retroactive && !childOf(approve, 'within'))
    reading.report(flowCodes.retroactiveWithoutWithin, retroactiveEntry.keyRange, {});
  const onReject = textOf(childOf(approve, 'onReject'));
  const filledIn = readFilledIn(approve, reading);
  const mayLack = onReject === 'continue' ? 'the approval may have been refused' : undefined;
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
        form: filledIn?.form,
        optional: unlessEmpty(filledIn?.optional ?? []),
        retroactive: retroactive ? (true as const) : undefined,
        onReject: onReject === 'continue' ? ('continue' as const) : undefined,
      }),
    },
    ...defined({ output: filledIn?.output }),
    outputMayLack: filledIn && mayLack,
    approversMayLack: mayLack,
    statuses: ['rejected'],
  };
};

/** What is signed stays readable for whoever checks it, and stands before what it decides. */
function readFilledIn(approve: MapNode, reading: Reading): ReadForm | undefined {
  const entry = entryOf(approve, 'form');
  if (!entry) return undefined;
  const found = readForm(entry.value, 'the approval', reading);
  if (Object.keys(found.form).length === 0) return undefined;
  const afterwards = entryOf(approve, 'retroactive');
  if (afterwards?.value.kind === 'scalar' && afterwards.value.value === true)
    reading.report(signatures.formAfterwards, entry.keyRange, {});
  for (const field of entry.value.kind === 'map' ? entry.value.entries : [])
    if (found.sensitive.includes(field.key))
      reading.report(signatures.formSealed, field.keyRange, { field: field.key });
  return found;
}
