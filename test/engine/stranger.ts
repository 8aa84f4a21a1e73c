/** What somebody with all of Temporal can do by hand: read histories, and complete a workflow's task in its worker's place. */
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { dataConverter } from '../../vault/payloads.ts';
import type { LiveRun } from './engine-stack.ts';
import { testKeys } from './sealing.ts';

type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;
const { CommandType, QueryResultType } = proto.temporal.api.enums.v1;

export async function eventsOf(client: Client, run: LiveRun): Promise<HistoryEvent[]> {
  const { events } = await client.workflow.getHandle(run.workflowId, run.id).fetchHistory();
  return events ?? [];
}

/** The bytes of the last command that the run took. */
export function commandOf(events: HistoryEvent[]): Payload {
  const taken = events.flatMap(
    (event) =>
      event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads ?? [],
  );
  return taken.at(-1) as Payload;
}

/** The bytes of something that our side sent, as somebody sees them who listens on the way. */
export async function payloadsOf(value: unknown): Promise<Payload> {
  const plain = defaultPayloadConverter.toPayload(value);
  const [payload] = (await dataConverter(testKeys).payloadCodecs?.[0]?.encode([plain])) ?? [];
  return payload as Payload;
}

interface Scheduled {
  activity: string;
  input: Payload[];
}

/** Takes the run's next workflow task before its worker does, and has these activities scheduled. */
export async function scheduleAs(
  client: Client,
  run: Pick<LiveRun, 'workflowId'>,
  scheduled: Scheduled[],
  queue = 'countersign.test',
): Promise<void> {
  const { namespace } = client.options;
  await client.workflow.getHandle(run.workflowId).signal('wake');
  for (;;) {
    const task = await client.connection.withDeadline(Date.now() + 70_000, () =>
      client.workflowService.pollWorkflowTaskQueue({
        namespace,
        taskQueue: { name: 'countersign' },
        identity: 'stranger',
      }),
    );
    if (task.workflowExecution?.workflowId !== run.workflowId) continue;
    await client.workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken: task.taskToken,
      identity: 'stranger',
      commands: scheduled.map(({ activity, input }, index) => ({
        commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: `stranger-${index}`,
          activityType: { name: activity },
          taskQueue: { name: queue },
          input: { payloads: input },
          startToCloseTimeout: { seconds: 10 as never },
          retryPolicy: { maximumAttempts: 1 },
        },
      })),
    });
    return;
  }
}

/** Answers the next question that somebody asks of the run, in its worker's place. */
export async function answerQuery(client: Client, run: LiveRun, payloads: Payload[]): Promise<void> {
  const { namespace } = client.options;
  for (;;) {
    const task = await client.connection.withDeadline(Date.now() + 70_000, () =>
      client.workflowService.pollWorkflowTaskQueue({
        namespace,
        taskQueue: { name: 'countersign' },
        identity: 'stranger',
      }),
    );
    if (task.workflowExecution?.workflowId !== run.workflowId || !task.query) continue;
    await client.workflowService.respondQueryTaskCompleted({
      namespace,
      taskToken: task.taskToken,
      completedType: QueryResultType.QUERY_RESULT_TYPE_ANSWERED,
      queryResult: { payloads },
    });
    return;
  }
}
