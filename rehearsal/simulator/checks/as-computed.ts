/** What an auditor computes again of each run: see `countersign audit verify`. */
import type { Plan } from '../../../plan/plan.ts';
import { type KeptPlan, keptPlan } from '../../../workflows/evidence/kept-plan.ts';
import { writesAsSigned } from '../../../workflows/evidence/writes-as-signed.ts';
import type { RunPlan } from '../../../workflows/messages.ts';
import type { History } from './observed.ts';

const known = new WeakMap<RunPlan, KeptPlan>();

export interface AsComputed {
  broken: string[];
  derived: number;
  notDerived: number;
}

export function checkAsComputed({ world, plans, called }: History): AsComputed {
  const all = Object.values(called) as Plan[];
  const result: AsComputed = { broken: [], derived: 0, notDerived: 0 };
  for (const [run, plan] of plans) {
    const kept = known.get(plan) ?? keptPlan(plan as Plan, all);
    known.set(plan, kept);
    const journal = world.journal.filter((entry) => entry.run === run);
    const checked = writesAsSigned({ id: run }, kept, journal);
    result.broken.push(...checked.findings.map(({ message }) => `${run}: ${message}`));
    result.derived += checked.derived;
    result.notDerived += checked.notDerived;
  }
  return result;
}
