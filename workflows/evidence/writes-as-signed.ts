/**
 * Whether each write of a run was called with what its plan makes of the inputs that were in force and of what earlier steps gave, and
 * whether those were signed: worked out again from plan and journal alone, by whoever checks a run afterwards.
 */
import { readTemplate } from '../../compiler/gates/leaves.ts';
import { readsByStep } from '../../compiler/gates/reads.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { covers, isWithin, segmentsOf } from '../../plan/leaf-paths.ts';
import type { ActionStep, ForEachStep, Json, JsonObject, Step, Template } from '../../plan/plan.ts';
import { sameValue } from '../../plan/sealed-values.ts';
import { type Place, placeOf } from '../../plan/warrant.ts';
import { bind, evaluate, evaluateTemplate, unbind, type Variables } from '../expressions.ts';
import { isShortened } from '../gate/shown.ts';
import type { JournalEntry } from '../journal.ts';
import { ItemsBegun, listsAround } from './items-begun.ts';
import { type Given, isObject, JournalledState } from './journalled-state.ts';
import type { KeptPlan } from './kept-plan.ts';

export interface Unlike {
  /** Of the journal. */
  entry: number;
  message: string;
}

export interface CheckedWrites {
  findings: Unlike[];
  /** How many writes of the journal were computed again, and how many could not be. */
  derived: number;
  notDerived: number;
}

/** What a write should be called with, in every way that is possible; undefined where the journal does not tell. */
interface Expected {
  inputs: Json[] | undefined;
  /** What it reads that was changed by hand and that nobody signed, in words. */
  unsigned: string[];
  notApproved: string[];
}

interface Acting {
  plan: KeptPlan;
  step: ActionStep;
  place: Place;
  state: JournalledState;
  items: ItemsBegun;
}

export function writesAsSigned(
  run: { id: string },
  plan: KeptPlan,
  journal: readonly JournalEntry[],
): CheckedWrites {
  const state = new JournalledState(run, plan.plan, journal);
  const items = new ItemsBegun(plan);
  const begun = new Map<string, { expected: Expected; at: JournalledInputs }>();
  const undos = new Map<string, Json[] | undefined>();
  const checked: CheckedWrites = { findings: [], derived: 0, notDerived: 0 };
  for (const [index, entry] of journal.entries()) {
    const { seq, kind, step: key = '', data = {} } = entry;
    const acting = actingAt(key, plan, { state, items });
    items.take(index, entry);
    if (acting && kind === 'step.started')
      begun.set(key, { expected: expectedNow(acting), at: state.inputs });
    state.take(index);
    if (!acting) continue;
    const called = begun.get(key);
    if (called && data.input !== undefined && concluding.has(kind) && !data.undo)
      compare(checked, { seq, key, acting, given: data.input }, withEdits(called.expected, acting, key));
    if (kind === 'step.succeeded' && acting.step.undo && called && data.completedBy === undefined)
      undos.set(key, joined(undos.get(key), undos.has(key), undoOf(acting, called.at)));
    if (kind === 'step.undone' && data.input !== undefined) {
      const expected = { inputs: undos.get(key), unsigned: [], notApproved: [] };
      compare(checked, { seq, key: `the undo of ${key}`, acting, given: data.input }, expected);
    }
  }
  return checked;
}

type JournalledInputs = JournalledState['inputs'];

const concluding: ReadonlySet<string> = new Set([
  'step.succeeded',
  'step.failed',
  'step.parked',
  'step.cancelled',
]);

function actingAt(key: string, plan: KeptPlan, so: Pick<Acting, 'state' | 'items'>): Acting | undefined {
  const place = placeOf(key);
  const step = place && plan.step(place.id);
  if (!place || step?.kind !== 'action' || step.effect === 'read') return undefined;
  return { plan, step, place, ...so };
}

function compare(
  checked: CheckedWrites,
  { seq, key, acting, given }: { seq: number; key: string; acting: Acting; given: Json },
  { inputs, unsigned, notApproved }: Expected,
): void {
  const said = `The journal’s entry ${seq} says that ${acting.step.uses} was called for "${key}"`;
  const found = (message: string) => checked.findings.push({ entry: seq, message: `${said}${message}` });
  for (const gate of notApproved) found(`, and "${gate}", behind which it is, had not been given.`);
  if (inputs === undefined) checked.notDerived += 1;
  else {
    checked.derived += 1;
    const text = canonicalJson(given);
    if (!inputs.some((each) => canonicalJson(each) === text))
      found(' with something else than its plan makes of what was in force.');
  }
  for (const what of unsigned) found(` with ${what}, and nobody signed that.`);
}

/** As the plan makes it of what is in force at this moment. */
function expectedNow(acting: Acting): Expected {
  const gates = gatesOf(acting);
  const notApproved = gates.filter(({ shown }) => shown === undefined).map(({ gate }) => gate);
  const leaves = leavesOf(acting, acting.step.with);
  const inputs = computed(acting, acting.step.with, leaves, acting.state.inputs);
  return { inputs, unsigned: unsignedOf(acting, leaves, gates), notApproved };
}

/** Taken back is what was done: by the inputs with which it began, and what it gave. */
function undoOf(acting: Acting, inputs: JournalledInputs): Json[] | undefined {
  const template = acting.step.undo?.with ?? {};
  const leaves = new Set([...leavesOf(acting, template), `steps.${acting.step.id}.output`]);
  return computed(acting, template, leaves, inputs);
}

function joined(known: Json[] | undefined, any: boolean, more: Json[] | undefined): Json[] | undefined {
  if (!any) return more;
  return known && more && [...known, ...more];
}

/** An operator may have typed another input, and those who signed for the step signed that. */
function withEdits({ inputs, ...rest }: Expected, { state, step, plan }: Acting, key: string): Expected {
  const signed = state.countersigned.filter(({ path }) => path === `steps.${step.id}.with`);
  const typed = (state.edits.get(key) ?? [])
    .filter((edit) => !edit.proposed || signed.some(({ after }) => sameValue(after, edit.with)))
    .map((edit) => edit.with);
  const free = typed.length > 0 && (step.amend !== undefined || plan.gatesOf(step.id).length === 0);
  const own = free ? typed : typed.filter((each) => signed.some(({ after }) => sameValue(after, each)));
  return { ...rest, inputs: inputs && [...inputs, ...own] };
}

/** Every way in which the items around the step may be numbered; usually one. Undefined where the journal does not tell all that is read. */
function computed(
  acting: Acting,
  template: Template,
  leaves: ReadonlySet<string>,
  inputs: JournalledInputs,
): Json[] | undefined {
  const { state } = acting;
  if (inputs === undefined || !isTold(acting, template, leaves)) return undefined;
  const variables = { ...variablesAt(acting, leaves), inputs: bind(inputs) };
  return withItems(acting, variables).map((frame) => {
    try {
      return evaluateTemplate(template, frame) ?? {};
    } catch {
      // What cannot be computed was not called.
      return `(${state.steps.size} steps)`;
    }
  });
}

function variablesAt(acting: Acting, leaves: ReadonlySet<string>): Variables {
  return acting.state.variables(stepsIn(leaves), (id) => givenTo(id, acting));
}

/** Tried again, an item begins without what its steps gave before: one that is skipped then gave nothing. */
function givenTo(id: string, acting: Acting): Given | undefined {
  const { plan, state } = acting;
  const key = keyOf(id, acting);
  const read = plan.step(id);
  const beginsAnew = read !== undefined && listsAround(plan, read).length > 0;
  return beginsAnew && state.skipped.has(key) ? undefined : state.steps.get(key);
}

/** Whether all that is read stands in the journal. */
function isTold(acting: Acting, template: Template, leaves: ReadonlySet<string>): boolean {
  const { plan, state, step } = acting;
  const organisation = /\borganisation\b/.test(JSON.stringify([template, listsAround(plan, step)]));
  if (organisation && !state.hasOrganisation) return false;
  for (const id of stepsIn(leaves)) {
    const read = plan.step(id);
    // Given afterwards, its status is no entry of its own.
    if (read?.kind === 'approve' && read.retroactive) return false;
    const around = readsByStep(plan.plan).get(id)?.around ?? [];
    if (around.some((each) => state.inParts.has(each))) return false;
    // What it gave in an earlier round or window is forgotten, and else is not: the journal does not tell which that was.
    if (
      givenTo(id, acting) &&
      state.skipped.has(keyOf(id, acting)) &&
      around.some((each) => forgets(plan.step(each)))
    )
      return false;
    if (id !== step.id && isLaterInRound(plan, id, step.id)) return false;
  }
  return true;
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

/** What is read in the lists around the step: in all of them, or in the outer ones. */
function withItems(
  acting: Acting,
  variables: Variables,
  lists = listsAround(acting.plan, acting.step),
): Variables[] {
  const { place, state } = acting;
  let ways: Variables[] = [variables];
  for (const [depth, list] of lists.entries()) {
    const number = Number(place.items[depth]?.slice(1, -1));
    ways = ways.flatMap((way) =>
      itemsAt(list.items, number, way, state).map((item) => ({ ...way, [list.as]: bind(item) })),
    );
  }
  return ways;
}

/**
 * An item keeps the number that it had when the list was first seen; and one that was begun goes on, also where a later version does
 * not have it. Which versions of what the run was given were looked at the journal does not tell: any of them may have been.
 */
function itemsAt(items: string, number: number, variables: Variables, { versions }: JournalledState): Json[] {
  const lists = versions.map((inputs) => listOf(items, { ...variables, inputs: bind(inputs) }));
  const found =
    lists.length > mostVersions
      ? lists.flat()
      : orderedParts(lists.length).flatMap((part) =>
          numbered(
            part.map((each) => lists[each] ?? []),
            number,
          ),
        );
  return [...new Map(found.map((each) => [canonicalJson(each), each])).values()];
}

/** Of more versions of a list than these, any item may have any number. */
const mostVersions = 8;

/** All ways to leave some of so many out. */
function orderedParts(count: number): number[][] {
  const all = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: 2 ** count - 1 }, (_, part) => all.filter((each) => (part + 1) & (1 << each)));
}

function numbered(lists: readonly (readonly Json[])[], number: number): Json[] {
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
  return [...numbers.values()].slice(number, number + 1);
}

function listOf(items: string, variables: Variables): readonly Json[] {
  try {
    const list = evaluate(items, variables);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** An approval without which the step cannot be reached, and what its people were shown when they gave it. */
interface GateOf {
  gate: string;
  shown: JsonObject | undefined;
}

function gatesOf(acting: Acting): GateOf[] {
  const { plan, step, state } = acting;
  return plan.gatesOf(step.id).map((gate) => ({ gate, shown: state.approved(keyOf(gate, acting)) }));
}

/** The key of a step as this one sees it: of the same items. */
function keyOf(id: string, { plan, step, place }: Acting): string {
  const lists = id === step.id ? undefined : plan.around(id, step.id).lists;
  return id + place.items.slice(0, lists).join('');
}

/** What it reads that is not as it was signed, in words. */
function unsignedOf(acting: Acting, leaves: ReadonlySet<string>, gates: readonly GateOf[]): string[] {
  const { plan, step, state } = acting;
  const shown = gates.map((gate) => gate.shown).filter((each) => each !== undefined);
  if (shown.length === 0 || state.inputs === undefined) return [];
  const own = new Set<string>();
  readTemplate(step.with, readsByStep(plan.plan).get(step.id)?.names ?? new Map(), own);
  const names = new Set(
    [...own].filter((path) => /^inputs\.[^[]*$/.test(path)).map((path) => segmentsOf(path)[1] ?? ''),
  );
  const inputs = [...names].filter((name) => !isSignedInput(name, acting, shown));
  const lists = listsAround(plan, step).filter((list) => !isSignedItem(list, acting, shown));
  const steps = stepsIn(leaves).filter((id) => !isSignedStep(id, acting, { leaves, shown }));
  return [
    ...inputs.map((name) => `the input ${name} as it was changed after it was signed`),
    ...lists.map(({ as }) => `a ${as} that stands in no list that was signed`),
    ...steps.map((id) => `what ${givenTo(id, acting)?.byHand} typed for "${id}"`),
  ];
}

function isSignedInput(name: string, { plan, state }: Acting, shown: readonly JsonObject[]): boolean {
  if (plan.plan.inputs[name]?.amend !== undefined) return true;
  const value = state.inputs?.[name] ?? null;
  return inputsSigned(state, shown).some((inputs) => sameValue(inputs[name] ?? null, value));
}

/** Item by item: those that were signed go on while others are proposed. */
function isSignedItem(list: ForEachStep, acting: Acting, shown: readonly JsonObject[]): boolean {
  const { plan, state } = acting;
  const reads = readsByStep(plan.plan).get(list.id)?.leaves ?? new Set();
  const inputs = [...reads].filter((path) => path.startsWith('inputs.'));
  if (inputs.some((path) => plan.plan.inputs[segmentsOf(path)[1] ?? '']?.amend !== undefined)) return true;
  const variables = { ...variablesAt(acting, reads), inputs: bind(state.inputs ?? {}) };
  // Lists within it hang on what steps gave for this very item.
  const around = listsAround(plan, acting.step);
  const depth = around.indexOf(list);
  const signed = [...inputsSigned(state, shown), ...inputsSignedAtBegin(list, depth, acting)];
  return withItems(acting, variables, around.slice(0, depth + 1)).some((frame) => {
    const item = canonicalJson(unbind(frame[list.as]) ?? null);
    // An approval of the item itself shows it.
    const own = shown.map(({ values }) => (isObject(values) ? values[list.as] : undefined));
    if (own.some((each) => each !== undefined && (canonicalJson(each) === item || isShortened(each))))
      return true;
    return signed.some((inputs) =>
      listOf(list.items, { ...frame, inputs: bind(inputs) }).some((each) => canonicalJson(each) === item),
    );
  });
}

/** An item that was begun goes on, also where a list that was signed later does not have it. */
function inputsSignedAtBegin(list: ForEachStep, depth: number, acting: Acting): JsonObject[] {
  const { plan, step, place, state, items } = acting;
  const begun = items.placeOf(list, depth, place.items);
  const shown = plan.gatesOf(step.id).map((gate) => state.approved(keyOf(gate, acting), begun));
  return inputsSigned(
    state,
    shown.filter((each) => each !== undefined),
    begun,
  );
}

/** As people were shown them, and with what they countersigned by then. */
function inputsSigned(
  { countersigned }: JournalledState,
  shown: readonly JsonObject[],
  before = Number.POSITIVE_INFINITY,
): JsonObject[] {
  return shown.flatMap(({ inputs }) => {
    if (!isObject(inputs)) return [];
    const changes = countersigned.filter(({ path, since }) => since < before && /^inputs\.\w+$/.test(path));
    const later = changes.map(({ path, after }) => ({ ...inputs, [path.slice('inputs.'.length)]: after }));
    return [inputs, ...later];
  });
}

function isSignedStep(
  id: string,
  acting: Acting,
  { leaves, shown }: { leaves: ReadonlySet<string>; shown: readonly JsonObject[] },
): boolean {
  const { plan, state } = acting;
  const given = givenTo(id, acting);
  if (given?.byHand === undefined || plan.step(id)?.amend !== undefined) return true;
  const read = [...leaves].filter((leaf) => isWithin(leaf, `steps.${id}`));
  const byHand = shown.flatMap((each) => (Array.isArray(each.byHand) ? each.byHand : []));
  const signed = [
    ...(byHand as JsonObject[]).map((each) => ({ path: String(each.path), after: each.after ?? null })),
    ...state.countersigned,
  ];
  const isShown = (what: 'output' | 'status', value: Json) =>
    signed.some(({ path, after }) => covers(path, `steps.${id}.${what}`) && sameValue(after, value));
  // That it is said to be done is itself what a later step may act on.
  return read.every(
    (leaf) =>
      isShown('output', given.output ?? null) ||
      (isWithin(leaf, `steps.${id}.status`) && isShown('status', given.status)),
  );
}

/** Of a template, and of the lists around its step. */
function leavesOf({ plan, step }: Acting, template: Template): ReadonlySet<string> {
  const reads = readsByStep(plan.plan);
  const leaves = new Set<string>();
  readTemplate(template, reads.get(step.id)?.names ?? new Map(), leaves);
  for (const { id } of listsAround(plan, step))
    for (const leaf of reads.get(id)?.leaves ?? []) leaves.add(leaf);
  return leaves;
}

function stepsIn(leaves: ReadonlySet<string>): string[] {
  const ids = [...leaves]
    .filter((path) => path.startsWith('steps.'))
    .map((path) => segmentsOf(path)[1] ?? '');
  return [...new Set(ids)];
}
