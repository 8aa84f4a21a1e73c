/**
 * Where a step runs: which run, which item of a list, which round, inside which window, and how often its work was taken back.
 * It owns the port, the names that expressions see, and the one key by which calls, progress and undos are told apart. An
 * operator's retry is the same occasion; a new round, or doing again what was undone, is another.
 */
import { innerSteps } from '../plan/inner-steps.ts';
import type {
  ApproveStep,
  ForEachStep,
  Json,
  JsonObject,
  RepeatStep,
  RunbookStep,
  Step,
  Undo,
  WaitStep,
} from '../plan/plan.ts';
import type { PendingUndo } from './batches/messages.ts';
import type { Variables } from './expressions.ts';
import type { Cover, HandChange } from './hands.ts';
import type { EventRequest, RunStart } from './messages.ts';
import type { CallOptions, Port } from './port.ts';
import type { OpenGate, RunState } from './state.ts';
import type { UndoScope } from './undo-scope.ts';

/** Asked before a step begins inside a window. Rejects when the window is over, or frozen since. */
export type WindowGuard = (port: Port) => Promise<void>;

/** An approval that was asked for, as far as it concerns the steps after it. */
export interface AskedApproval {
  readonly gate: OpenGate;
  readonly step: ApproveStep;
  readonly cover: Cover;
  /** It was approved, whether or not its people are asked about a change at the moment. */
  readonly isSigned: boolean;
  /** Whom it named when it was approved. */
  readonly signedBy: string[] | undefined;
  readonly instead: string[] | undefined;
  readonly isOpen: boolean;
  /** What became of a proposal is being put on paper: calls wait for that. */
  readonly issuing: boolean;
  /** Somebody beside the step waits for what becomes of a proposal. */
  readonly settling: boolean;
  /** After anything changed: is this still what people were shown? */
  refresh(): void;
}

/** A warrant as calls name it. */
export interface NamedWarrant {
  /** Of the approval: `[3]`, or empty. */
  item: string;
  name: string;
}

/** What a step may know and ask of the run that it is part of. */
export interface RunOfSteps<Approval extends AskedApproval = AskedApproval> {
  readonly id: string;
  readonly start: RunStart;
  readonly state: RunState;
  readonly gates: ReadonlyMap<string, Approval>;
  readonly proposals: {
    isHeld(step: string): boolean;
    /** Of the proposals that would change the list of this loop, the inputs as they would be. */
    ofList(step: string): JsonObject[];
    /** Those for which this step waits fall. */
    giveUp(step: string, reason: string): void;
    /** Raised whenever one is made or settled. */
    readonly revision: number;
  };
  /** What people do by hand where nobody asked them to. */
  readonly byHand: {
    /** Gives what ends the asking about it. */
    event(step: WaitStep, event: EventRequest, inForce: () => void): (reason: string) => void;
    /** What they changed in the run that this step called: what it gives is by their hands too. */
    called(step: RunbookStep, hands: readonly HandChange[]): void;
  };
  /** By the key of the approval. */
  readonly warrants: Map<string, NamedWarrant>;
  /** Resolves once the run is not paused. */
  resumed(port: Port): Promise<void>;
  /** Makes a step's result visible to the expressions after it. */
  publish(
    occasion: Occasion,
    step: Step,
    result: { status: string; output?: Json; approvers?: string[] },
  ): void;
  /** What a step that is tried again goes on from, such as the items a forEach has done. Gone once it was taken back. */
  progressOf<T>(key: string, occasion: Pick<Occasion, 'undoScope'>, make: () => T): T;
  /** Remembers what would take a completed step back, as it stands now. */
  onCompleted(step: Step, call: Undo, occasion: Occasion): void;
  /** The same for what others did for a step: items and rounds in batches, a called runbook. */
  onOthersDid(step: ForEachStep | RepeatStep | RunbookStep, undos: PendingUndo[], occasion: Occasion): void;
  /**
   * Takes back what was done within the scopes, and forgets how far its steps had come. Stopped before its end, it is gone on with before
   * anything more is done for the step: it is `by` this one that the scopes were begun.
   */
  takeBack(scopes: readonly UndoScope[], port: Port, by: string): Promise<void>;
  /** Taking back what was done for the step, by its {@link occasionKey}, was stopped before its end. */
  isHalfTakenBack(by: string): boolean;
  finishTakingBack(by: string, port: Port): Promise<void>;
  /** In a part of a run: it is taken back by the run. */
  takeBackLater(scope: UndoScope): void;
  /** How often the work of this occasion was taken back. */
  timesUndone(occasion: string): number;
  countUndone(occasion: string): void;
  undoneSoFar(): [occasion: string, times: number][];
  /** Approvals that may be given afterwards, and that nobody has decided yet. */
  readonly owed: Set<string>;
  /** Does something beside the steps that must be done before the run ends well. */
  beforeEnd(work: (port: Port) => Promise<void>): void;
  /** In the view and for votes; what it shows is watched from now on. */
  register(approval: Approval): void;
  /** The inputs as they are at this moment, whatever is amended later. */
  inputsNow(): Record<string, unknown>;
  /** Of one approval several reviews may be open at once: each has a number. */
  countReview(gate: string): number;
  /** People could not be asked: the step is tried again. */
  forgetGate(approval: Approval): void;
}

export interface Occasion {
  run: RunOfSteps;
  port: Port;
  variables: Variables;
  /** Behind the ids of the steps here: empty, or `[3]` inside the fourth item of a forEach. */
  item: string;
  /** By its name, the value of each item that this is done for: no signature is given without it. */
  items?: Readonly<Record<string, Json>>;
  /** Which round of a repeat this is: empty, or `.2` in its second. A write of a later round is a new one. */
  round: string;
  /** What is taken back together with the work done here. */
  undoScope: UndoScope;
  window?: WindowGuard;
  /** When the window closes. */
  closesAt?: number;
  /** Inside a forEach a step that fails fails its item, instead of parking by itself. */
  failFast?: true;
}

/** For what goes on when its window may be over, and the item that it belongs to: it is held to neither. */
export function outside({ failFast: _, window: __, closesAt: ___, ...rest }: Occasion): Occasion {
  return rest;
}

/** What a step is called in the run's state and its journal: unique in the run, the same in every round. */
export function stepKey(step: Pick<Step, 'id'>, { item }: Pick<Occasion, 'item'>): string {
  return step.id + item;
}

/** What tells this occasion of a step from every other: under it stand its progress and how often it was undone. */
export function occasionKey(
  step: Pick<Step, 'id'>,
  { item, round }: Pick<Occasion, 'item' | 'round'>,
): string {
  return step.id + item + round;
}

/** Behind the step's id in a call: the key of its idempotence. */
export function callItem(step: Pick<Step, 'id'>, occasion: Occasion): Pick<CallOptions, 'item'> {
  const undone = occasion.run.timesUndone(occasionKey(step, occasion));
  const item = occasion.item + occasion.round + (undone > 0 ? `~${undone}` : '');
  return item ? { item } : {};
}

/** What these steps gave the last time is not there any more: a new round, or work that was taken back, begins without it. */
export function forget(steps: readonly Step[], occasion: Occasion): void {
  const known = occasion.variables.steps as Record<string, unknown>;
  for (const step of steps) {
    delete known[step.id];
    for (const inner of innerSteps(step)) forget(inner, occasion);
  }
}
