/** What a ticket's later changes mean for the run that it started: a status that cancels it, an edit that amends it. */
import type { Seal } from '../../activities/kit/seal.ts';
import { canonicalJson } from '../../compiler/canonical-json.ts';
import type { Json, JsonObject, Plan, Template, TicketTrigger } from '../../compiler/plan.ts';
import type { RunRow } from '../../store/runs.ts';
import type { Store } from '../../store/store.ts';
import { checkedAmendment } from '../../worker/command-checks.ts';
import { type Principal, updates } from '../../workflows/messages.ts';
import { Problem } from '../problem.ts';
import { mapInputs } from '../start-run.ts';
import type { RunService } from '../temporal.ts';
import { same } from './same.ts';

export interface TicketChange {
  system: string;
  /** Of the ticket. */
  ticketKey: string;
  /** The status it moved to, if it moved. */
  to?: string;
  by: Principal;
  /** Ids of the fields that changed: only inputs that come from one of these follow the ticket. */
  changed: string[];
  payload: JsonObject;
  /** The same for every report of this change. */
  key: string;
}

export interface ToldRun {
  run: string;
  /** What the run was told, or why not. */
  reason: string;
  rejected?: true;
}

export class LiveRuns {
  private readonly store: Store;
  private readonly runs: RunService;
  private readonly seal: Seal;

  constructor(store: Store, runs: RunService, seal: Seal) {
    this.store = store;
    this.runs = runs;
    this.seal = seal;
  }

  /** Undefined when no live run has anything to do with it. */
  async tell(change: TicketChange): Promise<ToldRun | undefined> {
    for (const row of await this.store.runs.liveOfTicket(change.system, change.ticketKey)) {
      // The plan it runs, which may be older than the runbook is now.
      const plan = row.planHash ? await this.store.runs.plan(row.planHash) : undefined;
      const trigger = plan?.triggers.find(
        (each): each is TicketTrigger => each.type === 'ticket' && each.system === change.system,
      );
      if (!plan || !trigger) continue;
      const told =
        (await this.cancelled(row, trigger, change)) ?? (await this.amended(row, plan, trigger, change));
      if (told) return told;
    }
    return undefined;
  }

  private async cancelled(
    row: RunRow,
    trigger: TicketTrigger,
    { to, by, ticketKey, key }: TicketChange,
  ): Promise<ToldRun | undefined> {
    if (to === undefined || !trigger.cancel?.to.some((status) => same(status, to))) return undefined;
    const comment = `${ticketKey} moved to ${to}`;
    const done = await this.send(
      row,
      updates.abort,
      { principal: by, comment, ticket: true },
      `${key}:abort`,
    );
    return done ? { run: row.id, reason: `${comment}, which aborts its run` } : undefined;
  }

  private async amended(
    row: RunRow,
    plan: Plan,
    trigger: TicketTrigger,
    { by, payload, ticketKey, key, changed: fields }: TicketChange,
  ): Promise<ToldRun | undefined> {
    const follows = ([name, template]: [string, Template]) =>
      trigger.amend?.includes(name) && fieldsOf(template).some((field) => fields.includes(field));
    const mapping = Object.fromEntries(Object.entries(trigger.inputs).filter(follows));
    if (Object.keys(mapping).length === 0) return undefined;
    const { inputs: mapped, problems: unmapped } = mapInputs(mapping, payload);
    const { inputs: current } = await this.runs.view(row.workflowId, row.id);
    const changed: JsonObject = {};
    for (const [name, value] of Object.entries(mapped))
      if (canonicalJson(value) !== canonicalJson(this.opened(current[name]))) changed[name] = value;
    const what = Object.keys(changed).join(', ');
    if (unmapped.length === 0 && !what) return undefined;
    const { value, problems } = checkedAmendment(plan, changed, this.seal);
    const wrong = [...unmapped, ...problems];
    if (wrong.length > 0)
      return {
        run: row.id,
        reason: `${ticketKey} cannot change its run. ${wrong.join(' ')}`,
        rejected: true,
      };
    const comment = `${ticketKey} was edited`;
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

/** The fields of the ticket that a mapping reads. */
function fieldsOf(template: Template): string[] {
  return [...JSON.stringify(template).matchAll(/ticket\.fields\.([A-Za-z_]\w*)/g)].map(
    ([, field = '']) => field,
  );
}
