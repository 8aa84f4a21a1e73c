/** Titles of the steps whose values a person changed, for whoever is told of it. */
import { innerSteps } from '../../plan/inner-steps.ts';
import type { JsonObject, Step } from '../../plan/plan.ts';
import type { RunPlan } from '../messages.ts';

/** Undefined where its author gave it none. */
export function titleIn(plan: RunPlan, id: string): string | undefined {
  return titleAmong([...plan.steps, ...plan.finally], id);
}

/** Step id -> title, for paths such as `steps.find.output`. */
export function titlesNamed(
  changes: readonly { path: string }[] | readonly JsonObject[],
  plan: RunPlan,
): Record<string, string> {
  const ids = changes.flatMap(({ path }) => /^steps\.(\w+)/.exec(String(path))?.[1] ?? []);
  return Object.fromEntries(
    ids.flatMap((id) => {
      const title = titleIn(plan, id);
      return title === undefined ? [] : [[id, title]];
    }),
  );
}

function titleAmong(steps: readonly Step[], id: string): string | undefined {
  for (const step of steps) {
    if (step.id === id) return step.title;
    const inner = titleAmong(innerSteps(step).flat(), id);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
