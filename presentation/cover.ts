/** What the signatures of an approval stand for, in words: by where it comes from. */
import { analyseGates } from '../compiler/gates/analyse.ts';
import { carriedCover, coversOf } from '../compiler/gates/cover.ts';
import { amendOf } from '../plan/amend.ts';
import { innerSteps } from '../plan/inner-steps.ts';
import { segmentsOf } from '../plan/leaf-paths.ts';
import type { CoverLeaf, Plan, Step } from '../plan/plan.ts';

export interface CoverGroup {
  /** Where its values come from. */
  from: string;
  /** Names of values, with what their author lets a change by hand do. */
  names: string[];
}

export interface CoverWords {
  gate: string;
  /** What the approval shows itself. */
  shown: CoverGroup[];
  /** What it stands for besides. */
  more: CoverGroup[];
}

/**
 * One entry for each approval that stands for anything, in the order of the plan. `find` gives the runbooks it calls: what
 * these read themselves is covered too.
 */
export function coversInWords(
  plan: Plan,
  find: (runbook: string) => Plan | undefined = () => undefined,
): CoverWords[] {
  const steps = stepsIn([...plan.steps, ...plan.finally]);
  const gated = analyseGates(plan, () => undefined).steps;
  return Object.entries(coversOf(plan))
    .map(([gate, leaves]) => {
      const about = (wanted: boolean) =>
        grouped(
          leaves.filter(({ shown }) => shown === wanted),
          plan,
          steps,
        );
      const calls = gated.filter(({ gates, afterwards }) =>
        [...gates, ...afterwards].some(({ id }) => id === gate),
      );
      const called = calls.flatMap(({ step }) =>
        step.kind === 'runbook' ? inCalled(find(step.runbook)) : [],
      );
      return { gate, shown: about(true), more: [...about(false), ...called] };
    })
    .filter(({ shown, more }) => shown.length + more.length > 0);
}

/** Its inputs are fixed when it is called, and stand with the caller. */
function inCalled(plan: Plan | undefined): CoverGroup[] {
  if (!plan) return [];
  const leaves = carriedCover(plan).filter(({ source }) => source !== 'input');
  return grouped(leaves, plan, stepsIn([...plan.steps, ...plan.finally])).map(({ from, names }) => ({
    from: `in \`${plan.runbook}\`: ${from}`,
    names,
  }));
}

function grouped(leaves: readonly CoverLeaf[], plan: Plan, steps: ReadonlyMap<string, Step>): CoverGroup[] {
  const groups = new Map<string, string[]>();
  for (const leaf of leaves) {
    const { from, name } = inWords(leaf, steps);
    const amend = amendOf(plan, leaf.path);
    const may = { free: ' (changes take effect at once)', afterwards: ' (changes are signed afterwards)' };
    const marks = `${leaf.sealed ? ' (sealed)' : ''}${amend ? may[amend] : ''}`;
    groups.set(from, [...(groups.get(from) ?? []), `${name}${marks}`]);
  }
  return [...groups].map(([from, names]) => ({ from, names }));
}

function inWords({ path }: CoverLeaf, steps: ReadonlyMap<string, Step>): { from: string; name: string } {
  const [root, id = '', field, ...rest] = segmentsOf(path);
  if (root === 'inputs') return { from: 'inputs', name: named([id, field, ...rest]) };
  if (root === 'state') return { from: 'the rounds before', name: named([id, field, ...rest]) };
  if (root === 'ticket') return { from: 'the ticket', name: named([id, field, ...rest]) };
  const name = field === 'output' ? named(rest) : named([field, ...rest]);
  return { from: `\`${id}\`${giverOf(steps.get(id))}`, name };
}

/** `manager displayName`, `name of each of devices` */
function named(parts: readonly (string | undefined)[]): string {
  let text = '';
  for (const part of parts) {
    if (part === undefined) continue;
    if (part === '[*]') text = `each of ${text}`;
    else text = text.startsWith('each of ') ? `${part} of ${text}` : `${text} ${part}`.trim();
  }
  return text || 'everything';
}

function giverOf(step: Step | undefined): string {
  switch (step?.kind) {
    case 'action':
      return `, by ${step.uses}`;
    case 'task':
      return ', reported by hand';
    case 'wait':
      return step.event ? `, the event ${step.event.name}` : '';
    case 'runbook':
      return `, by the runbook ${step.runbook}`;
    default:
      return '';
  }
}

function stepsIn(steps: readonly Step[]): Map<string, Step> {
  return new Map(steps.flatMap((step) => [[step.id, step] as const, ...stepsIn(innerSteps(step).flat())]));
}
