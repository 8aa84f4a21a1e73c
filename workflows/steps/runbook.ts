/** Another runbook, as a run of its own. */
import { defined } from '../../plan/defined.ts';
import { keptListWords, type ListReference, listReferenceIn } from '../../plan/kept-list.ts';
import type { Json, JsonObject, RunbookStep, Template } from '../../plan/plan.ts';
import { type CheckInputsInput, type CheckInputsResult, engineActivities } from '../engine-activities.ts';
import { evaluateTemplate } from '../expressions.ts';
import { FailedOnPurpose } from '../failures.ts';
import { carriedTo } from '../gate/carried.ts';
import type { RunPlan, RunStart } from '../messages.ts';
import { warranted } from '../named-warrants.ts';
import { callItem, type Occasion, stepKey } from '../occasion.ts';
import { CallFailure, type ChildOptions } from '../port.ts';
import { defaultRetry, defaultTimeoutMs } from './action.ts';
import type { Runner } from './runner.ts';
import { checkSize } from './size.ts';

export const runRunbook: Runner<'runbook'> = async (step, occasion) => {
  const { run } = occasion;
  const { start } = run;
  const plan = start.plans?.[step.planHash];
  if (!plan) {
    const message = `The plan of runbook "${step.runbook}" was not handed to this run.`;
    throw new CallFailure({ type: 'PermanentFailure', message });
  }
  const given = (evaluateTemplate(step.with, occasion.variables) ?? {}) as JsonObject;
  checkSize(given, `What "${step.runbook}" is given`);
  const kept = listReferenceIn(given);
  if (kept) throw cannotBeGiven(step, kept);
  const checked = start.engine < 3 ? { inputs: given } : await asAtTheDoor(step, plan, given, occasion);
  const result = await occasion.port.child(
    {
      ...withoutBatch(warranted(occasion)),
      plan,
      inputs: checked.inputs,
      partOf: run.id,
      cause: { type: 'runbook', key: run.id },
      ...(start.engine < 3 ? {} : carriedTo(step, occasion)),
      ...defined({ failFast: occasion.failFast && start.engine >= 3 ? (true as const) : undefined }),
    },
    { step: step.id, ...childItem(step, occasion), ...alone(plan, checked) },
  );
  for (const each of result.left ?? [])
    run.state.leave(`${stepKey(step, occasion)}/${each.step}`, each.title, each.why);
  for (const [key, by] of result.byHand ?? [])
    run.state.completedByHand.set(`${stepKey(step, occasion)}/${key}`, by);
  run.byHand.called(step, result.hands ?? []);
  run.onOthersDid(step, result.undos ?? [], occasion);
  // Cancelled together with this run: goes no further here. Cancelled by itself, its step parks.
  if (result.status === 'cancelled') await occasion.port.sleep(1);
  if (result.refused) throw new CallFailure(result.refused);
  if (result.onPurpose && occasion.failFast) throw new FailedOnPurpose(result.reason ?? '');
  if (result.status !== 'succeeded') {
    const why = result.reason ? `: ${result.reason}` : '';
    throw new CallFailure({
      type: 'PermanentFailure',
      message: `Runbook "${step.runbook}" ended as ${result.status}${why}.`,
    });
  }
  return { output: result.outputs ?? {} };
};

/** Whoever signs in the called run is shown all that it is given. */
function cannotBeGiven({ runbook }: RunbookStep, list: ListReference): CallFailure {
  return new CallFailure({
    type: 'TooLarge',
    message: `"${runbook}" cannot be given ${keptListWords(list)}. Go through it with forEach here, and call "${runbook}" for its items; or let "${runbook}" read the list itself.`,
  });
}

/** A called run is given its inputs as one that is started from outside: filled in, checked, and sealed where they must be. */
async function asAtTheDoor(
  step: RunbookStep,
  plan: RunPlan,
  given: JsonObject,
  occasion: Occasion,
): Promise<CheckInputsResult> {
  const { start } = occasion.run;
  const input: CheckInputsInput = {
    runbook: step.runbook,
    inputs: plan.inputs,
    given,
    ...(start.engine < 4 || plan.unique === undefined ? {} : { unique: uniqueIn(plan.unique, start) }),
  };
  const answer = await occasion.port.call(engineActivities.checkInputs, input as unknown as Json, {
    step: stepKey(step, occasion),
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
    read: true,
  });
  return answer as unknown as CheckInputsResult;
}

/** All that a `unique` may name, besides the inputs. */
function uniqueIn(key: Template, { ticket, organisation }: RunStart): CheckInputsInput['unique'] {
  return { key, ...defined({ ticket, organisation }) };
}

/** Of a runbook with a `unique` key one run at a time is live, whoever starts it. */
function alone(plan: RunPlan, { workflowId, holder }: CheckInputsResult): Pick<ChildOptions, 'alone'> {
  return workflowId === undefined ? {} : { alone: { workflowId, title: plan.title, ...defined({ holder }) } };
}

/** A run begun by an older engine goes on under the names that its history has. */
function childItem(step: RunbookStep, occasion: Occasion): { item?: string } {
  if (occasion.run.start.engine >= 3) return callItem(step, occasion);
  return occasion.item ? { item: occasion.item } : {};
}

/** Called for an item of a list that is done in a child, it is a run of its own and no part of that child's work. */
function withoutBatch({ batch: _, ...start }: RunStart): RunStart {
  return start;
}
