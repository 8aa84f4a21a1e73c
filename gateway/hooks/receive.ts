/**
 * From a believed delivery to a run: kept first, matched against the triggers, started once. Whatever becomes of it is
 * written down with its reason, also what is not believed.
 */

import { createHash } from 'node:crypto';
import type { StartedRun } from '../../activities/kit/begin-run.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject } from '../../plan/plan.ts';
import type { Delivery, LaterChange, Outcome } from '../../store/deliveries.ts';
import type { Store } from '../../store/store.ts';
import { decide, type Match } from '../../tickets/match.ts';
import { withPeopleKnown } from '../../tickets/people-known.ts';
import { ticketSystem } from '../../tickets/systems.ts';
import {
  type Became,
  type Change,
  changeIn,
  isSameTicket,
  parseBody,
  type RawDelivery,
  type Reading,
  type TicketSystem,
  type Transition,
} from '../../tickets/ticket-system.ts';
import type { Principal } from '../../workflows/messages.ts';
import { mustOwn } from '../operators.ts';
import { Problem } from '../problem.ts';
import type { Library } from '../runbooks.ts';
import type { RunStarter } from '../start-run.ts';
import type { LiveRuns, ToldRun } from './live-runs.ts';
import { lateBy, lateStart, lateWords, placeOf, Turns } from './order.ts';
import { tellRejected } from './rejected-notices.ts';

export interface Received {
  outcome: Outcome;
  reason?: string;
  run?: string;
  /** Of one that is kept and not handled yet: under which id it is found. */
  delivery?: string;
}

/** A delivery that is kept, and whose handling asks Temporal. */
export interface Kept {
  delivery: Delivery;
  reading: Reading;
  /** Starts a run, or tells those that are live. */
  does: 'start' | 'tell';
}

/**
 * Ends that stand: the sender's next try of the same delivery gets the same answer, and so does whoever captured it. A person has one
 * that was rejected handled again.
 */
const settled = new Set<Outcome>(['started', 'told', 'already', 'not for us', 'late', 'rejected']);

/** Ends after which handling a delivery again could only do its work a second time. */
const done = new Set<Outcome>(['started', 'told', 'already']);

const noObject = 'The body is not a JSON object, or one that is nested too deeply.';

export class Receiver {
  private readonly store: Store;
  private readonly starter: RunStarter;
  private readonly library: () => Library;
  private readonly live: LiveRuns;
  private readonly turns = new Turns();

  constructor(store: Store, starter: RunStarter, library: () => Library, live: LiveRuns) {
    this.store = store;
    this.starter = starter;
    this.library = library;
    this.live = live;
  }

  /** A delivery that is believed. What it says names it, since only that is signed: not what stands beside it in a header. */
  async receive(system: TicketSystem, raw: RawDelivery): Promise<Received> {
    const kept = await this.keep(system, raw);
    return 'outcome' in kept ? kept : this.settle(kept);
  }

  /** The first half of that: keeps it, and settles what asks Temporal nothing. */
  async keep(system: TicketSystem, raw: RawDelivery): Promise<Kept | Received> {
    const text = raw.body.toString('utf8');
    const body = parseBody(text);
    const reading = body && system.read(body);
    const key = changeKey(reading) ?? digestOf(raw.body);
    const delivery = await this.store.deliveries.receive(system.name, key, text, placeOf(reading));
    if (settled.has(delivery.outcome)) return repeated(delivery);
    if (!reading) return this.finish(delivery.id, { outcome: 'rejected', reason: noObject });
    const does = await this.does(reading);
    return does === 'nothing' ? this.inTurn(delivery, reading) : { delivery, reading, does };
  }

  /** The second half. Rejects while it cannot be handled. */
  settle({ delivery, reading }: Kept): Promise<Received> {
    return this.inTurn(delivery, reading);
  }

  /** What a delivery will ask of Temporal. */
  private async does(reading: Reading): Promise<Kept['does'] | 'nothing'> {
    if ('notForUs' in reading) return 'nothing';
    const known = withPeopleKnown(reading, this.library().configuration.tickets);
    if ('transition' in known && decide(known.transition, this.library().plans.values()).outcome === 'start')
      return 'start';
    const { change } = changeIn(reading);
    // One that comes before it in its ticket's turn may have a run to start first.
    if (this.turns.isTaken(`${change.system}:${change.ticket.id}`)) return 'tell';
    return (await this.live.anyOf(change)) ? 'tell' : 'nothing';
  }

  /** A delivery that was kept and not settled. Rejects while it cannot be handled. */
  async takeUp(id: string): Promise<Received> {
    const delivery = await this.store.deliveries.find(id);
    if (!delivery || delivery === 'ambiguous') throw new Error(`there is no delivery ${id}`);
    const body = parseBody(delivery.body);
    const reading = body && ticketSystem(delivery.system)?.read(body);
    if (!reading) return this.finish(id, { outcome: 'rejected', reason: noObject });
    const place = placeOf(reading);
    if (place) await this.store.deliveries.place(id, place);
    return this.inTurn(delivery, reading);
  }

  /**
   * One delivery of a ticket after another, the older ones by their own numbers first. Of one that was begun and not settled nobody
   * knows whether it acted: it is settled before an older one may act.
   */
  private inTurn(delivery: Delivery, reading: Reading): Promise<Received> {
    const { id, system } = delivery;
    const place = placeOf(reading);
    if (!place) return this.handle(id, reading);
    const { deliveries } = this.store;
    return this.turns.take(`${system}:${place.ticketId}`, async () => {
      const standing = await deliveries.standing(system, id, place.ticketId);
      if (standing.isAlone) return this.handleUnlessSettled(id, reading, standing.now);
      for (const begun of await deliveries.begun(system, place.ticketId)) {
        if (begun.id === id) return this.handle(id, reading);
        await this.handleOther(begun.id, system);
      }
      for (const older of await deliveries.unsettledBefore(system, id, place))
        await this.handleOther(older.id, system);
      return this.handleUnlessSettled(id, reading, await deliveries.outcomeOf(id));
    });
  }

  private async handleUnlessSettled(
    id: string,
    reading: Reading,
    now: Parameters<typeof repeated>[0] | undefined,
  ): Promise<Received> {
    return now && settled.has(now.outcome) ? repeated(now) : this.handle(id, reading);
  }

  /** What cannot be handled for a reason of its own holds nobody up; what is away now is away for the newer one too. */
  private async handleOther(id: string, system: string): Promise<void> {
    const reading = await this.readingOf(id, system);
    if (!reading) return;
    await this.handle(id, reading).catch((error: unknown) => {
      if (error instanceof Problem && error.status !== 503) return;
      throw error;
    });
  }

  /**
   * Handles a kept delivery again, such as one that no runbook wanted before a trigger was corrected. Only for whoever
   * operates the runbook that it is about. Throws a {@link Problem} when it must not be handled again.
   */
  async replay(delivery: Delivery & { body: string }, by: Principal): Promise<Received> {
    const { id, system: name, believed, outcome, reason, runId, emptiedAt } = delivery;
    if (!believed)
      throw new Problem(
        409,
        'Not believed',
        `This delivery was not believed when it came (${reason}), so nobody knows who sent it, and nothing is started from it. Correct that, and have ${name} send it again.`,
      );
    if (done.has(outcome))
      throw new Problem(
        409,
        'Done already',
        `This delivery did its work${runId ? `: the run ${runId}` : ''}. Start another run by hand.`,
      );
    if (emptiedAt !== undefined)
      throw new Problem(
        409,
        'Removed',
        `What this delivery said was removed at ${emptiedAt}, when the time for which it is kept was over. Move the ticket again, or start a run by hand.`,
      );
    const system = ticketSystem(name);
    const body = parseBody(delivery.body);
    if (!system || !body) throw new Problem(422, 'Not readable', system ? noObject : `${name} is not known.`);
    const reading = system.read(body);
    const place = placeOf(reading);
    const received = place
      ? await this.turns.take(`${name}:${place.ticketId}`, () => this.handle(id, reading, by))
      : await this.handle(id, reading, by);
    const { run, ...result } = received;
    await this.store.deliveries.addReplay(id, by.id, { ...result, ...defined({ runId: run || undefined }) });
    return received;
  }

  /** `operator` is who has it handled again; a delivery that comes by itself has none. */
  private async handle(id: string, read: Reading, operator?: Principal): Promise<Received> {
    const reading = withPeopleKnown(read, this.library().configuration.tickets);
    if ('notForUs' in reading)
      return this.finish(id, {
        outcome: reading.unfit ? 'rejected' : 'not for us',
        reason: reading.notForUs,
      });
    const { change, became } = changeIn(reading);
    // Whoever has it handled again has looked whether it is still so.
    const later = operator ? [] : await this.later(id, reading);
    const late = lateBy(later);
    const words = lateWords(change, became, late);
    await this.store.deliveries.begin(id);
    const renamed = words === undefined ? await this.live.rename(change) : [];
    const told = await this.live.tell(change, { later, ...defined({ became, operator }) });
    if (told.length > 0 && !this.startsAnother(reading, told))
      return this.finish(id, receivedBy(told, renamed), change.key);
    if (!('transition' in reading))
      return this.finish(id, words === undefined ? startsNothing(change, became, renamed) : lateOne(words));
    const { transition } = reading;
    const earlier = await this.store.deliveries.runOfTransition(transition.system, transition.key);
    if (earlier) {
      const reason = 'another delivery of the same transition started it';
      return this.finish(id, { outcome: 'already', run: earlier, reason }, transition.key);
    }
    const decision = decide(transition, this.library().plans.values());
    if (decision.outcome !== 'start')
      return this.finish(id, words === undefined ? decision : lateOne(words), transition.key);
    const tooLate = lateStart(transition, decision.match, later);
    if (tooLate !== undefined) return this.finish(id, lateOne(tooLate), transition.key);
    if (operator) mustOwn(operator, decision.match.plan.owner, decision.match.plan.runbook);
    const also = [...renamed, ...told].map(({ reason }) => reason).join('; ');
    const again = await this.toBeToldAgain(later);
    const started = await this.start(id, decision.match, decision.inputs, transition, also);
    for (const other of again) await this.handleOther(other, transition.system);
    return started;
  }

  private async later(id: string, reading: Reading): Promise<LaterChange[]> {
    const place = placeOf(reading);
    if (!place || 'notForUs' in reading) return [];
    return this.store.deliveries.later(changeIn(reading).change.system, id, place);
  }

  /**
   * A run that starts late is told what happened to its ticket meanwhile, the newest first: that is not settled before it was. For the
   * runs that were told of it before it is nothing new.
   */
  private async toBeToldAgain(later: readonly LaterChange[]): Promise<string[]> {
    const again = later.filter(
      ({ outcome, isEmptied }) => !isEmptied && ['not for us', 'told', 'late'].includes(outcome),
    );
    for (const { id } of again) {
      await this.store.deliveries.finish(id, { outcome: 'received' });
      await this.store.deliveries.begin(id);
    }
    return again.map(({ id }) => id).reverse();
  }

  private async readingOf(id: string, system: string): Promise<Reading | undefined> {
    const delivery = await this.store.deliveries.find(id);
    if (!delivery || delivery === 'ambiguous') return undefined;
    const body = parseBody(delivery.body);
    const reading = body && ticketSystem(system)?.read(body);
    return reading && withPeopleKnown(reading, this.library().configuration.tickets);
  }

  /** A move may change one run and start another one: not of a runbook that was just told, and not after an abort. */
  private startsAnother(reading: Reading, told: ToldRun[]): boolean {
    if (!('transition' in reading) || told.some(({ aborted, rejected }) => aborted || rejected)) return false;
    const decision = decide(reading.transition, this.library().plans.values());
    return (
      decision.outcome === 'start' && told.every(({ runbook }) => runbook !== decision.match.plan.runbook)
    );
  }

  private async start(
    id: string,
    { plan }: Match,
    inputs: JsonObject,
    transition: Transition,
    /** What other runs of the ticket were told. */
    also: string,
  ): Promise<Received> {
    try {
      const { runId, how } = await this.starter.start({
        plan,
        inputs,
        requester: transition.requester,
        ticket: transition.ticket,
        cause: { type: 'ticket', key: `${transition.system}:${transition.key}` },
      });
      if (how === 'another cause' && !(await this.isOfTicket(runId, transition))) {
        const taken = `${transition.ticket.key} asks for what run ${runId} is doing already for somebody else: "${plan.title}" runs once at a time for the same. Nothing was started. Start it again once that run has ended, or correct the ticket.`;
        return this.reject(id, taken, { plan, transition });
      }
      const { outcome, reason } = startOutcomes[how];
      const reasons = [reason, also].filter(Boolean).join('; ');
      return this.finish(
        id,
        { outcome, run: runId, ...defined({ reason: reasons || undefined }) },
        transition.key,
      );
    } catch (error) {
      // What does not fit is settled here; what is away now is the sender's to try again.
      if (!(error instanceof Problem) || error.status !== 422) throw error;
      const reason = `${transition.ticket.key} cannot start ${plan.runbook}. ${error.message}`;
      return this.reject(id, reason, { plan, transition });
    }
  }

  /** The same ticket may be moved again while its run goes on; another one that wants the same is another matter. */
  private async isOfTicket(runId: string, { ticket }: Transition): Promise<boolean> {
    const row = await this.store.runs.find(runId);
    // Not in the list yet: it was started this moment, by this ticket as far as anybody can tell.
    if (!row || row === 'ambiguous') return true;
    if (!row.ticket) return false;
    return isSameTicket(row.ticket, ticket);
  }

  private async reject(
    id: string,
    reason: string,
    about: { plan: Match['plan']; transition: Transition },
  ): Promise<Received> {
    const { configuration } = this.library();
    await tellRejected(id, reason, about, { outbox: this.store.outbox, roles: configuration.roles });
    return this.finish(id, { outcome: 'rejected', reason }, about.transition.key);
  }

  private async finish(id: string, received: Received, transitionKey?: string): Promise<Received> {
    await this.store.deliveries.finish(id, {
      outcome: received.outcome,
      ...defined({
        reason: received.reason || undefined,
        runId: received.run || undefined,
        transitionKey: transitionKey || undefined,
      }),
    });
    return received;
  }
}

const startOutcomes: Record<StartedRun['how'], Received> = {
  started: { outcome: 'started' },
  // Nobody heard that it had.
  'same cause': { outcome: 'started', reason: 'this transition started it before' },
  'another cause': { outcome: 'already', reason: 'a run for the same is live already; it goes on' },
};

/** Of an edit or a deletion of which no live run had to be told anything else. */
function startsNothing(
  { ticket }: Change,
  became: Became | undefined,
  renamed: readonly { run: string; reason: string }[],
): Received {
  const [first] = renamed;
  if (first) return { outcome: 'told', run: first.run, reason: reasonsOf(renamed) };
  const reason =
    became === 'deleted'
      ? `${ticket.key} was deleted, and no live run is to be cancelled by that`
      : `${ticket.key} did not change its status, and no live run is to follow its edits`;
  return { outcome: 'not for us', reason };
}

function reasonsOf(all: readonly { reason: string }[]): string {
  return [...new Set(all.map(({ reason }) => reason))].join('; ');
}

function receivedBy(told: ToldRun[], renamed: readonly { reason: string }[]): Received {
  const [first] = told;
  return {
    outcome: told.some(({ rejected }) => rejected) ? 'rejected' : 'told',
    ...defined({ run: first?.run }),
    reason: reasonsOf([...renamed, ...told]),
  };
}

function lateOne(reason: string): Received {
  return { outcome: 'late', reason };
}

function changeKey(reading: Reading | undefined): string | undefined {
  if (!reading || 'notForUs' in reading) return undefined;
  return changeIn(reading).change.key;
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function repeated(delivery: { outcome: Outcome; reason?: string; runId?: string }): Received {
  return {
    outcome: delivery.outcome === 'started' ? 'already' : delivery.outcome,
    ...defined({ run: delivery.runId || undefined }),
    reason: delivery.reason ?? 'this delivery was received before',
  };
}
