/** Compares two states of a repository of runbooks. Pure; the most important first. */

import { durationText } from '../../plan/durations-and-quorums.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { Change } from './changes.ts';
import { dataChanges } from './data.ts';
import { gateChanges, type Plans } from './gates.ts';
import { startChanges } from './start.ts';
import { same, stepChanges } from './steps.ts';

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

function configurationChanges(before: Configuration | undefined, after: Configuration | undefined): Change[] {
  const change = (about: Change['about'], text: string): Change => ({
    runbook: 'countersign.yaml',
    about,
    text,
  });
  const rules = new Map((after?.policies ?? []).map((policy) => [policy.name, policy]));
  const policies = (before?.policies ?? []).flatMap((was) => {
    const is = rules.get(was.name);
    if (!is) return [change('gate', `the policy \`${was.name}\` is gone.`)];
    if (same([was.for, was.rule], [is.for, is.rule])) return [];
    return [
      change(
        'gate',
        `the policy \`${was.name}\` asks for something else: \`${is.rule}\` instead of \`${was.rule}\`.`,
      ),
    ];
  });
  const roles = Object.entries(after?.roles ?? {}).flatMap(([name, role]) => {
    const was = before?.roles[name];
    const joined = was ? role.people.filter((person) => !was.people.includes(person)) : [];
    const found = joined.length > 0 ? [change('other', `${joined.join(', ')} joined role:${name}.`)] : [];
    if (was && role.records && !was.records)
      found.push(change('gate', `role:${name} may now enter votes of others, as recorded in a meeting.`));
    if (was && role.recordedBy !== undefined && role.recordedBy !== was.recordedBy)
      found.push(change('gate', `${role.recordedBy} may now enter the votes of role:${name}.`));
    return found;
  });
  return [...policies, ...roles, ...approvalChanges(before, after).map((text) => change('gate', text))];
}

function approvalChanges(before: Configuration | undefined, after: Configuration | undefined): string[] {
  if (!before || !after) return [];
  const [was, is] = [before.approvals, after.approvals];
  const found: string[] = [];
  if (is.lastResort !== undefined && is.lastResort !== was.lastResort)
    found.push(`${is.lastResort} may now sign where nobody else is left who could.`);
  if (!same(was.objection, is.objection))
    found.push(
      `those whose votes are entered for them have ${durationText(is.objection)} instead of ${durationText(was.objection)} to object.`,
    );
  return found;
}
