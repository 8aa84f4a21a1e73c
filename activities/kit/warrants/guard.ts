/**
 * The last look before a write: that its step does this, and that everybody signed without whom it cannot be reached. Decided by the
 * kept plan, the records and the warrants, and not by what the call says of itself.
 */
import { Context } from '@temporalio/activity';
import { errorText } from '../../../plan/error-text.ts';
import type { CallContext, Effect, Json } from '../../../plan/plan.ts';
import { answerMark } from '../../../plan/sealed.ts';
import {
  type GatePaper,
  type IssuedPaper,
  placeOf,
  type Warrant,
  warrantHash,
} from '../../../plan/warrant.ts';
import { differing, isSystem, otherSystemWords } from '../acting-system.ts';
import { RetryableFailure } from '../failures.ts';
import type { GuardedAttempt, Leave, WriteGuard } from '../leave.ts';
import { DerivedInputs } from './derived-input.ts';
import { NotCovered, NotCurrent } from './not-covered.ts';
import { isBound, type Level, type PlaceOfCall, PlacesOfCalls } from './place-of-call.ts';
import type { Believed, WarrantRegister } from './register.ts';

interface Covering {
  /** That the call names. */
  believed: Believed;
  /** All by which its input is what it is: also what was countersigned of what the step does not wait for, such as another item. */
  signed: readonly Believed[];
  outdated: boolean;
}

interface Deciding {
  attempt: GuardedAttempt;
  input: Json;
  place: PlaceOfCall;
  gates: { level: Level; gate: string }[];
  runs: string[];
  leave: Leave;
}

/** Whether a step is about to be taken back, and on what it was done then. */
interface Asked {
  level: Level;
  gate: string;
  named: readonly string[];
  place: PlaceOfCall;
  /** What was begun is ended with what was signed then. */
  begunBefore: boolean;
}

const remembered = 1_000;

export class Guard implements WriteGuard {
  private readonly register: WarrantRegister;
  private readonly places: PlacesOfCalls;
  private readonly derived: DerivedInputs;
  private readonly papers = new Map<string, { count: number; papers: GatePaper[] }>();
  private readonly opened = new Map<string, Warrant | undefined>();

  constructor(register: WarrantRegister) {
    this.register = register;
    this.places = new PlacesOfCalls(register);
    this.derived = new DerivedInputs(register);
  }

  async effectOf({ call, effect }: GuardedAttempt, workflowId = ownWorkflow()): Promise<Effect> {
    const place = await this.places.find(call, workflowId).catch(standsNowhere);
    const own = place?.levels.at(-1);
    return place && own ? stricter(effect, own, place.undo) : effect;
  }

  /** Rejects with {@link NotCovered} for what nobody signed. */
  async decide(attempt: GuardedAttempt, input: Json, workflowId = ownWorkflow()): Promise<Leave> {
    const { call, action, effect } = attempt;
    if (effect === 'read') return { unchanged: {} };
    const place = await this.places.find(call, workflowId);
    const own = place.levels.at(-1);
    if (!own) throw new NotCovered('it stands nowhere in the plan');
    mustUse(own, place.undo, action);
    const begun = isBound(call) ? answerMark(call) : undefined;
    const again = attempt.attempt > 1;
    const leave: Leave = {
      ...(begun === undefined ? {} : { call: begun }),
      unchanged: begun === undefined || again ? {} : { notBegun: begun },
    };
    const gates = gatesOf(place);
    if (gates.length === 0) return leave;
    const runs = place.levels.flatMap(({ run }) => run ?? []);
    const looked = this.papers.has(runs.join(' '));
    try {
      return await this.covered({ attempt, input, place, gates, runs, leave });
    } catch (error) {
      // What was looked at before may have been signed since.
      if (!looked || !(error instanceof NotCovered)) throw error;
      this.papers.delete(runs.join(' '));
      return this.covered({ attempt, input, place, gates, runs, leave });
    }
  }

  private async covered({ attempt, input, place, gates, runs, leave }: Deciding): Promise<Leave> {
    const { call, effect, attempt: number } = attempt;
    const own = place.levels.at(-1) as Level;
    const again = number > 1;
    const begun = leave.call;
    const named = isBound(call) ? (call.warrants ?? []) : [];
    const believed: Believed[] = [];
    const signed: Believed[] = [];
    let outdated = false;
    for (const { level, gate } of gates) {
      const asked = { level, gate, named, place, begunBefore: again };
      const found = await this.covering(asked, runs);
      believed.push(found.believed);
      signed.push(...found.signed);
      outdated ||= found.outdated;
    }
    const { count } = await this.papersOf(runs);
    const strict = isDestructive(effect, own, place.undo);
    const acting = await actingWithin(attempt, believed, strict);
    return {
      ...leave,
      ...acting,
      warrants: believed.map(({ paper, warrant }) => nameOf(paper, warrant)),
      unchanged: {
        ...leave.unchanged,
        ...(place.undo ? {} : { papers: { runs, count } }),
        // Ended with what was signed when it began, if that is on record.
        ...(outdated && begun !== undefined ? { begun } : {}),
      },
      ...(strict ? { derived: await this.derived.mustBe(input, { call, place, signed }) } : {}),
    };
  }

  /** What was decided on has changed: it is read anew. */
  forget(): void {
    this.papers.clear();
  }

  /** Keeps what an input behind an approval will be computed with. */
  async done(call: CallContext, output: Json, workflowId = ownWorkflow()): Promise<void> {
    // A read is no write: what stands nowhere is nobody's to compute with.
    const place = await this.places.find(call, workflowId).catch(standsNowhere);
    if (place && !place.undo && this.derived.isNeeded(place))
      await this.register.keepOutput(call.run, call.step, { item: call.item ?? '', output });
  }

  refused({ call, action }: GuardedAttempt, why: string): Promise<void> {
    return this.register.refused({
      run: call.run,
      activity: action,
      step: call.step + (call.item ?? ''),
      why,
    });
  }

  private async covering(asked: Asked, runs: string[]): Promise<Covering> {
    const { level, gate, place } = asked;
    if (place.undo) {
      const believed = await this.namedOf(asked);
      return { believed, signed: [believed], outdated: false };
    }
    let candidates = await this.candidates(asked, runs);
    if (candidates.length === 0 && place.older && level.run !== undefined) {
      await this.issueOlder(level, gate);
      candidates = await this.candidates(asked, runs);
    }
    const latest = candidates.at(-1);
    if (!latest) throw notSigned(asked);
    const chosen =
      place.older && !named(asked.named, latest)
        ? latest
        : candidates.findLast((each) => named(asked.named, each));
    if (!chosen)
      throw new NotCovered(
        `${stepWords(asked)} names no warrant of the approval "${gate}" that was given for it`,
      );
    const outdated = await this.isOutdated(asked, chosen, candidates, runs);
    if (outdated && !asked.begunBefore)
      throw new NotCurrent(`what "${gate}" signed has changed since ${stepWords(asked)} was called`);
    const until = await this.fixedBy(asked, chosen, candidates);
    return { believed: chosen, signed: outdated ? [chosen] : until, outdated };
  }

  /** Of the approval, given for this item and round or one around it, the last one last. */
  private async candidates({ level, gate }: Asked, runs: string[]): Promise<Believed[]> {
    const { papers } = await this.papersOf(runs);
    const found: Believed[] = [];
    for (const paper of papers) {
      if (paper.kind !== 'issued' || paper.run !== level.run) continue;
      const believed = await this.believedOf(paper);
      if (believed && isOf(believed.warrant, level, gate)) found.push(believed);
    }
    return found.sort((a, b) => a.warrant.opened - b.warrant.opened);
  }

  /** The step is taken back under what it was done under. */
  private async namedOf(asked: Asked): Promise<Believed> {
    const { level, gate } = asked;
    for (const paper of await this.register.named(asked.named.map(warrantHash))) {
      if (paper.kind !== 'issued') continue;
      const believed = await this.believedOf(paper);
      if (believed && isOf(believed.warrant, level, gate) && (await this.isOfRun(paper.run, asked)))
        return believed;
    }
    if (asked.place.older && level.run !== undefined) {
      const runs = [level.run];
      let candidates = await this.candidates(asked, runs);
      if (candidates.length === 0) {
        await this.issueOlder(level, gate);
        candidates = await this.candidates(asked, runs);
      }
      const latest = candidates.at(-1);
      if (latest) return latest;
    }
    throw notSigned(asked);
  }

  /** The run itself, or one that it called and that has ended. */
  private async isOfRun(run: string, { level, place }: Asked): Promise<boolean> {
    if (level.run !== undefined) return level.run === run;
    const row = await this.register.run(run);
    return place.levels.some((each) => each.run !== undefined && row?.workflowId.startsWith(`${each.run}/`));
  }

  /** Something that this step reads was countersigned or proposed since. */
  private async isOutdated(
    asked: Asked,
    chosen: Believed,
    candidates: readonly Believed[],
    runs: string[],
  ): Promise<boolean> {
    const { level, gate } = asked;
    const reads = (paths: readonly string[]) =>
      paths.length > 0 && level.plan.holds(gate, level.step.id, paths);
    const later = candidates.filter(({ warrant }) => warrant.opened > chosen.warrant.opened);
    // Asked anew, and not about a change of what was signed: that was given up.
    if (later.some(({ warrant }) => warrant.changed === undefined)) return true;
    const askedAnew = later.filter(({ warrant }) => reads(warrant.changed ?? []));
    for (const { warrant } of askedAnew) if (!(await this.wasCalledBefore(asked, warrant))) return true;
    const { papers } = await this.papersOf(runs);
    const of = papers.filter((paper) => paper.run === level.run && paper.gate === chosen.paper.gate);
    const settled = Math.max(
      ...of.filter(({ kind }) => kind !== 'asked').map(({ opened }) => opened),
      chosen.warrant.opened,
    );
    for (const paper of of)
      if (paper.kind === 'asked' && paper.opened > settled && reads(paper.holds))
        if (!(await this.wasCalledBefore(asked, paper))) return true;
    return false;
  }

  /** What a run is given is fixed when it is called: it ends with what was signed then. */
  private async fixedBy(asked: Asked, chosen: Believed, candidates: Believed[]): Promise<Believed[]> {
    const kept: Believed[] = [];
    for (const each of candidates)
      if (each.warrant.opened <= chosen.warrant.opened || !(await this.wasCalledBefore(asked, each.warrant)))
        kept.push(each);
    return kept;
  }

  /** Whether the step called another run, and that was under way before people were asked. */
  private async wasCalledBefore(
    { level, place }: Asked,
    { opened }: Pick<GatePaper, 'opened'>,
  ): Promise<boolean> {
    const below = place.levels[place.levels.indexOf(level) + 1]?.run;
    if (below === undefined || level.run === undefined || below === level.run) return false;
    return this.register.wasUnderWay(below, { run: level.run, record: opened });
  }

  private async issueOlder({ run = '', place }: Level, gate: string): Promise<void> {
    const id = gate.slice(gate.lastIndexOf('.') + 1);
    try {
      await this.register.issueOlder(run, id + place.items.join(''));
    } catch (error) {
      if ((error as Error).name === 'NotOnRecord') return;
      throw new RetryableFailure(`Nothing was begun, since no warrant could be issued. ${errorText(error)}`);
    } finally {
      this.papers.clear();
    }
  }

  private async believedOf(paper: IssuedPaper): Promise<Believed | undefined> {
    const key = paper.signed.signature + paper.signed.text;
    if (!this.opened.has(key)) {
      if (this.opened.size >= remembered) this.opened.clear();
      this.opened.set(key, await this.register.open(paper.signed));
    }
    const warrant = this.opened.get(key);
    // The row is anybody's who has the database: what is signed counts.
    return warrant && warrant.run === paper.run
      ? { paper: { ...paper, opened: warrant.opened }, warrant }
      : undefined;
  }

  private async papersOf(runs: string[]): Promise<{ count: number; papers: GatePaper[] }> {
    const key = runs.join(' ');
    const known = this.papers.get(key);
    if (known) return known;
    const found = await this.register.papers(runs);
    if (this.papers.size >= remembered) this.papers.clear();
    this.papers.set(key, found);
    return found;
  }
}

function standsNowhere(error: unknown): undefined {
  if (!(error instanceof NotCovered)) throw error;
}

function ownWorkflow(): string {
  return Context.current().info.workflowExecution?.workflowId ?? '';
}

function mustUse({ step, place }: Level, undo: boolean, action: string): void {
  const uses = step.kind === 'action' ? (undo ? step.undo?.uses : step.uses) : undefined;
  if (uses === action) return;
  const what = undo ? `the undo of step "${place.id}"` : `step "${place.id}"`;
  throw new NotCovered(`${what} uses ${uses ?? 'no action'}, and not ${action}`);
}

/** Each with the run whose approval it is, and the step of that run that is behind it. */
function gatesOf({ levels }: PlaceOfCall): { level: Level; gate: string }[] {
  const [root] = levels;
  if (!root) return [];
  const path = levels.map(({ step }) => step.id).join('.');
  return root.plan.gatesOf(path).flatMap((id) => {
    const ids = id.split('.');
    const level = levels[ids.length - 1];
    return level ? [{ level, gate: ids.at(-1) ?? id }] : [];
  });
}

const strictness: readonly Effect[] = ['read', 'write', 'destructive'];

/** The stricter of what was planned and what the action is by now. */
function stricter(effect: Effect, { step }: Level, undo: boolean): Effect {
  if (undo || step.kind !== 'action') return effect;
  return strictness.indexOf(step.effect) > strictness.indexOf(effect) ? step.effect : effect;
}

function isDestructive(effect: Effect, own: Level, undo: boolean): boolean {
  return stricter(effect, own, undo) === 'destructive';
}

/** On what it acts. What destroys acts on no other system than on that of the time when people were asked. */
async function actingWithin(
  { system }: GuardedAttempt,
  believed: readonly Believed[],
  strict: boolean,
): Promise<Pick<Leave, 'system' | 'renamed'>> {
  const acting = await system?.();
  if (!acting) return {};
  const signed = believed.flatMap(({ warrant }) => {
    const parts = warrant.systems?.[acting.connector];
    return parts ? [{ gate: warrant.gate, parts }] : [];
  });
  const other = strict && signed.find(({ parts }) => !isSystem(acting, parts));
  if (other) throw new NotCovered(otherSystemWords(acting, other.parts, other.gate));
  const renamed = signed.some(({ parts }) => differing(acting, parts).length > 0) && strict;
  return { system: acting.now, ...(renamed ? { renamed } : {}) };
}

function isOf(warrant: Warrant, { plan, step, place }: Level, gate: string): boolean {
  if (warrant.gate !== gate || warrant.plan !== plan.plan.hash || warrant.retroactive) return false;
  const at = placeOf(`${warrant.item}${warrant.round}`);
  return at !== undefined && plan.encloses(gate, at, step.id, place);
}

function named(names: readonly string[], { paper, warrant }: Believed): boolean {
  return names.includes(nameOf(paper, warrant));
}

function nameOf({ gate, hash }: IssuedPaper, { revision }: Warrant): string {
  return `${gate}:${revision}:${hash}`;
}

function notSigned(asked: Asked): NotCovered {
  return new NotCovered(
    `${stepWords(asked)} is behind the approval "${asked.gate}", and no warrant says that it was given`,
  );
}

function stepWords({ level, place }: Asked): string {
  return `${place.undo ? 'the undo of ' : ''}step "${level.step.id}${level.place.items.join('')}"`;
}
