import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { planOf } from '../compiler/testing.ts';
import type { Plan } from '../plan/plan.ts';
import { describeWith, testTemporal } from '../test/support/services.ts';
import { until } from '../test/support/stack.ts';
import { ENGINE_VERSION } from '../workflows/messages.ts';
import type { Library } from './runbooks.ts';
import { Schedules } from './schedules.ts';

const temporal = await testTemporal();

function review(name: string, cron: string): Plan {
  return planOf(`runbook: ${name}
on:
  - schedule: { cron: ${cron}, timezone: Europe/Berlin }
    inputs: { scope: all }
inputs:
  scope: { type: string }
steps:
  - { id: look, uses: entra.getUser, with: { user: "\${{ inputs.scope }}" } }`);
}

describeWith(temporal)('The schedules of the runbooks', () => {
  const name = `review-${process.pid}`;
  const taskQueue = `schedules-${process.pid}`;
  let connection: Connection;
  let client: Client;
  let schedules: Schedules;
  let library: Library;
  const log: string[] = [];

  const use = (plans: Plan[], hasErrors = false) => {
    const configuration = { organisation: {}, separationOfDuties: [] } as unknown as Configuration;
    library = {
      plans: new Map(plans.map((plan) => [plan.runbook, plan])),
      configuration,
      hasErrors,
      authors: new Map(),
      catalogue: new Map(),
    };
  };
  const mine = async () => {
    const found: string[] = [];
    for await (const { scheduleId, spec } of client.schedule.list())
      if (scheduleId.includes(name))
        found.push(`${scheduleId} ${JSON.stringify(spec?.calendars?.[0]?.hour)}`);
    return found;
  };
  /** Temporal's list follows a moment later. */
  const listed = (count: number) =>
    until(`${count} schedules`, async () => {
      const found = await mine();
      return found.length === count ? found : undefined;
    });

  beforeAll(async () => {
    connection = await Connection.connect({ address: temporal?.address ?? '' });
    client = new Client({ connection, namespace: temporal?.namespace ?? '' });
    schedules = new Schedules({
      client,
      taskQueue,
      library: () => library,
      log: (line) => log.push(line),
    });
  }, 300_000);

  afterAll(async () => {
    use([]);
    await schedules.reconcile();
    await connection.close();
  });

  it('are made once, and start runs of the plan with its inputs', async () => {
    use([review(name, '0 8 * * MON')]);
    await schedules.reconcile();
    await listed(1);
    await schedules.reconcile();
    expect(await listed(1)).toHaveLength(1);
    const handle = client.schedule.getHandle(`countersign/${name}/1`);
    const { spec } = await handle.describe();
    expect(spec.timezone).toBe('Europe/Berlin');
    await handle.trigger();
    const started = await until('the run', async () => {
      const { info } = await handle.describe();
      return info.recentActions[0]?.action.workflow.workflowId;
    });
    const { events } = await client.workflow.getHandle(started).fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    const { $start, start } = JSON.parse(Buffer.from(payload as Uint8Array).toString());
    // Good for the workflows of this schedule, and for nothing else.
    expect($start).toMatchObject({ workflow: `${name}-scheduled`, scheduled: true });
    // Which plan it is about, and nothing that may be another by the time it fires.
    expect(start).toEqual({
      engine: ENGINE_VERSION,
      schedule: {
        id: `countersign/${name}/1`,
        runbook: name,
        planHash: library.plans.get(name)?.hash,
        trigger: 0,
      },
    });
    await client.workflow.getHandle(started).terminate();
  });

  it('follow a change, and go with their runbook, but not while a runbook has an error', async () => {
    use([review(name, '0 9 * * MON')]);
    await schedules.reconcile();
    await until('the new time', async () => ((await mine())[0]?.includes('"start":9') ? true : undefined));
    use([], true);
    await schedules.reconcile();
    expect(await mine()).toHaveLength(1);
    use([]);
    await schedules.reconcile();
    await listed(0);
    expect(log).toEqual([]);
  });
});
