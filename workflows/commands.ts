/** What people may tell a live run. Each has a check, which the Update's validator runs, and an effect, which only records. */
import type { JsonObject } from '../plan/plan.ts';
import { isAddressedTo } from './addressed-to.ts';
import type {
  AbortCommand,
  AmendCommand,
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
import { isFrom, type OpenGate, type OpenTask, type ParkedStep, type RunState } from './state.ts';
import { containsApproval } from './steps/contains-approval.ts';
import { addVote, checkVote, decide, Refusal } from './votes.ts';

/** What a command does to the run itself, beyond its state. */
export interface RunEffects {
  abort(reason: string): void;
  amend(inputs: JsonObject): void;
}

export class Commands {
  private readonly start: RunStart;
  private readonly state: RunState;
  private readonly port: Port;
  private readonly effects: RunEffects;

  constructor(start: RunStart, state: RunState, port: Port, effects: RunEffects) {
    this.start = start;
    this.state = state;
    this.port = port;
    this.effects = effects;
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
    checkVote(gate, request, barredFrom(this.start, this.state, gate.except), this.port.now());
  }

  vote(request: VoteRequest): VoteReceipt {
    // Again, since another vote may have been taken between this one's validation and its turn.
    this.checkVote(request);
    const gate = this.openGate(request.step);
    const receipt = addVote(gate, request, this.port.now());
    this.state.record('vote', request.step, {
      by: (request.recorded?.for ?? request.principal.id).toLowerCase(),
      decision: request.decision,
      hash: request.hash,
      ...(request.recorded ? { recordedBy: request.principal.id, minutes: request.recorded.minutes } : {}),
      ...(request.comment ? { comment: request.comment } : {}),
    });
    const outcome = decide(gate);
    if (outcome) gate.outcome = outcome;
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

  retry(command: RetryCommand): void {
    this.parkedStep(command).decision = { type: 'retry', ...(command.with ? { with: command.with } : {}) };
    this.recordCommand('retry', command);
  }

  checkSkip(command: Command): void {
    const parked = this.parkedStep(command);
    if (!command.comment?.trim()) {
      throw new Refusal(
        'NotValid',
        `Skipping "${parked.title}" needs a reason: it becomes part of the evidence.`,
      );
    }
    this.checkNoApproval(parked);
    if (parked.step.needed && !parked.undo) {
      throw new Refusal(
        'StepIsNeeded',
        `Later steps use the output of "${parked.title}", so it cannot be skipped. Retry it, or complete it by hand with its output.`,
      );
    }
  }

  skip(command: Command): void {
    this.parkedStep(command).decision = {
      type: 'skip',
      by: command.principal.id,
      reason: command.comment ?? '',
    };
    this.recordCommand('skip', command);
  }

  checkComplete(command: CompleteCommand): void {
    this.checkLive();
    const task = this.state.tasks.get(command.step);
    if (task) {
      checkOutput(command.output, task.title);
      this.checkTask(task, command.principal);
      return;
    }
    const parked = this.parkedStep(command);
    if (parked.undo) {
      throw new Refusal(
        'NotValid',
        `The undo of "${parked.title}" has no output. Skip it once it is done by hand.`,
      );
    }
    this.checkNoApproval(parked);
    checkOutput(command.output, parked.title);
  }

  /** Whoever operates a run must not thereby stand in for those who sign. */
  private checkNoApproval({ step, title, undo }: ParkedStep): void {
    if (undo || !containsApproval(step, this.start.plans ?? {})) return;
    const what = step.kind === 'approve' ? `"${title}" is an approval` : `"${title}" contains an approval`;
    throw new Refusal(
      'NotAllowed',
      `${what}, which nobody may skip or complete for those who are to sign. Put right what is wrong and retry it, or abort the run.`,
    );
  }

  private checkTask(task: OpenTask, principal: Principal): void {
    if (task.report) throw new Refusal('NotOpen', `"${task.title}" was already reported as done.`);
    if (task.people.includes(principal.id) || this.owns(principal)) return;
    throw new Refusal(
      'NotAsked',
      `${principal.id} was not asked to do "${task.title}". Asked: ${task.people.join(', ')}.`,
    );
  }

  complete(command: CompleteCommand): void {
    const task = this.state.tasks.get(command.step);
    if (task) {
      this.checkComplete(command);
      task.report = command.output as JsonObject;
      // Whoever does a task has not operated the run.
      this.state.record('command', command.step, { command: 'complete', ...byWhom(command) });
      return;
    }
    this.parkedStep(command).decision = {
      type: 'complete',
      by: command.principal.id,
      output: command.output,
    };
    this.recordCommand('complete', command);
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
    this.effects.abort(`aborted by ${command.principal.id}: ${command.comment ?? ''}`);
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
    const known = Object.keys(this.start.plan.inputs);
    for (const name of Object.keys(command.inputs)) {
      if (known.includes(name)) continue;
      throw new Refusal('NotValid', `The runbook has no input "${name}". It has: ${known.join(', ')}.`);
    }
  }

  /** Steps already done stay done, and are named together with the inputs they may have used. */
  amend(command: AmendCommand): void {
    const before: JsonObject = {};
    for (const name of Object.keys(command.inputs)) before[name] = this.start.inputs[name] ?? null;
    this.effects.amend(command.inputs);
    this.state.lastEditor = command.principal.id.toLowerCase();
    const done = [...this.state.steps.values()].filter((step) => step.status === 'succeeded');
    this.state.record('run.amended', undefined, {
      ...byWhom(command),
      before,
      after: command.inputs,
      done: done.map((step) => step.id),
    });
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
    this.openGate(command.step).reassignedTo = command.from;
    this.recordCommand('reassign', command, { from: command.from });
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

  private parkedStep(command: Command): ParkedStep {
    this.checkLive();
    const parked = this.state.parked.get(command.step);
    if (!parked || parked.decision) {
      const others = [...this.state.parked.keys()];
      const hint = others.length > 0 ? `Parked now: ${others.join(', ')}.` : 'No step is parked now.';
      throw new Refusal('NotParked', `Step "${command.step}" is not parked. ${hint}`);
    }
    this.checkOperator(command.principal, `operate step "${parked.title}"`);
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
  return { by: command.principal.id, ...(command.comment ? { comment: command.comment } : {}) };
}

function checkOutput(output: unknown, title: string): void {
  if (typeof output === 'object' && output !== null && !Array.isArray(output)) return;
  throw new Refusal('NotValid', `Completing "${title}" by hand needs its output as named values.`);
}
