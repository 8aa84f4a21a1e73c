/** Which signatures a step had, by the votes and by what their hashes stood for. */
import type { ApproveStep, JsonObject } from '../../../plan/plan.ts';
import { lastResort } from '../plans.ts';
import type { Asked, Noted } from '../world.ts';
import type { History } from './observed.ts';

export interface Signed {
  /** When it was decided. */
  n: number;
  hash: string;
  by: string[];
  shown: JsonObject;
}

export class Signatures {
  private readonly history: History;

  constructor(history: History) {
    this.history = history;
  }

  /** The approval that was in force at a moment, or what is wrong with it. */
  before(run: string, key: string, step: ApproveStep, n: number): Signed | string {
    const entries = this.history.world.journal.filter(
      (entry) => entry.run === run && entry.step === key && entry.n < n,
    );
    const approvals = entries.filter(({ kind }) => kind === 'gate.approved');
    const first = approvals.findLast(({ data }) => data?.proposals === undefined);
    if (!first) return `"${key}" was not approved before`;
    for (const approval of approvals) {
      const wrong = this.whyNot(approval, entries, step, run);
      if (wrong !== undefined) return wrong;
    }
    const asked = this.lastAsked(entries, first.n);
    if (!asked) return `nobody was asked about "${key}"`;
    const by = this.approving(entries, asked.hash, first.n);
    return { n: first.n, hash: asked.hash, by, shown: asked.shown };
  }

  private lastAsked(entries: readonly Noted[], before: number): (Asked & { hash: string }) | undefined {
    const opened = entries.findLast(({ kind, n }) => kind === 'gate.opened' && n < before);
    const hash = String(opened?.data?.hash);
    const asked = this.history.world.asked.get(hash);
    return asked && { ...asked, hash };
  }

  /** By the last vote of each on this very hash. */
  private approving(entries: readonly Noted[], hash: string, before: number): string[] {
    const latest = new Map<string, unknown>();
    for (const { kind, data, n } of entries)
      if (kind === 'vote' && n < before && data?.hash === hash) latest.set(String(data.by), data.decision);
    return [...latest].filter(([, decision]) => decision === 'approve').map(([by]) => by);
  }

  private whyNot(
    approval: Noted,
    entries: readonly Noted[],
    step: ApproveStep,
    run: string,
  ): string | undefined {
    const asked = this.lastAsked(entries, approval.n);
    if (!asked) return `nobody was asked about "${step.id}"`;
    const { requester } = this.history;
    const right = this.rightPeople(asked);
    const proposers = proposersOf(approval, this.history.world.journal, run);
    const by = this.approving(entries, asked.hash, approval.n).filter(
      (person) => person !== requester && right.has(person) && !proposers.has(person),
    );
    const needed = this.neededFor(step, asked);
    if (by.length >= needed) return undefined;
    return `"${approval.step}" was approved at ${approval.n} on ${asked.hash} by ${by.join(', ') || 'nobody'} of ${needed} needed`;
  }

  private rightPeople({ approvers }: Asked): Set<string> {
    // Whom the world said could be asked too, and those of an escalation.
    return new Set([...approvers, lastResort, ...this.history.world.eligible]);
  }

  /** Of the people configured, and not of those who happen to be here. */
  private neededFor({ quorum }: ApproveStep, { approvers }: Asked): number {
    const people = approvers.length;
    if (quorum === 'all') return people;
    return quorum === 'majority' ? Math.floor(people / 2) + 1 : quorum;
  }
}

/** Whoever made a change does not sign it. */
function proposersOf({ data }: Noted, journal: readonly Noted[], run: string): Set<string> {
  const ids = (data?.proposals ?? []) as number[];
  const made = journal.filter(
    (entry) => entry.kind === 'proposal.made' && entry.run === run && ids.includes(Number(entry.data?.id)),
  );
  return new Set(made.map((entry) => String(entry.data?.by)));
}
