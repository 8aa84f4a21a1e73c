/**
 * Changes by hand under a closed gate. A proposal is not in force before every gate that is asked has signed old and new; until then
 * no step begins that reads what it would change. It never ends a run.
 */

import { defined } from '../plan/defined.ts';
import { covers } from '../plan/leaf-paths.ts';
import type { Json, JsonObject } from '../plan/plan.ts';
import { type Held, heldBy, leavesOf } from './gate/holding.ts';
import type { Cover } from './hands.ts';
import type { ProposalView, RunStart } from './messages.ts';
import type { RunState } from './state.ts';

/** An approval that is asked about proposals. */
export interface AskedGate {
  readonly gate: { step: string };
  readonly cover: Cover;
  reopen(proposal: Proposal): void;
  drop(proposal: Proposal): void;
}

export interface Change {
  path: string;
  before: Json;
  after: Json;
}

export interface ProposalRequest {
  by: string;
  at: number;
  changes: Change[];
  gates: AskedGate[];
  /** The change is in force already, and its signature is owed. */
  afterwards: boolean;
  /** Brings it into force. */
  apply(): void;
  /** What becomes of it when it falls. */
  fall(reason: string): void;
}

export class Proposal {
  readonly id: number;
  readonly by: string;
  readonly at: number;
  readonly afterwards: boolean;
  readonly gates: readonly AskedGate[];
  /** What is not begun while it is open. */
  readonly held: Held;
  readonly request: ProposalRequest;
  private readonly signed = new Set<AskedGate>();
  state: 'open' | 'countersigned' | 'fallen' | 'withdrawn' = 'open';

  constructor(id: number, request: ProposalRequest, held: Held) {
    this.id = id;
    this.by = request.by;
    this.at = request.at;
    this.afterwards = request.afterwards;
    this.gates = request.gates;
    this.request = request;
    this.held = held;
  }

  view(): ProposalView {
    const { id, by, at, afterwards } = this;
    return {
      id,
      by,
      at,
      changes: this.request.changes,
      ...defined({ afterwards: afterwards ? (true as const) : undefined }),
    };
  }

  /** True once every gate that was asked has signed it. */
  sign(gate: AskedGate): boolean {
    this.signed.add(gate);
    return this.gates.every((each) => this.signed.has(each));
  }

  holds(step: string): boolean {
    return this.isWaitedFor && this.held.steps.has(step);
  }

  holdsItemsOf(step: string): boolean {
    return this.isWaitedFor && this.held.lists.has(step);
  }

  private get isWaitedFor(): boolean {
    return this.state === 'open' && !this.afterwards;
  }

  /** The inputs as they would be. */
  inputs(): JsonObject {
    const prefix = 'inputs.';
    return Object.fromEntries(
      this.request.changes
        .filter(({ path }) => path.startsWith(prefix))
        .map(({ path, after }) => [path.slice(prefix.length), after]),
    );
  }
}

function readersOf({ cover }: AskedGate, changes: readonly Change[]): string[] {
  if (cover === 'everything') return [];
  return cover
    .filter(({ path }) => changes.some((change) => covers(path, change.path)))
    .flatMap(({ readers }) => readers);
}

export class Proposals {
  /** Raised whenever one is made or settled. */
  revision = 0;
  private readonly all: Proposal[] = [];
  private readonly start: RunStart;
  private readonly state: RunState;
  private readonly tellFallen: (proposal: Proposal, reason: string) => void;

  constructor(
    { start, state }: { start: RunStart; state: RunState },
    tellFallen: (proposal: Proposal, reason: string) => void,
  ) {
    this.start = start;
    this.state = state;
    this.tellFallen = tellFallen;
  }

  open(): Proposal[] {
    return this.all.filter(({ state }) => state === 'open');
  }

  /** A step that reads what a proposal would change is not begun. */
  isHeld(step: string): boolean {
    return this.all.some((proposal) => proposal.holds(step));
  }

  /** Of the proposals that would change the list of this loop, the inputs as they would be, one by one. */
  ofList(step: string): JsonObject[] {
    return this.all.filter((proposal) => proposal.holdsItemsOf(step)).map((proposal) => proposal.inputs());
  }

  /** Nobody can wait for these any longer. */
  giveUp(step: string, reason: string): void {
    for (const proposal of this.all)
      if (proposal.holds(step) || proposal.holdsItemsOf(step)) this.fall(proposal, reason);
  }

  private heldBy({ gates, changes }: ProposalRequest): Held {
    const { plan, engine } = this.start;
    if (engine < 4)
      return { steps: new Set(gates.flatMap((gate) => readersOf(gate, changes))), lists: new Set() };
    const leaves = gates.flatMap(({ cover }) => leavesOf(cover, plan));
    return heldBy(
      plan,
      leaves,
      changes.map(({ path }) => path),
    );
  }

  make(request: ProposalRequest): Proposal {
    const proposal = new Proposal(this.all.length + 1, request, this.heldBy(request));
    this.all.push(proposal);
    this.revision += 1;
    this.state.record('proposal.made', undefined, {
      id: proposal.id,
      by: proposal.by,
      changes: request.changes as unknown as Json,
      gates: proposal.gates.map(({ gate }) => gate.step),
      ...defined({ afterwards: proposal.afterwards ? true : undefined }),
    });
    for (const gate of proposal.gates) gate.reopen(proposal);
    return proposal;
  }

  /** One gate has approved it. */
  signed(proposal: Proposal, gate: AskedGate, by: string[]): void {
    if (proposal.state !== 'open' || !proposal.sign(gate)) return;
    proposal.state = 'countersigned';
    this.revision += 1;
    this.state.record('proposal.countersigned', undefined, {
      id: proposal.id,
      by,
      changes: proposal.request.changes as unknown as Json,
    });
    proposal.request.apply();
  }

  fall(proposal: Proposal, reason: string): void {
    if (proposal.state !== 'open') return;
    proposal.state = 'fallen';
    this.revision += 1;
    this.state.record('proposal.fell', undefined, { id: proposal.id, by: proposal.by, reason });
    for (const gate of proposal.gates) gate.drop(proposal);
    proposal.request.fall(reason);
    this.tellFallen(proposal, reason);
  }

  /** Only a proposal that is not in force can be taken back by whoever may make one. */
  withdraw(proposal: Proposal, by: string): void {
    if (proposal.state !== 'open') return;
    proposal.state = 'withdrawn';
    this.revision += 1;
    this.state.record('proposal.withdrawn', undefined, { id: proposal.id, by });
    for (const gate of proposal.gates) gate.drop(proposal);
  }

  /** Open proposals for a value, to which another proposal, or the signed value, may come. */
  touching(path: string): Proposal[] {
    return this.open().filter(({ request }) => request.changes.some((change) => change.path === path));
  }
}
