/**
 * Starts the run that a schedule's firing is for. The start is put together here and now: by the engine that runs now, and by the
 * organisation and the rules of approvals as the configuration has them now.
 */
import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { composeStart, type StartSurroundings } from '../activities/engine/run-start.ts';
import type { Notice } from '../activities/engine/services.ts';
import { beginRun } from '../activities/kit/begin-run.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { resolvePeople } from '../organisation/people.ts';
import { defined } from '../plan/defined.ts';
import { errorText } from '../plan/error-text.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { JsonObject, Plan, ScheduleTrigger, Step } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import type { Seal } from '../vault/seal.ts';
import type { StartScheduledInput, StartScheduledResult } from '../workflows/engine-activities.ts';
import { evaluateTemplate } from '../workflows/expressions.ts';
import type { RunStart } from '../workflows/messages.ts';

interface Options {
  client: Client;
  taskQueue: string;
  store: { runs: Pick<Store['runs'], 'plan' | 'add'>; starts: Pick<Store['starts'], 'executionOf'> };
  seal: Seal;
  configuration: () => StartSurroundings['configuration'] & Pick<Configuration, 'roles'>;
  tell: (notice: Notice) => Promise<void>;
}

const requester = { id: 'schedule', name: 'The schedule', roles: [] };

export function scheduledStarts(options: Options) {
  return async ({ schedule, fired }: StartScheduledInput): Promise<StartScheduledResult> => {
    const { store, seal, client, taskQueue } = options;
    const { planHash, trigger: index, commit, author } = schedule;
    const plan = await store.runs.plan(planHash);
    if (!plan)
      throw new Error(`The plan ${planHash} of "${schedule.runbook}" is not kept, so it cannot be started.`);
    const refused = (why: string) => refuse(plan, { fired, why }, options);
    const trigger = plan.triggers.filter(({ type }) => type === 'schedule')[index] as
      | ScheduleTrigger
      | undefined;
    if (!trigger) return refused(`The runbook has no such schedule any more.`);
    const inputs = evaluateTemplate(trigger.inputs, {}) as JsonObject;
    const cause: RunStart['cause'] = { type: 'schedule', key: fired };
    const plans = await plansCalledBy(plan, store.runs);
    const composed = composeStart(
      { plan, inputs, requester, cause },
      { configuration: options.configuration(), plans, seal, ...defined({ commit, author }) },
    );
    if ('problems' in composed) return refused(`Its inputs do not fit: ${composed.problems.join(' ')}`);
    const { workflowId, start } = composed;
    const sealed = { $start: { number: randomBytes(12).toString('base64url'), workflow: workflowId }, start };
    const { runId, how } = await beginRun(client, taskQueue, sealed);
    if (how === 'another cause')
      return refused(
        `Run ${runId} is live for the same, and "${plan.title}" runs once at a time for the same.`,
      );
    if (how === 'started') await store.starts.executionOf(sealed.$start.number, runId);
    await list(runId, workflowId, plan, options);
    return { run: runId };
  };
}

function list(runId: string, workflowId: string, plan: Plan, { store }: Options): Promise<void> {
  const { runbook, title, kind, owner, hash: planHash } = plan;
  return store.runs.add({
    id: runId,
    workflowId,
    runbook,
    title,
    kind,
    owner,
    planHash,
    requester: requester.id,
    startedAt: new Date().toISOString(),
  });
}

/** Nobody waits for the answer of a schedule, so whoever operates the runbook is told. */
async function refuse(
  plan: Plan,
  { fired, why }: { fired: string; why: string },
  { tell, configuration }: Options,
): Promise<StartScheduledResult> {
  const to = ownersOf(plan, configuration().roles);
  if (to.length > 0)
    await tell({
      id: `${fired}.refused`,
      to,
      subject: `Nothing was started: ${plan.title} (its schedule)`,
      text: `The schedule of "${plan.title}" was due, and nothing was started. ${why}\n\nStart it by hand if it is needed:  countersign run ${plan.runbook}`,
    });
  return { refused: why };
}

function ownersOf({ owner }: Plan, roles: Configuration['roles']): string[] {
  try {
    return resolvePeople([owner], roles);
  } catch (error) {
    console.error(`Nobody could be told that a schedule started nothing: ${errorText(error)}`);
    return [];
  }
}

/** With those that they call in turn. */
async function plansCalledBy(plan: Plan, runs: Pick<Store['runs'], 'plan'>): Promise<Plan[]> {
  const found = new Map<string, Plan>();
  const visit = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      if (step.kind === 'runbook' && !found.has(step.planHash)) {
        const called = await runs.plan(step.planHash);
        if (called) {
          found.set(called.hash, called);
          await visit([...called.steps, ...called.finally]);
        }
      }
      for (const inner of innerSteps(step)) await visit(inner);
    }
  };
  await visit([...plan.steps, ...plan.finally]);
  return [...found.values()];
}
