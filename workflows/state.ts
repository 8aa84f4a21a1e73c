/** What a run knows of itself: its steps, gates and parked steps, and the journal of all that happened. */
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject, Step } from '../plan/plan.ts';
import { runName } from '../plan/run-name.ts';
import type { Unanswered } from './batches/messages.ts';
import type { HandChange } from './hands.ts';
import type { JournalEntry, JournalKind, RunSummary, WaitingOn } from './journal.ts';
import type {
  EventRequest,
  Failure,
  Gate,
  Left,
  RunStart,
  RunStatus,
  RunView,
  StepView,
  Task,
  Vote,
} from './messages.ts';
import type { Port } from './port.ts';
import { barredFrom } from './separation.ts';
import { type GateOutcome, standing } from './votes.ts';

export interface OpenGate extends Gate {
  outcome?: GateOutcome;
  /** Whom the owner wants asked instead, until they have been. */
  reassignedTo?: string[];
}

export interface OpenTask extends Task {
  report?: JsonObject;
}

/** A step that waits for nobody in particular: a moment, an event, a window. */
export interface Waiting {
  key: string;
  kind: 'moment' | 'event' | 'window';
  deadline?: number;
  /** What is to come from outside. */
  event?: { name: string; key: string; from?: string[] };
}

/** What an operator decided about a parked step. */
export type Decision =
  | { type: 'retry'; with?: JsonObject }
  | { type: 'skip'; by: string; reason: string }
  | { type: 'complete'; by: string; output: Json };

export interface ParkedStep {
  step: Step;
  key: string;
  title: string;
  failure: Failure;
  since: number;
  /** A parked undo can be retried or given up on, but not completed by hand. */
  undo: boolean;
  decision?: Decision;
  /** What an operator decided, until those who signed have signed that too. */
  proposed?: Decision;
}

const keptEvents = 100;

export class RunState {
  readonly steps = new Map<string, StepView>();
  readonly gates = new Map<string, OpenGate>();
  readonly parked = new Map<string, ParkedStep>();
  readonly tasks = new Map<string, OpenTask>();
  readonly waits = new Map<string, Waiting & { since: number }>();
  private readonly events: EventRequest[] = [];
  paused = false;
  /** How often each approval was asked for: a later round, or another try, is another question, though it shows the same. */
  readonly timesAsked = new Map<string, number>();
  /** How often the inputs were amended: whoever waits on something computed from them notices by this. */
  amendments = 0;
  /** What people changed by hand. */
  readonly hands: HandChange[] = [];
  /** Who last changed the inputs, who may therefore not sign; before engine 3. */
  lastEditor: string | undefined;
  /** Who retried, skipped or completed steps, or changed who is asked. */
  readonly operators = new Set<string>();
  readonly journal: JournalEntry[] = [];
  status: RunStatus = 'running';
  reason: string | undefined;
  endedAt: number | undefined;
  /** Its closing steps run: how it ends is settled. */
  closing = false;
  /** What a person must settle, by step. */
  readonly left = new Map<string, Left>();
  /** Writes of which nobody knows whether they took hold, until a later attempt answers. */
  private readonly unanswered = new Map<string, string>();
  private readonly unansweredRounds = new Map<string, Set<string>>();
  /** Tasks whose time has passed, by step: whoever was asked for one may still report it. */
  readonly late = new Map<string, OpenTask>();
  /** Steps that could be taken back, and were completed by hand: nobody knows what was done. */
  readonly completedByHand = new Map<string, string>();
  outputs: JsonObject | undefined;
  /** What the run is about, where its runbook says so. */
  subject: string | undefined;
  readonly startedAt: number;
  private readonly start: RunStart;
  private readonly port: Port;

  constructor(start: RunStart, port: Port) {
    this.start = start;
    this.port = port;
    this.startedAt = port.now();
  }

  /** The view of a step; `key` is its id, with the item's number behind it inside a forEach. */
  step(step: Step, key: string): StepView {
    const known = this.steps.get(key);
    if (known) return known;
    const view: StepView = {
      id: key,
      kind: step.kind,
      title: step.title ?? titleOf(step),
      status: 'pending',
      ...defined({ action: step.kind === 'action' ? step.uses : undefined }),
      attempts: 0,
    };
    this.steps.set(key, view);
    return view;
  }

  record(kind: JournalKind, step?: string, data?: JsonObject): void {
    const entry: JournalEntry = {
      seq: this.journal.length + 1,
      at: this.port.now(),
      kind,
      ...defined({ step: step || undefined, data }),
    };
    this.journal.push(entry);
    this.port.record(entry, () => this.summary());
  }

  /** While steps run, what is waited for decides: a parked step needs somebody most, then an open gate. */
  currentStatus(): RunStatus {
    if (this.status !== 'running' && this.status !== 'undoing') return this.status;
    if (this.parked.size > 0) return 'parked';
    if (this.status === 'undoing') return 'undoing';
    if (this.paused) return 'paused';
    if (this.tasks.size > 0 || this.waits.size > 0) return 'waiting';
    for (const gate of this.gates.values())
      if (gate.outcome === undefined && gate.hash !== '') return 'waiting';
    return 'running';
  }

  /** As people are told of it. */
  get name(): string {
    return runName({ title: this.start.plan.title, subject: this.subject });
  }

  summary(): RunSummary {
    return {
      status: this.currentStatus(),
      ...defined({ subject: this.subject, reason: this.reason, endedAt: this.endedAt }),
      waitingOn: this.waitingOn(),
    };
  }

  /** Names what a person must settle, once a step. */
  leave(key: string, title: string, why: string): void {
    const known = this.left.get(key)?.why;
    if (known?.includes(why)) return;
    this.left.set(key, { step: key, title, why: known === undefined ? why : `${known}; ${why}` });
    this.record('step.left', key, { title, why });
  }

  /** What was completed by hand is not taken back by the run. */
  nameCompletedByHand(): void {
    for (const [key, by] of this.completedByHand)
      this.leave(key, this.titleFor(key), `it was completed by hand by ${by}, and is not taken back`);
  }

  /** Of a later round nothing is said by what became of an earlier one. */
  notAnswered(key: string, round: string, message: string): void {
    this.unanswered.set(key, message);
    this.unansweredRounds.set(key, (this.unansweredRounds.get(key) ?? new Set()).add(round));
  }

  /** A later attempt of the same round answered, or a person said what became of it. */
  answeredIn(key: string, round: string): void {
    const rounds = this.unansweredRounds.get(key);
    rounds?.delete(round);
    if (rounds && rounds.size > 0) return;
    this.forgetUnanswered(key);
  }

  /** Writes of an item, or all, of which nobody knows whether they took hold. */
  unansweredOf(item: string): Unanswered[] {
    return [...this.unanswered]
      .filter(([key]) => key.endsWith(item) || key.includes(`${item}[`))
      .map(([key, message]) => [key, message, [...(this.unansweredRounds.get(key) ?? [])]]);
  }

  /** As the run knew it that this one does a part of, or the other way round. */
  knowUnanswered([key, message, rounds = []]: Unanswered): void {
    this.unanswered.set(key, message);
    for (const round of rounds) this.notAnswered(key, round, message);
  }

  forgetUnanswered(key: string): void {
    this.unanswered.delete(key);
    this.unansweredRounds.delete(key);
  }

  nameUnanswered(): void {
    for (const [key, message] of this.unanswered)
      this.leave(key, this.titleFor(key), `it is not known whether it was done: ${message}`);
  }

  private titleFor(key: string): string {
    return this.steps.get(key)?.title ?? key;
  }

  startWaiting(waiting: Waiting): void {
    const view = this.steps.get(waiting.key);
    if (view) view.status = 'waiting';
    this.waits.set(waiting.key, { ...waiting, since: this.port.now() });
    this.record('wait.started', waiting.key, {
      kind: waiting.kind,
      ...defined({ deadline: waiting.deadline, event: waiting.event ? { ...waiting.event } : undefined }),
    });
  }

  stopWaiting(key: string): void {
    this.waits.delete(key);
  }

  /** Events may come before the step that waits for them: they are kept, the newest ones. */
  addEvent(event: EventRequest): void {
    this.events.push(event);
    if (this.events.length > keptEvents) this.events.shift();
    const { name, key, id, source } = event;
    this.record('event', undefined, {
      name,
      key,
      ...defined({ id: id || undefined, source: source || undefined }),
    });
  }

  /** Test and take in one: of two waits for the same, each takes an event of its own. */
  takeEvent(name: string, key: string, from?: readonly string[]): EventRequest | undefined {
    const index = this.events.findIndex(
      (event) => event.name === name && event.key === key && isFrom(event, from),
    );
    return index < 0 ? undefined : this.events.splice(index, 1)[0];
  }

  private owner(): Pick<WaitingOn, 'people' | 'role'> {
    const { owner } = this.start.plan;
    return owner.startsWith('role:')
      ? { people: [], role: owner.slice(5) }
      : { people: [owner.toLowerCase()] };
  }

  private waitingOn(): WaitingOn[] {
    const waiting: WaitingOn[] = [];
    for (const [step, parked] of this.parked) {
      const owner = this.owner();
      // Whoever was asked for a task may still report it.
      const people = [...new Set([...owner.people, ...(this.late.get(step)?.people ?? [])])];
      waiting.push({ step, title: parked.title, kind: 'parked', ...owner, people, since: parked.since });
    }
    for (const [step, task] of this.tasks) {
      waiting.push({
        step,
        title: task.title,
        kind: 'task',
        people: task.people,
        since: task.openedAt,
        ...defined({ deadline: task.deadline }),
      });
    }
    for (const [step, { kind, since, deadline, event }] of this.waits) {
      const title = this.steps.get(step)?.title ?? step;
      waiting.push({
        step,
        title,
        kind,
        people: [],
        since,
        ...defined({ deadline, event: event ? { ...event } : undefined }),
      });
    }
    for (const [step, gate] of this.gates) {
      if (gate.outcome !== undefined || (gate.approvers.length === 0 && !gate.unmet)) continue;
      const voted = new Set(gate.votes.filter(isOnItsWay).map((vote) => vote.principal.id));
      // Whose values are others than the newest is asked again.
      for (const person of standing(gate).differing) voted.delete(person);
      const people = gate.approvers.filter((approver) => !voted.has(approver));
      waiting.push({
        step,
        title: gate.title,
        kind: 'gate',
        // With nobody left who could sign, it is for the owner to name somebody else.
        ...(people.length === 0 && gate.unmet ? this.owner() : { people }),
        since: gate.openedAt,
        ...defined({ deadline: gate.deadline }),
      });
    }
    return waiting;
  }

  view(): RunView {
    const { plan } = this.start;
    return {
      runbook: plan.runbook,
      title: plan.title,
      ...defined({ subject: this.subject }),
      kind: plan.kind,
      owner: plan.owner,
      planHash: plan.hash,
      status: this.currentStatus(),
      ...defined({ reason: this.reason }),
      requester: this.start.requester,
      ...defined({ ticket: this.start.ticket }),
      inputs: this.start.inputs,
      ...defined({ organisation: this.start.organisation }),
      startedAt: this.startedAt,
      ...defined({ endedAt: this.endedAt }),
      steps: [...this.steps.values()],
      // Not before people were asked the first time: until then there is nothing to answer.
      gates: [...this.gates.values()].filter(
        ({ outcome, shown }) => outcome === undefined && Object.keys(shown).length > 0,
      ),
      tasks: [...this.tasks.values()],
      barred: Object.fromEntries(barredFrom(this.start, this)),
      ...defined({ outputs: this.outputs, left: this.left.size > 0 ? [...this.left.values()] : undefined }),
      seq: this.journal.length,
    };
  }
}

/** A title for a step whose author gave none. */
export function titleOf(step: Step): string {
  return step.kind === 'action' ? step.uses : step.id;
}

/** One that was entered for somebody who cannot be told of it never counts: they vote themselves. */
function isOnItsWay({ recorded }: Vote): boolean {
  return !recorded?.untold;
}

/** Whether somebody whom a wait names sent the event; it names none where anybody may. */
export function isFrom({ source, roles = [] }: EventRequest, from: readonly string[] | undefined): boolean {
  return from === undefined || from.some((each) => each === source || roles.includes(each));
}
