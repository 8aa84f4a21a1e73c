/** `wait`: for a length of time, until a moment, or for an event. */
import { defined } from '../../plan/defined.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { dyn } from '../expressions/types.ts';
import { childOf, entryOf, textOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import type { Reader } from './step-reading.ts';

const subjects = ['for', 'until', 'event'];

export const readWait: Reader<'wait'> = ({ reading, node }) => {
  const wait = childOf(node, 'wait');
  if (wait?.kind !== 'map') return undefined;
  const has = wait.entries.map(({ key }) => key).filter((key) => subjects.includes(key));
  if (has.length !== 1)
    reading.report(flowCodes.waitForWhat, entryOf(node, 'wait')?.keyRange ?? wait, { has });
  const event = entryOf(wait, 'event');
  if (!event) {
    for (const { key, keyRange } of wait.entries)
      if (['key', 'within', 'onExpiry'].includes(key) && has.length > 0)
        reading.report(flowCodes.waitKey, keyRange, { key, needs: 'event' });
  } else if (!entryOf(wait, 'key')) reading.report(flowCodes.eventWithoutKey, event.keyRange, {});
  const length = reading.session.duration(childOf(wait, 'for'), '`for`');
  const untilNode = childOf(wait, 'until');
  const until = untilNode && readText(untilNode, { where: '`until`' }, reading);
  const keyNode = childOf(wait, 'key');
  const key = keyNode ? readText(keyNode, { where: '`key`' }, reading) : '';
  const within = reading.session.duration(childOf(wait, 'within'), '`within`');
  const goesOn = textOf(childOf(wait, 'onExpiry')) === 'continue';
  return {
    step: {
      ...defined({
        for: length,
        until,
        event: event ? { name: textOf(event.value) ?? '', key } : undefined,
        within,
        onExpiry: goesOn ? ('continue' as const) : undefined,
      }),
    },
    output: event ? dyn : undefined,
    outputMayLack: goesOn ? 'the event may not have come in time' : undefined,
    statuses: ['expired'],
  };
};
