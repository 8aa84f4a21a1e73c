/**
 * A run as an engine before this one left it behind: begun by version 2, which bound its calls to nothing and named no warrants, listed
 * when the tables were brought up to date, and carried out since by whatever worker is there.
 */
import { Client, type Connection } from '@temporalio/client';
import pg from 'pg';
import { composeStart } from '../../activities/engine/run-start.ts';
import type { Plan } from '../../plan/plan.ts';
import { openStore } from '../../store/store.ts';
import { loadKeyRing } from '../../vault/key-ring.ts';
import { dataConverter } from '../../vault/payloads.ts';
import { Seal } from '../../vault/seal.ts';
import type { TestStack } from './stack.ts';

export interface OlderRun {
  id: string;
  workflowId: string;
}

/** Call it while no worker is there: it must be listed before anything of it happens. */
export async function startedByEngine2(
  stack: TestStack,
  connection: Connection,
  { planHash, inputs, requester }: { planHash: string; inputs: Record<string, string>; requester: string },
): Promise<OlderRun> {
  const keys = await loadKeyRing(stack.dataFolder);
  const seal = new Seal(keys);
  const database = String(stack.stack.parts.postgres.ready.url);
  const store = await openStore(database, seal);
  const owner = new pg.Client({ connectionString: database });
  await owner.connect();
  try {
    const plan = (await store.runs.plan(planHash)) as Plan;
    const order = { plan, inputs, requester: { id: requester, name: requester, roles: [] } };
    const composed = composeStart(
      { ...order, cause: { type: 'manual' } },
      { configuration: { separationOfDuties: [], organisation: {} }, plans: [plan], seal },
    );
    if ('problems' in composed) throw new Error(composed.problems.join(' '));
    const { workflowId } = composed;
    const { namespace } = stack.stack.parts.temporal.ready as { namespace: string };
    const client = new Client({ connection, namespace, dataConverter: dataConverter(keys) });
    const { firstExecutionRunId: id } = await client.workflow.start(plan.runbook, {
      workflowId,
      taskQueue: 'countersign',
      args: [{ ...composed.start, engine: 2 }],
      staticSummary: plan.title,
    });
    const { runbook, title, kind, owner: owns } = plan;
    await store.runs.add({
      ...{ id, workflowId, runbook, title, kind, owner: owns, planHash, requester },
      startedAt: new Date().toISOString(),
    });
    await store.audit.append({
      runId: id,
      kind: 'run.started',
      actor: requester,
      data: { runbook, title, planHash, cause: 'manual' },
    });
    await owner.query('insert into unbound_run (run_id, workflow_id) values ($1, $2)', [id, workflowId]);
    await owner.query('insert into older_run (run_id) values ($1)', [id]);
    return { id, workflowId };
  } finally {
    await owner.end();
    await store.close();
  }
}
