/**
 * What people hand in by hand, held to the form it must have before the run hears of it: the output of a step that is
 * completed, new inputs. Here and not in the run, since the workflow's sandbox has no JSON Schema.
 */

import type { TObject } from 'typebox';
import type { Catalogue } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { JsonObject, Plan, Step } from '../../plan/plan.ts';
import type { Seal } from '../../vault/seal.ts';
import type { Gate, RunView } from '../../workflows/messages.ts';
import { problemsOf, problemsOfForm } from '../kit/schema-check.ts';
import { checkedInputs, sealSensitive } from './run-inputs.ts';

export interface Checked {
  /** As the run may keep it: sealed where it must be. */
  value: JsonObject;
  /** A sentence each; none when it fits. */
  problems: string[];
}

/** What a completion is checked against, and sealed with. */
export interface CompletionChecks {
  catalogue: Catalogue;
  seal: Seal;
  plan?: Pick<Plan, 'steps' | 'finally'>;
}

/**
 * Of a task its form, of a parked action its output; everything else takes any names and values. `plan` tells of tasks that
 * are parked, since their time has passed.
 */
export function checkedCompletion(
  view: Pick<RunView, 'tasks' | 'steps'>,
  step: string,
  output: JsonObject,
  { catalogue, seal, plan }: CompletionChecks,
): Checked {
  const task = view.tasks.find((each) => each.step === step) ?? parkedTask(step, plan);
  if (task) {
    const schema = {
      type: 'object',
      properties: task.form,
      required: task.required ?? Object.keys(task.form),
      additionalProperties: false,
    };
    const { sensitive = [] } = task;
    return {
      value: sealed(output, sensitive, seal),
      problems: problemsOfForm(schema as unknown as TObject, output, sensitive.length === 0),
    };
  }
  const action = catalogue.get(view.steps.find(({ id }) => id === step)?.action ?? '');
  if (!action) return { value: output, problems: [] };
  const problems = problemsOf(action.output as unknown as TObject, output, action.sensitive.length === 0);
  return { value: sealed(output, action.sensitive, seal), problems };
}

/** A step's key is its id, with the item of a forEach behind it. */
function parkedTask(key: string, plan: Pick<Plan, 'steps' | 'finally'> | undefined) {
  const id = /^\w*/.exec(key)?.[0];
  const queue: Step[] = [...(plan?.steps ?? []), ...(plan?.finally ?? [])];
  for (let step = queue.shift(); step; step = queue.shift()) {
    if (step.id === id && step.kind === 'task') {
      const { form, optional, sensitive } = step;
      const required = Object.keys(form).filter((field) => !optional?.includes(field));
      return { form, required, ...defined({ sensitive }) };
    }
    queue.push(...innerSteps(step).flat());
  }
  return undefined;
}

function sealed(output: JsonObject, sensitive: readonly string[], seal: Seal): JsonObject {
  const value: JsonObject = { ...output };
  for (const field of sensitive) {
    const secret = value[field];
    if (secret !== undefined) value[field] = seal.sealed(secret);
  }
  return value;
}

/** What somebody fills in who approves; nothing of it is ever sealed. */
export function formProblems({ form = {}, required }: Pick<Gate, 'form' | 'required'>, given: JsonObject) {
  const schema = {
    type: 'object',
    properties: form,
    required: required ?? Object.keys(form),
    additionalProperties: false,
  };
  return problemsOfForm(schema as unknown as TObject, given, true);
}

/** `current` are the inputs in force: the same secret given again is no change. */
export function checkedAmendment(
  plan: Pick<Plan, 'inputs'>,
  inputs: JsonObject,
  seal: Seal,
  current?: JsonObject,
): Checked {
  const { problems } = checkedInputs(plan, inputs, { partial: true });
  return { value: sealSensitive(plan, inputs, seal, current), problems };
}
