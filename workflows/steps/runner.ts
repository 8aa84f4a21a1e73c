/** What carries out a step of one kind. `kinds.ts` registers each kind here, so that kinds can run steps inside them. */
import type { Json, JsonObject, Step, StepKind } from '../../plan/plan.ts';
import type { Occasion } from '../occasion.ts';

export interface StepResult {
  output?: Json;
  approvers?: string[];
  /** Of an action that was read back and took hold. */
  verified?: true;
  /** Set by steps that may end otherwise than by succeeding. One that still waits lets the steps after it go on. */
  status?: 'succeeded' | 'rejected' | 'expired' | 'waiting';
}

/** Runs one step of its kind. `edited` replaces an action's input after a retry with edits. */
export type Runner<K extends StepKind> = (
  step: Extract<Step, { kind: K }>,
  occasion: Occasion,
  edited?: JsonObject,
) => Promise<StepResult>;

export type Runners = { [K in StepKind]: Runner<K> };

/** By kind, filled before the first run begins. */
export const runners = {} as Runners;
