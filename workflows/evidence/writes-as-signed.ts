/**
 * Whether each write of a run was called with what its plan makes of the inputs that were in force and of what earlier steps gave, and
 * whether those were signed: worked out again from plan and journal alone, by whoever checks a run afterwards.
 */
import { readTemplate } from '../../compiler/gates/leaves.ts';
import { readsByStep } from '../../compiler/gates/reads.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import { covers, isWithin, segmentsOf } from '../../plan/leaf-paths.ts';
import type { ForEachStep, Json, JsonObject } from '../../plan/plan.ts';
import { sameValue } from '../../plan/sealed-values.ts';
import { placeOf } from '../../plan/warrant.ts';
import { bind, unbind } from '../expressions.ts';
import { isShortened } from '../gate/shown.ts';
import type { JournalEntry } from '../journal.ts';
import {
  type Acting,
  type Computed,
  computedOf,
  givenTo,
  type JournalledInputs,
  keyOf,
  leavesOf,
  listOf,
  stepsIn,
  variablesAt,
  withItems,
} from './computed-inputs.ts';
import { ItemsBegun, listsAround } from './items-begun.ts';
import { isObject, JournalledState } from './journalled-state.ts';
import type { KeptPlan } from './kept-plan.ts';

export interface Unlike {
  /** Of the journal, or of the audit chain. */
  entry?: number;
  record?: number;
  message: string;
}

export interface CheckedWrites {
  findings: Unlike[];
  /** How many writes were computed again, and how many could not be. */
  derived: number;
  notDerived: number;
  /** Those that could not be, by name. */
  left: NotDerived[];
}

export interface NotDerived {
  /** Id of the step, or `the undo of` it. */
  what: string;
  why: string;
  times: number;
}

/** What a write should be called with. */
export interface Expected {
  computed: Computed;
  /** What it reads that was changed by hand and that nobody signed, in words. */
  unsigned: string[];
  notApproved: string[];
}

export function writesAsSigned(
  run: { id: string },
  plan: KeptPlan,
  journal: readonly JournalEntry[],
): CheckedWrites {
  const state = new JournalledState(run, plan.plan, journal);
  const items = new ItemsBegun(plan);
  const begun = new Map<string, { expected: Expected; at: JournalledInputs }>();
  const undos = new Map<string, Computed>();
  const checked: CheckedWrites = { findings: [], derived: 0, notDerived: 0, left: [] };
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
    else if (
      called &&
      kind === 'step.succeeded' &&
      data.completedBy === undefined &&
      data.input === undefined
    )
      leave(checked, key, 'the journal of its engine does not tell what it was called with');
    if (kind === 'step.succeeded' && acting.step.undo && called && data.completedBy === undefined)
      undos.set(key, joined(undos.get(key), undoOf(acting, called.at)));
    if (kind === 'step.undone' && data.input !== undefined) {
      const computed = undos.get(key) ?? { why: 'the journal does not tell how it was done' };
      const expected = { computed, unsigned: [], notApproved: [] };
      compare(checked, { seq, key: `the undo of ${key}`, acting, given: data.input }, expected);
    }
  }
  return checked;
}

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
  { computed, unsigned, notApproved }: Expected,
): void {
  const said = `The journal’s entry ${seq} says that ${acting.step.uses} was called for "${key}"`;
  const found = (message: string) => checked.findings.push({ entry: seq, message: `${said}${message}` });
  for (const gate of notApproved) found(`, and "${gate}", behind which it is, had not been given.`);
  if ('why' in computed) leave(checked, key, computed.why);
  else {
    checked.derived += 1;
    const text = canonicalJson(given);
    if (!computed.inputs.some((each) => canonicalJson(each) === text))
      found(' with something else than its plan makes of what was in force.');
  }
  for (const what of unsigned) found(` with ${what}, and nobody signed that.`);
}

/** Named once a step, however many items it was done for. */
export function leave(checked: CheckedWrites, key: string, why: string): void {
  const what = key.replace(/\[.*$/, '');
  checked.notDerived += 1;
  const known = checked.left.find((each) => each.what === what && each.why === why);
  if (known) known.times += 1;
  else checked.left.push({ what, why, times: 1 });
}

/** As the plan makes it of what is in force at this moment. */
export function expectedNow(acting: Acting): Expected {
  const gates = gatesOf(acting);
  const notApproved = gates.filter(({ shown }) => shown === undefined).map(({ gate }) => gate);
  const leaves = leavesOf(acting, acting.step.with);
  const computed = computedOf(acting, acting.step.with, leaves, acting.state.inputs);
  return { computed, unsigned: unsignedOf(acting, leaves, gates), notApproved };
}

/** Taken back is what was done: by the inputs with which it began, and what it gave. */
function undoOf(acting: Acting, inputs: JournalledInputs): Computed {
  const template = acting.step.undo?.with ?? {};
  const leaves = new Set([...leavesOf(acting, template), `steps.${acting.step.id}.output`]);
  return computedOf(acting, template, leaves, inputs);
}

function joined(known: Computed | undefined, more: Computed): Computed {
  if (!known || 'why' in more) return more;
  return 'why' in known ? known : { inputs: [...known.inputs, ...more.inputs] };
}

/** An operator may have typed another input, and those who signed for the step signed that. */
function withEdits({ computed, ...rest }: Expected, { state, step, plan }: Acting, key: string): Expected {
  const signed = state.countersigned.filter(({ path }) => path === `steps.${step.id}.with`);
  const typed = (state.edits.get(key) ?? [])
    .filter((edit) => !edit.proposed || signed.some(({ after }) => sameValue(after, edit.with)))
    .map((edit) => edit.with);
  const free = typed.length > 0 && (step.amend !== undefined || plan.gatesOf(step.id).length === 0);
  const own = free ? typed : typed.filter((each) => signed.some(({ after }) => sameValue(after, each)));
  return { ...rest, computed: 'why' in computed ? computed : { inputs: [...computed.inputs, ...own] } };
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
  // Lists within it hang on what steps gave for this very item.
  const around = listsAround(plan, acting.step);
  const depth = around.indexOf(list);
  // Which item of the lists around it this is hangs on what these read.
  const all = around
    .slice(0, depth + 1)
    .flatMap(({ id }) => [...(readsByStep(plan.plan).get(id)?.leaves ?? [])]);
  const variables = { ...variablesAt(acting, new Set(all)), inputs: bind(state.inputs ?? {}) };
  const signed = [...inputsSigned(state, shown), ...inputsSignedAtBegin(list, depth, acting)];
  const frames = withItems(acting, variables, around.slice(0, depth + 1));
  // Its hash is signed, by value or by source, and the list never changes.
  if (frames === 'kept beside') return true;
  return frames.some((frame) => {
    const item = canonicalJson(unbind(frame[list.as]) ?? null);
    // An approval of the item itself shows it.
    const own = shown.map(({ values }) => (isObject(values) ? values[list.as] : undefined));
    if (own.some((each) => each !== undefined && (canonicalJson(each) === item || isShortened(each))))
      return true;
    const known = depth === 0 ? acting.signedItems?.get(list.id) : undefined;
    const items =
      known ??
      new Set(
        signed.flatMap((inputs) => listOf(list.items, { ...frame, inputs: bind(inputs) }).map(canonicalJson)),
      );
    if (depth === 0) acting.signedItems?.set(list.id, items);
    return items.has(item);
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
