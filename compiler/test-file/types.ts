/** What a `*.test.yaml` says: how runs of one runbook go, and what is expected of them. */
import type { Duration, JsonObject } from '../../plan/plan.ts';

export interface TestFile {
  path: string;
  runbook: string;
  tests: TestCase[];
}

export interface TestCase {
  name: string;
  /** Where it stands, from 1. */
  line: number;
  /** Local date and time at which the run starts. */
  start?: string;
  inputs: JsonObject;
  /** Who asks for the run: an e-mail address. */
  requester?: string;
  ticket?: JsonObject;
  /** What a ticket system sends, or the file beside the tests that has it: starts the run as the gateway would. */
  payload?: JsonObject | string;
  /** Step id (with `[2]` for one item of a forEach, behind `call.` inside a called runbook) or action name -> its answers, the last one repeated. */
  actions: Record<string, ActionAnswer[]>;
  /** In their order: each waits until it is possible. */
  events: TestEvent[];
  expect: Expectation;
}

/** What an action answers: what is not given is made up from its schema. */
export interface ActionAnswer {
  output?: JsonObject;
  /** It fails for good, with these words. */
  fails?: string;
  /** So many attempts fail, and are tried again as the step says; then it does its work. */
  failsTimes?: number;
  /** Fields of the output that the action leaves out, where it may. */
  absent?: string[];
  /** How long it takes; no time without it. */
  takes?: Duration;
}

export const eventKinds = [
  'approve',
  'reject',
  'reassign',
  'complete',
  'retry',
  'skip',
  'abort',
  'pause',
  'resume',
  'amend',
  'event',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** Those that are about a step, whose id is their value. */
export const stepEvents: readonly EventKind[] = [
  'approve',
  'reject',
  'reassign',
  'complete',
  'retry',
  'skip',
];

export interface TestEvent {
  does: EventKind;
  line: number;
  /** For events about a step. */
  step?: string;
  /** Name of the event from outside. */
  event?: string;
  /** Key of the event from outside. */
  key?: string;
  data?: JsonObject;
  /** An e-mail address. Without it: who is asked, or the runbook's owner. */
  by?: string;
  comment?: string;
  /** Enters the vote that this person gave in a meeting. */
  for?: string;
  minutes?: string;
  /** What an approval fills in. */
  form?: JsonObject;
  /** What a task or a step completed by hand gives. */
  output?: JsonObject;
  /** Other input for a retry. */
  with?: JsonObject;
  /** New values of inputs. */
  inputs?: JsonObject;
  /** Who is to sign instead. */
  to?: string[];
  /** Counted from when it became possible. */
  after?: Duration;
  /** Only once this step has begun. */
  when?: string;
  /** It must be refused. */
  refused?: boolean;
}

export interface Expectation {
  status: string;
  reason?: string;
  /** Steps that did something, in the order in which they began; an undo stands as `STEP.undo`. */
  path?: string[];
  steps?: Record<string, string>;
  /** Step id -> a part of the input it was called with. */
  calls?: JsonObject;
  /** Step ids and action names. */
  notCalled?: string[];
  outputs?: JsonObject;
  takes?: { atLeast?: Duration; atMost?: Duration };
  /** What the run waits for when nothing more happens. */
  waitsFor?: string[];
  /** Step id -> a part of what it failed with. */
  failures?: Record<string, string>;
  /** Step id or action name -> how often, and in local time when, it is called. */
  called?: Record<string, number | { times?: number; at?: string | string[] }>;
  /** Id of a repeat -> how many rounds it took. */
  rounds?: Record<string, number>;
  notTold?: { to?: string; subject?: string; text?: string }[];
  told?: { to?: string; subject?: string; text?: string }[];
}
