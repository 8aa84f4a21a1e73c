/**
 * What becomes of a change by hand. Where nobody has signed what it changes, it is in force at once, and marked; under a closed gate it
 * is a proposal, unless the runbook's author gave leave.
 */
import { innerSteps } from '../plan/inner-steps.ts';
import { covers } from '../plan/leaf-paths.ts';
import type { Amend, JsonObject, Step } from '../plan/plan.ts';
import { isBehind, yetToRun } from './gate/behind.ts';
import type { GateSession } from './gate/session.ts';
import type { AmendReceipt, RunStart } from './messages.ts';
import type { Port } from './port.ts';
import { type Change, isSame, type Proposal, type Proposals } from './proposals.ts';
import type { Decision, OpenTask, ParkedStep, RunState } from './state.ts';

export interface HandEffects {
  /** New values for inputs, seen by expressions from now on. */
  amendNow(inputs: JsonObject): void;
  /** A proposal was made: those whose gates it asks are waited for. */
  proposed(gates: readonly GateSession[]): void;
  /** A change that was in force at once was refused, or nobody answered. */
  review(gate: GateSession, reason: string): void;
}

export class HandChanges {
  private readonly start: RunStart;
  private readonly state: RunState;
  private readonly port: Port;
  private readonly sessions: ReadonlyMap<string, GateSession>;
  private readonly proposals: Proposals;
  private readonly effects: HandEffects;

  constructor(
    run: { start: RunStart; state: RunState; gates: ReadonlyMap<string, GateSession>; proposals: Proposals },
    port: Port,
    effects: HandEffects,
  ) {
    this.start = run.start;
    this.state = run.state;
    this.port = port;
    this.sessions = run.gates;
    this.proposals = run.proposals;
    this.effects = effects;
  }

  /** Values equal to those in force are no change; one that equals what was signed withdraws what was proposed. */
  amend(by: string, inputs: JsonObject): AmendReceipt {
    const { plan } = this.start;
    this.withdrawEqual(by, inputs);
    const changes = Object.entries(inputs)
      .map(([name, after]) => ({ name, before: this.start.inputs[name] ?? null, after }))
      .filter(({ before, after }) => !isSame(before, after));
    const proposed = new Map<string, { gates: GateSession[]; changes: Change[] }>();
    const owed = new Map<string, { gates: GateSession[]; changes: Change[] }>();
    const applied: string[] = [];
    for (const { name, before, after } of changes) {
      const change = { path: `inputs.${name}`, before, after };
      const leave = plan.inputs[name]?.amend;
      const gates = leave === 'free' ? [] : this.gatesFor(change.path);
      if (gates.length > 0) gather(leave === 'afterwards' ? owed : proposed, gates, change);
      if (gates.length > 0 && leave !== 'afterwards') continue;
      applied.push(name);
      this.inForce(by, [change]);
    }
    for (const { gates, changes: each } of owed.values()) this.owe(by, gates, each);
    for (const { gates, changes: each } of proposed.values())
      this.propose(by, gates, each, { apply: () => this.inForce(by, each) });
    this.refresh();
    return { applied, proposed: changes.map(({ name }) => name).filter((name) => !applied.includes(name)) };
  }

  /** A run of an older engine: in force at once, and what is open shows it to its people again. */
  amendAsBefore3(inputs: JsonObject): void {
    this.effects.amendNow(inputs);
    this.refresh();
  }

  private withdrawEqual(by: string, inputs: JsonObject): void {
    for (const [name, value] of Object.entries(inputs))
      for (const proposal of this.proposals.touching(`inputs.${name}`)) {
        if (proposal.afterwards || !isSame(this.start.inputs[name] ?? null, value)) continue;
        this.proposals.withdraw(proposal, by);
        const rest = proposal.request.changes.filter(({ path }) => path !== `inputs.${name}`);
        if (rest.length > 0)
          this.propose(proposal.by, this.sessionsOf(proposal), rest, {
            apply: () => this.inForce(proposal.by, rest),
          });
      }
  }

  private sessionsOf({ gates }: Proposal): GateSession[] {
    return [...this.sessions.values()].filter((session) => gates.includes(session));
  }

  /** What an operator decides about a parked step. False when it waits for those who signed. */
  decide(parked: ParkedStep, decision: Decision, by: string): boolean {
    const { step } = parked;
    this.withdrawDecision(parked, by);
    const changes = this.changesOf(parked, decision);
    const leave: Amend | undefined = step.amend;
    const asked = changes.flatMap((change) => this.gatesOf(parked, decision, change));
    const gates = leave === 'free' ? [] : [...new Set(asked)];
    if (gates.length === 0 || leave === 'afterwards') {
      parked.decision = decision;
      this.note(by, changes);
      if (gates.length > 0) this.owe(by, gates, changes);
      this.refresh();
      return true;
    }
    parked.proposed = decision;
    this.propose(by, gates, changes, {
      apply: () => {
        delete parked.proposed;
        parked.decision = decision;
        this.note(by, changes);
        this.refresh();
      },
      fall: () => delete parked.proposed,
    });
    return false;
  }

  private withdrawDecision(parked: ParkedStep, by: string): void {
    if (!parked.proposed) return;
    for (const proposal of this.proposals.open())
      if (proposal.request.changes.some(({ path }) => path.startsWith(`steps.${parked.step.id}`)))
        this.proposals.withdraw(proposal, by);
    delete parked.proposed;
  }

  private changesOf({ step, key, undo }: ParkedStep, decision: Decision): Change[] {
    if (undo) return [];
    const before = this.state.steps.get(key)?.input ?? null;
    switch (decision.type) {
      case 'retry':
        if (!decision.with || isSame(before, decision.with)) return [];
        return [{ path: `steps.${step.id}.with`, before, after: decision.with }];
      case 'complete': {
        const output = { path: `steps.${step.id}.output`, before: null, after: decision.output };
        const status = { path: `steps.${step.id}.status`, before: 'parked', after: 'succeeded' };
        return this.start.engine >= 4 && this.isRead(status.path) ? [output, status] : [output];
      }
      case 'skip':
        return [{ path: `steps.${step.id}`, before, after: 'skipped' }];
    }
  }

  /** Some signature stands for it by itself, and not together with all else of its step. */
  private isRead(path: string): boolean {
    return Object.values(this.start.plan.covers ?? {}).some((leaves) =>
      leaves.some((leaf) => leaf.path === path),
    );
  }

  /** An edited input is signed by whoever signed for the step; what a step gave by whoever signed what reads it. */
  private gatesOf({ step }: ParkedStep, decision: Decision, { path }: Change): GateSession[] {
    if (decision.type !== 'retry') return this.gatesFor(path);
    const { plan } = this.start;
    return [...this.sessions.values()].filter(
      (session) =>
        session.isSigned && (session.cover === 'everything' || isBehind(plan, session.step.id, step.id)),
    );
  }

  /** A task's report. False when it waits for those who signed what reads it. */
  report(task: OpenTask, output: JsonObject, by: string): boolean {
    const id = task.step.replace(/\[.*$/, '');
    const change = { path: `steps.${id}.output`, before: null, after: output };
    const asked = task.people.includes(by);
    const gates = asked || stepOf(this.start.plan, id)?.amend ? [] : this.gatesFor(change.path);
    const apply = () => {
      task.report = output;
      // Whoever was asked changes nothing by hand; they do not sign for it all the same.
      this.state.hands.push({
        path: change.path,
        by,
        at: this.port.now(),
        ...(asked ? { asked: true as const } : { after: output }),
      });
      this.refresh();
    };
    if (gates.length === 0) apply();
    else this.propose(by, gates, [change], { apply });
    return gates.length === 0;
  }

  /** Every approved gate that covers it for a step yet to run; none where a later gate will show and sign it. */
  private gatesFor(path: string): GateSession[] {
    const { plan } = this.start;
    const left = yetToRun(plan, this.state.steps);
    const readersBehind = (cover: GateSession['cover']): string[] =>
      cover === 'everything'
        ? [...left]
        : cover
            .filter((leaf) => covers(leaf.path, path))
            .flatMap(({ readers }) => readers)
            .filter((id) => left.has(id));
    const asked = [...this.sessions.values()].filter(
      (session) => session.isSigned && readersBehind(session.cover).length > 0,
    );
    if (asked.length === 0) return asked;
    const readers = new Set(asked.flatMap(({ cover }) => readersBehind(cover)));
    const settledLater = Object.entries(plan.covers ?? {}).some(
      ([gate, leaves]) =>
        left.has(gate) &&
        this.comesBefore(gate) &&
        leaves.some((leaf) => leaf.shown && covers(leaf.path, path)) &&
        [...readers].every(
          (id) =>
            id === gate ||
            leaves.some(
              (leaf) =>
                covers(leaf.path, path) && leaf.readers.includes(id) && !(leaf.loose ?? []).includes(id),
            ),
        ),
    );
    return settledLater ? [] : asked;
  }

  /** It is still to be asked for, for every item, and what stands behind it waits for the answer. */
  private comesBefore(gate: string): boolean {
    const step = stepOf(this.start.plan, gate);
    if (step?.kind !== 'approve' || step.retroactive) return false;
    return ![...this.state.steps.keys()].some((key) => key === gate || key.startsWith(`${gate}[`));
  }

  private propose(
    by: string,
    gates: GateSession[],
    changes: Change[],
    { apply, fall = () => {} }: { apply(): void; fall?(reason: string): void },
  ): void {
    const at = this.port.now();
    this.proposals.make({ by, at, changes, gates, afterwards: false, apply, fall });
    this.effects.proposed(gates);
  }

  private owe(by: string, gates: GateSession[], changes: Change[]): void {
    const [first] = gates;
    const fall = (reason: string) => first && this.effects.review(first, reason);
    const at = this.port.now();
    this.proposals.make({ by, at, changes, gates, afterwards: true, apply: () => {}, fall });
    this.effects.proposed(gates);
  }

  private inForce(by: string, changes: readonly Change[]): void {
    this.note(by, changes);
    const prefix = 'inputs.'.length;
    this.effects.amendNow(Object.fromEntries(changes.map(({ path, after }) => [path.slice(prefix), after])));
    this.refresh();
  }

  private note(by: string, changes: readonly Change[]): void {
    for (const change of changes) this.state.hands.push({ ...change, by, at: this.port.now() });
  }

  /** In the very instant of the change: what is open and shows something else by now is void. */
  refresh(): void {
    for (const session of this.sessions.values()) {
      session.refresh();
      session.decideNow();
    }
  }
}

function gather(
  into: Map<string, { gates: GateSession[]; changes: Change[] }>,
  gates: GateSession[],
  change: Change,
): void {
  const key = gates.map(({ gate }) => gate.step).join('\n');
  const known = into.get(key) ?? { gates, changes: [] };
  known.changes.push(change);
  into.set(key, known);
}

function stepOf(plan: RunStart['plan'], id: string): Step | undefined {
  const queue: Step[] = [...plan.steps, ...plan.finally];
  for (let step = queue.shift(); step; step = queue.shift()) {
    if (step.id === id) return step;
    queue.push(...innerSteps(step).flat());
  }
  return undefined;
}
