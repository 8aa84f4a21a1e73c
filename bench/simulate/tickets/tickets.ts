/**
 * Two tickets beside a simulated history: of its run, and of a runbook that begins with a ticket. What is told of them comes late, in
 * another order, twice, or while the engine cannot be reached; the gateway's own receiver takes it.
 */
import { LiveRuns } from '../../../gateway/hooks/live-runs.ts';
import { Receiver } from '../../../gateway/hooks/receive.ts';
import { Unsettled } from '../../../gateway/hooks/unsettled.ts';
import { away, Problem } from '../../../gateway/problem.ts';
import type { Library } from '../../../gateway/runbooks.ts';
import type { RunStarter } from '../../../gateway/start-run.ts';
import type { RunService } from '../../../gateway/temporal.ts';
import type { JsonObject, Plan, TicketTrigger } from '../../../plan/plan.ts';
import { PLAN_FORMAT } from '../../../plan/plan.ts';
import { Dice } from '../../../rehearsal/simulator/dice.ts';
import { minute } from '../../../rehearsal/simulator/directory.ts';
import type { Outside, Surroundings } from '../../../rehearsal/simulator/outside.ts';
import { ticketSystem } from '../../../tickets/systems.ts';
import { Seal } from '../../../vault/seal.ts';
import type { Ticket, UpdateName } from '../../../workflows/messages.ts';
import { field, type IssueChange, SimulatedIssue } from './jira-issue.ts';
import { isSettled, KeptDeliveries } from './kept.ts';

/** How many histories have tickets. */
const share = 0.3;
const cancelled = 'Cancelled';
const approved = 'Approved';
const seal = new Seal({ current: 'k', keys: { k: Buffer.alloc(32, 1) } });

const issues = issueSystem();

export function ticketsBy(seed: number): Outside | undefined {
  const dice = new Dice(seed ^ 0x2545f491);
  return dice.chance(share) ? new Tickets(dice) : undefined;
}

/** One that a ticket began: what was told to it is what is in force in it. */
interface TicketRun {
  id: string;
  inputs: JsonObject;
  live: boolean;
}

class Tickets implements Outside {
  readonly did: string[] = [];
  readonly begunWith: { ticket: Ticket };
  private readonly dice: Dice;
  private readonly kept = new KeptDeliveries([ofTheRun, ofATicket]);
  private readonly own: SimulatedIssue;
  private readonly other: SimulatedIssue;
  private readonly receiver: Receiver;
  private readonly unsettled: Unsettled;
  private readonly begun: TicketRun[] = [];
  /** Ids of what was sent to runs: sent again it is nothing new. */
  private readonly sent = new Map<string, boolean>();
  /** What the run took of the tickets's edits, by their numbers, in its order. */
  private readonly taken: number[] = [];
  private readonly broken: string[] = [];
  private readonly waiting: IssueChange[] = [];
  private surroundings: Surroundings | undefined;
  private calm = false;

  constructor(dice: Dice) {
    this.dice = dice;
    let count = 0;
    const next = () => {
      count += 1;
      return count;
    };
    this.own = new SimulatedIssue('1', next);
    this.other = new SimulatedIssue('2', next);
    this.begunWith = { ticket: ticketOf(this.own) };
    const store = this.kept.asStore();
    const runs = this.runs();
    const library = () =>
      ({
        plans: new Map([[ofATicket.runbook, ofATicket]]),
        configuration: { tickets: {}, roles: {} },
      }) as unknown as Library;
    this.receiver = new Receiver(store, this.starter(), library, new LiveRuns(store, runs, seal));
    this.unsettled = new Unsettled({ store, receiver: this.receiver, quietMs: 0, log: () => {} });
  }

  begin(surroundings: Surroundings): void {
    const { dice } = this;
    this.surroundings = surroundings;
    const { clock } = surroundings;
    this.kept.runs.push({
      ...rowOf(ofTheRun, 'run', this.begunWith.ticket),
      live: () => surroundings.run().state.endedAt === undefined,
    });
    let at = 0;
    for (let left = dice.whole(3, 9); left > 0; left -= 1) {
      at += dice.chance(0.3) ? 0 : dice.whole(1, 300) * minute;
      clock.personally(at, () => this.somethingChanges());
    }
    for (let look = 1; look <= 20; look += 1)
      clock.personally(look * 90 * minute, () => void clock.outside(() => this.unsettled.look()));
  }

  async end(): Promise<string[]> {
    this.calm = true;
    while (this.waiting.length > 0) await this.deliver(this.dice.pick(this.waiting));
    await this.unsettled.look();
    this.checkEnd();
    return this.broken;
  }

  private checkEnd(): void {
    const { broken } = this;
    for (const { id, outcome, deliveryKey } of this.kept.all)
      if (!isSettled(outcome)) broken.push(`delivery ${id} (${deliveryKey}) is still ${outcome}`);
    const { status, start } = this.other.now();
    const live = this.begun.filter((run) => run.live);
    for (const { id, inputs } of live) {
      if (status === cancelled) broken.push(`${id} goes on, and its ticket was cancelled`);
      else if (inputs.start !== start)
        broken.push(`${id} goes on with ${JSON.stringify(inputs.start)}, and its ticket says ${start}`);
    }
    if (status === approved && live.length === 0) broken.push('a ticket was approved, and nothing goes on');
    for (const [index, number] of this.taken.entries())
      if (this.taken.slice(0, index).some((before) => before > number))
        broken.push(`edit ${number} of the run's ticket came late, and was taken all the same`);
  }

  private somethingChanges(): void {
    const { dice } = this;
    const issue = dice.chance(0.5) ? this.own : this.other;
    const isFirst = issue === this.other && issue.changes.length === 0;
    const moves = isFirst || dice.chance(0.4);
    const change = issue.change({
      ...(moves ? { to: this.nextStatus(issue, isFirst) } : {}),
      edited: !moves || dice.chance(0.3),
    });
    this.waiting.push(change);
    const { clock } = this.around;
    for (let times = dice.chance(0.2) ? 2 : 1; times > 0; times -= 1) {
      const late = dice.chance(0.5) ? 0 : dice.whole(1, 900) * minute;
      clock.personally(late, () => void clock.outside(() => this.deliver(change)));
    }
  }

  private nextStatus(issue: SimulatedIssue, isFirst: boolean): string {
    if (isFirst) return approved;
    const all =
      issue === this.own ? ['In progress', 'Done', cancelled] : [approved, 'In progress', cancelled];
    return this.dice.pick(all.filter((status) => status !== issue.now().status));
  }

  /** By a gateway that cannot always reach the engine: then it is sent no more, and was kept. */
  private async deliver(change: IssueChange): Promise<void> {
    const index = this.waiting.indexOf(change);
    if (index >= 0) this.waiting.splice(index, 1);
    const raw = { header: () => undefined, body: Buffer.from(change.body), receivedAt: 0 };
    try {
      const { outcome, reason } = await this.receiver.receive(issues, raw);
      this.did.push(`delivery ${change.number}: ${outcome} ${reason ?? ''}`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.did.push(`delivery ${change.number}: ${error.status}`);
    }
  }

  private get around(): Surroundings {
    if (!this.surroundings) throw new Error('nothing has begun');
    return this.surroundings;
  }

  private reachEngine(): void {
    if (!this.calm && this.dice.chance(0.1)) throw away('Temporal');
  }

  private starter(): RunStarter {
    const start = async ({ inputs, cause, ticket }: Parameters<RunStarter['start']>[0]) => {
      this.reachEngine();
      const workflowId = JSON.stringify(cause);
      const known = this.kept.runs.find((run) => run.workflowId === workflowId);
      if (known) return { runId: known.id, workflowId, how: 'same cause' as const };
      const run: TicketRun = { id: `ticket-run-${this.begun.length + 1}`, inputs: { ...inputs }, live: true };
      this.begun.push(run);
      this.kept.runs.push({
        ...rowOf(ofATicket, run.id, ticket as Ticket),
        workflowId,
        live: () => run.live,
      });
      this.reachEngine();
      return { runId: run.id, workflowId, how: 'started' as const };
    };
    return { start } as unknown as RunStarter;
  }

  private runs(): Pick<RunService, 'view' | 'update'> {
    const view = async (_: string, id: string) => {
      this.reachEngine();
      const run = this.begun.find((each) => each.id === id);
      return { inputs: run?.inputs ?? this.around.run().start.inputs };
    };
    const update = async (_: string, id: string, name: string, command: JsonObject, updateId: string) => {
      this.reachEngine();
      const known = this.sent.get(id + updateId);
      const took = known ?? (await this.tell(id, name as UpdateName, command));
      this.sent.set(id + updateId, took);
      if (!took) throw new Problem(409, 'Refused', 'the run says no');
      this.reachEngine();
    };
    return { view, update } as unknown as Pick<RunService, 'view' | 'update'>;
  }

  private async tell(id: string, name: UpdateName, command: JsonObject): Promise<boolean> {
    const run = this.begun.find((each) => each.id === id);
    if (!run) return this.tellTheRun(name, command);
    if (!run.live) return false;
    if (name === 'abort') run.live = false;
    else Object.assign(run.inputs, command.inputs);
    return true;
  }

  /** Together with whatever else comes in that moment. */
  private async tellTheRun(name: UpdateName, command: JsonObject): Promise<boolean> {
    const { clock, run, tell } = this.around;
    if (run().state.endedAt !== undefined) return false;
    const took = await new Promise<boolean>((resolve) => {
      clock.deliver(() => resolve(tell(name, command)));
    });
    const { a } = (command.inputs ?? {}) as { a?: string };
    if (took && a !== undefined) this.taken.push(Number(a.slice(1)));
    return took;
  }
}

function rowOf({ runbook, hash, owner }: Plan, id: string, ticket: Ticket) {
  return { id, workflowId: id, runbook, owner, planHash: hash, ticket };
}

function ticketOf({ id, key }: SimulatedIssue): Ticket {
  return { system: 'jira', id, key, url: '', summary: 'A person joins' };
}

/** As far as the gateway reads it. */
function planFollowing(runbook: string, to: string, input: string): Plan {
  const trigger: TicketTrigger = {
    type: 'ticket',
    system: 'jira',
    to,
    inputs: { [input]: { $expr: `ticket.fields.${field}` } },
    amend: [input],
    cancel: { to: [cancelled] },
  };
  return {
    format: PLAN_FORMAT,
    hash: runbook,
    runbook,
    title: runbook,
    kind: 'other',
    owner: 'role:it-coordinators',
    triggers: [trigger],
    inputs: { [input]: { schema: { type: 'string' }, required: true } },
    steps: [],
    finally: [],
    outputs: {},
    positions: {},
  };
}

const ofTheRun = planFollowing('whole', 'Begun by hand', 'a');
const ofATicket = planFollowing('hire', approved, 'start');

function issueSystem() {
  const system = ticketSystem('jira');
  if (!system) throw new Error('no ticket system jira ships');
  return system;
}
