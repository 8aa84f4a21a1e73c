/**
 * The one place where a start is put together: by hand, by a ticket, by a schedule. It fills in and checks the inputs, takes the rules
 * of the configuration as they are at this moment, and gives the run an identity that the same cause gives again.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { Configuration } from '../../compiler/configuration/configuration.ts';
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { Json, JsonObject, Plan } from '../../plan/plan.ts';
import type { Seal } from '../../vault/seal.ts';
import { bind, evaluateText } from '../../workflows/expressions.ts';
import {
  ENGINE_VERSION,
  type Principal,
  type RunPlan,
  type RunStart,
  type Ticket,
} from '../../workflows/messages.ts';
import { calledPlans, runPlanOf } from '../../workflows/run-plan.ts';
import { checkedInputs, sealSensitive } from './run-inputs.ts';

export interface StartOrder {
  plan: Plan;
  inputs: JsonObject;
  requester: Principal;
  ticket?: Ticket;
  cause: RunStart['cause'];
}

/** What a start takes over from where it is put together. */
export interface StartSurroundings {
  configuration: Pick<Configuration, 'separationOfDuties' | 'organisation'> &
    Partial<Pick<Configuration, 'approvals'>>;
  /** Of the runbooks that this one may call. */
  plans: readonly Plan[];
  seal: Seal;
  commit?: string;
  author?: string;
}

export interface ComposedStart {
  workflowId: string;
  start: RunStart;
}

/** The start, or what is wrong with what it is given, a sentence each. */
export function composeStart(
  order: StartOrder,
  around: StartSurroundings,
): ComposedStart | { problems: string[] } {
  const { plan, requester, ticket, cause } = order;
  const { configuration, plans, seal, commit, author } = around;
  const { inputs, problems } = checkedInputs(plan, order.inputs);
  if (plan.needsTicket && !ticket)
    problems.push('This runbook works on a ticket, so it needs one: give its key (--ticket HR-101).');
  if (problems.length > 0) return { problems };
  const { organisation, separationOfDuties } = configuration;
  const unique = uniqueKey(plan, { inputs, ...defined({ ticket, organisation }) });
  return {
    workflowId: workflowIdOf(seal, plan.runbook, unique ?? cause.key ?? randomUUID()),
    start: {
      engine: ENGINE_VERSION,
      plan: runPlanOf(plan),
      inputs: sealSensitive(plan, inputs, seal),
      requester,
      cause,
      ...defined({
        ticket,
        commit,
        file: fileOf(plan),
        author,
        separate: unlessEmpty(separationOfDuties),
        approvals: lastResortOf(configuration),
        organisation: organisation as JsonObject | undefined,
      }),
      ...calledPlans(plan, plans),
    },
  };
}

/** The file of the runbook, as the plan knows it. */
function fileOf({ positions }: Plan): string | undefined {
  return Object.values(positions)[0]?.file || undefined;
}

/** All that `unique` may name: what is known before there is a run. */
export function uniqueKey(
  { unique }: Pick<RunPlan, 'unique'>,
  { inputs, ticket, organisation }: { inputs: JsonObject; ticket?: Ticket; organisation?: JsonObject },
): string | undefined {
  if (unique === undefined) return undefined;
  return evaluateText(unique, {
    inputs: bind(inputs),
    ticket: bind((ticket ?? null) as unknown as Json),
    organisation: bind(organisation ?? {}),
  });
}

/**
 * Temporal lets one live run have an id, however it was begun: so `unique` holds. No personal data in an id that Temporal keeps
 * in the clear: the key is hashed with this installation's secret.
 */
export function workflowIdOf(seal: Seal, runbook: string, key: string): string {
  const digest = createHmac('sha256', seal.derive('workflow ids')).update(`${runbook}\n${key}`).digest('hex');
  return `${runbook}-${digest.slice(0, 20)}`;
}

/** As a run carries it: whom to ask when a gate can be met no other way. */
function lastResortOf({ approvals }: Partial<Pick<Configuration, 'approvals'>>): RunStart['approvals'] {
  return approvals?.lastResort === undefined ? undefined : { lastResort: approvals.lastResort };
}
