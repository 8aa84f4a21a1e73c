/** What a run knows of itself: its steps, gates and parked steps, and the journal of all that happened. */
import type { Json, JsonObject, Step } from '../compiler/plan.ts';
import type {
  Failure,
  Gate,
  JournalEntry,
  JournalKind,
  RunStart,
  RunStatus,
  RunSummary,
  RunView,
  StepView,
  WaitingOn,
} from './messages.ts';
import type { Port } from './port.ts';
import type { GateOutcome } from './votes.ts';

export interface OpenGate extends Gate {
  outcome?: GateOutcome;
}

/** What an operator decided about a parked step. */
export type Decision =
  | { type: 'retry'; with?: JsonObject }
  | { type: 'skip'; by: string; reason: string }
  | { type: 'complete'; by: string; output: Json };

export interface ParkedStep {
  step: Step;
  title: string;
  failure: Failure;
  since: number;
  /** A parked undo can be retried or given up on, but not completed by hand. */
  undo: boolean;
  decision?: Decision;
}

export class RunState {
  readonly steps = new Map<string, StepView>();
  readonly gates = new Map<string, OpenGate>();
  readonly parked = new Map<string, ParkedStep>();
  readonly journal: JournalEntry[] = [];
  status: RunStatus = 'running';
  reason: string | undefined;
  endedAt: number | undefined;
  outputs: JsonObject | undefined;
  readonly startedAt: number;
  private readonly start: RunStart;
  private readonly port: Port;

  constructor(start: RunStart, port: Port) {
    this.start = start;
    this.port = port;
    this.startedAt = port.now();
  }

  step(step: Step): StepView {
    const known = this.steps.get(step.id);
    if (known) return known;
    const view: StepView = {
      id: step.id,
      kind: step.kind,
      title: step.title ?? titleOf(step),
      status: 'pending',
      ...(step.kind === 'action' ? { action: step.uses } : {}),
      attempts: 0,
    };
    this.steps.set(step.id, view);
    return view;
  }

  record(kind: JournalKind, step?: string, data?: JsonObject): void {
    const entry: JournalEntry = {
      seq: this.journal.length + 1,
      at: this.port.now(),
      kind,
      ...(step ? { step } : {}),
      ...(data ? { data } : {}),
    };
    this.journal.push(entry);
    this.port.record(entry, this.summary());
  }

  /** While steps run, what is waited for decides: a parked step needs somebody most, then an open gate. */
  currentStatus(): RunStatus {
    if (this.status !== 'running' && this.status !== 'undoing') return this.status;
    if (this.parked.size > 0) return 'parked';
    if (this.status === 'undoing') return 'undoing';
    for (const gate of this.gates.values()) if (gate.outcome === undefined) return 'waiting';
    return 'running';
  }

  summary(): RunSummary {
    return {
      status: this.currentStatus(),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.endedAt === undefined ? {} : { endedAt: this.endedAt }),
      waitingOn: this.waitingOn(),
    };
  }

  private waitingOn(): WaitingOn[] {
    const waiting: WaitingOn[] = [];
    for (const [step, parked] of this.parked) {
      const { owner } = this.start.plan;
      waiting.push({
        step,
        title: parked.title,
        kind: 'parked',
        ...(owner.startsWith('role:')
          ? { people: [], role: owner.slice(5) }
          : { people: [owner.toLowerCase()] }),
        since: parked.since,
      });
    }
    for (const [step, gate] of this.gates) {
      if (gate.outcome !== undefined) continue;
      const voted = new Set(gate.votes.map((vote) => vote.principal.id));
      waiting.push({
        step,
        title: gate.title,
        kind: 'gate',
        people: gate.approvers.filter((approver) => !voted.has(approver)),
        since: gate.openedAt,
        ...(gate.deadline === undefined ? {} : { deadline: gate.deadline }),
      });
    }
    return waiting;
  }

  view(): RunView {
    const { plan } = this.start;
    return {
      runbook: plan.runbook,
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      planHash: plan.hash,
      status: this.currentStatus(),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      requester: this.start.requester,
      ...(this.start.ticket ? { ticket: this.start.ticket } : {}),
      inputs: this.start.inputs,
      startedAt: this.startedAt,
      ...(this.endedAt === undefined ? {} : { endedAt: this.endedAt }),
      steps: [...this.steps.values()],
      gates: [...this.gates.values()].map(({ outcome: _, ...gate }) => gate),
      ...(this.outputs ? { outputs: this.outputs } : {}),
      seq: this.journal.length,
    };
  }
}

/** A title for a step whose author gave none. */
export function titleOf(step: Step): string {
  return step.kind === 'action' ? step.uses : step.id;
}
