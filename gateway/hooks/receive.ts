/**
 * From a believed delivery to a run: kept first, matched against the triggers, started once. Whatever becomes of it is
 * written down with its reason.
 */
import type { JsonObject, Plan, TicketTrigger } from '../../compiler/plan.ts';
import type { Outcome } from '../../store/deliveries.ts';
import type { Store } from '../../store/store.ts';
import { bind, evaluateCondition } from '../../workflows/expressions.ts';
import { Problem } from '../problem.ts';
import type { Library } from '../runbooks.ts';
import { mapInputs, type RunStarter } from '../start-run.ts';
import type { StartedRun } from '../temporal.ts';
import { type Reading, readJiraDelivery, type Transition } from './jira.ts';
import type { LiveRuns } from './live-runs.ts';
import { same } from './same.ts';

export interface Received {
  outcome: Outcome;
  reason?: string;
  run?: string;
}

/** Ends that stand: the sender's next try of the same delivery gets the same answer. */
const settled = new Set<Outcome>(['started', 'told', 'already', 'not for us']);

export class Receiver {
  private readonly store: Store;
  private readonly starter: RunStarter;
  private readonly library: () => Library;
  private readonly live: LiveRuns;

  constructor(store: Store, starter: RunStarter, library: () => Library, live: LiveRuns) {
    this.store = store;
    this.starter = starter;
    this.library = library;
    this.live = live;
  }

  async jira(deliveryKey: string, raw: string): Promise<Received> {
    const delivery = await this.store.deliveries.receive('jira', deliveryKey, raw);
    if (settled.has(delivery.outcome)) return repeated(delivery);
    const body = parse(raw);
    if (!body) {
      return this.finish(delivery.id, { outcome: 'rejected', reason: 'The body is not a JSON object.' });
    }
    return this.handle(delivery.id, readJiraDelivery(body));
  }

  private async handle(id: string, reading: Reading): Promise<Received> {
    if ('notForUs' in reading) return this.finish(id, { outcome: 'not for us', reason: reading.notForUs });
    const change = 'edit' in reading ? reading.edit : reading.transition;
    const { system, key, ticket, payload, by, changed } = change;
    const to = 'edit' in reading ? {} : { to: reading.transition.to };
    const told = await this.live.tell({ system, key, ticketKey: ticket.key, payload, by, changed, ...to });
    if (told) {
      const outcome = told.rejected ? 'rejected' : 'told';
      return this.finish(id, { outcome, run: told.run, reason: told.reason }, key);
    }
    if ('edit' in reading)
      return this.finish(id, {
        outcome: 'not for us',
        reason: `${ticket.key} did not change its status, and no live run is to follow its edits`,
      });
    const { transition } = reading;
    const earlier = await this.store.deliveries.runOfTransition(transition.system, transition.key);
    if (earlier) {
      const reason = 'another delivery of the same transition started it';
      return this.finish(id, { outcome: 'already', run: earlier, reason }, transition.key);
    }
    const matches = this.matching(transition);
    const [match, ...others] = matches;
    if (!match)
      return this.finish(id, { outcome: 'not for us', reason: this.whyNot(transition) }, transition.key);
    if (others.length > 0) {
      const names = matches.map(({ plan }) => plan.runbook).join(', ');
      const reason = `Several runbooks want this transition: ${names}. Make their triggers differ.`;
      return this.finish(id, { outcome: 'rejected', reason }, transition.key);
    }
    return this.start(id, match, transition);
  }

  private async start(id: string, match: Match, transition: Transition): Promise<Received> {
    const { plan, trigger } = match;
    const { inputs, problems } = mapInputs(trigger.inputs, transition.payload);
    if (problems.length > 0) {
      const reason = `${transition.ticket.key} cannot start ${plan.runbook}. ${problems.join(' ')}`;
      return this.finish(id, { outcome: 'rejected', reason }, transition.key);
    }
    try {
      const { runId, how } = await this.starter.start({
        plan,
        inputs,
        requester: transition.requester,
        ticket: transition.ticket,
        cause: { type: 'ticket', key: `${transition.system}:${transition.key}` },
      });
      return this.finish(id, { ...startOutcomes[how], run: runId }, transition.key);
    } catch (error) {
      // What does not fit is settled here; what is away now is the sender's to try again.
      if (!(error instanceof Problem) || error.status !== 422) throw error;
      const reason = `${transition.ticket.key} cannot start ${plan.runbook}. ${error.message}`;
      return this.finish(id, { outcome: 'rejected', reason }, transition.key);
    }
  }

  private matching(transition: Transition): Match[] {
    const matches: Match[] = [];
    for (const plan of this.library().plans.values()) {
      const trigger = plan.triggers.find(
        (each): each is TicketTrigger => each.type === 'ticket' && fits(each, transition),
      );
      if (trigger) matches.push({ plan, trigger });
    }
    return matches;
  }

  private whyNot({ ticket, project, type, from, to }: Transition): string {
    const what = type ? `${type} of project ${project}` : `project ${project}`;
    return `no runbook is triggered by ${ticket.key} (${what}) moving from ${from || 'an unknown status'} to ${to}`;
  }

  private async finish(id: string, received: Received, transitionKey?: string): Promise<Received> {
    await this.store.deliveries.finish(id, {
      outcome: received.outcome,
      ...(received.reason ? { reason: received.reason } : {}),
      ...(received.run ? { runId: received.run } : {}),
      ...(transitionKey ? { transitionKey } : {}),
    });
    return received;
  }
}

const startOutcomes: Record<StartedRun['how'], Received> = {
  started: { outcome: 'started' },
  'same cause': { outcome: 'already', reason: 'this transition started it before' },
  'another cause': { outcome: 'already', reason: 'a run for the same is live already; it goes on' },
};

interface Match {
  plan: Plan;
  trigger: TicketTrigger;
}

function fits(trigger: TicketTrigger, transition: Transition): boolean {
  if (trigger.system !== transition.system || !same(trigger.to, transition.to)) return false;
  if (trigger.from !== undefined && !same(trigger.from, transition.from)) return false;
  if (trigger.project !== undefined && !same(trigger.project, transition.project)) return false;
  if (trigger.ticketType !== undefined && !same(trigger.ticketType, transition.type)) return false;
  if (trigger.if === undefined) return true;
  try {
    return evaluateCondition(trigger.if, { ticket: bind(transition.payload) });
  } catch {
    // A condition over fields that this ticket does not have is a condition that does not hold.
    return false;
  }
}

function repeated(delivery: { outcome: Outcome; reason?: string; runId?: string }): Received {
  return {
    outcome: delivery.outcome === 'started' ? 'already' : delivery.outcome,
    ...(delivery.runId ? { run: delivery.runId } : {}),
    reason: delivery.reason ?? 'this delivery was received before',
  };
}

function parse(raw: string): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(raw);
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
