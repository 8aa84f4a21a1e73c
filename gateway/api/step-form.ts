/** The form of a step: what its action takes, and what it gives. For whoever tries it with other input, or completes it by hand. */

import { problemsOf } from '../../activities/kit/schema-check.ts';
import type { ActionDescription } from '../../plan/catalogue.ts';
import { defined } from '../../plan/defined.ts';
import { innerSteps } from '../../plan/inner-steps.ts';
import type { Json, JsonObject, Plan, Step } from '../../plan/plan.ts';
import { gives } from '../schemas/answers.ts';
import { runAndStep } from '../schemas/bodies.ts';
import { listOf, object, open, text } from '../schemas/dsl.ts';
import { type Routes, readableRun, stepOf } from './request.ts';

const form = object({
  'input?': open('JSON Schema of what the action takes.'),
  'output?': open('JSON Schema of what it gives.'),
  sensitive: listOf(text('An output that is sealed.')),
});

export const stepFormRoutes: Routes = {
  for: 'signed in',
  add(api, { store, library }) {
    api.get(
      '/runs/:id/steps/:step/form',
      {
        schema: {
          summary: 'What a step’s action takes and gives, as JSON Schemas',
          tags: ['operating'],
          params: runAndStep,
          response: gives(form),
        },
      },
      async (request) => {
        const { planHash } = await readableRun(request, store);
        const plan = planHash ? await store.runs.plan(planHash) : undefined;
        const action = library().catalogue.get(actionOf(stepOf(request), plan) ?? '');
        return {
          ...defined({ input: action?.input, output: action?.output }),
          sensitive: action?.sensitive ?? [],
        };
      },
    );
  },
};

/** A step's key is its id, with the item of a list behind it. */
export function actionOf(key: string, plan: Pick<Plan, 'steps' | 'finally'> | undefined): string | undefined {
  const id = /^\w*/.exec(key)?.[0];
  const queue: Step[] = [...(plan?.steps ?? []), ...(plan?.finally ?? [])];
  for (let step = queue.shift(); step; step = queue.shift()) {
    if (step.id === id) return step.kind === 'action' ? step.uses : undefined;
    queue.push(...innerSteps(step).flat());
  }
  return undefined;
}

/** What is wrong with other input, a sentence each. What is sealed is left out of the question: nobody here knows what is in it. */
export function inputProblems(action: Pick<ActionDescription, 'input'>, given: JsonObject): string[] {
  const schema = action.input as { properties?: Record<string, object>; required?: string[] };
  if (schema.properties === undefined) return [];
  const hidden = Object.keys(given).filter((name) => hasHidden(given[name] as Json));
  if (hidden.length > 0 && Object.keys(schema).some((key) => /Of$|^if$|^not$|^dependent/.test(key)))
    return [];
  const without = <T>(entries: Record<string, T>) =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !hidden.includes(name)));
  const open = {
    ...schema,
    properties: without(schema.properties),
    required: (schema.required ?? []).filter((name) => !hidden.includes(name)),
  };
  return problemsOf(open as unknown as Parameters<typeof problemsOf>[0], without(given), hidden.length === 0);
}

function hasHidden(value: Json): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(hasHidden);
  return '$sealed' in value || '$secret' in value || '$text' in value || Object.values(value).some(hasHidden);
}
