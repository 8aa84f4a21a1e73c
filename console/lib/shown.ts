/** What a signature stands for, sorted for whoever reads it: what is asked to be changed, what a hand changed, the rest. */
import type { GateDetail, JournalEntry, Json, JsonObject, RunDetail, RunView, Vote } from '../api/types.ts';
import { fieldsChanged, pathWords } from './words.ts';

export { inputsBesides } from '../../presentation/plain-text.ts';

export interface ChangeLine {
  /** What it is, in words. */
  what: string;
  before: Json;
  after: Json;
  by: string;
}

export interface ProposalText {
  id: number;
  by: string;
  at: number;
  /** It is in force already, and the signature is owed. */
  inForce: boolean;
  changes: ChangeLine[];
}

export interface OpenProposal extends ProposalText {
  /** Which signatures it waits for. */
  gates: { step: string; title: string; people: string[] }[];
}

type LeftToSettle = NonNullable<RunView['left']>[number];
type Titles = Readonly<Record<string, string>>;

/** As the approvers are shown them; before people were asked about it, as the run has them. */
export function proposalsIn({ shown, proposals }: Pick<GateDetail, 'shown' | 'proposals'>, titles: Titles) {
  const listed = objectsIn(shown.proposed);
  return (listed.length > 0 ? listed : objectsIn(proposals as unknown as Json)).map(
    (proposal): ProposalText => ({
      id: Number(proposal.id),
      by: String(proposal.by),
      at: Number(proposal.at),
      inForce: proposal.afterwards === true,
      changes: changeLines(proposal as { by: Json; changes: Json }, titles),
    }),
  );
}

/** Each value that a proposal changes. */
export function changeLines({ by, changes }: { by: Json; changes: unknown }, titles: Titles): ChangeLine[] {
  return objectsIn(changes as Json).flatMap((change) => linesOf({ ...change, by }, titles));
}

export function handChangesIn(shown: JsonObject, titles: Titles): ChangeLine[] {
  return objectsIn(shown.byHand).flatMap((change) => linesOf(change, titles));
}

/** What earlier steps gave, by name in words; inputs stand beside it. */
export function restOf(shown: JsonObject, titles: Titles): [what: string, value: Json][] {
  const { values } = shown;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
  return Object.entries(values).map(([path, value]) => [pathWords(path, titles), value]);
}

/** A vote that was entered from a meeting: from when on it counts, or undefined once it does. */
export function countsLater({ recorded }: Vote, now: number): number | 'once told' | undefined {
  if (!recorded) return undefined;
  if (recorded.countsFrom === undefined) return recorded.telling ? 'once told' : undefined;
  return recorded.countsFrom > now ? recorded.countsFrom : undefined;
}

/** Every proposal that is open in a run, each once: several gates may be asked about the same. */
export function openProposals(run: Pick<RunDetail, 'live' | 'titles'>): OpenProposal[] {
  const found = new Map<number, OpenProposal>();
  for (const gate of run.live?.gates ?? [])
    for (const proposal of proposalsIn({ ...gate, shown: {} }, run.titles)) {
      const known = found.get(proposal.id) ?? { ...proposal, gates: [] };
      known.gates.push({ step: gate.step, title: gate.title, people: gate.approvers });
      found.set(proposal.id, known);
    }
  return [...found.values()];
}

/** What a person must settle: by the run itself, or by its last words once it does not answer any more. */
export function leftIn(run: Pick<RunDetail, 'live'>, entries: readonly JournalEntry[]): LeftToSettle[] {
  if (run.live) return run.live.left ?? [];
  const { left } = entries.findLast(({ kind }) => kind === 'run.ended')?.data ?? {};
  return objectsIn(left).map(({ step, title, why }) => ({
    step: String(step),
    title: String(title),
    why: String(why),
  }));
}

function linesOf({ path, before = null, after = null, by }: JsonObject, titles: Titles): ChangeLine[] {
  return fieldsChanged({ path: String(path), before, after }).map((change) => ({
    what: `${pathWords(change.path, titles)}${change.field}`,
    before: change.before,
    after: change.after,
    by: String(by),
  }));
}

function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value)
    ? value.filter(
        (item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item),
      )
    : [];
}
