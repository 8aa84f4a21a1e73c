/**
 * The one workflow, exported as Temporal's default: a run's workflow type is its runbook's name, so that Temporal's own UI
 * reads well.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { defined } from '../../plan/defined.ts';
import type { Json } from '../../plan/plan.ts';
import type { Answer, SealedStart } from '../../plan/sealed.ts';
import type { BatchResult } from '../batches/messages.ts';
import { runBatch } from '../batches/run-batch.ts';
import { CommandOpener } from '../command-opener.ts';
import type { Commands } from '../commands.ts';
import {
  engineActivities,
  type StartScheduledInput,
  type StartScheduledResult,
} from '../engine-activities.ts';
import { type JournalAnswer, journalPage, type RunResult } from '../journal.ts';
import { ENGINE_VERSION, queries, type RunStart, type RunView, type ScheduledStart } from '../messages.ts';
import { Run } from '../run.ts';
import { type ViewPart, viewPage } from '../view-pages.ts';
import { Refusal } from '../votes.ts';
import { type Begun, openStart } from './opened.ts';
import { TemporalPort } from './port.ts';
import { noteRefusal } from './refusals.ts';

type Result = RunResult | BatchResult;

const view = defineQuery<Answer<RunView | ViewPart>, [number?]>(queries.view);
const journal = defineQuery<Answer<JournalAnswer>, [number]>(queries.journal);

export default async function runbook(
  given: SealedStart<RunStart | ScheduledStart> | RunStart,
): Promise<Result | Answer<Result> | StartScheduledResult> {
  const begun = openStart(given, workflowInfo().workflowId);
  if (isScheduled(begun)) return fire(begun);
  const result = await carryOut(begun as Begun<RunStart>);
  return begun.for?.child ? { $answer: begun.for.number, output: result } : result;
}

function isScheduled(begun: Begun<RunStart | ScheduledStart>): begun is Begun<ScheduledStart> {
  return 'schedule' in begun.start;
}

/** Has the run started that is due, put together by the rules of this moment. It is tried until Temporal and the database let it. */
async function fire({ start, for: startFor }: Begun<ScheduledStart>): Promise<StartScheduledResult> {
  refuseNewer(start);
  const { schedule, engine } = start;
  const port = TemporalPort.forThisWorkflow({
    start: { engine, plan: { hash: schedule.planHash } },
    ...defined({ for: startFor }),
  });
  const input: StartScheduledInput = { schedule, fired: workflowInfo().workflowId };
  const result = await port.call(engineActivities.startScheduled, input as unknown as Json, {
    step: 'schedule',
    timeoutMs: 60_000,
    // Until it succeeds: nobody else will start it. Temporal's "without end" cannot be said here.
    retry: { attempts: 1_000_000, firstMs: 1_000, factor: 2, maxMs: 60_000 },
  });
  return result as StartScheduledResult;
}

/** Fails this task and not the run: a worker of its own version takes it up. */
function refuseNewer({ engine }: { engine: number }): void {
  if (engine > ENGINE_VERSION)
    throw new Error(
      `This run was begun by version ${engine} of the engine, and this worker knows ${ENGINE_VERSION} at most. Upgrade the worker.`,
    );
}

async function carryOut(begun: Begun<RunStart>): Promise<Result> {
  const { start } = begun;
  refuseNewer(start);
  if (start.batch) return runBatch(start, start.batch, TemporalPort.forThisWorkflow(begun, start.batch.run));
  const id = workflowInfo().firstExecutionRunId;
  const port = TemporalPort.forThisWorkflow(begun);
  const run = new Run(start, port, id);
  const opener = new CommandOpener(
    start,
    id,
    () => port.now(),
    (what, why) => noteRefusal({ what, why }),
  );
  listen(run.commands, opener);
  const said = <Output>(output: Output): Answer<Output> => ({ $answer: id, output });
  setHandler(view, (from) => said(viewPage(run.state.view(), from)));
  setHandler(journal, (after) =>
    said({ ...journalPage(run.state.journal, after), summary: run.state.summary() }),
  );
  const result = await run.execute();
  // Also when the run was cancelled from outside: how it ended, and what was taken back, is its result all the same.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return result;
}

/** Before the first await, since an Update that comes with the start would find no handler otherwise. */
function listen(commands: Commands, opener: CommandOpener): void {
  for (const [update, { check, act }] of Object.entries(commands.handlers())) {
    const validator = (argument: unknown) => check(opener.look(update, argument).request as never);
    const handler = (argument: unknown) => act(opener.take(update, argument) as never);
    setHandler(defineUpdate<unknown, [never]>(update), refusable(handler), {
      validator: refusable(validator),
    });
  }
}

/** A refusal reaches the caller with its type and message; any other error is the engine's own and fails the task. */
function refusable<Request, Result>(act: (request: Request) => Result): (request: Request) => Result {
  return (request) => {
    try {
      return act(request);
    } catch (error) {
      if (error instanceof Refusal) throw ApplicationFailure.nonRetryable(error.message, error.type);
      throw error;
    }
  };
}
