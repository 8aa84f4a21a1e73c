/** A runbook as a tree: what each step does, under which condition, and who has signed before it. */

import { analyseGates } from '../../compiler/gates/analyse.ts';
import { defined } from '../../plan/defined.ts';
import type { JsonObject, Plan } from '../../plan/plan.ts';
import { bind } from '../../workflows/expressions.ts';
import { Exit, exitCodes } from '../exit.ts';
import { givenInputs } from '../inputs.ts';
import { type PlanView, planJson, planTree } from '../plan-tree.ts';
import { onePlan } from '../project.ts';
import { type Options, text } from './options.ts';

export async function plan([runbook = '']: string[], options: Options): Promise<void> {
  const found = await onePlan(runbook, text(options, 'config'));
  const byName = new Map(found.plans.map((each) => [each.runbook, each]));
  const given = givenInputs(options, found.plan.inputs);
  if (options.live) return live(found, given ?? {}, options);
  if (options.simulate) return simulate(found, given ?? {}, options);
  const view: PlanView = {
    plan: found.plan,
    analysis: analyseGates(found.plan, (name) => byName.get(name)),
    find: (name) => byName.get(name),
    now: Date.now(),
    ...defined({ variables: given ? { inputs: bind(await knownInputs(found.plan, given)) } : undefined }),
  };
  if (options.json) console.log(JSON.stringify(planJson(view), null, 2));
  else process.stdout.write(planTree(view));
}

/** Asks the systems of the configuration what the runbook would do. */
async function live(
  found: Awaited<ReturnType<typeof onePlan>>,
  given: JsonObject,
  options: Options,
): Promise<void> {
  const { previewPlan, previewTable } = await import('../live-preview.ts');
  const preview = await previewPlan(
    found,
    given,
    text(options, 'config') ?? 'countersign.yaml',
    text(options, 'ticket'),
  );
  if (options.json) console.log(JSON.stringify(preview, null, 2));
  else process.stdout.write(previewTable(found.plan, preview));
  if (preview.stopped || preview.steps.some(({ problems = [] }) => problems.length > 0))
    throw new Exit(exitCodes.problems, '');
}

/** Loaded only when asked for: carrying out a plan takes more than showing it. */
async function simulate(
  { plan: own, plans, configuration }: Awaited<ReturnType<typeof onePlan>>,
  given: JsonObject,
  options: Options,
): Promise<void> {
  const { simulatePlan, simulationText } = await import('../simulation.ts');
  const { surroundingsOf } = await import('../../rehearsal/world.ts');
  const surroundings = surroundingsOf(configuration, text(options, 'config') ?? 'countersign.yaml');
  const result = await simulatePlan(own, plans, surroundings, given);
  const { status, journal, calls, outputs, startedAt, endedAt } = result;
  if (options.json)
    console.log(JSON.stringify({ status, startedAt, endedAt, journal, calls, outputs }, null, 2));
  else process.stdout.write(simulationText(own, result, surroundings.calendars.timezone));
}

/** Those not given, and without a default, stay unknown; those that do not fit are refused. */
async function knownInputs(plan: Plan, given: JsonObject): Promise<JsonObject> {
  const { checkedInputs } = await import('../../activities/engine/run-inputs.ts');
  const { inputs, problems } = checkedInputs(plan, given, { partial: true });
  if (problems.length > 0)
    throw new Exit(exitCodes.problems, `The inputs do not fit ${plan.runbook}. ${problems.join(' ')}`);
  return inputs;
}
