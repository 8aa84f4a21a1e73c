/** What people may tell a live run. Each has a check, which the Update's validator runs, and an effect, which only records. */
import { defined } from '../plan/defined.ts';
import type { JsonObject } from '../plan/plan.ts';
import { isAddressedTo } from './addressed-to.ts';
import { askMore } from './gate/ask.ts';
import type { GateSession } from './gate/session.ts';
import type { HandChanges } from './hand-changes.ts';
import type {
  AbortCommand,
  AmendCommand,
  AmendReceipt,
  Command,
  CompleteCommand,
  EventRequest,
  PauseCommand,
  Principal,
  ReassignCommand,
  RetryCommand,
  RunStart,
  UpdateName,
  VoteReceipt,
  VoteRequest,
} from './messages.ts';
import type { Port } from './port.ts';
import { barredFrom } from './separation.ts';
import {
  type Decision,
  isFrom,
  type OpenGate,
  type OpenTask,
  type ParkedStep,
  type RunState,
} from './state.ts';
import { containsApproval } from './steps/contains-approval.ts';
import { tooLargeTogether } from './steps/size.ts';
import { addVote, checkVote, Refusal } from './votes.ts';

/** What the commands read and change of a run. */
export interface Commanded {
  readonly start: RunStart;
  readonly state: RunState;
  readonly gates: ReadonlyMap<string, GateSession>;
}

export class Commands {
  private readonly start: RunStart;
  private readonly state: RunState;
  private readonly gates: ReadonlyMap<string, GateSession>;
  private readonly port: Port;
  private readonly hands: HandChanges;
  private readonly stop: (reason: string) => void;

  constructor(run: Commanded, port: Port, hands: HandChanges, stop: (reason: string) => void) {
    this.start = run.start;
    this.state = run.state;
    this.gates = run.gates;
    this.port = port;
    this.hands = hands;
    this.stop = stop;
  }

  /** What may be told to a run: each checked before it is carried out. */
  handlers(): Record<UpdateName, { check(request: never): void; act(request: never): unknown }> {
    const of = <Request>(check: (request: Request) => void, act: (request: Request) => unknown) => ({
      check: check.bind(this),
      act: act.bind(this),
    });
    return {
      vote: of(this.checkVote, this.vote),
      retry: of(this.checkRetry, this.retry),
      skip: of(this.checkSkip, this.skip),
      complete: of(this.checkComplete, this.complete),
      abort: of(this.checkAbort, this.abort),
      pause: of(this.checkPause, this.pause),
      resume: of(this.checkResume, this.resume),
      amend: of(this.checkAmend, this.amend),
      reassign: of(this.checkReassign, this.reassign),
      event: of(this.checkEvent, this.event),
    };
  }

  /** As an Update does it. Throws a {@link Refusal} when it may not be. */
  tell(update: UpdateName, request: object): unknown {
    const { check, act } = this.handlers()[update];
    check(request as never);
    return act(request as never);
  }

  checkVote(request: VoteRequest): void {
    this.checkLive();
    const gate = this.openGate(request.step);
    const barred =
      this.session(gate)?.barred() ?? barredFrom(this.start, this.state, { except: gate.except });
    const recorder = request.principal.id.toLowerCase();
    if (request.recorded && this.start.engine >= 3 && this.state.operators.has(recorder))
      throw new Refusal(
        'SeparationOfDuties',
        `${recorder} operated this run, so somebody else must enter the votes on "${gate.title}".`,
      );
    checkVote(gate, request, barred, this.port.now());
  }

  vote(request: VoteRequest): VoteReceipt {
    // Again, since another vote may have been taken between this one's validation and its turn.
    this.checkVote(request);
    const gate = this.openGate(request.step);
    const receipt = addVote(gate, request, this.port.now(), this.session(gate)?.counting());
    this.state.record('vote', request.step, {
      by: (request.recorded?.for ?? request.principal.id).toLowerCase(),
      decision: request.decision,
      hash: request.hash,
      ...defined({
        recordedBy: request.recorded && request.principal.id,
        minutes: request.recorded?.minutes,
        comment: request.comment || undefined,
        form: gate.form && request.decision === 'approve' ? (request.form ?? {}) : undefined,
      }),
    });
    this.session(gate)?.decideNow();
    return receipt;
  }

  checkRetry(command: RetryCommand): void {
    const parked = this.parkedStep(command);
    if (command.with && (parked.undo || parked.step.kind !== 'action')) {
      throw new Refusal(
        'NotValid',
        `Step "${parked.title}" takes no input that could be edited. Retry it as it is.`,
      );
    }
  }

  retry(command: RetryCommand): AmendReceipt {
    const before = this.state.steps.get(command.step)?.input ?? null;
    const edited: JsonObject = command.with ? { with: { before, after: command.with } } : {};
    const decision = { type: 'retry' as const, ...defined({ with: command.with }) };
    return this.decide('retry', command, decision, edited);
  }

  /** Carried out at once, or proposed to those who signed; which of the two is on record. */
  private decide(name: string, command: Command, decision: Decision, more: JsonObject = {}): AmendReceipt {
    const parked = this.parkedStep(command);
    this.recordCommand(name, command, more);
    if (this.start.engine < 3) parked.decision = decision;
    else if (!this.hands.decide(parked, decision, command.principal.id.toLowerCase()))
      return { applied: [], proposed: [command.step] };
    return { applied: [command.step], proposed: [] };
  }

  checkSkip(command: Command): void {
    const parked = this.parkedStep(command);
    if (!command.comment?.trim()) {
      throw new Refusal(
        'NotValid',
        `Skipping "${parked.title}" needs a reason: it becomes part of the evidence.`,
      );
    }
    if (this.endsClosing(parked)) return;
    this.checkNoApproval(parked);
    if (parked.step.needed && !parked.undo) {
      throw new Refusal(
        'StepIsNeeded',
        `Later steps use the output of "${parked.title}", so it cannot be skipped. Retry it, or complete it by hand with its output.`,
      );
    }
  }

  skip(command: Command): AmendReceipt {
    return this.decide('skip', command, {
      type: 'skip',
      by: command.principal.id,
      reason: command.comment ?? '',
    });
  }

  checkComplete(command: CompleteCommand): void {
    this.checkLive();
    const task = this.state.tasks.get(command.step);
    if (task) {
      checkOutput(command.output, task.title);
      this.checkTask(task, command.principal);
      return;
    }
    const parked = this.wasAsked(command) ? this.parkedNow(command) : this.parkedStep(command);
    const late = this.state.late.get(command.step);
    if (late) this.checkNotBarred(late, command.principal);
    if (parked.undo) {
      throw new Refusal(
        'NotValid',
        `The undo of "${parked.title}" has no output. Skip it once it is done by hand.`,
      );
    }
    this.checkNoApproval(parked);
    checkOutput(command.output, parked.title);
  }

  /** A run at its closing steps cannot be aborted: nothing behind an approval that is given up on is done. */
  private endsClosing({ step, undo }: ParkedStep): boolean {
    return this.state.closing && !undo && containsApproval(step, this.start.plans ?? {});
  }

  /** Whoever operates a run must not thereby stand in for those who sign. */
  private checkNoApproval({ step, title, undo }: ParkedStep): void {
    if (undo || !containsApproval(step, this.start.plans ?? {})) return;
    const what = step.kind === 'approve' ? `"${title}" is an approval` : `"${title}" contains an approval`;
    throw new Refusal(
      'NotAllowed',
      `${what}, which nobody may skip or complete for those who are to sign. Put right what is wrong and retry it, or ${this.state.closing ? 'skip it, which ends the closing steps' : 'abort the run'}.`,
    );
  }

  /** Operators are held to it too: whoever checks a work has not done it. */
  private checkNotBarred({ barred, title, people }: OpenTask, { id }: Principal): void {
    if (!barred?.includes(id.toLowerCase())) return;
    throw new Refusal(
      'NotAsked',
      `${id} may not do "${title}": the runbook leaves them out. Asked: ${people.join(', ')}.`,
    );
  }

  private checkTask(task: OpenTask, principal: Principal): void {
    if (task.report) throw new Refusal('NotOpen', `"${task.title}" was already reported as done.`);
    this.checkNotBarred(task, principal);
    if (task.people.includes(principal.id) || this.owns(principal)) return;
    throw new Refusal(
      'NotAsked',
      `${principal.id} was not asked to do "${task.title}". Asked: ${task.people.join(', ')}.`,
    );
  }

  complete(command: CompleteCommand): AmendReceipt {
    const task = this.state.tasks.get(command.step);
    if (task) {
      this.checkComplete(command);
      // Whoever does a task has not operated the run.
      this.state.record('command', command.step, { command: 'complete', ...byWhom(command) });
      const output = command.output as JsonObject;
      if (this.start.engine < 3) task.report = output;
      else if (!this.hands.report(task, output, command.principal.id.toLowerCase()))
        return { applied: [], proposed: [command.step] };
      return { applied: [command.step], proposed: [] };
    }
    if (this.wasAsked(command)) {
      const parked = this.parkedNow(command);
      this.state.record('command', command.step, { command: 'complete', ...byWhom(command) });
      this.hands.reportLate(parked, command.output as JsonObject, command.principal.id.toLowerCase());
      return { applied: [command.step], proposed: [] };
    }
    return this.decide('complete', command, {
      type: 'complete',
      by: command.principal.id,
      output: command.output,
    });
  }

  checkAbort(command: AbortCommand): void {
    this.checkLive();
    if (!command.ticket) this.checkOperator(command.principal, 'abort the run');
    if (!command.comment?.trim()) {
      throw new Refusal('NotValid', 'Aborting a run needs a reason: it becomes part of the evidence.');
    }
    if (this.state.status === 'undoing') {
      throw new Refusal('NotAllowed', 'The run is already taking its steps back.');
    }
    if (this.state.closing) {
      throw new Refusal(
        'NotAllowed',
        'The run has done its steps and is at its closing steps: nothing can be taken back any more. What is parked there can be skipped.',
      );
    }
  }

  abort(command: AbortCommand): void {
    this.state.record('command', undefined, {
      command: 'abort',
      by: command.principal.id,
      comment: command.comment ?? '',
    });
    this.stop(`aborted by ${command.principal.id}: ${command.comment ?? ''}`);
  }

  checkPause(command: PauseCommand): void {
    this.checkLive();
    this.checkOperator(command.principal, 'pause the run');
    if (this.state.paused) throw new Refusal('NotAllowed', 'The run is paused already. Resume it to go on.');
  }

  pause(command: PauseCommand): void {
    this.state.paused = true;
    this.state.record('run.paused', undefined, byWhom(command));
  }

  checkResume(command: PauseCommand): void {
    this.checkLive();
    this.checkOperator(command.principal, 'resume the run');
    if (!this.state.paused) throw new Refusal('NotAllowed', 'The run is not paused.');
  }

  resume(command: PauseCommand): void {
    this.state.paused = false;
    this.state.record('run.resumed', undefined, byWhom(command));
  }

  checkAmend(command: AmendCommand): void {
    this.checkLive();
    if (!command.ticket) this.checkOperator(command.principal, 'change the inputs of the run');
    if (this.state.status === 'undoing' || this.state.closing)
      throw new Refusal('NotAllowed', 'The run is ending: what it was given changes nothing any more.');
    const known = Object.keys(this.start.plan.inputs);
    for (const name of Object.keys(command.inputs)) {
      if (known.includes(name)) continue;
      throw new Refusal('NotValid', `The runbook has no input "${name}". It has: ${known.join(', ')}.`);
    }
    const { inputs } = this.start;
    const problem = tooLargeTogether({ ...inputs, ...command.inputs }, inputs);
    if (problem !== undefined) throw new Refusal('NotValid', problem);
  }

  /** Steps already done stay done, and are named together with the inputs they may have used. */
  amend(command: AmendCommand): AmendReceipt {
    const before: JsonObject = {};
    for (const name of Object.keys(command.inputs)) before[name] = this.start.inputs[name] ?? null;
    const by = command.principal.id.toLowerCase();
    const done = [...this.state.steps.values()].filter((step) => step.status === 'succeeded');
    const entry = {
      ...byWhom(command),
      before,
      after: command.inputs,
      done: done.map((step) => step.id),
      ...defined({ ticket: command.ticket ? true : undefined }),
    };
    if (this.start.engine < 3) {
      this.hands.amendAsBefore3(command.inputs);
      this.state.lastEditor = by;
      this.state.record('run.amended', undefined, entry);
      return { applied: Object.keys(command.inputs), proposed: [] };
    }
    this.state.record('run.amended', undefined, entry);
    return this.hands.amend(by, command.inputs);
  }

  checkReassign(command: ReassignCommand): void {
    this.checkLive();
    this.openGate(command.step);
    this.checkOperator(command.principal, `change who signs "${command.step}"`);
    if (command.from.length === 0)
      throw new Refusal('NotValid', 'Name at least one person or role who is to sign.');
  }

  reassign(command: ReassignCommand): void {
    this.checkReassign(command);
    const gate = this.openGate(command.step);
    const session = this.session(gate);
    if (this.start.engine < 3 || !session) gate.reassignedTo = command.from;
    else {
      const added = session.reassign(command.from);
      if (added.length > 0) askMore(session, added).catch(() => {});
      session.decideNow();
    }
    this.recordCommand('reassign', command, { from: command.from, approvers: gate.approvers });
  }

  private session({ step }: OpenGate): GateSession | undefined {
    return this.gates.get(step);
  }

  checkEvent(request: EventRequest): void {
    this.checkLive();
    if (!request.name || !request.key) throw new Refusal('NotValid', 'An event needs a name and a key.');
    if (request.step !== undefined) this.checkWait(request.step, request);
  }

  /** Only asked before an event is taken, never at a replay, so that it may become stricter. */
  private checkWait(step: string, request: EventRequest): void {
    const { name, key, source } = request;
    const event = this.state.waits.get(step)?.event;
    if (event?.name === name && event.key === key) {
      if (isFrom(request, event.from)) return;
      throw new Refusal('NotAllowed', `${source} may not send ${name} ${key}: the runbook names who may.`);
    }
    throw new Refusal('NotOpen', `Step "${step}" does not wait for ${name} ${key} any more.`);
  }

  event(request: EventRequest): void {
    this.state.addEvent(request);
  }

  private recordCommand(name: string, command: Command, more: JsonObject = {}): void {
    this.state.operators.add(command.principal.id.toLowerCase());
    this.state.record('command', command.step, { command: name, ...byWhom(command), ...more });
  }

  private openGate(step: string): OpenGate {
    const gate = this.state.gates.get(step);
    if (!gate) {
      const open = [...this.state.gates.values()].filter((other) => other.outcome === undefined);
      const hint =
        open.length > 0
          ? `Open now: ${open.map((other) => other.step).join(', ')}.`
          : 'No approval is open now.';
      throw new Refusal('NoSuchStep', `No approval "${step}" has been asked for in this run. ${hint}`);
    }
    if (gate.outcome !== undefined) {
      const last = gate.votes.at(-1);
      const by = last && gate.outcome !== 'expired' ? ` by ${last.principal.id}` : '';
      throw new Refusal(
        'NotOpen',
        `"${gate.title}" is closed: it was ${gate.outcome}${by}. Nothing was changed.`,
      );
    }
    return gate;
  }

  /** Whoever was asked for a task may report it also when its time has passed. */
  private wasAsked({ step, principal }: Command): boolean {
    return this.start.engine >= 4 && (this.state.late.get(step)?.people.includes(principal.id) ?? false);
  }

  private parkedStep(command: Command): ParkedStep {
    const parked = this.parkedNow(command);
    this.checkOperator(command.principal, `operate step "${parked.title}"`);
    return parked;
  }

  private parkedNow(command: Command): ParkedStep {
    this.checkLive();
    const parked = this.state.parked.get(command.step);
    if (!parked || parked.decision) {
      const others = [...this.state.parked.keys()];
      const hint = others.length > 0 ? `Parked now: ${others.join(', ')}.` : 'No step is parked now.';
      throw new Refusal('NotParked', `Step "${command.step}" is not parked. ${hint}`);
    }
    return parked;
  }

  private checkLive(): void {
    if (this.state.endedAt !== undefined) {
      throw new Refusal('Ended', `The run has ended (${this.state.status}). Nothing was changed.`);
    }
  }

  private owns(principal: Principal): boolean {
    return isAddressedTo(this.start.plan.owner, principal);
  }

  private checkOperator(principal: Principal, what: string): void {
    if (this.owns(principal)) return;
    throw new Refusal(
      'NotAllowed',
      `${principal.id} may not ${what}: only its owner may (${this.start.plan.owner}).`,
    );
  }
}

function byWhom(command: { principal: Principal; comment?: string }): JsonObject {
  return { by: command.principal.id, ...defined({ comment: command.comment || undefined }) };
}

function checkOutput(output: unknown, title: string): void {
  if (typeof output === 'object' && output !== null && !Array.isArray(output)) return;
  throw new Refusal('NotValid', `Completing "${title}" by hand needs its output as named values.`);
}
