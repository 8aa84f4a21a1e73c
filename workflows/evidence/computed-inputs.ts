/**
 * With what a write is to be called: worked out from the text of its plan and of what the journal says was in force. For whoever checks a
 * run afterwards.
 */
import { readTemplate } from '../../compiler/gates/leaves.ts';
import { readsByStep } from '../../compiler/gates/reads.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { listReference } from '../../plan/kept-list.ts';
import { segmentsOf } from '../../plan/leaf-paths.ts';
import type { ActionStep, Json, Step, Template } from '../../plan/plan.ts';
import type { Place } from '../../plan/warrant.ts';
import { bind, evaluate, evaluateTemplate, type Variables } from '../expressions.ts';
import { type ItemsBegun, listsAround } from './items-begun.ts';
import type { Given, JournalledState } from './journalled-state.ts';
import type { KeptPlan } from './kept-plan.ts';

/** In every way that is possible; or why the journal does not tell it. */
export type Computed = { inputs: Json[] } | { why: string };

/** Items in the order of their numbers; or, where that is not known, in any. */
interface Numbering {
  values: readonly Json[];
  any?: true;
}

export interface Acting {
  plan: KeptPlan;
  step: ActionStep;
  place: Place;
  state: JournalledState;
  items: ItemsBegun;
  /** By the outermost list, its items as they may be numbered: where many of them are looked at in one moment. */
  numbered?: Map<string, Numbering[]>;
  /** By the outermost list, the canonical text of each item that was signed. */
  signedItems?: Map<string, ReadonlySet<string>>;
}

export type JournalledInputs = JournalledState['inputs'];

/** Every way in which the items around the step may be numbered; usually one. */
export function computedOf(
  acting: Acting,
  template: Template,
  leaves: ReadonlySet<string>,
  inputs: JournalledInputs,
): Computed {
  const { state } = acting;
  if (inputs === undefined) return { why: 'the journal of its engine does not tell its inputs' };
  const why = untold(acting, template, leaves);
  if (why !== undefined) return { why };
  const variables = { ...variablesAt(acting, leaves), inputs: bind(inputs) };
  const frames = withItems(acting, variables);
  if (frames === 'kept beside')
    return { why: 'it reads an item of a list of which the journal has the count and the hash alone' };
  const ways = frames.map((frame) => {
    try {
      return evaluateTemplate(template, frame) ?? {};
    } catch {
      // What cannot be computed was not called.
      return `(${state.steps.size} steps)`;
    }
  });
  return { inputs: ways };
}

export function variablesAt(acting: Acting, leaves: ReadonlySet<string>): Variables {
  const { plan, step, state } = acting;
  const around = readsByStep(plan.plan).get(step.id)?.around ?? [];
  const repeat = around.findLast((id) => {
    const each = plan.step(id);
    return each?.kind === 'repeat' && each.state !== undefined;
  });
  return state.variables(stepsIn(leaves), (id) => givenTo(id, acting), repeat && keyOf(repeat, acting));
}

/** Tried again, an item begins without what its steps gave before: one that is skipped then gave nothing. */
export function givenTo(id: string, acting: Acting): Given | undefined {
  const { plan, state } = acting;
  const key = keyOf(id, acting);
  const read = plan.step(id);
  const beginsAnew = read !== undefined && listsAround(plan, read).length > 0;
  return beginsAnew && state.skipped.has(key) ? undefined : state.steps.get(key);
}

/** What it reads that does not stand in the journal, in words; undefined where all does. */
function untold(acting: Acting, template: Template, leaves: ReadonlySet<string>): string | undefined {
  const { plan, state, step } = acting;
  const organisation = /\borganisation\b/.test(JSON.stringify([template, listsAround(plan, step)]));
  if (organisation && !state.hasOrganisation)
    return 'it reads the organisation’s values, and the journal of its engine does not tell these';
  for (const id of stepsIn(leaves)) {
    const read = plan.step(id);
    if (read?.kind === 'approve' && read.retroactive)
      return `it reads how "${id}" ended, which is given afterwards and no entry of its own`;
    const around = readsByStep(plan.plan).get(id)?.around ?? [];
    if (around.some((each) => state.inParts.has(each)))
      return `it reads what "${id}" gave in a part of the run, of which the journal has the count alone`;
    if (
      givenTo(id, acting) &&
      state.skipped.has(keyOf(id, acting)) &&
      around.some((each) => forgets(plan.step(each)))
    )
      return `it reads "${id}", which was skipped in a round or window, and the journal does not tell what was forgotten`;
    if (id !== step.id && isLaterInRound(plan, id, step.id))
      return `it reads what "${id}" gave in the round before, and the journal does not tell when a round begins`;
  }
  return undefined;
}

function forgets(step: Step | undefined): boolean {
  return step?.kind === 'repeat' || step?.kind === 'window';
}

/** What stands behind it in the same repeat is forgotten when a round begins, which the journal does not tell. */
function isLaterInRound(plan: KeptPlan, read: string, reader: string): boolean {
  if (plan.around(read, reader).repeats === 0) return false;
  const order = [...readsByStep(plan.plan).keys()];
  return order.indexOf(read) > order.indexOf(reader);
}

/**
 * What is read in the lists around the step: in all of them, or in the outer ones. Nobody can tell where one of them is kept beside
 * the run.
 */
export function withItems(
  acting: Acting,
  variables: Variables,
  lists = listsAround(acting.plan, acting.step),
): Variables[] | 'kept beside' {
  const { place, state } = acting;
  let ways: Variables[] = [variables];
  for (const [depth, list] of lists.entries()) {
    const number = Number(place.items[depth]?.slice(1, -1));
    if (ways.some((way) => listReference(computedValue(list.items, way)))) return 'kept beside';
    ways = ways.flatMap((way) => {
      const known = depth === 0 ? acting.numbered?.get(list.id) : undefined;
      const numbered = known ?? numberings(list.items, way, state);
      if (depth === 0) acting.numbered?.set(list.id, numbered);
      return itemsAt(numbered, number).map((item) => ({ ...way, [list.as]: bind(item) }));
    });
  }
  return ways;
}

/**
 * An item keeps the number that it had when the list was first seen; and one that was begun goes on, also where a later version does
 * not have it. Which versions of what the run was given were looked at the journal does not tell: any of them may have been.
 */
function numberings(items: string, variables: Variables, { versions }: JournalledState): Numbering[] {
  const lists = versions.map((inputs) => listOf(items, { ...variables, inputs: bind(inputs) }));
  if (lists.length > mostVersions) return [{ values: lists.flat(), any: true }];
  return orderedParts(lists.length).map((part) => ({
    values: numberedIn(part.map((each) => lists[each] ?? [])),
  }));
}

function itemsAt(numbered: readonly Numbering[], number: number): Json[] {
  const found = numbered.flatMap(({ values, any }) => (any ? values : values.slice(number, number + 1)));
  return [...new Map(found.map((each) => [canonicalJson(each), each])).values()];
}

/** Of more versions of a list than these, any item may have any number. */
const mostVersions = 8;

/** All ways to leave some of so many out. */
function orderedParts(count: number): number[][] {
  const all = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: 2 ** count - 1 }, (_, part) => all.filter((each) => (part + 1) & (1 << each)));
}

function numberedIn(lists: readonly (readonly Json[])[]): Json[] {
  const numbers = new Map<string, Json>();
  for (const list of lists) {
    const seen = new Map<string, number>();
    for (const value of list) {
      const content = canonicalJson(value);
      const before = seen.get(content) ?? 0;
      seen.set(content, before + 1);
      if (!numbers.has(`${before}:${content}`)) numbers.set(`${before}:${content}`, value);
    }
  }
  return [...numbers.values()];
}

export function listOf(items: string, variables: Variables): readonly Json[] {
  const list = computedValue(items, variables);
  return Array.isArray(list) ? list : [];
}

function computedValue(items: string, variables: Variables): Json | undefined {
  try {
    return evaluate(items, variables);
  } catch {
    return undefined;
  }
}

/** The key of a step as this one sees it: of the same items. */
export function keyOf(id: string, { plan, step, place }: Acting): string {
  const lists = id === step.id ? undefined : plan.around(id, step.id).lists;
  return id + place.items.slice(0, lists).join('');
}

/** Of a template, and of the lists around its step. */
export function leavesOf({ plan, step }: Acting, template: Template): ReadonlySet<string> {
  const reads = readsByStep(plan.plan);
  const leaves = new Set<string>();
  readTemplate(template, reads.get(step.id)?.names ?? new Map(), leaves);
  for (const { id } of listsAround(plan, step))
    for (const leaf of reads.get(id)?.leaves ?? []) leaves.add(leaf);
  return leaves;
}

export function stepsIn(leaves: ReadonlySet<string>): string[] {
  const ids = [...leaves]
    .filter((path) => path.startsWith('steps.'))
    .map((path) => segmentsOf(path)[1] ?? '');
  return [...new Set(ids)];
}
