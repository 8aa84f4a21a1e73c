/**
 * The input of a destructive action behind an approval, computed again: from the text of the kept plan, what was signed, and what
 * actions gave. Where something that it reads stands in none of these, it is not compared, and the record says so.
 */
import { readTemplate } from '../../../compiler/gates/leaves.ts';
import { readsByStep } from '../../../compiler/gates/reads.ts';
import { canonicalJson } from '../../../plan/canonical-json.ts';
import { hashOf } from '../../../plan/hash.ts';
import { listReference } from '../../../plan/kept-list.ts';
import { segmentsOf } from '../../../plan/leaf-paths.ts';
import type { ActionStep, CallContext, Json, JsonObject, Step, Template } from '../../../plan/plan.ts';
import { type AskedPaper, carriedMark, type Place, placeOf } from '../../../plan/warrant.ts';
import type { KeptPlan } from '../../../workflows/evidence/kept-plan.ts';
import { bind, evaluate, evaluateTemplate, unbind, type Variables } from '../../../workflows/expressions.ts';
import { isShortened } from '../../../workflows/gate/shown.ts';
import type { ProposalView } from '../../../workflows/messages.ts';
import { NotCovered } from './not-covered.ts';
import type { Level, PlaceOfCall } from './place-of-call.ts';
import type { Believed, GivenOutput, WarrantRegister } from './register.ts';

interface Compared {
  call: CallContext;
  place: PlaceOfCall;
  signed: readonly Believed[];
}

/** What a run was given when it began. */
interface GivenToRun {
  inputs: JsonObject;
  ticket: Json;
  requester: Json;
}

interface StepsToRead {
  level: Level;
  reads: ReadonlySet<string>;
  papers: readonly AskedPaper[];
  /** The step itself is taken back: its own output is read. */
  undone: boolean;
}

/** Something that is read stands neither in what was signed nor in what actions gave. */
class NotKnown extends Error {}

/** Values that people may give without being asked, so many ways to put them together at most. */
const mostWays = 64;

export class DerivedInputs {
  private readonly register: WarrantRegister;
  private readonly needed = new WeakMap<KeptPlan, ReadonlySet<string>>();

  constructor(register: WarrantRegister) {
    this.register = register;
  }

  /** Whether an input that may have to be computed again reads what this step gives. */
  isNeeded({ levels }: PlaceOfCall): boolean {
    const own = levels.at(-1);
    if (!own) return false;
    const known = this.needed.get(own.plan) ?? neededIn(own.plan);
    this.needed.set(own.plan, known);
    return known.has(own.step.id);
  }

  /** True when the input was computed again and is this; false where it could not be. Rejects another one. */
  async mustBe(input: Json, compared: Compared): Promise<boolean> {
    const own = compared.place.levels.at(-1);
    // What people may type without being asked is theirs.
    if (own?.step.kind !== 'action' || own.step.amend !== undefined) return false;
    const { step } = own;
    const template = compared.place.undo ? step.undo?.with : step.with;
    const given = this.content(input);
    if (
      !compared.place.undo &&
      (await this.editsSigned(step, compared)).some((each) => this.content(each) === given)
    )
      return true;
    try {
      let any = false;
      for await (const frame of this.frames(compared, template ?? {}, compared.place.levels.length - 1)) {
        any = true;
        if (this.content(computed(template ?? {}, frame)) === given) return true;
      }
      if (!any) return false;
    } catch (error) {
      if (error instanceof NotKnown) return false;
      throw error;
    }
    throw new NotCovered(
      `the input of ${compared.place.undo ? 'the undo of ' : ''}step "${compared.call.step}${compared.call.item ?? ''}" is not what was signed for it gives: this is a fault of the engine, please report it`,
    );
  }

  /** What is sealed where a run is called is another token each time: what is in it is compared. */
  private content(value: Json): string {
    try {
      return canonicalJson(this.register.opened(value));
    } catch {
      // By a key that is gone: then it is the same where its token is.
      return canonicalJson(value);
    }
  }

  /** What those who signed let a person type instead of it. */
  private async editsSigned({ id }: Step, { place, signed }: Compared): Promise<Json[]> {
    const level = place.levels.length - 1;
    const papers = await this.shownAt(place.levels[level] as Level, signed);
    return papers.flatMap((paper) =>
      proposedIn(paper)
        .filter(({ path }) => path === `steps.${id}.with`)
        .map(({ after }) => after),
    );
  }

  /** Every way in which what was signed may be put together; usually one. */
  private async *frames(compared: Compared, template: Template, depth: number): AsyncGenerator<Variables> {
    const level = compared.place.levels[depth];
    if (!level?.run || /\b(organisation|startedAt|state)\b/.test(JSON.stringify(template)))
      throw new NotKnown();
    const reads = leavesOf(level, template);
    const papers = await this.shownAt(level, compared.signed);
    const undone = compared.place.undo && depth === compared.place.levels.length - 1;
    const steps = await this.stepsRead({ level, reads, papers, undone });
    const run = { id: level.run, runbook: level.plan.plan.runbook };
    for await (const given of this.given(compared, level, papers, reads, depth))
      for (const each of steps) {
        const variables: Variables = {
          inputs: bind(given.inputs),
          ticket: bind(given.ticket),
          run: bind({ ...run, requester: given.requester }),
          organisation: bind({}),
          steps: each,
        };
        yield* this.withItems(level, variables, papers);
      }
  }

  /** What the run was given: as its own approvals showed it, else as the run that called it gives it. */
  private async *given(
    compared: Compared,
    level: Level,
    [latest]: readonly AskedPaper[],
    reads: ReadonlySet<string>,
    depth: number,
  ): AsyncGenerator<GivenToRun> {
    if (latest) {
      const { ticket = null, requester = null } = latest.shown;
      for (const inputs of await this.inputsOf(level, latest, reads)) yield { inputs, ticket, requester };
      return;
    }
    const caller = compared.place.levels[depth - 1];
    if (caller?.step.kind !== 'runbook') throw new NotKnown();
    const { inputs: taken } = level.plan.plan;
    const names = inputsIn(reads);
    // What people may change there is theirs.
    if (names.some((name) => taken[name]?.amend)) throw new NotKnown();
    const defaults = Object.fromEntries(
      Object.entries(taken).flatMap(([name, input]) =>
        input.default === undefined ? [] : [[name, input.default]],
      ),
    );
    for await (const frame of this.frames(compared, caller.step.with, depth - 1)) {
      const values = computed(caller.step.with, frame);
      if (typeof values !== 'object' || values === null || Array.isArray(values)) continue;
      const { requester = null } = unbind(frame.run) as JsonObject;
      yield { inputs: { ...defaults, ...values }, ticket: unbind(frame.ticket) ?? null, requester };
    }
  }

  /** What people were shown for the approvals of this run, the last first. */
  private async shownAt({ run }: Level, signed: readonly Believed[]): Promise<AskedPaper[]> {
    if (run === undefined) return [];
    const { papers } = await this.register.papers([run]);
    const warrants = signed.map(({ warrant }) => warrant).filter((warrant) => warrant.run === run);
    // What the caller's people countersigned in the called run.
    for (const paper of papers)
      if (paper.kind === 'issued' && paper.gate.startsWith(carriedMark)) {
        const warrant = await this.register.open(paper.signed);
        if (warrant?.run === run && warrant.gate.startsWith(carriedMark)) warrants.push(warrant);
      }
    warrants.sort((one, other) => other.opened - one.opened);
    return warrants.flatMap(({ shown }) => {
      const paper = papers.find(
        (each): each is AskedPaper => each.kind === 'asked' && each.hash === shown && isGenuine(each),
      );
      return paper ? [paper] : [];
    });
  }

  /** As signed; those that people may change without being asked, as they were at any time. */
  private async inputsOf(
    { run = '', plan }: Level,
    paper: AskedPaper,
    reads: ReadonlySet<string>,
  ): Promise<JsonObject[]> {
    const signed: JsonObject = { ...(paper.shown.inputs as JsonObject) };
    for (const { path, after } of proposedIn(paper))
      if (path.startsWith('inputs.')) signed[path.slice(7)] = after;
    const free = inputsIn(reads).filter((name) => plan.plan.inputs[name]?.amend !== undefined);
    // Asked of several approvals it is in force once all have signed it.
    const several = await this.askedOfSeveral(run, paper);
    let ways = several ? [signed, { ...(paper.shown.inputs as JsonObject) }] : [signed];
    if (free.length === 0) return ways;
    for (const amended of await this.register.amended(run)) {
      const given = Object.fromEntries(
        free.flatMap((name) => (name in amended ? [[name, amended[name] ?? null]] : [])),
      );
      if (Object.keys(given).length > 0 && ways.length < mostWays)
        ways = [...ways, ...ways.map((way) => ({ ...way, ...given }))];
    }
    return ways;
  }

  private async askedOfSeveral(run: string, paper: AskedPaper): Promise<boolean> {
    if (paper.holds.length === 0) return false;
    const { papers } = await this.register.papers([run]);
    return papers.some(
      (each) =>
        each.kind === 'asked' &&
        each.gate !== paper.gate &&
        each.holds.some((path) => paper.holds.includes(path)),
    );
  }

  private async stepsRead({
    level: own,
    reads,
    papers,
    undone,
  }: StepsToRead): Promise<Record<string, unknown>[]> {
    const ids = new Set(
      [...reads].filter((path) => path.startsWith('steps')).map((path) => segmentsOf(path)[1] ?? ''),
    );
    if (undone) ids.add(own.step.id);
    const recorded: Record<string, unknown> = Object.create(null);
    const signed: Record<string, unknown> = Object.create(null);
    for (const id of ids) {
      const { lists } = own.plan.around(id, own.step.id);
      const items = own.place.items.slice(0, id === own.step.id ? undefined : lists).join('');
      const here = (await this.register.outputs(own.run ?? '', id, items)).filter((each) =>
        isHere(each, own, id),
      );
      const given = isFilledIn(own.plan.step(id)) ? await this.asSigned(own, id, here) : here.at(-1);
      const typed = typedFor(id, reads, papers);
      if (given === undefined && typed === undefined) throw new NotKnown();
      if (onlyGives(reads, id) === false) throw new NotKnown();
      recorded[id] = bind({ status: 'succeeded', output: given?.output ?? typed ?? null });
      signed[id] = bind({ status: 'succeeded', output: typed ?? given?.output ?? null });
    }
    return [recorded, signed];
  }

  /** Of an approval what its people filled in: by its warrant, whatever stands in the database. */
  private async asSigned(
    { run = '', plan, step, place }: Level,
    gate: string,
    here: readonly GivenOutput[],
  ): Promise<GivenOutput | undefined> {
    const { papers } = await this.register.papers([run]);
    const digests: string[] = [];
    for (const paper of papers) {
      const warrant = paper.kind === 'issued' ? await this.register.open(paper.signed) : undefined;
      if (warrant?.run !== run || warrant.gate !== gate || warrant.form === undefined) continue;
      const at = placeOf(warrant.item + warrant.round);
      if (at && plan.encloses(gate, at, step.id, place)) digests.push(warrant.form);
    }
    if (digests.length === 0) return undefined;
    const given = here.findLast(({ output }) => digests.some((each) => this.register.isValue(output, each)));
    if (given) return given;
    throw new NotCovered(`what was filled in for "${gate}" is not on record as it was signed`);
  }

  /** The names of the items around the step, as the lists give them. */
  private async *withItems(
    { plan, step, place }: Level,
    variables: Variables,
    papers: readonly AskedPaper[],
  ): AsyncGenerator<Variables> {
    const around = (readsByStep(plan.plan).get(step.id)?.around ?? []).map((id) => plan.step(id));
    const lists = around.filter((each) => each?.kind === 'forEach');
    let ways: Variables[] = [variables];
    for (const [depth, list] of lists.entries()) {
      if (list?.kind !== 'forEach') continue;
      const number = Number(place.items[depth]?.slice(1, -1));
      const next: Variables[] = [];
      for (const way of ways) {
        const items =
          (await this.keptItem(list.items, number, way)) ?? itemsAt(list.items, number, way, papers);
        next.push(...items.map((item) => ({ ...way, [list.as]: bind(item) })));
      }
      ways = next;
    }
    yield* ways;
  }

  /** Of a list that is kept beside the run, which never changes; undefined of any other. */
  private async keptItem(items: string, number: number, variables: Variables): Promise<Json[] | undefined> {
    const kept = listReference(computedValue(items, variables));
    if (!kept) return undefined;
    const item = await this.register.listItem?.(kept, number);
    if (item === undefined) throw new NotKnown();
    return [item];
  }
}

function isFilledIn(step: Step | undefined): boolean {
  return step?.kind === 'approve' && step.form !== undefined;
}

function computed(template: Template, variables: Variables): Json {
  try {
    return evaluateTemplate(template, variables) ?? {};
  } catch {
    return '(not computed)';
  }
}

/** An item keeps the number that it had when the list was first seen: also of a list that was changed since. */
function itemsAt(items: string, number: number, variables: Variables, papers: readonly AskedPaper[]): Json[] {
  const now = listOf(items, variables);
  const versions = [...papers]
    .reverse()
    .map((paper) => listOf(items, { ...variables, inputs: bind(paper.shown.inputs ?? {}) }));
  const numbered = (lists: readonly (readonly Json[])[]): Json | undefined => {
    const numbers = new Map<string, { number: number; value: Json }>();
    for (const list of lists) {
      const seen = new Map<string, number>();
      for (const value of list) {
        const content = canonicalJson(value);
        const before = seen.get(content) ?? 0;
        seen.set(content, before + 1);
        const key = `${before}:${content}`;
        if (!numbers.has(key)) numbers.set(key, { number: numbers.size, value });
      }
    }
    return [...numbers.values()].find((each) => each.number === number)?.value;
  };
  const found = [numbered([now]), numbered([...versions, now])];
  return found.filter((each) => each !== undefined);
}

function listOf(items: string, variables: Variables): readonly Json[] {
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

/** Of the template itself, and of the lists that its step is in. */
function leavesOf({ plan, step }: Level, template: Template): ReadonlySet<string> {
  const reads = readsByStep(plan.plan);
  const own = reads.get(step.id);
  const leaves = new Set<string>();
  readTemplate(template, own?.names ?? new Map(), leaves);
  for (const id of own?.around ?? [])
    if (plan.step(id)?.kind === 'forEach') for (const leaf of reads.get(id)?.leaves ?? []) leaves.add(leaf);
  for (const leaf of leaves) if (leaf.startsWith(`steps.${step.id}.`)) leaves.delete(leaf);
  return leaves;
}

function inputsIn(reads: ReadonlySet<string>): string[] {
  const inputs = [...reads].filter((path) => path.startsWith('inputs'));
  return [...new Set(inputs.map((path) => segmentsOf(path)[1] ?? ''))];
}

/** What a person typed in for the step's output, as far as people were shown and signed it. */
function typedFor(id: string, reads: ReadonlySet<string>, papers: readonly AskedPaper[]): Json | undefined {
  for (const paper of papers) {
    const change = proposedIn(paper).find(({ path }) => path === `steps.${id}.output`);
    if (change) return change.after;
    const values = (paper.shown.values ?? {}) as JsonObject;
    const output: JsonObject = {};
    const wanted = [...reads].filter((path) => path.startsWith(`steps.${id}.output`));
    if (wanted.length === 0 || !wanted.every((path) => take(values, path, output))) continue;
    return output.$whole ?? output;
  }
  return undefined;
}

/** Puts the value of a path into the output. False when it was not shown, or not all of it. */
function take(values: JsonObject, path: string, output: JsonObject): boolean {
  const value = values[path];
  if (value === undefined || isShortened(value)) return false;
  const segments = segmentsOf(path).slice(3);
  const end = segments.indexOf('[*]');
  const names = end < 0 ? segments : segments.slice(0, end);
  if (names.length === 0) {
    output.$whole = value;
    return true;
  }
  let target = output;
  for (const name of names.slice(0, -1)) {
    const inner = target[name];
    const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
    target[name] = next;
    target = next;
  }
  target[names.at(-1) ?? ''] = value;
  return true;
}

/** False where the step's status, or who signed it, is read too. */
function onlyGives(reads: ReadonlySet<string>, id: string): boolean {
  return [...reads]
    .filter((path) => segmentsOf(path)[1] === id)
    .every((path) => segmentsOf(path)[2] === 'output');
}

function isHere({ item }: GivenOutput, own: Level, id: string): boolean {
  const { repeats } = own.plan.around(id, own.step.id);
  const rounds = item.match(/\.\d+/g) ?? [];
  const wanted: Place['rounds'] = own.place.rounds.slice(0, id === own.step.id ? undefined : repeats);
  return wanted.every((round, index) => rounds[index] === round);
}

function proposedIn({ shown }: AskedPaper): ProposalView['changes'] {
  return ((shown.proposed ?? []) as unknown as ProposalView[]).flatMap(({ changes }) => changes);
}

/** The row is anybody's who has the database: what gives the hash that people signed is what they were shown. */
function isGenuine({ hash, shown, preview }: AskedPaper): boolean {
  return hashOf(preview === undefined ? shown : { ...shown, preview }) === hash;
}

/** Ids of the steps that an input reads which may have to be computed again. */
function neededIn({ plan }: KeptPlan): ReadonlySet<string> {
  const ids = new Set<string>();
  const reads = readsByStep(plan);
  for (const { step, leaves, around } of reads.values()) {
    if (step.kind !== 'runbook' && (step.kind !== 'action' || !mayBeDestructive(step))) continue;
    const lists = around.filter((id) => reads.get(id)?.step.kind === 'forEach');
    const all = [...leaves, ...lists.flatMap((id) => [...(reads.get(id)?.leaves ?? [])])];
    for (const path of all) if (path.startsWith('steps.')) ids.add(segmentsOf(path)[1] ?? '');
    if (step.kind === 'action' && step.undo) ids.add(step.id);
  }
  return ids;
}

/** What an undo does, only its own action knows. */
function mayBeDestructive({ effect, undo }: ActionStep): boolean {
  return effect === 'destructive' || undo !== undefined;
}
