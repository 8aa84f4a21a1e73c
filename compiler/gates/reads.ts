/** What each step of a plan reads itself: its own values, not those of the steps inside it. */
import { innerSteps } from '../../plan/inner-steps.ts';
import { isWithin } from '../../plan/leaf-paths.ts';
import type { Cel, Plan, Step, Template } from '../../plan/plan.ts';
import { type Names, readExpression, readItems, readTemplate } from './leaves.ts';

export interface StepReads {
  step: Step;
  leaves: ReadonlySet<string>;
  /** Of the steps around it, outermost first. */
  around: readonly string[];
  /** What names mean for its own values. */
  names: Names;
}

const known = new WeakMap<readonly Step[], ReadonlyMap<string, StepReads>>();

/** By step id, in the order of the text. Read once a plan: plans do not change. */
export function readsByStep(plan: Pick<Plan, 'steps' | 'finally'>): ReadonlyMap<string, StepReads> {
  const found = known.get(plan.steps) ?? readSteps([plan.steps, plan.finally]);
  known.set(plan.steps, found);
  return found;
}

function readSteps(lists: readonly (readonly Step[])[]): Map<string, StepReads> {
  const found = new Map<string, StepReads>();
  const visit = (step: Step, names: Names, around: readonly string[]): void => {
    const leaves = new Set<string>();
    const inner = readStep(step, names, leaves);
    found.set(step.id, { step, leaves, around, names });
    for (const list of innerSteps(step)) for (const each of list) visit(each, inner, [...around, step.id]);
  };
  for (const list of lists) for (const step of list) visit(step, new Map(), []);
  return found;
}

/** Adds what the step's own values read, and gives what names mean inside it. */
function readStep(step: Step, names: Names, leaves: Set<string>): Names {
  if (step.if !== undefined) readExpression(step.if, names, leaves);
  if (step.kind === 'forEach') return new Map([...names, [step.as, readItems(step.items, names, leaves)]]);
  if (step.kind === 'repeat') {
    const inner = step.state ? withState(step, step.state, names, leaves) : names;
    readExpression(step.until, inner, leaves);
    for (const length of [step.every, step.atMost]) readTemplate(length as Template, inner, leaves);
    return inner;
  } else if (step.kind === 'action') {
    readTemplate(step.with, names, leaves);
    if (step.undo) readUndo(step.id, step.undo, names, leaves);
  } else if (step.kind === 'approve') {
    for (const people of [...step.from, ...(step.except ?? []), step.escalate, step.within])
      readTemplate(people as Template | undefined, names, leaves);
  } else readWhole(step, names, leaves);
  return names;
}

/** What a repeat remembers comes from what it begins with, and from all that it is set to. */
function withState(step: Step, begins: Record<string, Template>, names: Names, leaves: Set<string>): Names {
  const remembered = new Set<string>();
  readTemplate(begins, names, remembered);
  for (const path of remembered) leaves.add(path);
  const visit = (inner: Step): void => {
    if (inner.kind === 'set') readTemplate(inner.values, names, remembered);
    for (const each of innerSteps(inner).flat()) visit(each);
  };
  visit(step);
  // Signed by value where it is known when people are asked, and by what it comes from.
  const whole = [{ text: 'state' }, ...[...remembered].map((text) => ({ text, cut: true as const }))];
  return new Map([...names, ['state', { paths: whole }]]);
}

/** Every value that a kind of step has, a new one too, may hold templates, and all decide what it does. */
function readWhole(step: Step, names: Names, leaves: Set<string>): void {
  for (const [key, value] of Object.entries(step))
    if (!structural.has(key)) readTemplate(value as Template, names, leaves);
}

const structural = new Set(['id', 'title', 'kind', 'if', 'steps', 'else', 'branches', 'form']);

/** An undo also reads what its own step gave, which nobody can have signed before it was done. */
function readUndo(id: string, undo: { with: Template; if?: Cel }, names: Names, leaves: Set<string>): void {
  const read = new Set<string>();
  readTemplate(undo.with, names, read);
  if (undo.if !== undefined) readExpression(undo.if, names, read);
  for (const leaf of read) if (!isWithin(leaf, `steps.${id}`)) leaves.add(leaf);
}
