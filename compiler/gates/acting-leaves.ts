/** What decides about each step, in the words of the runbook that a person starts: for policies. */
import { amendOf } from '../../plan/amend.ts';
import { defined } from '../../plan/defined.ts';
import { segmentsOf } from '../../plan/leaf-paths.ts';
import type { Amend, LeafSource, Plan } from '../../plan/plan.ts';
import { sourceOf, stepsById } from './cover.ts';
import { readExpression, readTemplate } from './leaves.ts';
import { readsByStep } from './reads.ts';

export interface ActingLeaf {
  /** Behind the id of the calling step when it is of a called runbook: `tell.steps.find.output.id`. */
  path: string;
  source: LeafSource;
  amend?: Amend;
}

type Leaves = ReadonlyMap<string, ActingLeaf>;

/** What stands around a called runbook: its inputs in the caller's words, and what decides whether it is called. */
interface Call {
  prefix: string;
  inputs: ReadonlyMap<string, Leaves>;
  around: Leaves;
}

/** Steps looked at before called runbooks are no longer followed, as in the gate analysis. */
const budget = 20_000;

/** By step id, that of a called runbook's step behind the id of its calling step. */
export function actingLeaves(
  plan: Plan,
  find: (runbook: string) => Plan | undefined,
): Map<string, ActingLeaf[]> {
  const found = new Map<string, ActingLeaf[]>();
  visit(plan, { prefix: '', inputs: new Map(), around: new Map() }, find, found);
  return found;
}

function visit(
  plan: Plan,
  call: Call,
  find: (runbook: string) => Plan | undefined,
  found: Map<string, ActingLeaf[]>,
): void {
  const reads = readsByStep(plan);
  const steps = stepsById([...plan.steps, ...plan.finally]);
  const inWords = (paths: Iterable<string>): Map<string, ActingLeaf> => {
    const leaves = new Map<string, ActingLeaf>();
    for (const path of paths) {
      const [root, name = ''] = segmentsOf(path);
      const given =
        call.prefix !== '' && root === 'inputs' ? (call.inputs.get(name) ?? new Map()) : undefined;
      const own = defined({
        path: `${call.prefix}${path}`,
        source: sourceOf(path, steps),
        amend: amendOf(plan, path, steps),
      });
      for (const leaf of given?.values() ?? [own]) leaves.set(leaf.path, leaf);
    }
    return leaves;
  };
  for (const [id, { step, leaves, around, names }] of reads) {
    const control = new Map([
      ...call.around,
      ...inWords(around.flatMap((each) => [...(reads.get(each)?.leaves ?? [])])),
    ]);
    const all = new Map([...control, ...inWords(leaves)]);
    found.set(`${call.prefix}${id}`, [...all.values()]);
    const called = step.kind === 'runbook' && found.size < budget ? find(step.runbook) : undefined;
    if (!called || step.kind !== 'runbook') continue;
    const inputs = new Map(
      Object.entries(step.with).map(([name, value]) => {
        const read = new Set<string>();
        readTemplate(value, names, read);
        return [name, inWords(read)] as const;
      }),
    );
    const condition = new Set<string>();
    if (step.if !== undefined) readExpression(step.if, names, condition);
    const deciding = new Map([...control, ...inWords(condition)]);
    visit(called, { prefix: `${call.prefix}${id}.`, inputs, around: deciding }, find, found);
  }
}
