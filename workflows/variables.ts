/** What the expressions of a run can name before any step has run. */
import type { Json, JsonObject, Plan } from '../plan/plan.ts';
import { bind, formerRules, type Variables } from './expressions.ts';
import type { RunPlan, RunStart } from './messages.ts';

export interface VariablesOf extends Pick<RunStart, 'requester' | 'ticket' | 'organisation'> {
  id: string;
  boundInputs: unknown;
  plan: Pick<Plan, 'runbook' | 'data' | 'organisation'>;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** The version the run was begun by; absent where nothing is replayed. */
  engine?: number;
}

export function runVariables(run: VariablesOf): Variables {
  return {
    inputs: run.boundInputs,
    steps: Object.create(null),
    run: bind({
      id: run.id,
      runbook: run.plan.runbook,
      requester: run.requester.id,
      startedAt: new Date(run.startedAt).toISOString(),
    }),
    ticket: bind((run.ticket ?? null) as unknown as Json),
    // What the plan was compiled with counts before what is configured by now.
    organisation: bind({ ...run.organisation, ...run.plan.organisation }),
    ...(run.plan.data ? { data: boundData(run.plan.data) } : {}),
    ...(run.engine !== undefined && run.engine < 3 ? { [formerRules]: true } : {}),
  };
}

const dataBound = new WeakMap<Record<string, Json>, unknown>();

/** Every branch asks for the variables anew, and a table may be long. */
function boundData(data: Record<string, Json>): unknown {
  const known = dataBound.get(data) ?? bind(data);
  dataBound.set(data, known);
  return known;
}

const organisationRead = new WeakMap<RunPlan, boolean>();

/** The organisation's values as the run began with them, where its steps read any. */
export function pinnedOrganisation({ engine, plan, organisation }: RunStart): JsonObject {
  if (engine < 5 || organisation === undefined) return {};
  const known =
    organisationRead.get(plan) ?? /\borganisation\b/.test(JSON.stringify([plan.steps, plan.finally]));
  organisationRead.set(plan, known);
  return known ? { organisation } : {};
}
