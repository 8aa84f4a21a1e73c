/** Tells the worker what was not believed, for the record. Costs no history, and is not told again in a replay. */
import { proxySinks, type Sinks, workflowInfo } from '@temporalio/workflow';

export interface Refused {
  /** The Update, `start`, or the activity whose answer it was. */
  what: string;
  step?: string;
  why: string;
}

export interface RefusalSinks extends Sinks {
  refusals: {
    note(refused: Refused): void;
    /** Told in replays too. */
    noteOfReset(refused: Refused): void;
  };
}

const { refusals } = proxySinks<RefusalSinks>();

export function noteRefusal(refused: Refused): void {
  const { runId, firstExecutionRunId, continuedFromExecutionRunId, unsafe } = workflowInfo();
  // A run that was reset does nothing but replay, and believes none of the answers that were sealed for what it was.
  const isReset = runId !== firstExecutionRunId && continuedFromExecutionRunId === undefined;
  if (isReset && unsafe.isReplaying)
    refusals.noteOfReset({ ...refused, why: `Its run was reset in Temporal. ${refused.why}` });
  else refusals.note(refused);
}
