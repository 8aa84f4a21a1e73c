/** Whether a write may begin, and what must be so when it does: what the kit asks, and is told. */
import type { CallContext, Effect, Json } from '../../plan/plan.ts';
import type { SystemParts } from '../../plan/warrant.ts';

/** On what a call would act, and what that was called before. */
export interface ActingOn {
  connector: string;
  title: string;
  now: SystemParts;
  formerly: SystemParts[];
  /** Whether this part is one of the connector's own settings: others stand for actions of the same name. */
  has(part: string): boolean;
}

export interface GuardedAttempt {
  call: CallContext;
  action: string;
  /** As the action has it now. */
  effect: Effect;
  attempt: number;
  /** On what it would act. Without it nobody asks. */
  system?(): Promise<ActingOn>;
}

/** What must still be so in the statement that records the beginning of a write; else it is not recorded, and not begun. */
export interface Unchanged {
  /** How many papers of approvals these runs have. */
  papers?: { runs: readonly string[]; count: number };
  /** This call has not been begun before. */
  notBegun?: string;
  /** This call has been begun before. */
  begun?: string;
}

/** On what a write may begin. */
export interface Leave {
  /** Which call it is. */
  call?: string;
  warrants?: string[];
  /** Of a destructive action: its input was computed again, and is this; false where it could not be. */
  derived?: boolean;
  /** On what it acts, where it is behind an approval. */
  system?: SystemParts;
  /** The configuration says that this is the system that was called otherwise when people were asked. */
  renamed?: true;
  unchanged: Unchanged;
}

/** What was refused, for the record of the run that it was said to be for, or else of whoever asked. */
export interface RefusedCall {
  run: string;
  activity: string;
  step?: string;
  why: string;
}

/** Asked beside every effect. */
export interface WriteGuard {
  /** The stricter of what was planned and what the action is by now. */
  effectOf(attempt: GuardedAttempt): Promise<Effect>;
  /** Rejects with `NotCovered` for what nobody signed. */
  decide(attempt: GuardedAttempt, input: Json): Promise<Leave>;
  /** What was decided on has changed: it is read anew. */
  forget(): void;
  /** Keeps what an input behind an approval will be computed with. */
  done(call: CallContext, output: Json): Promise<void>;
  refused(attempt: GuardedAttempt, why: string): Promise<void>;
}
