/** Begins a run in Temporal, once: the same cause again finds the run that it began, live or ended. */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { SealedStart } from '../../plan/sealed.ts';
import type { RunStart } from '../../workflows/messages.ts';

export interface StartedRun {
  runId: string;
  /** `started` now; `same cause` started it before; or a run of `another cause` holds the id. */
  how: 'started' | 'same cause' | 'another cause';
}

export async function beginRun(
  client: Client,
  taskQueue: string,
  sealed: SealedStart<RunStart>,
): Promise<StartedRun> {
  const { workflow: workflowId } = sealed.$start;
  const { cause, plan } = sealed.start;
  const earlier = await runOfCause(client, workflowId, cause.key);
  if (earlier) return { runId: earlier, how: 'same cause' };
  try {
    const handle = await client.workflow.start(plan.runbook, {
      workflowId,
      taskQueue,
      args: [sealed],
      workflowTaskTimeout: '5s',
      memo: { cause: cause.key ?? cause.type },
      staticSummary: plan.title,
    });
    return { runId: handle.firstExecutionRunId, how: 'started' };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const runId = raw.workflowExecutionInfo?.firstRunId ?? raw.workflowExecutionInfo?.execution?.runId ?? '';
    // Two deliveries of one transition may race past the look above.
    const raced = await runOfCause(client, workflowId, cause.key);
    return { runId, how: raced ? 'same cause' : 'another cause' };
  }
}

/** The latest run under this id, if this same cause started it. */
async function runOfCause(
  client: Client,
  workflowId: string,
  cause: string | undefined,
): Promise<string | undefined> {
  if (!cause) return undefined;
  try {
    const described = await client.workflow.getHandle(workflowId).describe();
    if (described.memo?.cause !== cause) return undefined;
    return described.raw.workflowExecutionInfo?.firstRunId ?? described.runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
