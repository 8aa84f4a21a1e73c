/** `wait`: for a length of time, until a moment, or for an event. */
import { defined } from '../../plan/defined.ts';
import type { Template } from '../../plan/plan.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { dyn } from '../expressions/types.ts';
import type { Reading } from '../scope/reading.ts';
import type { SourceRange } from '../source/source-file.ts';
import { childOf, entryOf, type MapNode, type Node, textOf } from '../source/tree.ts';
import { readLength } from '../values/length.ts';
import { readMoment } from '../values/moment.ts';
import { readText } from '../values/template.ts';
import { readPerson } from './people.ts';
import type { Reader } from './step-reading.ts';

/** As suppliers are told apart where their notices come in. Which one may be given by an expression. */
const supplier = /^cxml: (?!\$\{\{)\S/;

function readSenders(node: Node | undefined, reading: Reading): Template[] | undefined {
  if (!node || node.broken || node.kind === 'map') return undefined;
  const items = node.kind === 'list' ? node.items : [node];
  return items.map((item) => {
    const text = textOf(item);
    return text !== undefined && supplier.test(text) ? text : readPerson(item, '`from`', reading);
  });
}

const subjects = ['for', 'until', 'event'];

/** What a wait says that it is for: one of the three, or an event until a moment. */
function checkSubjects(wait: MapNode, at: SourceRange, reading: Reading): void {
  const has = wait.entries.map(({ key }) => key).filter((key) => subjects.includes(key));
  const event = entryOf(wait, 'event');
  const untilMoment = event && has.length === 2 && has.includes('until');
  if (has.length !== 1 && !untilMoment) reading.report(flowCodes.waitForWhat, at, { has });
  if (!event) {
    for (const { key, keyRange } of wait.entries)
      if (['key', 'from', 'within', 'onExpiry'].includes(key) && has.length > 0)
        reading.report(flowCodes.waitKey, keyRange, { key, needs: 'event' });
    return;
  }
  if (!entryOf(wait, 'key')) reading.report(flowCodes.eventWithoutKey, event.keyRange, {});
  const within = entryOf(wait, 'within');
  if (untilMoment && within) reading.report(flowCodes.twoEnds, within.keyRange, {});
}

export const readWait: Reader<'wait'> = ({ reading, node }) => {
  const wait = childOf(node, 'wait');
  if (wait?.kind !== 'map') return undefined;
  checkSubjects(wait, entryOf(node, 'wait')?.keyRange ?? wait, reading);
  const event = entryOf(wait, 'event');
  const length = readLength(childOf(wait, 'for'), '`for`', reading);
  const until = readMoment(childOf(wait, 'until'), '`until`', reading);
  const keyNode = childOf(wait, 'key');
  const key = keyNode ? readText(keyNode, { where: '`key`' }, reading) : '';
  const within = readLength(childOf(wait, 'within'), '`within`', reading);
  const expiry = entryOf(wait, 'onExpiry');
  const goesOn = textOf(expiry?.value) === 'continue';
  if (event && expiry && goesOn && !childOf(wait, 'within') && !childOf(wait, 'until'))
    reading.report(flowCodes.neverExpires, expiry.keyRange, { what: 'The wait' });
  return {
    step: {
      ...defined({
        for: length,
        until,
        event: event
          ? {
              name: textOf(event.value) ?? '',
              key,
              ...defined({ from: readSenders(childOf(wait, 'from'), reading) }),
            }
          : undefined,
        within,
        onExpiry: goesOn ? ('continue' as const) : undefined,
      }),
    },
    output: event ? dyn : undefined,
    outputMayLack: goesOn ? 'the event may not have come in time' : undefined,
    statuses: ['expired'],
  };
};
