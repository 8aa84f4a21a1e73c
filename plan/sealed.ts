/**
 * What goes through Temporal and is acted upon, and what binds it to its place: whoever gets one compares that with where it
 * stands, so that nothing sealed for one purpose serves another. The names with `$` stand at the top of a payload and nowhere else.
 */
import type { CallContext, Json } from './plan.ts';

/** What a gateway signs of an Update, before the run believes it. */
export interface GivenCommand {
  /** The run it is for, by the id of its first execution. */
  run: string;
  planHash?: string;
  /** Name of the Update. */
  command: string;
  step?: string;
  occasion?: string;
  /** Of the gate, as it was shown. */
  revision?: number;
  hash?: string;
  /** Who does it: an e-mail address or a service's name, lower case. */
  person: string;
  /** Milliseconds since 1970 by the gateway's clock. */
  at: number;
  /** Used once. */
  number: string;
  /** All that the run is told. */
  request: Json;
}

/** The signed text of a {@link GivenCommand}, as an Update carries it. */
export interface SealedCommand {
  $command: string;
  /** Id of the gateway's key. */
  key: string;
  /** Ed25519, base64url. */
  signature: string;
}

/** What the worker makes of it once the signature holds. Nobody else makes one: such a payload is refused. */
export type OpenedCommand = GivenCommand & { key: string };
export interface Opened {
  $opened: OpenedCommand;
}

/** Stands in the place of a payload that we did not seal, or that was not signed. */
export interface Unsealed {
  $unsealed: string;
}

/** Which workflow a start is for. */
export interface StartFor {
  /** A start with the same number begins one workflow once. */
  number: string;
  /** Workflow id. */
  workflow: string;
  /** Temporal puts a time behind the workflow id. */
  scheduled?: true;
  /** Its parent wants the answer bound to the number. */
  child?: true;
}

export interface SealedStart<Start> {
  $start: StartFor;
  start: Start;
}

/** Which call this is: of which activity, by which execution of which run, for which step. */
export interface BoundCall extends CallContext {
  activity: string;
  /** The execution in Temporal that calls, where it is not the run's first: a part of a run has one of its own. */
  execution?: string;
  /** The number of the start that began this execution. */
  start: string;
  /** The first half of the plan's hash, which is as good and costs every call half as much. */
  plan: string;
  /** How many calls the execution had made before. */
  place: number;
  /** Of a write, the warrants of all approvals that were given before it: see {@link import('./warrant.ts').Warrant}. */
  warrants?: string[];
}

export interface CallEnvelope {
  $call: BoundCall;
  input: Json;
}

/** `EXECUTION.PLACE` of the call it answers, the number of the start, or, of a query, the run's id. */
export interface Answer<Output = Json> {
  $answer: string;
  output: Output;
  /** Of a write that was read back and took hold. */
  verified?: true;
}

const reserved = ['$command', '$opened', '$unsealed', '$start', '$call', '$answer'] as const;

export type ReservedName = (typeof reserved)[number];

/** The first of our names at the top of a value. */
export function reservedName(value: unknown): ReservedName | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return reserved.find((name) => Object.hasOwn(value, name));
}

/** Why a payload is not believed; undefined for one that is. */
export function unsealedReason(value: unknown): string | undefined {
  return reservedName(value) === '$unsealed' ? String((value as Unsealed).$unsealed) : undefined;
}

/** What a run says of itself. Throws when it is another run's word, which somebody gave in this one's place. */
export function saidBy<Output>(answer: Answer<Output>, run: string): Output {
  if (answer?.$answer === run) return answer.output;
  throw new Error(`What came from Temporal as the word of run ${run} is not its own, so it is not believed.`);
}

/** The random end of the execution's id, and the place. */
export function answerMark(call: Pick<BoundCall, 'run' | 'execution' | 'place'>): string {
  return `${executionOf(call).slice(-12)}.${call.place}`;
}

export function executionOf({ execution, run }: Pick<BoundCall, 'run' | 'execution'>): string {
  return execution ?? run;
}

export function planMark(planHash: string): string {
  return planHash.slice(0, 32);
}

/** The number under which a start begins: of a schedule's, each of its workflows once. */
export function startNumber({ number, scheduled }: StartFor, workflowId: string): string {
  return scheduled ? `${number}@${workflowId}` : number;
}

/** Longest time between a gateway's signature and the run's first look at it. */
export const longestOnTheWayMs = 15 * 60_000;

/** Type of the failure of a call whose answer was not sealed for it, and of one that was refused beside the effect. */
export const notOurs = 'NotOurs';
