/** Opens the start that came through Temporal: the worker has checked the seal, and here it is compared with the workflow that it begins. */
import { ApplicationFailure } from '@temporalio/workflow';
import { reservedName, type SealedStart, type StartFor, unsealedReason } from '../../plan/sealed.ts';
import { sealedSince } from '../command-opener.ts';
import type { RunStart, ScheduledStart } from '../messages.ts';
import { noteRefusal } from './refusals.ts';

export interface Begun<Start = RunStart> {
  start: Start;
  /** Absent in a run of an engine that bound nothing. */
  for?: StartFor;
}

/** Ends the workflow at once when its start is not ours, or not for this workflow. */
export function openStart(
  given: SealedStart<RunStart | ScheduledStart> | RunStart,
  workflowId: string,
): Begun<RunStart | ScheduledStart> {
  const why = unsealedReason(given);
  if (why !== undefined) throw notSealed(`This start is not believed: ${why}.`);
  if (reservedName(given) !== '$start') {
    const start = given as RunStart;
    // Such a run calls nothing, unless it was live when the bound ones came.
    if (start.engine < sealedSince) return { start };
    throw notSealed('This start is not believed: it is for no workflow.');
  }
  const { $start, start } = given as SealedStart<RunStart | ScheduledStart>;
  if (!isFor($start, workflowId))
    throw notSealed(
      `This start was made for the workflow ${$start.workflow}, and begins nothing under the id ${workflowId}.`,
    );
  return { start, for: $start };
}

/** A time, as Temporal's schedules put it behind the id. */
const firedAt = /^-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

function isFor({ workflow, scheduled }: StartFor, workflowId: string): boolean {
  if (!scheduled) return workflow === workflowId;
  return workflowId.startsWith(workflow) && firedAt.test(workflowId.slice(workflow.length));
}

function notSealed(message: string): ApplicationFailure {
  noteRefusal({ what: 'start', why: message });
  return ApplicationFailure.nonRetryable(message, 'NotSealed');
}
