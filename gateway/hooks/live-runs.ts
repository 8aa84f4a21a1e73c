/** What a ticket's later changes mean for the run that it started: a status or its deletion cancels it, an edit amends it. */

import { checkedAmendment } from '../../activities/engine/command-checks.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { defined } from '../../plan/defined.ts';
import type { Json, JsonObject, Plan, TicketTrigger } from '../../plan/plan.ts';
import type { LaterChange } from '../../store/deliveries.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Store } from '../../store/store.ts';
import { cancels, followed, mapInputs, ticketTriggers } from '../../tickets/match.ts';
import type { Became, Change } from '../../tickets/ticket-system.ts';
import type { Seal } from '../../vault/seal.ts';
import { type Principal, updates } from '../../workflows/messages.ts';
import { mustOwn } from '../operators.ts';
import { Problem } from '../problem.ts';
import type { RunService } from '../temporal.ts';
import { type Late, lateFor } from './order.ts';

export interface ToldRun {
  run: string;
  /** What the run was told, or why not. */
  reason: string;
  rejected?: true;
  runbook: string;
  aborted?: true;
}

type Told = Omit<ToldRun, 'runbook'>;

interface Concerned {
  row: RunRow;
  plan: Plan;
  triggers: TicketTrigger[];
  /** What the ticket became, where that is no older than what was acted on in this run. */
  became?: Became;
  /** Fields of which something newer was acted on in this run. */
  late: Late['fields'];
}

export class LiveRuns {
  private readonly store: Store;
  private readonly runs: Pick<RunService, 'view' | 'update'>;
  private readonly seal: Seal;

  constructor(store: Store, runs: Pick<RunService, 'view' | 'update'>, seal: Seal) {
    this.store = store;
    this.runs = runs;
    this.seal = seal;
  }

  /** Whether the ticket has a live run. */
  async anyOf({ ticket }: Change): Promise<boolean> {
    return (await this.store.runs.liveOfTicket(ticket)).length > 0;
  }

  /** Shows the ticket's live runs under the key that it has now, and says so of those that were shown under another. */
  async rename({ ticket }: Change): Promise<{ run: string; reason: string }[]> {
    const renamed = await this.store.runs.renameTicket(ticket);
    return renamed.map(({ run, was }) => ({
      run,
      reason: `${was} is called ${ticket.key} now`,
    }));
  }

  /**
   * Tells every live run of the ticket that has anything to do with it. `became` is the status that the ticket moved to, or that it
   * is gone, if either; `later` are the newer changes that are known; `operator` is who has the change handled again.
   */
  async tell(
    change: Change,
    {
      became,
      later = [],
      operator,
    }: { became?: Became; later?: readonly LaterChange[]; operator?: Principal },
  ): Promise<ToldRun[]> {
    const concerned = await this.concerned(change, became, later);
    // Before any is told: a change is handled again for all of them, or not at all.
    if (operator) for (const { row } of concerned) mustOwn(operator, row.owner, row.runbook);
    const all: ToldRun[] = [];
    for (const { row, triggers, ...known } of concerned) {
      for (const trigger of triggers) {
        const told =
          known.became !== undefined && cancels(trigger, known.became)
            ? await this.abort(row, change, known.became)
            : await this.amended(row, change, { ...known, trigger });
        if (!told) continue;
        all.push({ ...told, runbook: row.runbook });
        break;
      }
    }
    return all;
  }

  /** The live runs with the triggers of their runbook that follow this change, as far as nothing newer was acted on in them. */
  private async concerned(change: Change, status: Became | undefined, later: readonly LaterChange[]) {
    const found: Concerned[] = [];
    for (const row of await this.store.runs.liveOfTicket(change.ticket)) {
      // The plan it runs, which may be older than the runbook is now.
      const plan = row.planHash ? await this.store.runs.plan(row.planHash) : undefined;
      if (!plan) continue;
      const late = lateFor(row.id, later);
      const became = late.status && status !== 'deleted' ? undefined : status;
      const triggers = ticketTriggers(plan, change.system).filter(
        (trigger) =>
          cancels(trigger, became) ||
          (became !== 'deleted' && Object.keys(followed(trigger, change, late.fields)).length > 0),
      );
      if (triggers.length > 0) found.push({ row, plan, triggers, late: late.fields, ...defined({ became }) });
    }
    return found;
  }

  private async abort(row: RunRow, { ticket, by, key }: Change, became: Became): Promise<Told | undefined> {
    const comment = `${ticket.key} ${became === 'deleted' ? 'was deleted' : `moved to ${became.label}`}`;
    const command = { principal: by, comment, ticket: true };
    const done = await this.send(row, updates.abort, command, `${key}:abort`);
    return done ? { run: row.id, reason: `${comment}, which aborts its run`, aborted: true } : undefined;
  }

  private async amended(
    row: RunRow,
    change: Change,
    { plan, trigger, late }: Pick<Concerned, 'plan' | 'late'> & { trigger: TicketTrigger },
  ): Promise<Told | undefined> {
    const { by, payload, key, ticket } = change;
    const mapping = followed(trigger, change, late);
    const { inputs: mapped, problems: unmapped } = mapInputs(mapping, payload);
    const { inputs: current } = await this.runs.view(row.workflowId, row.id);
    const changed: JsonObject = {};
    for (const [name, value] of Object.entries(mapped))
      if (canonicalJson(value) !== canonicalJson(this.opened(current[name]))) changed[name] = value;
    const what = Object.keys(changed).join(', ');
    // It is in force all the same: an older edit that comes late must not take its place.
    if (unmapped.length === 0 && !what)
      return { run: row.id, reason: `${ticket.key} was edited: its run has that already` };
    const { value, problems } = checkedAmendment(plan, changed, this.seal, current);
    const wrong = [...unmapped, ...problems];
    if (wrong.length > 0)
      return {
        run: row.id,
        reason: `${ticket.key} cannot change its run. ${wrong.join(' ')}`,
        rejected: true,
      };
    const comment = `${ticket.key} was edited`;
    const command = { principal: by, inputs: value, comment, ticket: true };
    const done = await this.send(row, updates.amend, command, `${key}:amend`);
    return done ? { run: row.id, reason: `${comment}: its run goes on with another ${what}` } : undefined;
  }

  private opened(value: Json | undefined): Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? null;
    return typeof value.$sealed === 'string' ? this.seal.open(value.$sealed) : value;
  }

  /** False when the run has ended meanwhile. The id makes a repeated delivery count once. */
  private async send(row: RunRow, update: string, command: object, id: string): Promise<boolean> {
    try {
      await this.runs.update(row.workflowId, row.id, update, command, id);
      return true;
    } catch (error) {
      if (error instanceof Problem && [404, 409, 410].includes(error.status)) return false;
      throw error;
    }
  }
}
