/** Starts runs: fills in the inputs, checks them, and gives the run an identity that the same cause gives again. */

import { createHmac, randomUUID } from 'node:crypto';
import { checkedInputs, sealSensitive } from '../activities/engine/run-inputs.ts';
import type { Configuration } from '../compiler/configuration/configuration.ts';
import { defined } from '../plan/defined.ts';
import type { Json, JsonObject, Plan } from '../plan/plan.ts';
import type { Store } from '../store/store.ts';
import type { Seal } from '../vault/seal.ts';
import { bind, evaluateText } from '../workflows/expressions.ts';
import { ENGINE_VERSION, type Principal, type RunStart, type Ticket } from '../workflows/messages.ts';
import { calledPlans, runPlanOf } from '../workflows/run-plan.ts';
import { Problem } from './problem.ts';
import type { Library } from './runbooks.ts';
import type { RunService, StartedRun } from './temporal.ts';

export interface StartRequest {
  plan: Plan;
  inputs: JsonObject;
  requester: Principal;
  ticket?: Ticket;
  cause: RunStart['cause'];
}

export interface Started {
  runId: string;
  workflowId: string;
  how: StartedRun['how'];
}

export class RunStarter {
  private readonly runs: Pick<RunService, 'start'>;
  private readonly store: Store;
  private readonly seal: Seal;
  private readonly library: () => Library;

  constructor(runs: Pick<RunService, 'start'>, store: Store, seal: Seal, library: () => Library) {
    this.runs = runs;
    this.store = store;
    this.seal = seal;
    this.library = library;
  }

  /** Throws a {@link Problem} when the inputs do not fit, or when another cause's run holds the runbook's unique key. */
  async start(request: StartRequest): Promise<Started> {
    const { plan, requester, ticket, cause } = request;
    const { inputs: given, problems } = checkedInputs(plan, request.inputs);
    if (plan.needsTicket && !ticket) {
      problems.push('This runbook works on a ticket, so it needs one: give its key (--ticket HR-101).');
    }
    if (problems.length > 0) {
      throw new Problem(422, 'The inputs do not fit', `${plan.title}: ${problems.join(' ')}`);
    }
    const { commit, configuration, plans, authors } = this.library();
    const unique = uniqueOf(plan, given, ticket, configuration);
    const workflowId = this.workflowId(plan.runbook, unique ?? cause.key ?? randomUUID());
    const author = authors.get(plan.runbook);
    const start: RunStart = {
      engine: ENGINE_VERSION,
      plan: runPlanOf(plan),
      inputs: sealSensitive(plan, given, this.seal),
      requester,
      ...defined({ ticket }),
      cause,
      ...defined({
        commit: commit || undefined,
        author: author || undefined,
        separate: configuration.separationOfDuties.length > 0 ? configuration.separationOfDuties : undefined,
        approvals: lastResortOf(configuration),
        organisation: configuration.organisation ? (configuration.organisation as JsonObject) : undefined,
      }),
      ...calledPlans(plan, [...plans.values()]),
    };
    const { runId, how } = await this.runs.start(workflowId, start);
    // Also when the same cause started it before: the gateway may have died between the two.
    if (how !== 'another cause') await this.index(runId, workflowId, request);
    return { runId, workflowId, how };
  }

  private index(runId: string, workflowId: string, { plan, requester, ticket }: StartRequest): Promise<void> {
    return this.store.runs.add({
      id: runId,
      workflowId,
      runbook: plan.runbook,
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      planHash: plan.hash,
      requester: requester.id,
      ...defined({ ticket }),
      startedAt: new Date().toISOString(),
    });
  }

  /** No personal data in an id that Temporal keeps in the clear: the key is hashed with this installation's secret. */
  private workflowId(runbook: string, key: string): string {
    const digest = createHmac('sha256', this.seal.derive('workflow ids'))
      .update(`${runbook}\n${key}`)
      .digest('hex');
    return `${runbook}-${digest.slice(0, 20)}`;
  }
}

/** All that `unique` may name: what is known before there is a run. */
function uniqueOf(
  { unique }: Plan,
  inputs: JsonObject,
  ticket: Ticket | undefined,
  { organisation }: Configuration,
): string | undefined {
  if (unique === undefined) return undefined;
  return evaluateText(unique, {
    inputs: bind(inputs),
    ticket: bind((ticket ?? null) as unknown as Json),
    organisation: bind((organisation ?? {}) as JsonObject),
  });
}

/** As a run carries it: whom to ask when a gate can be met no other way. */
export function lastResortOf({
  approvals,
}: Partial<Pick<Configuration, 'approvals'>>): RunStart['approvals'] {
  return approvals?.lastResort === undefined ? undefined : { lastResort: approvals.lastResort };
}
