/**
 * The engine's own activities, of which a run asks what it needs from outside besides the connectors' actions, and what goes
 * into them and comes out.
 */
import type { ListReference } from '../plan/kept-list.ts';
import type { Json, JsonObject, Template } from '../plan/plan.ts';
import type { Preview, Principal, ProposalView, RunPlan, ScheduledStart, Ticket } from './messages.ts';

export const engineActivities = {
  openGate: 'countersign.openGate',
  remindGate: 'countersign.remindGate',
  escalateGate: 'countersign.escalateGate',
  tellOwner: 'countersign.tellOwner',
  wasTold: 'countersign.wasTold',
  voteRecorded: 'countersign.voteRecorded',
  proposalFell: 'countersign.proposalFell',
  issueWarrant: 'countersign.issueWarrant',
  openTask: 'countersign.openTask',
  chaseTask: 'countersign.chaseTask',
  checkInputs: 'countersign.checkInputs',
  wasBegun: 'countersign.wasBegun',
  startScheduled: 'countersign.startScheduled',
  moment: 'countersign.moment',
  window: 'countersign.window',
  readList: 'countersign.readList',
} as const;

/** Some items of a list that is kept beside the run. */
export interface ReadListInput {
  list: ListReference;
  /** Their places, from 0 and rising. */
  items: number[];
}

/** The first of them, as many as make one piece; always one. */
export interface ReadListResult {
  items: Json[];
}

/** Whether a write was begun, at any attempt. */
export interface WasBegunInput {
  /** Which call it was, as the record of its beginning names it. */
  call: string;
}

export interface WasBegunResult {
  begun: boolean;
}

/** What a called runbook is given, with what it takes. */
export interface CheckInputsInput {
  runbook: string;
  inputs: RunPlan['inputs'];
  given: JsonObject;
  /** Of a runbook of which one run at a time may be live for the same. */
  unique?: { key: Template; ticket?: Ticket; organisation?: JsonObject };
}

export interface CheckInputsResult {
  inputs: JsonObject;
  /** Under which the run must begin, so that no other is live for the same. */
  workflowId?: string;
  /** Whoever seemed to hold that id at this moment. */
  holder?: string;
}

export interface StartScheduledInput {
  schedule: ScheduledStart['schedule'];
  /** Workflow id of what fired: the same at every try. */
  fired: string;
}

/** What a schedule's firing came to. */
export interface StartScheduledResult {
  run?: string;
  /** Why none was started. */
  refused?: string;
}

/** A change by hand that those who signed did not sign, in time or at all. */
export interface ProposalFellInput {
  id: number;
  by: string;
  owner: string;
  runbookTitle: string;
  changes: ProposalView['changes'];
  reason: string;
  /** It was in force beforehand, and stays so until somebody decides. */
  inForce?: true;
  /** Titles of the steps whose values the message names. */
  titles?: Record<string, string>;
}

/** Of the reminder: who is asked from now on, since absences and delegates are looked up again. */
export interface RemindGateResult {
  approvers?: string[];
  standIns?: Record<string, string>;
  seats?: Record<string, string>;
  /** Id of the message, where the owner has them asked besides. */
  notice?: string;
}

export interface OpenTaskInput {
  step: string;
  title: string;
  runbookTitle: string;
  to: string[];
  instructions: string;
  within?: { ms: number } | { businessDays: number };
  /** The moment by which it must be done, where its author named one. */
  due?: number;
  /** Who may not do it, as the runbook names them. */
  except?: string[];
  openedAt: number;
}

/** A task that is not done yet: those who are asked are reminded, or others are asked too. */
export interface ChaseTaskInput {
  step: string;
  title: string;
  runbookTitle: string;
  instructions: string;
  openedAt: number;
  /** Who is asked so far. */
  people: string[];
  /** By when it must be done from now on. */
  deadline?: number;
  /** The how-manieth reminder it is. */
  time?: number;
  /** Who is asked too, and since when it is late. */
  escalate?: string;
  late?: number;
  except?: string[];
}

export interface ChaseTaskResult {
  /** Who was told for the first time. */
  people: string[];
}

export interface OpenTaskResult {
  /** Who may not do it, resolved to people. */
  except?: string[];
  people: string[];
  deadline?: number;
}

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
  /** Who may not sign, whatever their role. */
  barred: string[];
  /** Who may not sign here, as the runbook names them. */
  except?: string[];
  /** Whom the owner has asked instead of whom the runbook names. How many must sign stays as the runbook says. */
  instead?: string[];
  /** Workflow time at which the gate opened. */
  openedAt: number;
  /** The quorum counts the members as configured, and not only those who are here. */
  configured?: true;
  /** Of the gate: messages about another one are others. */
  revision?: number;
  /** Who is asked at last, from the configuration. */
  lastResort?: string;
  /** Of the run that called this one. */
  carried?: true;
  /** Those who signed are asked about a change. */
  proposal?: true;
  /** Titles of the steps whose values the message names. */
  titles?: Record<string, string>;
  /** What whoever approves fills in: field name -> JSON Schema, and which of them they must. */
  form?: JsonObject;
  required?: string[];
}

/** Whether one of the messages with which people were asked has left us. */
export interface WasToldInput {
  notice: string;
  /** Those with which it was taken further. */
  others?: string[];
}

export interface WasToldResult {
  told: boolean;
}

export interface OpenGateResult {
  /** Id of the message with which they are asked. */
  notice?: string;
  approvers: string[];
  /** Whom the owner had asked instead by then, as it was told. */
  instead?: string[];
  /** Who may not sign here, resolved to people. */
  except?: string[];
  needed: number;
  hash: string;
  deadline?: number;
  remindAt?: number;
  /** Stand-in -> for whom, since they are away. */
  standIns?: Record<string, string>;
  /** The same, of those who are asked for that reason alone: with whom they stand in for they have one vote. */
  seats?: Record<string, string>;
  recorders?: string[];
  recordersOf?: Record<string, string[]>;
  eligible?: string[];
  roles?: Record<string, string[]>;
  preview?: Preview;
}

export interface EscalateGateResult {
  /** Id of the message with which they are asked. */
  notice?: string;
  /** People added to the approvers. */
  approvers: string[];
  /** As when the gate opens. */
  standIns?: Record<string, string>;
  seats?: Record<string, string>;
  deadline?: number;
}
