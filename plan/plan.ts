/**
 * The plan: what a runbook compiles to, and the only thing the engine sees.
 *
 * A plan is JSON. Two kinds of value in it stand for something that is not known before the run:
 * a CEL expression (a string in a field typed `Cel`), and a template (see {@link Template}).
 */
import type { Step } from './step-kinds/registry.ts';
import type { Amend, Cel, Json, JsonObject, JsonSchema, Template } from './values.ts';

export type * from './step-kinds/registry.ts';
export type * from './values.ts';

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
  /** What a run of it is about, in a line: who or what, as every list shows it. */
  subject?: Template;
  /** Its steps read `ticket`, so a run cannot be started without one. */
  needsTicket?: true;
  change?: { risk?: Template; affects?: Template; backout?: Template };
  steps: Step[];
  finally: Step[];
  outputs: Record<string, Template>;
  /** What the signatures of each approval stand for, by its id. Read by `coversOf`, which also knows plans without it. */
  covers?: Record<string, StoredLeaf[]>;
  /** What its `data` files had when it was compiled, by name: `data.NAME` in its expressions. */
  data?: Record<string, Json>;
  /** What it reads of organisation.yaml, as that was when it was compiled. */
  organisation?: JsonObject;
  /** Of the actions declared as data that it uses, the hash of each: what a run carries out is what was compiled. */
  declared?: Record<string, string>;
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
  amend?: Amend;
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
  /** Statuses whose transition aborts the live run, and whether the deletion of the ticket does. */
  cancel?: { to?: string[]; deleted?: true };
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

/** For which step of which run an action is called: what the engine sends with every call, and the key of its idempotence. */
export interface CallContext {
  run: string;
  runbook: string;
  step: string;
  /** The item of a forEach, or the round of a repeat. */
  item?: string;
  /** Of an action declared as data: the hash of the form that its run began with. */
  declared?: string;
}
