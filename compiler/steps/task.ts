/** `task`: a person does it by hand and reports it with a form. */

import { defined, unlessEmpty } from '../../plan/defined.ts';
import { isShorter } from '../../plan/lexical.ts';
import type { Length } from '../../plan/plan.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, entryOf, type MapNode, textOf } from '../source/tree.ts';
import { readLength } from '../values/length.ts';
import { readMoment } from '../values/moment.ts';
import { readText } from '../values/template.ts';
import { readForm } from './form.ts';
import { readPeople, readPeopleTemplate, readPerson } from './people.ts';
import type { Reader } from './step-reading.ts';

export const readTask: Reader<'task'> = ({ reading, node }) => {
  const task = childOf(node, 'task');
  if (task?.kind !== 'map') return undefined;
  const to = readPeopleTemplate(childOf(task, 'to'), '`to`', reading);
  const except = readPeople(childOf(task, 'except'), '`except`', reading);
  const instructionsNode = childOf(task, 'instructions');
  const instructions = instructionsNode
    ? readText(instructionsNode, { where: '`instructions`' }, reading)
    : '';
  const { form, optional, sensitive, output } = readForm(childOf(task, 'form'), 'the task', reading);
  const due = readMoment(childOf(task, 'due'), '`due`', reading);
  const within = readLength(childOf(task, 'within'), '`within`', reading);
  const remind = readLength(childOf(task, 'remind'), '`remind`', reading);
  const escalateNode = childOf(task, 'escalate');
  const escalate = escalateNode && readPerson(escalateNode, '`escalate`', reading);
  const goesOn = textOf(childOf(task, 'onExpiry')) === 'continue';
  checkTimes(task, { within, remind }, reading);
  return {
    step: {
      to,
      ...defined({ except: unlessEmpty(except) }),
      instructions,
      form,
      ...defined({
        optional: unlessEmpty(optional),
        sensitive: unlessEmpty(sensitive),
        due,
        within,
        remind,
        escalate,
        onExpiry: goesOn ? ('continue' as const) : undefined,
      }),
    },
    output,
    outputMayLack: goesOn ? 'the task may not have been done in time' : undefined,
    statuses: ['expired'],
  };
};

/** A task that is taken further stays open after its moment, and one without a time is never late. */
function checkTimes(
  task: MapNode,
  { within, remind }: { within: Length | undefined; remind: Length | undefined },
  reading: Reading,
): void {
  const [due, time, escalate, expiry] = ['due', 'within', 'escalate', 'onExpiry'].map((key) =>
    entryOf(task, key),
  );
  const remindNode = childOf(task, 'remind');
  if (escalate && !due && !time) reading.report(flowCodes.escalateWithoutTime, escalate.keyRange, {});
  if (due && time && !escalate) reading.report(flowCodes.dueAndWithin, time.keyRange, {});
  const ends = escalate && due ? time : (due ?? time);
  if (expiry && !ends && textOf(expiry.value) === 'continue')
    reading.report(flowCodes.neverExpires, expiry.keyRange, { what: 'The task' });
  if (remindNode && within && remind && !due && !escalate && !isShorter(remind, within))
    reading.report(flowCodes.remindTooLate, remindNode, {});
}
