/**
 * What becomes of a change by hand. Where nobody has signed what it changes, it is in force at once, and marked; under a closed gate it
 * is a proposal, unless the runbook's author gave leave.
 */
import { canonicalJson } from '../plan/canonical-json.ts';
import { defined } from '../plan/defined.ts';
import type { Amend, Json, JsonObject, RunbookStep, WaitStep } from '../plan/plan.ts';
import { sameValue } from '../plan/sealed-values.ts';
import type { GateSession } from './gate/session.ts';
import { gatesBefore, gatesCovering, stepOf } from './gate/which-gates.ts';
import type { HandChange } from './hands.ts';
import type { AmendReceipt, EventRequest, RunStart } from './messages.ts';
import type { Port } from './port.ts';
import type { Change, Proposal, Proposals } from './proposals.ts';
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
      .filter(({ before, after }) => !this.isSame(before, after));
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

  /** Sealed values by their content, as far as their digests tell. */
  private isSame(a: Json, b: Json): boolean {
    return this.start.engine < 4 ? canonicalJson(a) === canonicalJson(b) : sameValue(a, b);
  }

  private withdrawEqual(by: string, inputs: JsonObject): void {
    for (const [name, value] of Object.entries(inputs))
      for (const proposal of this.proposals.touching(`inputs.${name}`)) {
        if (proposal.afterwards || !this.isSame(this.start.inputs[name] ?? null, value)) continue;
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
    const gates = leave === 'free' ? [] : this.gatesOf(parked, decision, changes);
    if (gates.length === 0 || leave === 'afterwards') {
      parked.decision = decision;
      this.note(by, changes, parked, decision);
      if (gates.length > 0) this.owe(by, gates, changes);
      this.refresh();
      return true;
    }
    parked.proposed = decision;
    this.propose(by, gates, changes, {
      apply: () => {
        delete parked.proposed;
        parked.decision = decision;
        this.note(by, changes, parked, decision);
        this.refresh();
      },
      fall: () => delete parked.proposed,
    });
    return false;
  }

  /** Reported late by somebody who was asked for it: nothing is changed by hand. */
  reportLate(parked: ParkedStep, output: JsonObject, by: string): void {
    this.withdrawDecision(parked, by);
    parked.decision = { type: 'complete', by, output };
    this.state.hands.push({ path: `steps.${parked.step.id}.output`, by, at: this.port.now(), asked: true });
    this.refresh();
  }

  private withdrawDecision(parked: ParkedStep, by: string): void {
    if (!parked.proposed) return;
    this.withdrawOf(parked.step.id, by);
    delete parked.proposed;
  }

  private withdrawOf(step: string, by: string): void {
    const own = `steps.${step}`;
    for (const proposal of this.proposals.open())
      if (proposal.request.changes.some(({ path }) => path === own || path.startsWith(`${own}.`)))
        this.proposals.withdraw(proposal, by);
  }

  private changesOf({ step, key, undo }: ParkedStep, decision: Decision): Change[] {
    if (undo) return [];
    const before = this.state.steps.get(key)?.input ?? null;
    switch (decision.type) {
      case 'retry':
        if (!decision.with || this.isSame(before, decision.with)) return [];
        return [{ path: `steps.${step.id}.with`, before, after: decision.with }];
      case 'complete':
        return this.given(step.id, decision.output, 'parked');
      case 'skip':
        return [{ path: `steps.${step.id}`, before: null, after: 'skipped' }];
    }
  }

  /** What a step is said to have given. That it is said to be done is itself what a later step may act on. */
  private given(id: string, output: Json, status: string): Change[] {
    const { plan, engine } = this.start;
    const path = `steps.${id}.status`;
    const isRead =
      engine >= 4 &&
      Object.values(plan.covers ?? {}).some((leaves) => leaves.some((leaf) => leaf.path === path));
    const own = { path: `steps.${id}.output`, before: null, after: output };
    return isRead ? [own, { path, before: status, after: 'succeeded' }] : [own];
  }

  /** An edited input is signed by whoever signed for the step; what a step gave by whoever signed what reads it. */
  private gatesOf({ step }: ParkedStep, decision: Decision, changes: readonly Change[]): GateSession[] {
    if (changes.length === 0) return [];
    if (decision.type === 'retry') return gatesBefore(step.id, this.around());
    return this.gatesForAll(changes);
  }

  /** A task's report. False when it waits for those who signed what reads it. */
  report(task: OpenTask, output: JsonObject, by: string): boolean {
    const id = task.step.replace(/\[.*$/, '');
    const changes = this.given(id, output, 'waiting');
    const asked = task.people.includes(by);
    // Whoever was asked is waited for, and not somebody who reported it in their place.
    if (asked && this.start.engine >= 4) this.withdrawOf(id, by);
    const leave = stepOf(this.start.plan, id)?.amend;
    const isFree = asked || leave === 'free' || (leave !== undefined && this.start.engine < 4);
    const gates = isFree ? [] : this.gatesForAll(changes);
    const apply = () => {
      task.report = output;
      // Whoever was asked changes nothing by hand; they do not sign for it all the same.
      const at = this.port.now();
      if (asked) this.state.hands.push({ path: `steps.${id}.output`, by, at, asked: true });
      else this.note(by, changes);
      this.refresh();
    };
    if (gates.length === 0 || leave === 'afterwards') apply();
    if (gates.length > 0 && leave === 'afterwards') this.owe(by, gates, changes);
    else if (gates.length > 0) this.propose(by, gates, changes, { apply });
    return gates.length === 0 || leave === 'afterwards';
  }

  /**
   * What an event brings that a person sent whom the wait does not name: its source was not signed, so it is a change by hand. Gives
   * what ends the asking about it.
   */
  event(step: WaitStep, { source = '', data }: EventRequest, inForce: () => void): (reason: string) => void {
    const changes = this.given(step.id, data, 'waiting');
    const gates = step.amend === 'free' ? [] : this.gatesForAll(changes);
    const apply = () => {
      this.note(source, changes);
      inForce();
      this.refresh();
    };
    if (gates.length > 0 && step.amend !== 'afterwards') {
      const proposal = this.propose(source, gates, changes, { apply });
      return (reason) => this.proposals.fall(proposal, reason);
    }
    apply();
    if (gates.length > 0) this.owe(source, gates, changes);
    return () => {};
  }

  /** What people changed by hand in a called run is in what it gives. */
  called({ id }: RunbookStep, hands: readonly HandChange[]): void {
    for (const { path, by, at, asked, before, after } of hands) {
      const own = { path: `steps.${id}.output`, by, at, ...defined({ asked }) };
      this.state.hands.push(
        asked ? own : { ...own, before: { [path]: before ?? null }, after: { [path]: after ?? null } },
      );
    }
    if (hands.length > 0) this.refresh();
  }

  private gatesForAll(changes: readonly Change[]): GateSession[] {
    return [...new Set(changes.flatMap(({ path }) => this.gatesFor(path)))];
  }

  private gatesFor(path: string): GateSession[] {
    return gatesCovering(path, this.around());
  }

  private around() {
    const { plan, engine } = this.start;
    return { plan, engine, steps: this.state.steps, sessions: this.sessions };
  }

  private propose(
    by: string,
    gates: GateSession[],
    changes: Change[],
    { apply, fall = () => {} }: { apply(): void; fall?(reason: string): void },
  ): Proposal {
    const at = this.port.now();
    const proposal = this.proposals.make({ by, at, changes, gates, afterwards: false, apply, fall });
    this.effects.proposed(gates);
    return proposal;
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

  private note(by: string, changes: readonly Change[], parked?: ParkedStep, decision?: Decision): void {
    // What is tried again with another input gives what a hand made of it.
    const edited = this.start.engine >= 4 && decision?.type === 'retry' ? parked?.step.id : undefined;
    for (const change of changes)
      this.state.hands.push({ ...change, by, at: this.port.now(), ...defined({ edited }) });
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
