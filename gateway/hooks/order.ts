/**
 * Deliveries may come in another order than what they tell of happened. By the system's own numbers it is known what of a ticket is
 * newer: an older change acts on nothing that a newer one has acted on.
 */

import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import type { DeliveryPlace, LaterChange } from '../../store/deliveries.ts';
import { cancels, inWords, type Match, ticketTriggers } from '../../tickets/match.ts';
import {
  type Became,
  type Change,
  changeIn,
  type Reading,
  same,
  type Transition,
} from '../../tickets/ticket-system.ts';

export function placeOf(reading: Reading | undefined): DeliveryPlace | undefined {
  if (!reading || 'notForUs' in reading) return undefined;
  const { change, became } = changeIn(reading);
  return {
    ticketId: change.ticket.id,
    changed: change.changed,
    ...defined({ ...change.order, became: became as Json | undefined }),
  };
}

/** Of these a newer change was acted on: fields, or all of them where a run was started since; and the status. */
export interface Late {
  fields: 'all' | string[];
  status: boolean;
}

/** For any run of the ticket. */
export function lateBy(later: readonly LaterChange[]): Late {
  return lateWhere(later, () => true);
}

/** For one of its runs: what started another one changed nothing of this. */
export function lateFor(run: string, later: readonly LaterChange[]): Late {
  return lateWhere(later, ({ runId }) => runId === run);
}

function lateWhere(later: readonly LaterChange[], startedIt: (change: LaterChange) => boolean): Late {
  const started = later.filter((change) => change.outcome === 'started' && startedIt(change));
  const acted = [...started, ...later.filter(({ outcome }) => outcome === 'told')];
  return {
    fields: started.length > 0 ? 'all' : [...new Set(acted.flatMap(({ changed }) => changed))],
    status: acted.some(({ became }) => became !== undefined),
  };
}

/** What of the change is late, in words; undefined where nothing is. */
export function lateWords(
  { changed, ticket }: Change,
  became: Became | undefined,
  late: Late,
): string | undefined {
  if (became !== undefined && became !== 'deleted' && late.status)
    return `it came late: ${ticket.key} has moved again since, and that was acted on`;
  const fields = changed.filter((field) => late.fields === 'all' || late.fields.includes(field));
  if (fields.length === 0) return undefined;
  return `it came late: a newer state of ${fields.join(', ')} of ${ticket.key} was acted on before`;
}

/**
 * Why a start that comes late starts nothing. One whose ticket is still there, or of which nothing newer was acted on, starts: it must
 * not be lost.
 */
export function lateStart(
  { ticket, to, system }: Transition,
  { plan }: Match,
  later: readonly LaterChange[],
): string | undefined {
  const moves = later.flatMap(({ became }) => (became === undefined ? [] : [became as unknown as Became]));
  const triggers = ticketTriggers(plan, system);
  const cancelled = moves.find((became) => triggers.some((trigger) => cancels(trigger, became)));
  const newest = moves.at(-1);
  const since = (became: Became) =>
    became === 'deleted' ? 'was deleted since' : `has moved to ${inWords(became)} since`;
  if (cancelled !== undefined)
    return `it came late: ${ticket.key} ${since(cancelled)}, so nothing is started`;
  const again = later.some(
    ({ outcome, became }) =>
      outcome === 'started' && isSame(became as unknown as Became | undefined, to.label),
  );
  if (again)
    return `it came late: ${ticket.key} has moved to ${inWords(to)} again since, and that started a run, so nothing more is started`;
  if (newest === undefined || newest === 'deleted' || isSame(newest, to.label) || !lateBy(later).status)
    return undefined;
  return `it came late: ${ticket.key} ${since(newest)}, and that was acted on, so nothing is started`;
}

function isSame(became: Became | undefined, label: string): boolean {
  return became !== undefined && became !== 'deleted' && same(became.label, label);
}

/** One after another for each ticket: of two changes at once the second sees what became of the first. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Whether something of it is under way, or waits its turn. */
  isTaken(of: string): boolean {
    return this.last.has(of);
  }

  take<T>(of: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(of) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.last.set(of, mine);
    const over = () => {
      if (this.last.get(of) === mine) this.last.delete(of);
    };
    mine.then(over, over);
    return mine;
  }
}
