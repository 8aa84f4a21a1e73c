/** The steps of a plan by their titles. */
import { innerSteps } from '../plan/inner-steps.ts';
import type { Plan, Step } from '../plan/plan.ts';

/** Step id -> title, of every step wherever it stands. */
export function titlesOf(plan: Pick<Plan, 'steps' | 'finally'>): Record<string, string> {
  const titles: Record<string, string> = {};
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      titles[step.id] = step.title ?? step.id;
      innerSteps(step).forEach(visit);
    }
  };
  visit(plan.steps);
  visit(plan.finally);
  return titles;
}

/** The title of a step by its key, which is its id with the item's number behind it inside a list. */
export function titleAt(key: string, titles: Readonly<Record<string, string>>): string {
  const id = /^[A-Za-z0-9_]+/.exec(key)?.[0] ?? key;
  const title = titles[key] ?? titles[id];
  if (title === undefined) return key;
  const item = /\[(\d+)\]/.exec(key.slice(id.length))?.[1];
  return titles[key] === undefined && item !== undefined ? `${title}, item ${Number(item) + 1}` : title;
}
