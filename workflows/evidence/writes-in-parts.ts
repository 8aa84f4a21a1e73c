/**
 * Writes of large lists and long repeats, which have histories of their own: the run's journal has their count alone, and the records have
 * each of them with a digest of what it was called with. Whoever can compare such a digest can have them computed again too.
 */
import { readsByStep } from '../../compiler/gates/reads.ts';
import type { ActionStep, Json } from '../../plan/plan.ts';
import { placeOf } from '../../plan/warrant.ts';
import type { JournalEntry } from '../journal.ts';
import { type Acting, type Computed, computedOf, leavesOf } from './computed-inputs.ts';
import { ItemsBegun } from './items-begun.ts';
import { JournalledState } from './journalled-state.ts';
import type { KeptPlan } from './kept-plan.ts';
import { type CheckedWrites, expectedNow, leave } from './writes-as-signed.ts';

/** A write as it stands on record. */
export interface RecordedWrite {
  /** Number of the record. */
  record: number;
  /** Id of the step. */
  step: string;
  /** Item and round: `[701]`. */
  item: string;
  undo: boolean;
  /** Whether it was called with this; absent where nobody here can tell. */
  was?: (input: Json) => boolean;
}

/** A list or repeat that was done in parts, while its journal is followed. */
interface InParts {
  /** How many states of the inputs there had been when it began. */
  from: number;
  writes: (RecordedWrite & { acting: Acting })[];
  last: number;
}

export function writesInParts(
  run: { id: string },
  plan: KeptPlan,
  journal: readonly JournalEntry[],
  writes: readonly RecordedWrite[],
): CheckedWrites {
  const state = new JournalledState(run, plan.plan, journal);
  const items = new ItemsBegun(plan);
  const checked: CheckedWrites = { findings: [], derived: 0, notDerived: 0, left: [] };
  const all = divided(plan, journal, writes, { state, items });
  if (all.size === 0) return checked;
  for (const [index, { kind, step = '' }] of journal.entries()) {
    const parts = all.get(bareId(step));
    if (parts && kind === 'step.started' && parts.from < 0) {
      parts.from = Math.max(0, state.versions.length - 1);
      // None of them was begun before its list.
      for (const write of parts.writes) items.take(index, { kind, step: write.step + write.item });
    }
    state.take(index);
    if (parts?.last === index) for (const write of parts.writes) check(checked, write, parts.from);
  }
  return checked;
}

/** By the outermost list or repeat that was done in parts: what its steps did there, and which entry of the journal is the last of it. */
function divided(
  plan: KeptPlan,
  journal: readonly JournalEntry[],
  writes: readonly RecordedWrite[],
  so: Pick<Acting, 'state' | 'items'>,
): Map<string, InParts> {
  const ended = new Map<string, number>();
  for (const [index, { kind, step = '' }] of journal.entries())
    if (kind === 'batch.ended') ended.set(bareId(step), index);
  const told = new Set(journal.filter(({ kind }) => kind === 'step.started').map(({ step }) => step));
  const all = new Map<string, InParts>();
  for (const write of writes) {
    const place = placeOf(write.step + write.item);
    const step = place && plan.step(place.id);
    if (!place || step?.kind !== 'action') continue;
    const id = (readsByStep(plan.plan).get(place.id)?.around ?? []).find((each) => ended.has(each));
    if (id === undefined || told.has(place.id + place.items.join(''))) continue;
    const parts: InParts = all.get(id) ?? { from: -1, writes: [], last: ended.get(id) ?? -1 };
    all.set(id, parts);
    // All are looked at in one moment, of steps that each may be behind other approvals.
    const alike = parts.writes.find(({ acting }) => acting.step === step)?.acting;
    const { numbered = new Map(), signedItems = new Map() } = alike ?? {};
    parts.writes.push({ ...write, acting: { plan, step, place, ...so, numbered, signedItems } });
  }
  return all;
}

function check(
  checked: CheckedWrites,
  { record, item, undo, was, acting }: RecordedWrite & { acting: Acting },
  from: number,
): void {
  const { step } = acting;
  const key = undo ? `the undo of ${step.id}` : step.id;
  const uses = undo ? step.undo?.uses : step.uses;
  const said = `Record ${record} says that ${uses} was called for "${key}${item}"`;
  const found = (message: string) => checked.findings.push({ record, message: `${said}${message}` });
  if (!undo) {
    const { unsigned, notApproved } = expectedNow(acting);
    for (const gate of notApproved) found(`, and "${gate}", behind which it is, had not been given.`);
    for (const what of unsigned) found(` with ${what}, and nobody signed that.`);
  }
  const computed = inAnyOf(acting, undo ? step.undo : step, from);
  if ('why' in computed) leave(checked, key, computed.why);
  else if (!was)
    leave(checked, key, 'what it was called with is on record as a digest, which takes the keys to compare');
  else {
    checked.derived += 1;
    if (!computed.inputs.some(was)) found(' with something else than its plan makes of what was in force.');
  }
}

/** Which state of the inputs was in force the journal does not tell: any since it began. */
function inAnyOf(acting: Acting, of: Pick<ActionStep, 'with'> | undefined, from: number): Computed {
  const template = of?.with ?? {};
  const leaves = leavesOf(acting, template);
  const inputs: Json[] = [];
  const versions = acting.state.versions.slice(Math.max(0, from));
  for (const version of versions.length > 0 ? versions : [undefined]) {
    const computed = computedOf(acting, template, leaves, version);
    if ('why' in computed) return computed;
    inputs.push(...computed.inputs);
  }
  return { inputs };
}

function bareId(key: string): string {
  return key.replace(/\[.*$/, '');
}
