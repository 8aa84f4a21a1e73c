/** What the gateway would do with a delivery, by the gateway's own rules, without sending anything anywhere. */

import { checkedInputs } from '../activities/engine/run-inputs.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import type { JsonObject, Plan } from '../plan/plan.ts';
import { cancels, decide, followed, mapInputs, misfit, ticketTriggers } from '../tickets/match.ts';
import { withPeopleKnown } from '../tickets/people-known.ts';
import {
  type Became,
  type Change,
  changeIn,
  type Reading,
  type TicketSystem,
} from '../tickets/ticket-system.ts';
import type { Principal } from '../workflows/messages.ts';
import { person, readingText } from './reading-text.ts';

export interface Foretold {
  system: string;
  reading: Reading;
  /** `told` when it would only be told to a live run of the ticket, if there is one. */
  outcome: 'start' | 'told' | 'not for us' | 'rejected';
  reason?: string;
  runbook?: string;
  requester?: Principal;
  inputs?: JsonObject;
  /** What live runs of this ticket would be told first. */
  live: { runbook: string; does: string }[];
  /** Triggers of the same system that do not fit, and why. */
  others: { runbook: string; why: string }[];
  notes: string[];
}

const hidden = '(sealed)';

export function foretell(
  system: TicketSystem,
  body: JsonObject,
  plans: Plan[],
  configuration: Configuration | undefined,
): Foretold {
  const reading = withPeopleKnown(system.read(body), configuration?.tickets ?? {});
  const notes =
    configuration && !configuration.tickets[system.name]?.webhookSecret
      ? [
          `countersign.yaml has no webhookSecret under tickets: ${system.name}:, so the gateway would believe nothing from there. See \`countersign trigger setup ${system.name}\`.`,
        ]
      : [];
  const common = { system: system.name, reading, live: [], others: [], notes };
  if ('notForUs' in reading)
    return { ...common, outcome: reading.unfit ? 'rejected' : 'not for us', reason: reading.notForUs };
  if (!('transition' in reading)) {
    const { change, became } = changeIn(reading);
    const live = toldOf(change, became, plans);
    const reason =
      became === 'deleted'
        ? 'it was deleted, and no runbook says `cancel: { deleted: true }`'
        : 'its status did not change, and no runbook follows these edits';
    return live.length > 0
      ? { ...common, live, outcome: 'told' }
      : { ...common, outcome: 'not for us', reason };
  }
  const { transition } = reading;
  const live = toldOf(transition, transition.to, plans);
  const decision = decide(transition, plans);
  if (decision.outcome !== 'start') {
    const others = plans.flatMap((plan) =>
      ticketTriggers(plan, system.name).flatMap((trigger) => {
        const why = misfit(trigger, transition);
        return why ? [{ runbook: plan.runbook, why }] : [];
      }),
    );
    const outcome = live.length > 0 && decision.outcome === 'not for us' ? 'told' : decision.outcome;
    return { ...common, live, others, outcome, reason: decision.reason };
  }
  const { plan } = decision.match;
  const { inputs, problems } = checkedInputs(plan, decision.inputs);
  const shown = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, plan.inputs[name]?.sensitive ? hidden : value]),
  );
  const start = { ...common, live, runbook: plan.runbook, requester: transition.requester, inputs: shown };
  if (problems.length === 0) return { ...start, outcome: 'start' };
  const reason = `${transition.ticket.key} cannot start ${plan.runbook}. ${problems.join(' ')}`;
  return { ...start, outcome: 'rejected', reason };
}

function toldOf(change: Change, became: Became | undefined, plans: Plan[]): Foretold['live'] {
  return plans.flatMap((plan) => {
    const triggers = ticketTriggers(plan, change.system);
    if (triggers.some((trigger) => cancels(trigger, became)))
      return [{ runbook: plan.runbook, does: 'would be aborted' }];
    const mapping = Object.assign({}, ...triggers.map((trigger) => followed(trigger, change)));
    if (Object.keys(mapping).length === 0) return [];
    const { inputs } = mapInputs(mapping, change.payload);
    const values = Object.entries(inputs).map(
      ([name, value]) => `${name}: ${plan.inputs[name]?.sensitive ? hidden : JSON.stringify(value)}`,
    );
    return [{ runbook: plan.runbook, does: `would be amended (${values.join(', ')})` }];
  });
}

export function foretoldText(foretold: Foretold): string {
  const { reading, outcome, reason, runbook, requester, inputs = {}, live, others, notes } = foretold;
  const names = Object.keys(inputs);
  const width = Math.max(0, ...names.map((name) => name.length));
  return [
    readingText(reading),
    ...live.map((each) => `A live run of ${each.runbook} that this ticket started ${each.does}.`),
    ...(outcome === 'start' && requester
      ? [`It would start ${runbook}, asked for by ${person(requester)}${names.length > 0 ? ', with' : ''}`]
      : []),
    ...(outcome === 'rejected' ? [`It would be rejected: ${reason}`] : []),
    ...(outcome === 'not for us' && !('notForUs' in reading) ? [`It would start nothing: ${reason}.`] : []),
    ...names.map((name) => `  ${name.padEnd(width)}  ${JSON.stringify(inputs[name])}`),
    ...others.map((each) => `  ${each.runbook}: ${each.why}`),
    ...notes,
  ].join('\n');
}
