/** What those who are asked to sign are shown of the steps that their signature opens. */

import { analyseGates } from '../compiler/gates/analyse.ts';
import { errorText } from '../plan/error-text.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import type { Json, Plan, Step } from '../plan/plan.ts';
import {
  ENGINE_VERSION,
  type Preview,
  type RunPlan,
  type RunStart,
  type RunView,
} from '../workflows/messages.ts';
import { runPlanOf } from '../workflows/run-plan.ts';
import { type PreviewOptions, previewRun } from './preview.ts';

export interface GatePreviewParts extends PreviewOptions {
  /** The run as it stands. */
  view(): Promise<RunView>;
  /** A plan by its hash. */
  plan(hash: string): Promise<Plan | undefined>;
  /** As it is by now, for a run that does not say with which values it began. */
  organisation: RunStart['organisation'];
}

/**
 * The steps that the gate opens, and what each would do now. Undefined when the run's plan is not kept here. Never keeps
 * people from being asked: what could not be found out is said instead.
 */
export async function previewGate(step: string, parts: GatePreviewParts): Promise<Preview | undefined> {
  try {
    const view = await parts.view();
    const plans = await plansFrom(view.planHash, parts);
    const plan = plans.get(view.planHash);
    if (!plan) return undefined;
    const byName = new Map([...plans.values()].map((each) => [each.runbook, each]));
    const id = step.replace(/\[\d+\]/g, '');
    const opens = new Set(
      analyseGates(plan, (name) => byName.get(name))
        .steps.filter(({ gates, afterwards }) => [...gates, ...afterwards].some((gate) => gate.id === id))
        .map((gated) => gated.id),
    );
    if (opens.size === 0) return { steps: [] };
    const found = await previewRun(startOf(view, plan, plans, parts), doneOf(view), parts);
    const steps = found.steps.filter((each) => opens.has(each.step.replace(/\[\d+\]|\.\d+$/g, '')));
    return { steps, ...(found.stopped ? { stopped: found.stopped } : {}) };
  } catch (error) {
    return { steps: [], stopped: errorText(error) };
  }
}

/** More plans than this are read anew. */
const remembered = 50;

/** Plans as they are kept, each read once: what stands under a hash never changes. One that is not there yet is looked for again. */
export function rememberedPlans(find: GatePreviewParts['plan']): GatePreviewParts['plan'] {
  const known = new Map<string, Plan>();
  return async (hash) => {
    const found = known.get(hash) ?? (await find(hash));
    if (found && known.size >= remembered) known.clear();
    if (found) known.set(hash, found);
    return found;
  };
}

/** The run's plan and those it calls, by hash. */
export async function plansFrom(
  hash: string,
  parts: Pick<GatePreviewParts, 'plan'>,
): Promise<Map<string, Plan>> {
  const found = new Map<string, Plan>();
  const wanted = [hash];
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const plan = found.has(next) ? undefined : await parts.plan(next);
    if (!plan) continue;
    found.set(next, plan);
    const visit = (steps: readonly Step[]): void => {
      for (const step of steps) {
        if (step.kind === 'runbook') wanted.push(step.planHash);
        innerSteps(step).forEach(visit);
      }
    };
    visit([...plan.steps, ...plan.finally]);
  }
  return found;
}

function startOf(
  view: RunView,
  plan: Plan,
  plans: ReadonlyMap<string, Plan>,
  parts: GatePreviewParts,
): RunStart {
  const organisation = view.organisation ?? parts.organisation;
  const called: Record<string, RunPlan> = {};
  for (const [hash, each] of plans) if (each !== plan) called[hash] = runPlanOf(each);
  return {
    engine: ENGINE_VERSION,
    plan: runPlanOf(plan),
    inputs: view.inputs,
    requester: view.requester,
    ...(view.ticket ? { ticket: view.ticket } : {}),
    cause: { type: 'manual' },
    ...(organisation ? { organisation } : {}),
    plans: called,
  };
}

function doneOf(view: RunView): Map<string, Json> {
  return new Map(
    view.steps
      .filter(({ kind, output }) => kind === 'action' && output !== undefined)
      .map(({ id, output }) => [id, output ?? null]),
  );
}
