/** What a called runbook is given is checked, filled in and sealed as it is for a run that is started from outside. */
import type { History } from './observed.ts';

export function checkCalled({ inputs, plans, root }: History): string[] {
  return [...inputs].flatMap(([run, given]) => {
    const wanted = plans.get(run)?.inputs ?? {};
    if (run === root) return [];
    return Object.entries(wanted).flatMap(([name, { schema, default: usual, sensitive }]) => {
      const value = given[name];
      const { pattern } = schema as { pattern?: string };
      if (usual !== undefined && value === undefined) return [`${run} was not given its usual ${name}`];
      if (sensitive && typeof value === 'string') return [`${run} was given ${name}, and it is not sealed`];
      if (pattern !== undefined && typeof value === 'string' && !new RegExp(pattern).test(value))
        return [`${run} was given ${name} = ${value}, which is not ${pattern}`];
      return [];
    });
  });
}
