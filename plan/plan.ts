/**
 * The plan: what a runbook compiles to, and the only thing the engine sees.
 *
 * A plan is JSON. Two kinds of value in it stand for something that is not known before the run:
 * a CEL expression (a string in a field typed `Cel`), and a template (see {@link Template}).
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type JsonSchema = JsonObject;

/** Source text of a CEL expression, without the `${{ }}` around it. */
export type Cel = string;

/**
 * JSON in which these one-key objects stand for a value computed when the run gets there:
 * `{ $expr: CEL }` is the expression's value, `{ $text: [ … ] }` is its parts joined to one text,
 * `{ $secret: NAME }` is a reference that only an activity resolves.
 */
export type Template = Json;

/** A length of time: exact, or counted in business days of a calendar. */
export type Duration = { ms: number } | { businessDays: number };

/** Format 1 has no `covers`: those who need them compute them from the rest. */
export const PLAN_FORMAT = 2;

export type Kind =
  | 'onboarding'
  | 'offboarding'
  | 'change'
  | 'maintenance'
  | 'procurement'
  | 'review'
  | 'other';

export interface Plan {
  format: 1 | typeof PLAN_FORMAT;
  /** sha256 (hex) of the plan's canonical JSON without `hash` and `positions`. */
  hash: string;
  runbook: string;
  title: string;
  kind: Kind;
  /** `role:NAME` or an e-mail address: who may operate its runs. */
  owner: string;
  description?: string;
  triggers: Trigger[];
  inputs: Record<string, Input>;
  unique?: Template;
  /** Its steps read `ticket`, so a run cannot be started without one. */
  needsTicket?: true;
  change?: { risk?: Template; affects?: Template; backout?: Template };
  steps: Step[];
  finally: Step[];
  outputs: Record<string, Template>;
  /** What the signatures of each approval stand for, by its id. Read by `coversOf`, which also knows plans without it. */
  covers?: Record<string, StoredLeaf[]>;
  /** Where each step stands in its source, by step id. Not part of the hash. */
  positions: Record<string, Position>;
}

/** Where a leaf's value comes from, and so what a change of it by hand is. */
export type LeafSource = 'input' | 'ticket' | 'step' | 'event' | 'task';

/** A value that decides whether, when, on what or by whom a step behind an approval acts, as a plan has it. */
export interface StoredLeaf {
  /** `inputs.manager`, `steps.devices.output.devices[*].name`: see `leaf-paths.ts`. */
  path: string;
  /**
   * Ids of those that read it, in the order of the plan: steps behind the approval, what stands around these, and the
   * approval itself where the leaf decides who is asked.
   */
  readers: string[];
  /** Readers that come after the approval and can run without it, because it may not be asked for. */
  loose?: string[];
  /** The approval's `show` tells it without loss. */
  shown?: true;
  /** It is, or contains, a sealed value: compared by a keyed digest of its content. */
  sealed?: true;
}

export interface CoverLeaf extends Omit<StoredLeaf, 'shown'> {
  source: LeafSource;
  shown: boolean;
}

/** Lines and columns count from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

export interface Input {
  schema: JsonSchema;
  required: boolean;
  default?: Json;
  /** A sensitive input is sealed as soon as it arrives, and shown only to `visibleTo`. */
  sensitive?: true;
  visibleTo?: string[];
}

export type Trigger = TicketTrigger | ManualTrigger | ScheduleTrigger;

export interface TicketTrigger {
  type: 'ticket';
  system: string;
  project?: string;
  ticketType?: string;
  /** The status that the ticket must have moved to. */
  to: string;
  from?: string;
  if?: Cel;
  inputs: Record<string, Template>;
  /** Statuses whose transition aborts the live run. */
  cancel?: { to: string[] };
  /** Inputs that a later edit of the ticket amends. */
  amend?: string[];
}

export interface ManualTrigger {
  type: 'manual';
  by: string[];
}

export interface ScheduleTrigger {
  type: 'schedule';
  cron: string;
  timezone: string;
  inputs: Record<string, Template>;
}

export interface Retry {
  attempts: number;
  firstMs: number;
  factor: number;
  maxMs: number;
}

export type Effect = 'read' | 'write' | 'destructive';

export interface ActionCall {
  uses: string;
  with: Template;
}

export interface Undo extends ActionCall {
  /** Only then is there anything to take back. Asked when the step would be taken back, of what it gave. */
  if?: Cel;
}

interface StepBase {
  /** The author's id, or one made from the step's place (`step3`, `laptop1`). Unique in the plan. */
  id: string;
  title?: string;
  if?: Cel;
  onError?: 'continue' | 'abort';
  /** A later expression relies on this step's output, so an operator may complete it by hand but not skip it. */
  needed?: true;
}

export interface ActionStep extends StepBase, ActionCall {
  kind: 'action';
  effect: Effect;
  timeoutMs?: number;
  retry?: Retry;
  undo?: Undo;
}

export interface ApproveStep extends StepBase {
  kind: 'approve';
  /** E-mail addresses and `role:NAME`, each a template. */
  from: Template[];
  /** Who may not sign, though asked for by `from`: the same kinds of names. */
  except?: Template[];
  quorum: number | 'majority' | 'all';
  within?: Duration;
  remind?: Duration;
  escalate?: Template;
  show?: Template;
  retroactive?: true;
  onReject?: 'continue';
}

export interface TaskStep extends StepBase {
  kind: 'task';
  to: Template;
  instructions: Template;
  /** Field name -> JSON Schema. */
  form: Record<string, JsonSchema>;
  /** Fields that may be left empty. */
  optional?: string[];
  /** Fields that are sealed as soon as they are reported. */
  sensitive?: string[];
  within?: Duration;
  onExpiry?: 'continue';
}

export interface WaitStep extends StepBase {
  kind: 'wait';
  for?: Duration;
  until?: Template;
  event?: { name: string; key: Template };
  within?: Duration;
  onExpiry?: 'continue';
}

export interface WindowStep extends StepBase {
  kind: 'window';
  calendar: string;
  freeze: string[];
  needs?: Duration;
  overrun: 'undo' | 'finish' | 'park';
  steps: Step[];
}

export interface ParallelStep extends StepBase {
  kind: 'parallel';
  branches: Record<string, Step[]>;
}

export interface ForEachStep extends StepBase {
  kind: 'forEach';
  items: Cel;
  as: string;
  concurrency: number;
  /** How many items may fail: a count, or a fraction of all of them from 0 to 1. */
  tolerate?: { count: number } | { fraction: number };
  /** How many items' outputs the step's own output collects; without it, none. */
  collect?: number;
  steps: Step[];
}

export interface GroupStep extends StepBase {
  kind: 'group';
  steps: Step[];
  else?: Step[];
}

export interface RepeatStep extends StepBase {
  kind: 'repeat';
  until: Cel;
  every: Duration;
  atMost: number | Duration;
  steps: Step[];
}

export interface RunbookStep extends StepBase {
  kind: 'runbook';
  runbook: string;
  /** The hash of the called runbook's plan, so that a run stays what was compiled. */
  planHash: string;
  with: Record<string, Template>;
}

export interface EndStep extends StepBase {
  kind: 'end';
  status: 'succeeded' | 'cancelled' | 'failed';
  reason?: Template;
}

export type Step =
  | ActionStep
  | ApproveStep
  | TaskStep
  | WaitStep
  | WindowStep
  | ParallelStep
  | ForEachStep
  | GroupStep
  | RepeatStep
  | RunbookStep
  | EndStep;

export type StepKind = Step['kind'];

/** For which step of which run an action is called: what the engine sends with every call, and the key of its idempotence. */
export interface CallContext {
  run: string;
  runbook: string;
  step: string;
  /** The item of a forEach, or the round of a repeat. */
  item?: string;
}
