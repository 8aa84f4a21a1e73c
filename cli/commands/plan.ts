/** A runbook as a tree: what each step does, under which condition, and who has signed before it. */
import type { TObject } from 'typebox';
import { analyseGates } from '../../compiler/gates/analyse.ts';
import type { JsonObject, Plan } from '../../compiler/plan.ts';
import { bind } from '../../workflows/expressions.ts';
import { Exit, exitCodes } from '../exit.ts';
import { givenInputs } from '../inputs.ts';
import { type PlanView, planJson, planTree } from '../plan-tree.ts';
import { onePlan } from '../project.ts';
import { type Options, text } from './options.ts';

export async function plan([runbook = '']: string[], options: Options): Promise<void> {
  const found = await onePlan(runbook, text(options, 'config'));
  const byName = new Map(found.plans.map((each) => [each.runbook, each]));
  const given = givenInputs(options);
  const view: PlanView = {
    plan: found.plan,
    analysis: analyseGates(found.plan, (name) => byName.get(name)),
    ...(given ? { variables: { inputs: bind(await withDefaults(found.plan, given)) } } : {}),
  };
  if (options.json) console.log(JSON.stringify(planJson(view), null, 2));
  else process.stdout.write(planTree(view));
}

/** Those not given, and without a default, stay unknown; those that do not fit are refused. */
async function withDefaults(plan: Plan, given: JsonObject): Promise<JsonObject> {
  const { problemsOf } = await import('../../activities/kit/schema-check.ts');
  const entries = Object.entries(plan.inputs);
  const inputs: JsonObject = {};
  for (const [name, input] of entries) if (input.default !== undefined) inputs[name] = input.default;
  Object.assign(inputs, given);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, input]) => [name, input.schema])),
    additionalProperties: false,
  };
  const problems = problemsOf(schema as unknown as TObject, inputs, true);
  if (problems.length > 0)
    throw new Exit(exitCodes.problems, `The inputs do not fit ${plan.runbook}. ${problems.join(' ')}`);
  return inputs;
}
