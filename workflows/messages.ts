/**
 * What goes into a run and comes out of it: the start argument, the Updates, the queries. The gateway, the command
 * line and the tests speak to a run in these terms only.
 */
import type { Duration, Effect, Json, JsonObject, Plan } from '../plan/plan.ts';
import type { Batch } from './batches/messages.ts';
import type { Failure, Left } from './outcomes.ts';

export type { Failure, Left } from './outcomes.ts';

/**
 * Raised with every change of the engine's behaviour that a live run would notice; see workflows/README.md.
 * 2: a read is tried as a local activity only while nothing else of the run is under way.
 * 3: what a run is told, calls and is answered is sealed and bound to its place (plan/sealed.ts);
 *    expressions are computed as the compiler checks them, by the CEL specification.
 * 4: a write behind an approval names the warrant of it, and is not carried out without;
 *    whoever an approval was taken further to is asked about its next revision too;
 *    a step completed by hand is a change of its status also, where that is what is signed;
 *    each run of a called runbook is taken back, and a list that a second window took back begins anew;
 *    of a list that is asked to be changed only the items that would change wait; an event that a person sends unasked, and what
 *    was typed in a run that another one called, are changes by hand; whoever proposed what fell is told;
 *    a schedule has its run started when it fires;
 *    a called runbook with a `unique` key runs under the id that everybody who starts it uses.
 * 5: a write that was stopped while nobody was at work on it, its worker lost, is asked about: whether it had begun, and what came of it;
 *    what is shown says the how-manieth time an approval is asked for, and calls wait for what is written of a proposal that was
 *    withdrawn; a list, or whether a group is done, is asked of a later approval within it only where nothing is done there before;
 *    that nobody signed what a called runbook did for an item is no failure of the item.
 * 6: what was begun to be taken back, and was stopped by what is around it, is taken back to its end before its step begins again;
 *    what a group does instead of what it leaves out is yet to be done, so that a change of what was signed for it is a proposal.
 */
export const ENGINE_VERSION = 6;

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

/** An approval of the calling run, as a called one asks it about its own changes by hand. */
export interface CarriedGate {
  step: string;
  title: string;
  from: string[];
  /** Whom the owner has asked instead. */
  instead?: string[];
  except?: string[];
  quorum: number | 'majority' | 'all';
  within?: Duration;
  remind?: Duration;
  escalate?: string;
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
  /** The runbook's file in it. */
  file?: string;
  /** Plans of the runbooks that this one calls, by hash, so that the whole run stays what was compiled. */
  plans?: Record<string, RunPlan>;
  organisation?: JsonObject;
  /** Who last changed the runbook in git: an e-mail address. */
  author?: string;
  /** Who else may not sign in this run, besides whoever asked for it or changed its inputs. */
  separate?: ('author' | 'operator')[];
  /** Whom to ask when a gate can be met no other way, from the configuration. */
  approvals?: { lastResort?: string };
  /** Approvals behind which another run called this one: a change by hand here is theirs to sign. */
  carried?: CarriedGate[];
  /** The warrants behind which it was called, or of the run that this is a part of. */
  warrants?: string[];
  /** Who changed by hand what this run was given. */
  typedBy?: string[];
  /** Called for one item of a list: it ends as failed with its first failure, instead of parking. */
  failFast?: true;
  /** This is a part of another run, carried out as its child. */
  batch?: Batch;
  /** The run whose step started this one. */
  partOf?: string;
}

/** Workflow type of what a schedule fires. No runbook has a dot in its name. */
export const scheduleType = 'countersign.schedule';

/** The argument of what a schedule fires: it has a run started, and ends. */
export interface ScheduledStart {
  engine: number;
  schedule: {
    /** Of the schedule in Temporal. */
    id: string;
    runbook: string;
    planHash: string;
    /** Which of the plan's `schedule` triggers, from 0. */
    trigger: number;
    commit?: string;
    author?: string;
  };
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
export interface Vote {
  principal: Principal;
  decision: 'approve' | 'reject';
  comment?: string;
  /** What they filled in with it. */
  form?: JsonObject;
  at: number;
  /** Given in a meeting: who entered it, and where the minutes are. */
  recorded?: {
    by: string;
    minutes: string;
    /** From when on it counts, unless its member votes otherwise; absent until they were told. */
    countsFrom?: number;
    /** They are being told. */
    telling?: true;
    /** They could not be told: it does not count, and they vote themselves. */
    untold?: true;
  };
}

/** A change by hand that is not in force before those who signed have signed old and new. */
export interface ProposalView {
  id: number;
  by: string;
  at: number;
  changes: { path: string; before: Json; after: Json }[];
  /** It is in force already, and the signature is owed. */
  afterwards?: true;
}

/** What a step would do, found out by reading only. */
export interface PreviewedStep {
  /** Its key in the run. */
  step: string;
  title: string;
  action: string;
  effect: Effect;
  /** `would create a.lee@example.com`; absent when the action cannot say. */
  summary?: string;
  nothingToDo?: boolean;
  problems?: string[];
  /** Line by line what is there (`- `) and what would be (`+ `). */
  difference?: string;
}

/** What the steps that a signature opens would do, when people were asked. */
export interface Preview {
  steps: PreviewedStep[];
  /** Why it could not be followed any further. */
  stopped?: string;
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
  /** Who may not sign here, by the runbook's own word. */
  except?: string[];
  /** Stand-in -> for whom, since they are away. */
  standIns?: Record<string, string>;
  /** The same, of those who are asked for that reason alone: the two have one vote together. */
  seats?: Record<string, string>;
  /** Who may enter votes that were given in a meeting. */
  recorders?: string[];
  /** Member -> who may enter their vote. */
  recordersOf?: Record<string, string[]>;
  /** Whom the runbook named, before they were resolved. */
  from?: string[];
  /** Who could be asked instead: everybody whom the gate, its roles or the configuration name. */
  eligible?: string[];
  /** `role:NAME` -> those of its members who are here, or stand in. */
  roles?: Record<string, string[]>;
  /** Id of the message with which its people were asked. */
  notice?: string;
  /** Goes up with whatever changes what the gate covers, shows or asks. */
  revision?: number;
  /** What those who signed are asked to countersign. */
  proposals?: ProposalView[];
  /** Too few of those who are asked could still approve. */
  unmet?: true;
  /** How many of them must approve. */
  needed: number;
  /** What the approvers are shown, and the hash of exactly that, the preview included. */
  shown: JsonObject;
  preview?: Preview;
  hash: string;
  /** What whoever approves fills in: field name -> JSON Schema. Absent where a change of what was signed is asked about. */
  form?: JsonObject;
  /** The fields that must be filled in. */
  required?: string[];
  votes: Vote[];
}

/** Work that a person was asked to do and has not reported yet. */
export interface Task {
  step: string;
  title: string;
  openedAt: number;
  deadline?: number;
  people: string[];
  /** Who may not do it, by the runbook's own word. */
  barred?: string[];
  instructions: string;
  /** Field name -> JSON Schema of what is to be reported. */
  form: JsonObject;
  /** The fields that must be filled in; all of them, unless this says otherwise. */
  required?: string[];
  /** Fields that are sealed as soon as they are reported. */
  sensitive?: string[];
}

export interface StepView {
  id: string;
  kind: string;
  title: string;
  status: StepStatus;
  action?: string;
  startedAt?: number;
  endedAt?: number;
  /** What an action was called with, until it has succeeded: an operator who retries it may want to change some of it. */
  input?: Json;
  output?: Json;
  failure?: Failure;
  /** Of a forEach in batches. */
  progress?: { total: number; done: number; failed: number };
  /** How many times it was tried by an operator's retry; the engine's own retries are Temporal's. */
  attempts: number;
}

/** Answer of the query `view`. */
export interface RunView {
  runbook: string;
  title: string;
  /** What the run is about, where its runbook says so. */
  subject?: string;
  kind: string;
  owner: string;
  planHash: string;
  status: RunStatus;
  reason?: string;
  requester: Principal;
  ticket?: Ticket;
  inputs: JsonObject;
  /** The organisation's values with which the run began: those of today are no part of it. */
  organisation?: JsonObject;
  startedAt: number;
  endedAt?: number;
  steps: StepView[];
  gates: Gate[];
  tasks: Task[];
  /** Who may not sign in this run, and what they did that keeps them from it. */
  barred?: Record<string, string>;
  outputs?: JsonObject;
  /** What a person must settle. */
  left?: Left[];
  /** Number of the last journal entry. */
  seq: number;
}

/** Names of the Updates. A fixed set: each has a validator, registered before the run's first await. */
export const updates = {
  vote: 'vote',
  retry: 'retry',
  skip: 'skip',
  complete: 'complete',
  abort: 'abort',
  pause: 'pause',
  resume: 'resume',
  amend: 'amend',
  reassign: 'reassign',
  event: 'event',
} as const;

export type UpdateName = keyof typeof updates;

export const queries = { view: 'view', journal: 'journal' } as const;

export interface VoteRequest {
  step: string;
  decision: 'approve' | 'reject';
  principal: Principal;
  /** The hash of what the voter was shown. */
  hash: string;
  comment?: string;
  /** What an approval fills in, where the gate asks for it. The gateway has checked it against the schemas. */
  form?: JsonObject;
  /** The vote was given in a meeting by this person, and `principal` enters it. */
  recorded?: { for: string; minutes: string };
}

export interface VoteReceipt {
  /** `counted`, or `changed` when it replaced the same principal's earlier vote. */
  result: 'counted' | 'changed';
  approvals: number;
  needed: number;
  /** Who approved with other values, and is asked again: their approvals do not count. */
  differing?: string[];
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
  /** Set when the ticket was cancelled: then its runbook's `cancel` decides, and not who owns the run. */
  ticket?: true;
}

export interface PauseCommand {
  principal: Principal;
  comment?: string;
}

/** New values for some inputs of a live run. The gateway has checked them against the inputs' schemas. */
export interface AmendCommand {
  principal: Principal;
  inputs: JsonObject;
  comment?: string;
  /** Set when the ticket was edited and not the run: then its runbook's `amend` decides, and not who owns it. */
  ticket?: true;
}

/**
 * What became of a change by hand: what is in force, and what those who signed must sign first. Names of inputs; of a parked step or a
 * task that was decided about, its key.
 */
export interface AmendReceipt {
  applied: string[];
  proposed: string[];
}

/** Asks other people to sign an open gate. Votes of those who stay asked keep counting. */
export interface ReassignCommand extends Command {
  /** E-mail addresses and `role:NAME`. */
  from: string[];
}

/** Something happened outside that a run may wait for: an order shipped, a device checked in. */
export interface EventRequest {
  name: string;
  key: string;
  data: JsonObject;
  /** Of the event where it is kept, and who sent it. */
  id?: string;
  source?: string;
  /** The roles of whoever sent it: `role:NAME`. */
  roles?: string[];
  /** Only the wait of this step is to take it: the run refuses it when that wait is over. */
  step?: string;
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
  | 'NotSealed'
  | 'Ended';

/** Temporal's task queue of the runs; each connector has one of its own beside it. */
export const taskQueue = 'countersign';
