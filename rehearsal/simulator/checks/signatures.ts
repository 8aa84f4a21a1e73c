/** Which signatures a step had, by the votes that people gave, by what their hashes stood for, and by who may sign what. */
import type { ApproveStep, Json, JsonObject } from '../../../plan/plan.ts';
import { type Asked, type GivenVote, type Noted, same } from '../world.ts';
import { configuredBy, eligibleBy } from './eligible.ts';
import type { History } from './observed.ts';
import { idOf, standings } from './places.ts';

export interface Signed {
  /** When it was decided. */
  n: number;
  hash: string;
  by: string[];
  shown: JsonObject;
}

export interface Change {
  path: string;
  before: Json;
  after: Json;
}

export function changesOf({ data }: Noted): Change[] {
  return (data?.changes ?? []) as unknown as Change[];
}

export class Signatures {
  private readonly history: History;

  constructor(history: History) {
    this.history = history;
  }

  /** What is wrong with any approval, or with any change that is said to be signed. */
  problems(): string[] {
    const { journal } = this.history.world;
    return journal.flatMap((entry) => {
      if (entry.kind === 'proposal.countersigned') return this.notByAll(entry);
      if (entry.kind !== 'gate.approved') return [];
      const step = this.approvalOf(entry);
      const why = step && this.whyNot(entry, this.entriesOf(entry.run, entry.step ?? '', entry.n), step);
      return why === undefined ? [] : [why];
    });
  }

  /** The approval that was in force at a moment. */
  before(run: string, key: string, n: number): Signed | string {
    const entries = this.entriesOf(run, key, n);
    const first = entries.findLast(
      ({ kind, data }) => kind === 'gate.approved' && data?.proposals === undefined,
    );
    if (!first) return `"${key}" was not approved before`;
    const asked = this.lastAsked(entries, first.n);
    if (!asked) return `nobody was asked about "${key}"`;
    const by = this.approving(asked, first).map(({ by: person }) => person);
    return { n: first.n, hash: asked.hash, by, shown: asked.shown };
  }

  private entriesOf(run: string, key: string, before: number): Noted[] {
    return this.history.world.journal.filter(
      (entry) => entry.run === run && entry.step === key && entry.n < before,
    );
  }

  /** Of the run's own plan, or of one that called it: an approval behind which it was called is asked again in it. */
  private approvalOf({ run, step: key = '' }: Noted): ApproveStep | undefined {
    for (let place = run; place !== ''; place = place.slice(0, Math.max(0, place.lastIndexOf('/')))) {
      const plan = this.history.plans.get(place);
      const step = plan && standings(plan).get(idOf(key))?.step;
      if (step?.kind === 'approve') return step;
    }
    return undefined;
  }

  /** Every approval that a proposal asks has to sign it. */
  private notByAll({ run, n, data }: Noted): string[] {
    const { journal } = this.history.world;
    const made = journal.find(
      (entry) => entry.kind === 'proposal.made' && entry.run === run && entry.data?.id === data?.id,
    );
    return ((made?.data?.gates ?? []) as string[])
      .filter((gate) => !this.hasSigned(gate, run, n, Number(data?.id)))
      .map((gate) => `proposal ${data?.id} of ${run} is in force, and "${gate}" did not sign it`);
  }

  private hasSigned(gate: string, run: string, before: number, proposal: number): boolean {
    return this.history.world.journal.some(
      (entry) =>
        entry.kind === 'gate.approved' &&
        entry.run === run &&
        entry.step === gate &&
        entry.n < before &&
        ((entry.data?.proposals ?? []) as number[]).includes(proposal),
    );
  }

  private lastAsked(entries: readonly Noted[], before: number): Asked | undefined {
    const opened = entries.findLast(({ kind, n }) => kind === 'gate.opened' && n < before);
    return (
      opened &&
      this.history.world.asked.findLast(
        ({ n, run, step, hash }) =>
          n < opened.n && run === opened.run && step === opened.step && hash === opened.data?.hash,
      )
    );
  }

  /** By the last vote that each gave on this very hash since they were asked. One that was entered counts once there was time to object. */
  private approving({ run, step, hash, n: since }: Asked, { n: before, at }: Noted): GivenVote[] {
    const votes = this.history.world.votes
      .filter((vote) => vote.run === run && vote.step === step && vote.hash === hash)
      .filter(({ n, recordedBy }) => n > since && n < before && recordedBy === undefined)
      .concat(this.recorded(run, step, hash, { since, before, at }))
      .sort((a, b) => a.given - b.given || a.n - b.n);
    const latest = new Map(votes.map((vote) => [vote.by, vote]));
    return votes.filter((vote) => latest.get(vote.by) === vote && vote.decision === 'approve');
  }

  private recorded(
    run: string,
    step: string,
    hash: string,
    { since, before, at }: { since: number; before: number; at: number },
  ): GivenVote[] {
    const { votes, calls } = this.history.world;
    return votes.filter(({ n, recordedBy, by, ...vote }) => {
      if (vote.run !== run || vote.step !== step || vote.hash !== hash) return false;
      if (recordedBy === undefined || n < since || n > before || !this.mayRecord(recordedBy, run, n))
        return false;
      const told = calls.find(
        (call) =>
          call.activity === 'countersign.voteRecorded' &&
          call.run === run &&
          call.step === step &&
          call.n > n &&
          (call.input as { member?: string }).member === by,
      );
      const { countsFrom } = (told?.output ?? {}) as { countsFrom?: number };
      return countsFrom !== undefined && countsFrom <= at;
    });
  }

  /** In the role for it, and with no other part in the run. */
  private mayRecord(person: string, run: string, before: number): boolean {
    const { roles, requester, world } = this.history;
    if (person === requester || !roles.clerks?.people.includes(person)) return false;
    return !world.journal.some(
      ({ kind, run: where, n, data }) =>
        where === run &&
        n < before &&
        data?.by === person &&
        ['retry', 'skip', 'reassign'].includes(String(kind === 'command' ? data.command : '')),
    );
  }

  private whyNot(approval: Noted, entries: readonly Noted[], step: ApproveStep): string | undefined {
    const { requester, roles, lastResort, world } = this.history;
    const name = `"${approval.step}" of ${approval.run} was approved at ${approval.n}`;
    const asked = this.lastAsked(entries, approval.n);
    if (!asked) return `${name}, and nobody was asked`;
    const except = (step.except ?? []).map(String);
    const right = eligibleBy(
      [...step.from.map(String), String(step.escalate ?? ''), lastResort ?? ''],
      roles,
    );
    const proposed = proposalsOf(approval, world.journal);
    const proposers = proposed.map(({ data }) => data?.by);
    const approving = this.approving(asked, approval).filter(
      ({ by: person }) =>
        person !== requester &&
        right.includes(person) &&
        !except.includes(person) &&
        !proposers.includes(person),
    );
    const isFirst = approval.data?.proposals === undefined && step.form !== undefined;
    const signed = approval.data?.form ?? null;
    // All of them filled in what the run goes on with.
    const by = approving
      .filter(({ form }) => !isFirst || same(form ?? null, signed))
      .map(({ by: person }) => person);
    const newest = isFirst ? [...approving].sort((a, b) => a.n - b.n).at(-1) : undefined;
    if (newest && newest.recordedBy === undefined && !same(newest.form ?? null, signed))
      return `${name} with ${JSON.stringify(signed)}, and ${newest.by} filled in something else after that`;
    const needed = neededFor(step, configuredBy(step.from.map(String), roles), [requester, ...except]);
    if (by.length < needed)
      return `${name} on ${asked.hash.slice(0, 8)} by ${by.join(', ') || 'nobody'} of ${needed} needed`;
    const unseen = proposed.flatMap(changesOf).find((change) => !isShown(change, asked));
    return unseen && `${name}, and nobody was shown the change of ${unseen.path}`;
  }
}

/** Of the people configured, and not of those who happen to be here. */
function neededFor({ quorum }: ApproveStep, configured: readonly string[], left: readonly string[]): number {
  const people = configured.filter((person) => !left.includes(person)).length;
  if (quorum === 'all') return Math.max(1, people);
  return quorum === 'majority' ? Math.floor(people / 2) + 1 : quorum;
}

function proposalsOf({ data, run }: Noted, journal: readonly Noted[]): Noted[] {
  const ids = (data?.proposals ?? []) as number[];
  return journal.filter(
    (entry) => entry.kind === 'proposal.made' && entry.run === run && ids.includes(Number(entry.data?.id)),
  );
}

/** Old and new. */
function isShown(change: Change, { shown }: Asked): boolean {
  return ((shown.proposed ?? []) as unknown as { changes: Change[] }[]).some(({ changes }) =>
    changes.some((each) => same(each as unknown as Json, change as unknown as Json)),
  );
}
