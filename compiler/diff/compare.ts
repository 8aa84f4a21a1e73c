/** Compares two states of a repository of runbooks. Pure; the most important first. */

import type { Plan } from '../../plan/plan.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Change } from './changes.ts';
import { configurationChanges } from './configuration.ts';
import { dataChanges } from './data.ts';
import { gateChanges, type Plans } from './gates.ts';
import { startChanges } from './start.ts';
import { stepChanges } from './steps.ts';

export interface State {
  plans: readonly Plan[];
  configuration?: Configuration | undefined;
  /** Names of runbooks that have errors, so that nothing can be said of them. */
  broken: readonly string[];
}

const order: Change['about'][] = ['gate', 'start', 'step', 'other'];

export function compare(before: State, after: State): Change[] {
  const all = { before: byName(before.plans), after: byName(after.plans) };
  const changes = [
    ...configurationChanges(before.configuration, after.configuration),
    ...[...all.after.values()].flatMap((plan) => {
      const was = all.before.get(plan.runbook);
      if (!was) return before.broken.includes(plan.runbook) ? [] : newRunbook(plan, all.after);
      return [
        ...gateChanges(was, plan, all),
        ...startChanges(was, plan),
        ...stepChanges(was, plan),
        ...dataChanges(was, plan),
      ];
    }),
    ...[...all.before.values()]
      .filter(({ runbook }) => !all.after.has(runbook) && !after.broken.includes(runbook))
      .map(({ runbook }): Change => ({ runbook, about: 'start', text: 'the runbook is gone.' })),
  ];
  return changes.sort((a, b) => order.indexOf(a.about) - order.indexOf(b.about));
}

function byName(plans: readonly Plan[]): Plans {
  return new Map(plans.map((plan) => [plan.runbook, plan]));
}

/** Compared with nothing: only what nobody signs is worth a word. */
function newRunbook(plan: Plan, after: Plans): Change[] {
  const nothing: Plan = { ...plan, steps: [], finally: [] };
  return [
    { runbook: plan.runbook, about: 'other', text: `the runbook is new: ${plan.title}.` },
    ...gateChanges(nothing, plan, { before: new Map(), after }),
  ];
}
