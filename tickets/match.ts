/** Which runbook a ticket's transition starts, with which inputs, and what a change means for runs that are live. */
import { errorText } from '../plan/error-text.ts';
import type { JsonObject, Plan, Template, TicketTrigger } from '../plan/plan.ts';
import { bind, evaluateCondition, evaluateTemplate, type Variables } from '../workflows/expressions.ts';
import { type Became, type Change, isStatus, type Status, same, type Transition } from './ticket-system.ts';

export interface Match {
  plan: Plan;
  trigger: TicketTrigger;
}

export type Decision =
  | { outcome: 'start'; match: Match; inputs: JsonObject }
  | { outcome: 'not for us' | 'rejected'; reason: string };

/** The inputs are computed, and not yet held to what the runbook says of them. */
export function decide(transition: Transition, plans: Iterable<Plan>): Decision {
  const matches = matching(transition, plans);
  const [match, ...others] = matches;
  if (!match) return { outcome: 'not for us', reason: whyNot(transition) };
  if (others.length > 0) {
    const names = matches.map(({ plan }) => plan.runbook).join(', ');
    const reason = `Several runbooks want this transition: ${names}. Make their triggers differ.`;
    return { outcome: 'rejected', reason };
  }
  const { inputs, problems } = mapInputs(match.trigger.inputs, transition.payload);
  if (problems.length === 0) return { outcome: 'start', match, inputs };
  const reason = `${transition.ticket.key} cannot start ${match.plan.runbook}. ${problems.join(' ')}`;
  return { outcome: 'rejected', reason };
}

export function ticketTriggers(plan: Plan, system: string): TicketTrigger[] {
  return plan.triggers.filter(
    (each): each is TicketTrigger => each.type === 'ticket' && each.system === system,
  );
}

function matching(transition: Transition, plans: Iterable<Plan>): Match[] {
  const matches: Match[] = [];
  for (const plan of plans) {
    const trigger = ticketTriggers(plan, transition.system).find((each) => !misfit(each, transition));
    if (trigger) matches.push({ plan, trigger });
  }
  return matches;
}

/** The first thing that keeps a trigger of the same system from fitting; undefined when it fits. */
export function misfit(trigger: TicketTrigger, transition: Transition): string | undefined {
  const { project, type, requestType, from, to, payload } = transition;
  if (trigger.project !== undefined && !same(trigger.project, project))
    return `its project is ${trigger.project}, and the ticket's ${project || 'not known'}`;
  const isOfType = (wanted: string) => [type, requestType ?? ''].some((each) => same(wanted, each));
  if (trigger.ticketType !== undefined && !isOfType(trigger.ticketType))
    return `its type is ${trigger.ticketType}, and the ticket's ${[type, requestType].filter(Boolean).join(' or ') || 'not known'}`;
  if (!isStatus(to, trigger.to)) return `it waits for ${trigger.to}, and the ticket moved to ${inWords(to)}`;
  if (trigger.from !== undefined && !(from && isStatus(from, trigger.from)))
    return `it is for tickets that come from ${trigger.from}, and this one came from ${inWords(from)}`;
  if (trigger.if === undefined) return undefined;
  try {
    const holds = evaluateCondition(trigger.if, { ticket: bind(payload) });
    return holds ? undefined : `its condition does not hold: ${trigger.if}`;
  } catch (error) {
    // A condition over fields that this ticket does not have is a condition that does not hold.
    return `its condition cannot be computed. ${errorText(error)}`;
  }
}

export function inWords(status: Status | undefined): string {
  if (!status) return 'an unknown status';
  const { label, value } = status;
  return value === undefined || same(value, label) ? label : `${label} (${value})`;
}

/** What kind of ticket it is. */
export function kindOf({ type, project }: Pick<Transition, 'type' | 'project'>): string {
  if (type && project) return `${type} of project ${project}`;
  return type || (project ? `project ${project}` : 'of no kind');
}

function whyNot({ ticket, from, to, ...rest }: Transition): string {
  return `no runbook is triggered by ${ticket.key} (${kindOf(rest)}) moving from ${inWords(from)} to ${inWords(to)}`;
}

/** Whether that it became this aborts the run that the ticket started. */
export function cancels({ cancel }: TicketTrigger, became: Became | undefined): boolean {
  if (became === undefined || cancel === undefined) return false;
  if (became === 'deleted') return cancel.deleted === true;
  return cancel.to?.some((status) => isStatus(became, status)) ?? false;
}

/** The inputs that follow the ticket and come from something that has just changed, and of which nothing newer was acted on. */
export function followed(
  trigger: TicketTrigger,
  { changed }: Pick<Change, 'changed'>,
  late: 'all' | readonly string[] = [],
) {
  const isLate = (field: string) => late === 'all' || late.includes(field);
  const follows = ([name, template]: [string, Template]) => {
    const fields = fieldsOf(template);
    return (
      trigger.amend?.includes(name) && fields.some((field) => changed.includes(field)) && !fields.some(isLate)
    );
  };
  return Object.fromEntries(Object.entries(trigger.inputs).filter(follows));
}

/** The fields of the ticket that a mapping reads, written as `Change.changed` writes them. */
export function fieldsOf(template: Template): string[] {
  const reads = JSON.stringify(template).matchAll(/ticket\.(fields|variables)\.([A-Za-z_]\w*)/g);
  return [...reads].map(([, place, name = '']) => (place === 'fields' ? name : `variables.${name}`));
}

/** Computes a trigger's `inputs` from what the ticket system sent. Absent fields stay absent; the check names them. */
export function mapInputs(
  mapping: Record<string, Template>,
  payload: JsonObject,
): { inputs: JsonObject; problems: string[] } {
  const variables: Variables = { ticket: bind(payload) };
  const inputs: JsonObject = {};
  const problems: string[] = [];
  for (const [name, template] of Object.entries(mapping)) {
    try {
      const value = evaluateTemplate(template, variables);
      if (value !== undefined && value !== null) inputs[name] = value;
    } catch (error) {
      problems.push(`Input "${name}": ${errorText(error)}`);
    }
  }
  return { inputs, problems };
}
