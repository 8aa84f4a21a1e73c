/** What people may tell a live run. Each has a check, which the Update's validator runs, and an effect, which only records. */
import type {
  AbortCommand,
  Command,
  CompleteCommand,
  Principal,
  RetryCommand,
  RunStart,
  VoteReceipt,
  VoteRequest,
} from './messages.ts';
import type { Port } from './port.ts';
import type { OpenGate, ParkedStep, RunState } from './state.ts';
import { addVote, checkVote, decide, Refusal } from './votes.ts';

export class Commands {
  private readonly start: RunStart;
  private readonly state: RunState;
  private readonly port: Port;
  private readonly abortRun: (reason: string) => void;

  constructor(start: RunStart, state: RunState, port: Port, abortRun: (reason: string) => void) {
    this.start = start;
    this.state = state;
    this.port = port;
    this.abortRun = abortRun;
  }

  checkVote(request: VoteRequest): void {
    this.checkLive();
    checkVote(this.openGate(request.step), request, this.start.requester, this.port.now());
  }

  vote(request: VoteRequest): VoteReceipt {
    // Again, since another vote may have been taken between this one's validation and its turn.
    this.checkVote(request);
    const gate = this.openGate(request.step);
    const receipt = addVote(gate, request, this.port.now());
    this.state.record('vote', request.step, {
      by: request.principal.id,
      decision: request.decision,
      hash: request.hash,
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
    const parked = this.parkedStep(command);
    if (parked.undo) {
      throw new Refusal(
        'NotValid',
        `The undo of "${parked.title}" has no output. Skip it once it is done by hand.`,
      );
    }
    if (typeof command.output !== 'object' || command.output === null || Array.isArray(command.output)) {
      throw new Refusal('NotValid', `Completing "${parked.title}" by hand needs its output as named values.`);
    }
  }

  complete(command: CompleteCommand): void {
    this.parkedStep(command).decision = {
      type: 'complete',
      by: command.principal.id,
      output: command.output,
    };
    this.recordCommand('complete', command);
  }

  checkAbort(command: AbortCommand): void {
    this.checkLive();
    this.checkOperator(command.principal, 'abort the run');
    if (!command.comment?.trim()) {
      throw new Refusal('NotValid', 'Aborting a run needs a reason: it becomes part of the evidence.');
    }
    if (this.state.status === 'undoing') {
      throw new Refusal('NotAllowed', 'The run is already taking its steps back.');
    }
  }

  abort(command: AbortCommand): void {
    this.state.record('command', undefined, {
      command: 'abort',
      by: command.principal.id,
      comment: command.comment ?? '',
    });
    this.abortRun(`aborted by ${command.principal.id}: ${command.comment ?? ''}`);
  }

  private recordCommand(name: string, command: Command): void {
    this.state.record('command', command.step, {
      command: name,
      by: command.principal.id,
      ...(command.comment ? { comment: command.comment } : {}),
    });
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

  private checkOperator(principal: Principal, what: string): void {
    const { owner } = this.start.plan;
    const may = owner.startsWith('role:')
      ? principal.roles.includes(owner.slice(5))
      : principal.id === owner.toLowerCase();
    if (!may) {
      throw new Refusal('NotAllowed', `${principal.id} may not ${what}: only its owner may (${owner}).`);
    }
  }
}
