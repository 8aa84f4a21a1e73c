/** What the gateway keeps of deliveries and runs, in memory: as `store/` says it, without a database. */
import { defined } from '../../../plan/defined.ts';
import type { Plan } from '../../../plan/plan.ts';
import type { DeliveryPlace, LaterChange, Outcome, Result } from '../../../store/deliveries.ts';
import type { Store } from '../../../store/store.ts';
import type { Ticket } from '../../../workflows/messages.ts';

interface Kept extends Result {
  id: string;
  system: string;
  deliveryKey: string;
  body: string;
  believed: true;
  attempts: number;
  begun: boolean;
  place?: DeliveryPlace;
}

export interface KeptRun {
  id: string;
  workflowId: string;
  runbook: string;
  owner: string;
  planHash: string;
  ticket: Ticket;
  live(): boolean;
}

export class KeptDeliveries {
  readonly all: Kept[] = [];
  readonly runs: KeptRun[] = [];
  private readonly plans: ReadonlyMap<string, Plan>;

  constructor(plans: readonly Plan[]) {
    this.plans = new Map(plans.map((plan) => [plan.hash, plan]));
  }

  asStore(): Store {
    const { deliveries, listed } = this;
    return { deliveries, runs: listed, outbox: { put: async () => {} } } as unknown as Store;
  }

  private readonly deliveries = {
    receive: async (system: string, deliveryKey: string, body: string, place?: DeliveryPlace) => {
      const seen =
        this.all.find(({ transitionKey }) => transitionKey === deliveryKey) ??
        this.all.find((each) => each.deliveryKey === deliveryKey);
      if (seen) {
        seen.attempts += 1;
        return { ...seen };
      }
      const id = String(this.all.length + 1);
      const kept: Kept = {
        id,
        system,
        deliveryKey,
        body,
        believed: true,
        attempts: 1,
        begun: false,
        outcome: 'received',
        ...defined({ place }),
      };
      this.all.push(kept);
      return { ...kept };
    },
    find: async (id: string) => this.of(id),
    place: async () => {},
    outcomeOf: async (id: string) => this.of(id),
    later: async (_: string, id: string, place: DeliveryPlace): Promise<LaterChange[]> =>
      this.ordered(id, place, 1).map((each) => ({
        id: each.id,
        outcome: each.outcome,
        changed: each.place?.changed ?? [],
        isEmptied: false,
        ...defined({ became: each.place?.became, runId: each.runId }),
      })),
    unsettledBefore: async (_: string, id: string, place: DeliveryPlace) =>
      this.ordered(id, place, -1).filter(({ outcome }) => outcome === 'received'),
    standing: async (_: string, id: string, ticketId: string) => ({
      isAlone: !this.all.some(
        (each) => each.id !== id && each.place?.ticketId === ticketId && each.outcome === 'received',
      ),
      now: this.of(id),
    }),
    begin: async (id: string) => {
      const kept = this.of(id);
      if (kept) kept.begun = true;
    },
    begun: async (_: string, ticketId: string) =>
      this.all
        .filter(
          ({ outcome, begun, place }) => outcome === 'received' && begun && place?.ticketId === ticketId,
        )
        .sort((a, b) => numberOf(b) - numberOf(a)),
    unsettled: async () =>
      this.all
        .filter(({ outcome }) => outcome === 'received')
        .sort(
          (a, b) =>
            (a.place?.ticketId ?? '').localeCompare(b.place?.ticketId ?? '') || numberOf(a) - numberOf(b),
        ),
    runOfTransition: async (_: string, key: string) =>
      this.all.find(({ transitionKey, runId }) => transitionKey === key && runId !== undefined)?.runId,
    finish: async (id: string, result: Result) => {
      const kept = this.of(id);
      const { transitionKey = kept?.transitionKey } = result;
      if (kept)
        Object.assign(kept, { reason: undefined, runId: undefined, begun: false }, result, { transitionKey });
    },
  };

  private readonly listed = {
    renameTicket: async () => [],
    liveOfTicket: async ({ id }: Ticket) => this.runs.filter((run) => run.ticket.id === id && run.live()),
    plan: async (hash: string) => this.plans.get(hash),
    find: async (id: string) => this.runs.find((run) => run.id === id),
  };

  private of(id: string): Kept | undefined {
    return this.all.find((each) => each.id === id);
  }

  /** Of the same ticket, those with a greater (1) or a lesser (-1) number, the oldest first. */
  private ordered(id: string, { ticketId, number = 0 }: DeliveryPlace, way: 1 | -1): Kept[] {
    return this.all
      .filter((each) => each.id !== id && each.place?.ticketId === ticketId)
      .filter((each) => (numberOf(each) - number) * way > 0)
      .sort((a, b) => numberOf(a) - numberOf(b));
  }
}

function numberOf({ place }: { place?: DeliveryPlace }): number {
  return place?.number ?? 0;
}

export function isSettled(outcome: Outcome): boolean {
  return outcome !== 'received';
}
