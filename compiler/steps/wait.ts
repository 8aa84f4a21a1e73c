/** `wait`: for a length of time, until a moment, or for an event. */
import { zonedMoment } from '../../organisation/local-time.ts';
import { defined } from '../../plan/defined.ts';
import type { Template } from '../../plan/plan.ts';
import * as flowCodes from '../diagnostics/registry/flow.ts';
import * as forms from '../diagnostics/registry/forms.ts';
import { astOf } from '../expressions/ast.ts';
import { isDate } from '../expressions/dates.ts';
import { dyn } from '../expressions/types.ts';
import { formats } from '../schema/formats.ts';
import type { Reading } from '../scope/reading.ts';
import { childOf, entryOf, type Node, textOf } from '../source/tree.ts';
import { readText } from '../values/template.ts';
import { readPerson } from './people.ts';
import type { Reader } from './step-reading.ts';

/** What the run will take: a time with its offset, or a local date or time. */
function isMoment(text: string): boolean {
  const withOffset = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
  if (withOffset.test(text)) return !Number.isNaN(Date.parse(text));
  return zonedMoment(text, 'UTC') !== undefined;
}

/** `31.12.2026` and `2026-12-31 17:00` say plainly what is meant. */
function repairedMoment(text: string): string | undefined {
  const [, date = text, time] = /^(\S+) +(\d\d?:\d\d(?::\d\d)?)$/.exec(text.trim()) ?? [];
  const day = isDate(date) ? date : formats.date?.repair?.(date);
  const suggestion = day && (time === undefined ? day : `${day}T${time.replace(/^(?=\d:)/, '0')}`);
  return suggestion !== undefined && isMoment(suggestion) ? suggestion : undefined;
}

/** As suppliers are told apart where their notices come in. */
const supplier = /^cxml: \S/;

function readSenders(node: Node | undefined, reading: Reading): Template[] | undefined {
  if (!node || node.broken || node.kind === 'map') return undefined;
  const items = node.kind === 'list' ? node.items : [node];
  return items.map((item) => {
    const text = textOf(item);
    return text !== undefined && supplier.test(text) ? text : readPerson(item, '`from`', reading);
  });
}

/** What is the same for every run, whether or not it is written as an expression. */
function constantText(until: Template): string | undefined {
  if (typeof until === 'string') return until;
  const cel = until && typeof until === 'object' && !Array.isArray(until) ? until.$expr : undefined;
  const ast = typeof cel === 'string' ? astOf(cel) : undefined;
  return ast?.op === 'value' && typeof ast.args === 'string' ? ast.args : undefined;
}

/** What an expression within a moment may give: a part of it, or nothing. */
const momentParts = [
  '2026-01-31',
  '2026-01-31T09:00',
  '09:00',
  '2026',
  '01',
  'Europe/Lisbon',
  '[Europe/Lisbon]',
  'T09:00',
  'Z',
  '',
];
/** More expressions than this in one moment are left to the run. */
const mostExpressions = 3;

/** False only where no run could read it, whatever its expressions give. */
function canBeMoment(until: Template): boolean {
  const constant = constantText(until);
  if (constant !== undefined) return isMoment(constant);
  const parts = until && typeof until === 'object' && !Array.isArray(until) ? until.$text : undefined;
  if (!Array.isArray(parts)) return true;
  const expressions = parts.filter((part) => typeof part !== 'string').length;
  if (expressions > mostExpressions) return true;
  const filled = parts.reduce<string[]>(
    (texts, part) =>
      texts.flatMap((text) =>
        typeof part === 'string' ? [text + part] : momentParts.map((given) => text + given),
      ),
    [''],
  );
  return filled.some(isMoment);
}

/** `${{ inputs.day }} 17:00` has a space where a T belongs. */
function repairedUntil(until: Template, value: string): string | undefined {
  if (constantText(until) !== undefined) return repairedMoment(value);
  const better = value.replace(/\}\} +(?=\d\d:\d\d)/, '}}T').replace(/(\d{4}-\d\d-\d\d) +(?=\$\{\{)/, '$1T');
  return better === value ? undefined : better;
}

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
      if (['key', 'from', 'within', 'onExpiry'].includes(key) && has.length > 0)
        reading.report(flowCodes.waitKey, keyRange, { key, needs: 'event' });
  } else if (!entryOf(wait, 'key')) reading.report(flowCodes.eventWithoutKey, event.keyRange, {});
  const length = reading.session.duration(childOf(wait, 'for'), '`for`');
  const untilNode = childOf(wait, 'until');
  const until = untilNode && readText(untilNode, { where: '`until`' }, reading);
  if (untilNode && until !== undefined && !canBeMoment(until)) {
    const value = constantText(until) ?? textOf(untilNode) ?? '';
    reading.report(forms.badMoment, untilNode, { value }, { suggestion: repairedUntil(until, value) });
  }
  const keyNode = childOf(wait, 'key');
  const key = keyNode ? readText(keyNode, { where: '`key`' }, reading) : '';
  const within = reading.session.duration(childOf(wait, 'within'), '`within`');
  const goesOn = textOf(childOf(wait, 'onExpiry')) === 'continue';
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
