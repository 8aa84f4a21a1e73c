/** `wait`: for a length of time, until a moment, or for an event. */
import * as flowCodes from '../diagnostics/registry/flow.ts';
import { dyn } from '../expressions/types.ts';
import { childOf, entryOf, textOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import type { Reader } from './step.ts';

const subjects = ['for', 'until', 'event'];

export const readWait: Reader<'wait'> = ({ context, flow, node }) => {
  const wait = childOf(node, 'wait');
  if (wait?.kind !== 'map') return undefined;
  const has = wait.entries.map(({ key }) => key).filter((key) => subjects.includes(key));
  if (has.length !== 1)
    context.report(flowCodes.waitForWhat, entryOf(node, 'wait')?.keyRange ?? wait, { has });
  const event = entryOf(wait, 'event');
  if (!event) {
    for (const { key, keyRange } of wait.entries)
      if (['key', 'within', 'onExpiry'].includes(key) && has.length > 0)
        context.report(flowCodes.waitKey, keyRange, { key, needs: 'event' });
  } else if (!entryOf(wait, 'key')) context.report(flowCodes.eventWithoutKey, event.keyRange, {});
  const length = context.duration(childOf(wait, 'for'), '`for`');
  const untilNode = childOf(wait, 'until');
  const until = untilNode && readText(untilNode, { where: '`until`' }, flow, context);
  const keyNode = childOf(wait, 'key');
  const key = keyNode ? readText(keyNode, { where: '`key`' }, flow, context) : '';
  const within = context.duration(childOf(wait, 'within'), '`within`');
  const goesOn = textOf(childOf(wait, 'onExpiry')) === 'continue';
  return {
    step: {
      ...(length ? { for: length } : {}),
      ...(until === undefined ? {} : { until }),
      ...(event ? { event: { name: textOf(event.value) ?? '', key } } : {}),
      ...(within ? { within } : {}),
      ...(goesOn ? { onExpiry: 'continue' as const } : {}),
    },
    output: event ? dyn : undefined,
    outputMayLack: goesOn ? 'the event may not have come in time' : undefined,
    statuses: ['expired'],
  };
};
