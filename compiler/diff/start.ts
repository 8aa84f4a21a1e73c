/** Whether what starts runs today still does: triggers and inputs. */
import type { Input, JsonSchema, Plan, TicketTrigger, Trigger } from '../../plan/plan.ts';
import type { Change } from './changes.ts';
import { same } from './steps.ts';

export function startChanges(before: Plan, after: Plan): Change[] {
  const change = (text: string, about: Change['about'] = 'start'): Change => ({
    runbook: after.runbook,
    about,
    text,
  });
  return [
    ...triggerChanges(before.triggers, after.triggers).map(({ text, breaks }) =>
      change(text, breaks ? 'start' : 'other'),
    ),
    ...inputChanges(before.inputs, after.inputs).map(({ text, breaks }) =>
      change(text, breaks ? 'start' : 'other'),
    ),
    ...(same(before.unique, after.unique)
      ? []
      : [change('which runs count as the same one has changed (`unique`).')]),
    ...(same(before.subject, after.subject)
      ? []
      : [change('what its runs are called by has changed (`subject`).', 'other')]),
    ...(before.owner === after.owner
      ? []
      : [change(`its runs are operated by \`${after.owner}\` instead of \`${before.owner}\`.`, 'other')]),
  ];
}

interface Found {
  text: string;
  breaks: boolean;
}

function triggerChanges(before: readonly Trigger[], after: readonly Trigger[]): Found[] {
  const left = [...after];
  const gone: Trigger[] = [];
  for (const trigger of before) {
    const index = left.findIndex((each) => identity(each) === identity(trigger));
    if (index === -1) gone.push(trigger);
    else left.splice(index, 1);
  }
  return [
    ...gone.map((trigger) => ({ text: `${startText(trigger)} no longer starts it.`, breaks: true })),
    ...left.map((trigger) => ({ text: `${startText(trigger)} starts it now.`, breaks: false })),
  ];
}

/** What tells one trigger from another, without what it maps. */
function identity(trigger: Trigger): string {
  if (trigger.type === 'manual') return `manual ${[...trigger.by].sort().join(' ')}`;
  if (trigger.type === 'schedule') return `schedule ${trigger.cron} ${trigger.timezone}`;
  const { system, project, ticketType, to, from } = trigger;
  return ['ticket', system, project, ticketType, from, to, trigger.if].join('\n');
}

function startText(trigger: Trigger): string {
  if (trigger.type === 'manual') return `A start by ${trigger.by.join(', ')}`;
  if (trigger.type === 'schedule') return `The schedule \`${trigger.cron}\` (${trigger.timezone})`;
  return ticketText(trigger);
}

function ticketText({ system, project, ticketType, to, from, if: condition }: TicketTrigger): string {
  const about = [project, ticketType].filter(Boolean).join(' ');
  const way = from === undefined ? to : `${to} from ${from}`;
  return `A ${system} ticket${about ? ` (${about})` : ''} that becomes ${way}${condition ? `, if \`${condition}\`,` : ''}`;
}

function inputChanges(
  before: Readonly<Record<string, Input>>,
  after: Readonly<Record<string, Input>>,
): Found[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): Found[] => {
    const [was, is] = [before[name], after[name]];
    if (!is)
      return [{ text: `the input \`${name}\` is gone: a start that gives it is refused.`, breaks: true }];
    if (!was) {
      return [
        is.required
          ? { text: `the input \`${name}\` is new and must be given.`, breaks: true }
          : { text: `the input \`${name}\` is new; it may be left out.`, breaks: false },
      ];
    }
    const found: Found[] = [];
    if (is.required && !was.required)
      found.push({ text: `the input \`${name}\` must be given now.`, breaks: true });
    found.push(...schemaChanges(name, was.schema, is.schema));
    if (was.sensitive && !is.sensitive)
      found.push({
        text: `the input \`${name}\` is no longer sealed: everybody who sees the run sees it.`,
        breaks: true,
      });
    if (!same(was.default, is.default) && is.default !== undefined)
      found.push({
        text: `the input \`${name}\` is ${JSON.stringify(is.default)} where it is not given.`,
        breaks: false,
      });
    return found;
  });
}

/** Keywords that can only refuse more when they are added or changed. */
const limits = [
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'const',
];

function schemaChanges(name: string, was: JsonSchema, is: JsonSchema): Found[] {
  const found: Found[] = [];
  const breaks = (text: string) => found.push({ text: `the input \`${name}\` ${text}`, breaks: true });
  if (!same(was.type, is.type) && is.type !== undefined)
    breaks(`is ${JSON.stringify(is.type)} instead of ${JSON.stringify(was.type ?? 'anything')}.`);
  if (Array.isArray(is.enum)) {
    const allowed = is.enum.map((value) => JSON.stringify(value));
    const lost = Array.isArray(was.enum)
      ? was.enum.map((value) => JSON.stringify(value)).filter((value) => !allowed.includes(value))
      : undefined;
    if (!lost) breaks(`must be one of ${allowed.join(', ')} now.`);
    else if (lost.length > 0) breaks(`can no longer be ${lost.join(' or ')}.`);
  }
  for (const limit of limits)
    if (is[limit] !== undefined && !same(was[limit], is[limit]) && !looser(limit, was[limit], is[limit]))
      breaks(`is limited further: \`${limit}: ${String(is[limit])}\`.`);
  return found;
}

function looser(limit: string, was: unknown, is: unknown): boolean {
  if (typeof was !== 'number' || typeof is !== 'number') return false;
  return limit.startsWith('min') ? is < was : is > was;
}
