/** What the gateway's REST API answers, as far as the console reads it. */

import type { Effect, Json, JsonObject, JsonSchema, StepKind } from '../../plan/plan.ts';
import type { DoneBefore } from '../../presentation/done-before-signing.ts';
import type { Suggested } from '../../presentation/gate-questions.ts';
import type { JournalEntry, WaitingOn } from '../../workflows/journal.ts';
import type { Gate, RunStatus, RunView, Ticket, Vote } from '../../workflows/messages.ts';

export type { DoneBefore } from '../../presentation/done-before-signing.ts';
export type { QuestionTold, Suggested } from '../../presentation/gate-questions.ts';
export type { Asking, GateStory, ProposalTold } from '../../presentation/gate-story.ts';
export type { JournalEntry, WaitingOn } from '../../workflows/journal.ts';
export type {
  Failure,
  Gate,
  Preview,
  PreviewedStep,
  RunStatus,
  RunView,
  StepView,
  Task,
  Ticket,
  Vote,
  VoteReceipt,
} from '../../workflows/messages.ts';
export type { Effect, Json, JsonObject, JsonSchema };

export interface Me {
  id: string;
  name?: string;
  roles: string[];
  /** The role because of which they see everything and change nothing. */
  readOnly?: string;
}

export interface SignInOptions {
  organisation: string;
  /** Whether a code by e-mail will do; it then also stands in the gateway's log. */
  local: boolean;
  oidc?: { title: string; url: string };
}

export interface InboxItem {
  run: {
    id: string;
    title: string;
    subject?: string;
    runbook: string;
    kind: string;
    requester: string;
    ticket?: Ticket;
    startedAt: string;
  };
  step: string;
  title: string;
  kind: 'gate' | 'task' | 'parked' | 'question';
  since: number;
  deadline?: number;
  role?: string;
  people: string[];
  /** Of a parked step: why it parked. */
  reason?: string;
  /** Of a question: the other inputs that were suggested with it. */
  suggested?: Suggested[];
}

export interface RunRow {
  id: string;
  runbook: string;
  title: string;
  /** What the run is about. */
  subject?: string;
  kind: string;
  owner: string;
  partOf?: string;
  requester: string;
  ticket?: Ticket;
  status: RunStatus;
  reason?: string;
  startedAt: string;
  endedAt?: string;
  waitingOn: WaitingOn[];
}

/** One step of the plan, in order, so that steps not reached yet can be shown. */
export interface OutlineStep {
  id: string;
  title: string;
  kind: StepKind;
  /** What it is, in a word, where that is not plain from what it does. */
  tag?: string;
  depth: number;
  /** `finally`: done in any case, at the end. */
  part: 'steps' | 'finally';
  action?: string;
  /** What the action does, in words. */
  does?: string;
  effect?: Effect;
  gatedBy: string[];
}

export interface RunDetail extends RunRow {
  titles: Record<string, string>;
  /** Absent while Temporal or the worker is away, and possibly once the run has ended. */
  live?: RunView;
  /** Absent where the run itself cannot be asked. */
  inputs?: RunView['inputs'];
  outputs?: RunView['outputs'];
  mayOperate: boolean;
  mayStart: boolean;
  outline: OutlineStep[];
}

/** What became of a command; of a change by hand also what of it is in force, and what waits for those who signed. */
export interface CommandReceipt {
  id: string;
  done: string;
  applied?: string[];
  proposed?: string[];
  signers?: string[];
}

export interface Journal {
  status: RunStatus;
  entries: JournalEntry[];
}

/** Whether a run's records are whole, and agree with its journal. */
export interface Verdict {
  intact: boolean;
  records: number;
  /** Hash of the last record: whoever has noted it elsewhere can compare. */
  head?: string;
  findings: { record?: number; message: string }[];
  /** Changes that could not be computed again, by name. */
  notComputed?: { what: string; why: string; times: number }[];
}

/** Another change at the same time on the same things; `run` only for whoever may see it. */
export interface Conflict {
  run?: string;
  title: string;
  affects: string[];
}

export interface GateDetail extends Gate {
  change?: { risk?: string; affects?: string[]; backout?: string };
  window?: { calendar: string; title?: string; opensAt?: number; closesAt?: number; frozenBy?: string };
  runbook: { name: string; title: string; kind: string };
  /** Other changes at the same time on the same things. */
  conflicts?: Conflict[];
  /** Of an approval that may be given afterwards: what was done behind it already. */
  done?: DoneBefore[];
  /** By connector, on which systems the steps behind it act. */
  systems?: Record<string, Record<string, string>>;
  mayVote: boolean;
  whyNot?: string;
  mine?: Vote;
}

export interface RunbookSummary {
  runbook: string;
  title: string;
  kind: string;
  owner: string;
  description?: string;
  hash: string;
  mayStart: boolean;
}

/** The branch that the runbooks are taken from. */
export interface RunbookSource {
  branch: string;
  active?: SourceCommit;
  held?: SourceCommit & { problems: string[] };
  trouble?: { says: string; since: string };
}

export interface SourceCommit {
  id: string;
  author: string;
  subject: string;
  at: string;
}

export interface RunbookList {
  runbooks: RunbookSummary[];
  source?: RunbookSource;
}

export interface InputDescription {
  schema: JsonSchema;
  required: boolean;
  default?: Json;
  sensitive?: boolean;
}

export interface RunbookDetail extends RunbookSummary {
  inputs: Record<string, InputDescription>;
  needsTicket: boolean;
  triggers: { type: string; system?: string }[];
}

export interface Procedure {
  html: string;
  svg: string;
}

/** A list that somebody looks at again: the query of its address. */
export interface SavedView {
  name: string;
  query: string;
}

/** Steps of one runbook that parked for one reason. */
export interface ParkedGroup {
  runbook: string;
  title: string;
  step: string;
  stepTitle: string;
  message: string;
  mayOperate: boolean;
  steps: { run: string; subject?: string; ticket?: string; step: string; since: number }[];
}

export interface StuckMessage {
  id: string;
  subject: string;
  to: string;
  run?: string;
  /** Milliseconds since 1970. */
  since: number;
  next: number;
  attempts: number;
  why: string;
  mayHandle: boolean;
}

export interface Overview {
  parked: ParkedGroup[];
  /** Messages that could not be sent, for people who operate a runbook. */
  messages?: StuckMessage[];
  /** For people who have a role. */
  standing?: {
    live: Partial<Record<RunStatus, number>>;
    overdue: number;
    /** Milliseconds. */
    gates: { open: number; median?: number; oldest?: number };
    durations: {
      runbook: string;
      title: string;
      ended: number;
      succeeded: number;
      median: number;
      longest: number;
    }[];
  };
}
