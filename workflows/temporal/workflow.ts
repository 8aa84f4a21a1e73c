/**
 * The one workflow, exported as Temporal's default: a run's workflow type is its runbook's name, so that Temporal's own UI
 * reads well.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  defineQuery,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Commands } from '../commands.ts';
import {
  type AbortCommand,
  type Command,
  type CompleteCommand,
  type JournalEntry,
  queries,
  type RetryCommand,
  type RunStart,
  type RunView,
  updates,
  type VoteReceipt,
  type VoteRequest,
} from '../messages.ts';
import { Run, type RunResult } from '../run.ts';
import { Refusal } from '../votes.ts';
import { TemporalPort } from './port.ts';

const vote = defineUpdate<VoteReceipt, [VoteRequest]>(updates.vote);
const retry = defineUpdate<void, [RetryCommand]>(updates.retry);
const skip = defineUpdate<void, [Command]>(updates.skip);
const complete = defineUpdate<void, [CompleteCommand]>(updates.complete);
const abort = defineUpdate<void, [AbortCommand]>(updates.abort);
const view = defineQuery<RunView>(queries.view);
const journal = defineQuery<JournalEntry[], [number]>(queries.journal);

export default async function runbook(start: RunStart): Promise<RunResult> {
  const run = new Run(start, TemporalPort.forThisWorkflow(), workflowInfo().firstExecutionRunId);
  listen(run.commands);
  setHandler(view, () => run.state.view());
  setHandler(journal, (after) => run.state.journal.slice(after));
  const result = await run.execute();
  await condition(allHandlersFinished);
  return result;
}

/** Before the first await, since an Update that comes with the start would find no handler otherwise. */
function listen(commands: Commands): void {
  const checked =
    <Request, Result>(act: (request: Request) => Result) =>
    (request: Request): Result => {
      try {
        return act(request);
      } catch (error) {
        if (error instanceof Refusal) throw ApplicationFailure.nonRetryable(error.message, error.type);
        throw error;
      }
    };
  setHandler(
    vote,
    checked((request: VoteRequest) => commands.vote(request)),
    {
      validator: checked((request: VoteRequest) => commands.checkVote(request)),
    },
  );
  setHandler(
    retry,
    checked((command: RetryCommand) => commands.retry(command)),
    {
      validator: checked((command: RetryCommand) => commands.checkRetry(command)),
    },
  );
  setHandler(
    skip,
    checked((command: Command) => commands.skip(command)),
    {
      validator: checked((command: Command) => commands.checkSkip(command)),
    },
  );
  setHandler(
    complete,
    checked((command: CompleteCommand) => commands.complete(command)),
    {
      validator: checked((command: CompleteCommand) => commands.checkComplete(command)),
    },
  );
  setHandler(
    abort,
    checked((command: AbortCommand) => commands.abort(command)),
    {
      validator: checked((command: AbortCommand) => commands.checkAbort(command)),
    },
  );
}
