/** Those who act on a simulated run: at first anything that comes to somebody's mind, at last whatever brings it to its end. */
import type { Json, JsonObject } from '../../plan/plan.ts';
import type { Principal, UpdateName } from '../../workflows/messages.ts';
import type { Run } from '../../workflows/run.ts';
import type { OpenGate, ParkedStep } from '../../workflows/state.ts';
import type { Dice } from './dice.ts';
import { clerk, everybody, lastResort, minute, owner, requester, signers, stranger } from './directory.ts';
import type { Lives } from './lives.ts';
import { Messages } from './messages.ts';
import { supplier } from './plans.ts';
import type { SimulatedWorld } from './world.ts';

export interface SentEvent {
  n: number;
  run: string;
}

/** How often something is tried before the whole run is given up. */
const patience = 30;

export class SimulatedPeople {
  readonly sent: SentEvent[] = [];
  readonly messages: Messages;
  private made = 0;
  private readonly tried = new Map<string, number>();
  private readonly seen = new Map<string, string>();
  private readonly dice: Dice;
  private readonly lives: Lives;

  constructor(dice: Dice, world: SimulatedWorld, lives: Lives) {
    this.dice = dice;
    this.lives = lives;
    this.messages = new Messages(dice, world, lives);
  }

  /** One person's idea, or several in one moment. */
  meddle(): void {
    const live = this.live();
    if (live.length === 0) return;
    for (let count = this.dice.chance(0.3) ? this.dice.whole(2, 4) : 1; count > 0; count -= 1)
      this.oneIdea(this.dice.pick(live));
    for (const run of this.live())
      for (const gate of run.state.gates.values()) this.seen.set(run.id + gate.step, gate.hash);
  }

  /** Whoever is waited for does it. */
  settle(): void {
    for (const run of this.live()) {
      if (run.state.paused) this.tell(run, 'resume', { principal: person(owner) });
      for (const gate of [...run.state.gates.values()]) this.signAll(run, gate);
      for (const task of [...run.state.tasks.values()])
        this.tell(run, 'complete', {
          step: task.step,
          principal: person(task.people[0] ?? owner),
          output: { value: this.word('task') },
        });
      for (const parked of [...run.state.parked.values()]) this.unpark(run, parked);
      for (const { event } of [...run.state.waits.values()]) if (event) this.send(run, event, supplier);
    }
  }

  live(): Run[] {
    return this.lives.all.map(({ run }) => run).filter(({ state }) => state.endedAt === undefined);
  }

  private tell(run: Run, update: UpdateName, request: object): boolean {
    return this.messages.tell(run, update, request);
  }

  private word(of: string): string {
    this.made += 1;
    return `${of}-${this.made}`;
  }

  private oneIdea(run: Run): void {
    const { dice } = this;
    const { state } = run;
    const ideas: (() => void)[] = [];
    const gates = [...state.gates.values()].filter(({ outcome }) => outcome === undefined);
    for (const gate of gates) {
      ideas.push(
        () => this.vote(run, gate),
        () => this.vote(run, gate),
        () => this.vote(run, gate),
      );
      if (gate.recordersOf) ideas.push(() => this.record(run, gate));
      if (dice.chance(0.2)) ideas.push(() => this.reassign(run, gate));
    }
    for (const task of state.tasks.values())
      ideas.push(() =>
        this.tell(run, 'complete', {
          step: task.step,
          principal: person(dice.pick([...task.people, owner])),
          output: { value: this.word('task') },
        }),
      );
    for (const parked of state.parked.values()) ideas.push(() => this.operate(run, parked));
    for (const wait of state.waits.values())
      if (wait.event) ideas.push(() => this.send(run, wait.event as { name: string; key: string }));
    if (dice.chance(0.35)) ideas.push(() => this.amend(run));
    if (dice.chance(0.06)) ideas.push(() => this.pause(run));
    if (dice.chance(0.05)) ideas.push(() => this.abort(run));
    if (dice.chance(0.05)) ideas.push(() => this.send(run, { name: 'shipped', key: 'k' }));
    if (dice.chance(0.25)) ideas.push(() => this.messages.again());
    if (ideas.length > 0) dice.pick(ideas)();
  }

  private vote(run: Run, gate: OpenGate): void {
    const { dice } = this;
    const earlier = gate.votes.at(-1);
    // Some think better of what they said.
    const changes = earlier !== undefined && dice.chance(0.25);
    const who = changes ? [earlier.principal.id] : dice.chance(0.9) ? [...gate.approvers] : everybody;
    if (who.length === 0) return;
    const approves = changes ? earlier.decision === 'reject' : dice.chance(0.85);
    this.messages.send(run, 'vote', {
      step: gate.step,
      principal: person(dice.pick(who)),
      decision: approves ? 'approve' : 'reject',
      hash: this.hashOf(run, gate),
      ...this.filledIn(gate, approves),
    });
  }

  /** Most fill in what the last one did, some something else, and a few what nobody asked for, or nothing. */
  private filledIn({ form, votes }: OpenGate, approves: boolean): { form?: JsonObject } {
    const { dice } = this;
    if (dice.chance(0.03)) return { form: { value: 'unasked' } };
    if (!form || !approves || dice.chance(0.03)) return {};
    const last = votes.findLast((vote) => vote.form)?.form;
    return { form: last && dice.chance(0.5) ? last : { value: `filled-${dice.whole(1, 3)}` } };
  }

  private hashOf(run: Run, gate: OpenGate): string {
    const stale = this.seen.get(run.id + gate.step);
    return stale !== undefined && this.dice.chance(0.3) ? stale : gate.hash;
  }

  /** Given in a meeting, and entered by whoever may, or by somebody who may not. */
  private record(run: Run, gate: OpenGate): void {
    const { dice } = this;
    const members = Object.keys(gate.recordersOf ?? {});
    if (members.length === 0) return;
    const member = dice.pick(members);
    const approves = dice.chance(0.85);
    this.messages.send(run, 'vote', {
      step: gate.step,
      principal: person(dice.pick([clerk, clerk, owner, owner, requester, ...signers.slice(0, 1)])),
      decision: approves ? 'approve' : 'reject',
      hash: this.hashOf(run, gate),
      recorded: { for: member, minutes: 'board-2026-01' },
      ...this.filledIn(gate, approves),
    });
  }

  private reassign(run: Run, gate: OpenGate): void {
    const from = this.dice.some(
      [...signers, owner, requester, lastResort, stranger, 'role:heads'],
      this.dice.whole(1, 3),
    );
    this.tell(run, 'reassign', { step: gate.step, principal: person(owner), from });
  }

  private operate(run: Run, parked: ParkedStep): void {
    const { dice } = this;
    const request = { step: parked.key, principal: person(owner), comment: 'a reason' };
    const kind = dice.pick(['retry', 'edit', 'complete', 'skip', 'skip'] as const);
    const lost = parked.failure.type === 'Timeout';
    if (kind === 'edit' && parked.step.kind === 'action' && !lost) {
      const given = run.state.steps.get(parked.key)?.input;
      if (given === undefined) return;
      this.tell(run, 'retry', { ...request, with: { ...(given as JsonObject), x: this.word('edit') } });
    } else if (kind === 'complete') this.tell(run, 'complete', { ...request, output: this.handMade() });
    else if (kind === 'skip') this.tell(run, 'skip', request);
    else this.tell(run, 'retry', request);
  }

  private handMade(): Json {
    return { id: 'hand', value: this.word('hand'), turn: 99 };
  }

  private amend(run: Run): void {
    const { dice } = this;
    const inputs: JsonObject = {};
    if (dice.chance(0.5)) inputs.a = `a${dice.whole(0, 3)}`;
    if (dice.chance(0.4)) inputs.b = `b${dice.chance(0.1) ? 2 : dice.whole(0, 1)}`;
    if (dice.chance(0.2)) inputs.list = listOf(dice);
    if (Object.keys(inputs).length > 0)
      this.messages.send(run, 'amend', {
        principal: person(owner),
        inputs,
        ...(dice.chance(0.3) ? { principal: person(dice.pick([...signers, requester])), ticket: true } : {}),
      });
  }

  private pause(run: Run): void {
    this.tell(run, run.state.paused ? 'resume' : 'pause', { principal: person(owner) });
  }

  private abort(run: Run): void {
    const ticket = this.dice.chance(0.3) ? { principal: person(requester), ticket: true } : {};
    this.messages.send(run, 'abort', { principal: person(owner), comment: 'no more', ...ticket });
  }

  private send(run: Run, { name, key }: { name: string; key: string }, by?: string): void {
    const n = this.sent.length + 1;
    this.sent.push({ n, run: run.id });
    const source = by ?? (this.dice.chance(0.7) ? supplier : this.dice.pick(signers));
    this.tell(run, 'event', { name, key, data: { n, value: `event-${n}`, source }, source });
  }

  private signAll(run: Run, gate: OpenGate): void {
    if (gate.outcome !== undefined || gate.hash === '') return;
    for (const approver of [...gate.approvers])
      this.tell(run, 'vote', {
        step: gate.step,
        principal: person(approver),
        decision: 'approve',
        hash: gate.hash,
        ...(gate.form ? { form: { value: 'filled-at-last' } } : {}),
      });
    // Those who are left may all have changed what is to be signed: then somebody else of those named, or nobody.
    if (gate.outcome === undefined && gate.unmet) this.giveUp(run, gate.step);
  }

  private giveUp(run: Run, step: string): void {
    const tries = (this.tried.get(run.id + step) ?? 0) + 1;
    this.tried.set(run.id + step, tries);
    if (tries === 1)
      this.tell(run, 'reassign', {
        step,
        principal: person(owner),
        from: [lastResort, ...signers.slice(0, 3)],
      });
    else this.callOff(run);
  }

  /** At its closing steps it cannot be: then what nobody can sign is tried again as it was. */
  private callOff(run: Run): void {
    if (this.tell(run, 'abort', { principal: person(owner), comment: 'no more' })) return;
    for (const { step, approvers, hash } of run.state.closing ? [...run.state.gates.values()] : [])
      for (const approver of approvers)
        this.tell(run, 'vote', { step, principal: person(approver), decision: 'reject', hash });
    for (const { key, proposed } of run.state.parked.values())
      if (proposed) this.tell(run, 'retry', { step: key, principal: person(owner), comment: 'a reason' });
  }

  private unpark(run: Run, parked: ParkedStep): void {
    const key = run.id + parked.key;
    const tries = (this.tried.get(key) ?? 0) + 1;
    this.tried.set(key, tries);
    if (parked.decision || parked.proposed) return;
    const request = { step: parked.key, principal: person(owner), comment: 'a reason' };
    if (tries <= 6 && this.tell(run, 'retry', request)) return;
    // Where all who were named had a hand in it, what is skipped falls unsigned each time: then the run is called off.
    if (tries > patience && this.live().some((each) => this.tell(each, 'abort', request))) return;
    if (this.tell(run, 'skip', request)) return;
    if (this.tell(run, 'complete', { ...request, output: this.handMade() })) return;
    this.abort(run);
  }
}

export function listOf(dice: Dice): string[] {
  return dice.some(['i0', 'i1', 'i1', 'i2', 'i3', 'i4'], dice.whole(0, 5));
}

export function person(id: string): Principal {
  return { id, roles: id === owner ? ['it-coordinators'] : [] };
}

/** How long people think before the next idea, in milliseconds. */
export function thinking(dice: Dice): number {
  if (dice.chance(0.3)) return 0;
  if (dice.chance(0.01)) return dice.whole(3, 9) * 24 * 60 * minute;
  return (dice.chance(0.1) ? dice.whole(60, 2_000) : dice.whole(1, 40)) * minute;
}
