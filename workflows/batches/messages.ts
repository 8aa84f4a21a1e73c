/** A part of a run that is carried out as a child, so that the run's own history stays small. */
import type { ListReference } from '../../plan/kept-list.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { Failure, Left } from '../outcomes.ts';

/** A write of which nobody knows whether it took hold: its key, what was said, and in which rounds it was so. */
export type Unanswered = [key: string, message: string, rounds?: string[]];

export interface Batch {
  /** The run that the work belongs to: what every call's idempotence is keyed by. */
  run: string;
  work: ItemsWork | RoundsWork | UndoWork;
}

/** Some of the items of a forEach. */
export interface ItemsWork {
  type: 'items';
  /** Id of the forEach. */
  step: string;
  /** Where the forEach itself stands: inside which items and rounds. */
  item: string;
  round: string;
  /** How often what was done on an occasion was taken back. */
  undone?: [occasion: string, times: number][];
  /** Without their values where the list is kept beside the run. */
  items: { index: number; value?: Json }[];
  list?: ListReference;
  /** Writes of these items of which nobody knows whether they took hold. */
  unanswered?: Unanswered[];
  /** How many of these may fail before no new one is started. */
  tolerated: number;
  /** How many outputs are still collected. */
  collect: number;
  /** What the steps can see, besides the inputs, the ticket and the organisation. */
  variables: JsonObject;
}

/** Some of the rounds of a repeat. */
export interface RoundsWork {
  type: 'rounds';
  /** Id of the repeat, and where it stands. */
  step: string;
  item: string;
  round: string;
  /** How often what was done on an occasion was taken back. */
  undone?: [occasion: string, times: number][];
  /** The first round that is done here, from 1. */
  from: number;
  limits: { lastRound?: number; lastAt?: number; atMostHere?: number };
  variables: JsonObject;
}

/** Takes back what items or rounds did. */
export interface UndoWork {
  type: 'undo';
  undos: PendingUndo[];
  concurrency: number;
}

/** What would take a completed step of an item back. */
export interface PendingUndo {
  /** The step's key in the run: its id and the item. */
  key: string;
  /** The forEach item it belongs to: undos of one item keep their order. */
  item: string;
  /** The round of a repeat: each is taken back by itself. */
  round: string;
  uses: string;
  input: Json;
  /** The warrants under which the step was done: its undo is done under the same, whatever became of them since. */
  warrants?: string[];
  /** Why the input could not be computed when the step completed: a person has to take it back. */
  problem?: string;
}

export interface BatchResult {
  done: number[];
  failed: { index: number; message: string }[];
  /** Items that a `fail` step ended; of rounds, why one ended them. */
  onPurpose?: { index: number; message: string }[];
  /** Why no more were begun, where what was called is not what was signed. */
  refused?: { type: string; message: string };
  /** Not begun, since the history was long enough or too many had failed. */
  left: number[];
  collected: Json[];
  /** From which item each of these is, where that matters. */
  collectedFrom?: number[];
  undos: PendingUndo[];
  /** What is to be taken back at once, since it was done for items that failed. */
  undoNow?: PendingUndo[];
  /** What a person must settle of what was done here. */
  settle?: Left[];
  /** Writes of which nobody knows whether they took hold: their keys, and what was said. */
  unanswered?: Unanswered[];
  /** Of rounds: how far they came, and what their steps gave last. */
  rounds?: { next: number; end: 'holds' | 'over' | 'full' };
  published?: JsonObject;
  /** What the repeat remembers. */
  state?: JsonObject;
  /** Why a round could not be done. */
  failure?: Failure;
  /** A step in it ended the run: what was done so far is told all the same. */
  ended?: { status: 'succeeded' | 'failed' | 'rejected' | 'cancelled'; reason: string };
  /** Stopped from outside; what was done so far is told all the same. */
  cancelled?: true;
}
