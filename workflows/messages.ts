/**
 * What goes into a run and comes out of it: the start argument, the Updates, the queries. The gateway, the command
 * line and the tests speak to a run in these terms only.
 */
import type { Json, JsonObject, Plan } from '../compiler/plan.ts';

/** Raised with every change of the engine's behaviour that a live run would notice; see workflows/README.md. */
export const ENGINE_VERSION = 1;

/** The signed-in person or service that does something. */
export interface Principal {
  /** E-mail address in lower case; for a service, its name. */
  id: string;
  name?: string;
  roles: string[];
}

/** The plan as a run carries it: without what only people and tools read. */
export type RunPlan = Omit<Plan, 'positions' | 'triggers' | 'description'>;

export interface Ticket {
  system: string;
  key: string;
  id: string;
  url: string;
  summary: string;
}

/** The one argument of a run. */
export interface RunStart {
  engine: number;
  plan: RunPlan;
  inputs: JsonObject;
  requester: Principal;
  ticket?: Ticket;
  /** What started it: `manual`, `ticket`, `schedule` or `runbook`, and the sender's key for it. */
  cause: { type: 'manual' | 'ticket' | 'schedule' | 'runbook'; key?: string };
  /** The git commit the plan was compiled from, if known. */
  commit?: string;
  organisation?: JsonObject;
}

export type RunStatus =
  | 'running'
  | 'waiting'
  | 'parked'
  | 'paused'
  | 'undoing'
  | 'succeeded'
  | 'failed'
  | 'rejected'
  | 'cancelled';

export type StepStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'succeeded'
  | 'skipped'
  | 'parked'
  | 'failed'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'undone';

/** Why a step failed, in words for a coordinator. */
export interface Failure {
  message: string;
  /** `PermanentFailure`, `RateLimited`, `RetryableFailure`, `Timeout`, `ExpressionFailure`. */
  type: string;
  requestId?: string;
}

export interface Vote {
  principal: Principal;
  decision: 'approve' | 'reject';
  comment?: string;
  at: number;
}

/** An approval that is open, as people are asked. */
export interface Gate {
  step: string;
  title: string;
  openedAt: number;
  /** Milliseconds since 1970 by the run's clock; absent when the gate has no deadline. */
  deadline?: number;
  /** When those who have not answered are reminded. */
  remindAt?: number;
  /** Who is asked, resolved to people when the gate opened, lower-case e-mail addresses. */
  approvers: string[];
  /** How many of them must approve. */
  needed: number;
  /** What the approvers are shown, and the hash of exactly that. */
  shown: JsonObject;
  hash: string;
  votes: Vote[];
}

export interface StepView {
  id: string;
  kind: string;
  title: string;
  status: StepStatus;
  action?: string;
  startedAt?: number;
  endedAt?: number;
  output?: Json;
  failure?: Failure;
  /** How many times it was tried by an operator's retry; the engine's own retries are Temporal's. */
  attempts: number;
}

/** Answer of the query `view`. */
export interface RunView {
  runbook: string;
  title: string;
  kind: string;
  owner: string;
  planHash: string;
  status: RunStatus;
  reason?: string;
  requester: Principal;
  ticket?: Ticket;
  inputs: JsonObject;
  startedAt: number;
  endedAt?: number;
  steps: StepView[];
  gates: Gate[];
  outputs?: JsonObject;
  /** Number of the last journal entry. */
  seq: number;
}

/** One fact of a run. Numbered without gaps, and the same at every replay. */
export interface JournalEntry {
  seq: number;
  at: number;
  kind: JournalKind;
  step?: string;
  data?: JsonObject;
}

export type JournalKind =
  | 'run.started'
  | 'run.ended'
  | 'run.undoing'
  | 'step.started'
  | 'step.succeeded'
  | 'step.skipped'
  | 'step.failed'
  | 'step.parked'
  | 'step.cancelled'
  | 'step.undone'
  | 'gate.opened'
  | 'gate.reminded'
  | 'gate.escalated'
  | 'gate.approved'
  | 'gate.rejected'
  | 'vote'
  | 'command';

/** What the run list and the inbox show of a run, kept beside its journal. */
export interface RunSummary {
  status: RunStatus;
  reason?: string;
  endedAt?: number;
  waitingOn: WaitingOn[];
}

/** Somebody is being waited for: an open gate or a parked step. */
export interface WaitingOn {
  step: string;
  title: string;
  kind: 'gate' | 'parked';
  people: string[];
  /** Role whose members may act, where it is not a list of people: the owner of a parked step. */
  role?: string;
  since: number;
  deadline?: number;
}

/** Names of the Updates. A fixed set: each has a validator, registered before the run's first await. */
export const updates = {
  vote: 'vote',
  retry: 'retry',
  skip: 'skip',
  complete: 'complete',
  abort: 'abort',
} as const;

export const queries = { view: 'view', journal: 'journal' } as const;

export interface VoteRequest {
  step: string;
  decision: 'approve' | 'reject';
  principal: Principal;
  /** The hash of what the voter was shown. */
  hash: string;
  comment?: string;
}

export interface VoteReceipt {
  /** `counted`, or `changed` when it replaced the same principal's earlier vote. */
  result: 'counted' | 'changed';
  approvals: number;
  needed: number;
}

/** Who operates, on which parked step, and why. */
export interface Command {
  principal: Principal;
  step: string;
  comment?: string;
}

export interface RetryCommand extends Command {
  /** Replaces the step's input for this and later attempts. */
  with?: JsonObject;
}

export interface CompleteCommand extends Command {
  output: Json;
}

export interface AbortCommand {
  principal: Principal;
  comment?: string;
}

/** Types of the `ApplicationFailure` with which a validator refuses an Update; each has a message for people. */
export type RefusalType =
  | 'NoSuchStep'
  | 'NotOpen'
  | 'NotAsked'
  | 'AlreadyVoted'
  | 'TooLate'
  | 'SeparationOfDuties'
  | 'Changed'
  | 'NotParked'
  | 'NotAllowed'
  | 'StepIsNeeded'
  | 'NotValid'
  | 'Ended';

/** The engine's own activities: what a run needs from outside besides the connectors' actions. */
export const engineActivities = {
  openGate: 'countersign.openGate',
  remindGate: 'countersign.remindGate',
  escalateGate: 'countersign.escalateGate',
  tellOwner: 'countersign.tellOwner',
  tellEnd: 'countersign.tellEnd',
} as const;

export interface OpenGateInput {
  step: string;
  title: string;
  runbookTitle: string;
  owner: string;
  requester: Principal;
  from: string[];
  quorum: number | 'majority' | 'all';
  within?: { ms: number } | { businessDays: number };
  remind?: { ms: number } | { businessDays: number };
  escalate?: string;
  shown: JsonObject;
  /** Workflow time at which the gate opened. */
  openedAt: number;
}

export interface OpenGateResult {
  approvers: string[];
  needed: number;
  hash: string;
  deadline?: number;
  remindAt?: number;
}

export interface EscalateGateResult {
  /** People added to the approvers. */
  approvers: string[];
  deadline?: number;
}
