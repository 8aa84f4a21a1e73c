/**
 * One run of one plan: carries out its steps, takes them back when it must, and ends with a status.
 *
 * Nothing here knows Temporal. Everything from outside comes through the port and the commands, so that a run behaves the
 * same under the virtual clock.
 */
import { defined, unlessEmpty } from '../plan/defined.ts';
import type { ForEachStep, Json, JsonObject, RepeatStep, RunbookStep, Step, Undo } from '../plan/plan.ts';
import type { PendingUndo } from './batches/messages.ts';
import { Commands } from './commands.ts';
import { bind, evaluateCondition, evaluateTemplate, type Variables } from './expressions.ts';
import { EndRun, FailedOnPurpose, failureOf } from './failures.ts';
import { carriedSession } from './gate/carried.ts';
import { settleProposals } from './gate/reopened.ts';
import type { GateSession } from './gate/session.ts';
import { tellFallen } from './gate/tell-fallen.ts';
import { HandChanges } from './hand-changes.ts';
import type { RunResult } from './journal.ts';
import type { RunStart, RunStatus } from './messages.ts';
import { warrantsAt } from './named-warrants.ts';
import {
  type NamedWarrant,
  type Occasion,
  occasionKey,
  outside,
  type RunOfSteps,
  stepKey,
} from './occasion.ts';
import type { Port, Scope } from './port.ts';
import { type Proposal, Proposals } from './proposals.ts';
import { RunState } from './state.ts';
import { reviewOf } from './steps/retroactive.ts';
import './steps/kinds.ts';
import { park } from './steps/park.ts';
import { isTooLarge } from './steps/size.ts';
import { decidesNothing, runStep, runSteps } from './steps/step.ts';
import { subjectOf } from './subject.ts';
import { namedUndos, takeBack, undosOf } from './take-back.ts';
import { UndoLog } from './undo-log.ts';
import { UndoScope } from './undo-scope.ts';
import { pinnedOrganisation, runVariables } from './variables.ts';

/** Stands for the run's outputs where they cannot be computed and somebody has to decide. */
const outputsStep: Step = {
  id: 'outputs',
  kind: 'end',
  status: 'succeeded',
  title: 'The outputs of the run',
};

export class Run implements RunOfSteps<GateSession> {
  readonly state: RunState;
  readonly commands: Commands;
  readonly start: RunStart;
  private readonly port: Port;
  readonly id: string;
  private readonly undoLog: UndoLog;
  /** All that is taken back when the run is. */
  readonly wholeRun = new UndoScope();
  private readonly later: UndoScope[] = [];
  /** What is being taken back, or was when that was stopped: for which step, by its occasion's key. */
  private readonly halfTakenBack = new Map<UndoScope, string>();
  private readonly undone = new Map<string, number>();
  private readonly progress = new Map<string, { value: unknown; scope: UndoScope }>();
  /** Approvals that were asked for here, and those behind which this run was called. */
  readonly gates = new Map<string, GateSession>();
  /** Approvals that may be given afterwards, and that nobody has decided yet. */
  readonly owed = new Set<string>();
  readonly proposals: Proposals;
  readonly byHand: HandChanges;
  /** By which calls name the approvals that were given, by the key of each. */
  readonly warrants = new Map<string, NamedWarrant>();
  private readonly reviews = new Map<string, number>();
  private readonly boundInputs: Record<string, unknown>;
  private main: Scope<void> | undefined;
  private readonly owing: Promise<void>[] = [];
  private readonly telling: Promise<void>[] = [];
  private mainPort: Port | undefined;
  private ending: EndRun | undefined;
  private refused: RunResult['refused'];
  private onPurpose: RunResult['onPurpose'];

  constructor(start: RunStart, port: Port, id: string) {
    this.start = start;
    this.port = port;
    this.id = id;
    this.state = new RunState(start, port);
    this.undoLog = new UndoLog(start.engine);
    this.boundInputs = bind(start.inputs) as Record<string, unknown>;
    this.nameSubject();
    this.proposals = new Proposals(this, (proposal, reason) => this.tellFallen(proposal, reason));
    this.byHand = new HandChanges(this, this.port, {
      amendNow: (inputs) => this.amend(inputs),
      proposed: (gates) => this.askAgain(gates),
      review: (gate, reason) => this.review(gate, reason),
    });
    this.commands = new Commands(this, port, this.byHand, (reason) => {
      this.ending = new EndRun('cancelled', reason);
      // What takes the run back must not wait for somebody to resume it.
      this.state.paused = false;
      this.main?.cancel();
    });
  }

  async execute(): Promise<RunResult> {
    const { plan } = this.start;
    const { requester, cause, partOf, ticket } = this.start;
    this.state.record('run.started', undefined, {
      requester: requester.id,
      cause: cause.type,
      planHash: plan.hash,
      // A run that another one started is announced by nobody else, and whoever started this one may have died meanwhile.
      title: plan.title,
      kind: plan.kind,
      owner: plan.owner,
      ...defined({ partOf, subject: this.state.subject, ticket: ticket && { ...ticket } }),
      // What was asked for stays readable when Temporal has forgotten the run.
      ...(this.start.engine < 4
        ? {}
        : defined({ name: requester.name, inputs: unlessEmpty({ ...this.start.inputs }) })),
      // Pinned when the run began: what it makes of it can be computed again.
      ...pinnedOrganisation(this.start),
    });
    const variables = this.variables();
    const end = await this.runMain(variables);
    if (end && end.status !== 'succeeded') await this.undoAll(end);
    await this.runFinally(variables, end?.status ?? 'succeeded');
    return this.finish(variables, end);
  }

  /** How the steps ended the run; undefined when they all did their work. */
  private async runMain(variables: Variables): Promise<EndRun | undefined> {
    this.main = this.port.scope((port) => this.runOwing(port, variables));
    try {
      await this.main.result;
      // An abort may have come while the last write was under way: it was waited for, and is taken back.
      return this.ending;
    } catch (error) {
      if (error instanceof EndRun) return error;
      if (this.port.isCancel(error)) return this.ending ?? new EndRun('cancelled', 'cancelled from outside');
      if (error instanceof FailedOnPurpose) {
        this.onPurpose = true;
        return new EndRun('failed', error.message);
      }
      const failure = this.start.failFast && failureOf(error);
      // Told as its end: thrown out of a workflow it would fail the workflow's task, again and again.
      if (failure && this.start.engine >= 5 && decidesNothing.has(failure.type))
        this.refused = { type: failure.type, message: failure.message };
      if (failure) return new EndRun('failed', failure.message);
      throw error;
    }
  }

  /** All steps, then what they left to be settled before the run ends. */
  private async runOwing(port: Port, variables: Variables): Promise<void> {
    this.mainPort = port;
    this.carryGates(port, variables);
    let early: EndRun | undefined;
    try {
      await runSteps(this.start.plan.steps, this.occasion(port, variables));
    } catch (error) {
      // Ended early and well, by an `end` step: what is owed is owed all the same.
      if (!(error instanceof EndRun) || error.status !== 'succeeded') {
        this.main?.cancel();
        throw error;
      }
      early = error;
    }
    this.dropProposals('every step was done before it was signed');
    await Promise.all(this.telling);
    // What is owed may itself leave something, such as the review of a change that was refused.
    for (let settled = 0; settled < this.owing.length; ) {
      settled = this.owing.length;
      await Promise.all(this.owing);
    }
    if (early) throw early;
  }

  private occasion(port: Port, variables: Variables): Occasion {
    const whole = { run: this, port, variables, item: '', round: '', undoScope: this.wholeRun };
    // Called for one item of a list, it ends with its first failure, so that the list can count it.
    return this.start.failFast ? { ...whole, failFast: true } : whole;
  }

  /** Does something beside the steps that must be done before the run ends well. */
  beforeEnd(work: (port: Port) => Promise<void>): void {
    const { mainPort } = this;
    if (!mainPort) throw new Error('only a step can leave something to be done before the end');
    const doing = work(mainPort);
    // Whoever awaits it at the end of the run hears of its failure; until then it is not unhandled.
    doing.catch(() => {});
    this.owing.push(doing);
  }

  /** In the view and for votes; what it shows is watched from now on. */
  register(session: GateSession): void {
    const former = this.gates.get(session.gate.step);
    // Whoever is asked anew is shown what is in force by now: what was proposed to them before is settled by that.
    if (former && former !== session)
      for (const proposal of former.proposals)
        this.proposals.fall(proposal, 'the approval is asked for again');
    this.gates.set(session.gate.step, session);
    this.state.gates.set(session.gate.step, session.gate);
  }

  /** People could not be asked: the step is tried again. */
  forgetGate({ gate }: GateSession): void {
    this.gates.delete(gate.step);
    this.state.gates.delete(gate.step);
  }

  /** Approvals of the calling run stand for all that is done here: a change by hand here is theirs to sign. */
  carryGates(port: Port, variables: Variables): void {
    for (const carried of this.start.carried ?? []) {
      const session = carriedSession(carried, this.occasion(port, variables));
      this.gates.set(session.gate.step, session);
    }
  }

  private askAgain(gates: readonly GateSession[]): void {
    for (const gate of gates) {
      this.state.gates.set(gate.gate.step, gate.gate);
      if (gate.settling) continue;
      gate.settling = true;
      this.beforeEnd((port) => settleProposals(gate, this.proposals, port));
    }
  }

  private review(gate: GateSession, reason: string): void {
    this.beforeEnd((port) =>
      runStep(reviewOf(gate.step, gate.gate, reason, gate.occasion), { ...outside(gate.occasion), port }),
    );
  }

  /** Of one approval several may be open at once: each has a name of its own. */
  countReview(gate: string): number {
    const number = (this.reviews.get(gate) ?? 0) + 1;
    this.reviews.set(gate, number);
    return number;
  }

  private dropProposals(reason: string): void {
    for (const proposal of this.proposals.open())
      if (!proposal.afterwards) this.proposals.fall(proposal, reason);
  }

  /** Whoever proposed it, and the owner. That they cannot be told holds nothing up. */
  private tellFallen(proposal: Proposal, reason: string): void {
    if (this.start.engine < 4) return;
    this.telling.push(
      tellFallen(proposal, reason, { start: this.start, runName: this.state.name, port: this.port }).catch(
        () => {},
      ),
    );
  }

  private async undoAll(end: EndRun): Promise<void> {
    this.state.status = 'undoing';
    this.state.reason = end.message;
    this.state.record('run.undoing', undefined, { status: end.status, reason: end.message });
    this.state.nameCompletedByHand();
    for (const proposal of this.proposals.open()) this.proposals.fall(proposal, 'the run is taken back');
    await Promise.all(this.telling);
    await this.port.nonCancellable((port) => takeBack(this.undoLog, this.wholeRun, port));
  }

  async resumed(port: Port): Promise<void> {
    await port.waitFor(() => !this.state.paused);
  }

  /** Takes back what was done within the scopes, and forgets how far its steps had come. */
  async takeBack(scopes: readonly UndoScope[], port: Port, by: string): Promise<void> {
    for (const scope of scopes) this.halfTakenBack.set(scope, by);
    for (const scope of scopes) {
      await takeBack(this.undoLog, scope, port);
      for (const [key, { scope: within }] of this.progress)
        if (within.isWithin(scope)) this.progress.delete(key);
      for (const each of this.halfTakenBack.keys()) if (each.isWithin(scope)) this.halfTakenBack.delete(each);
    }
  }

  isHalfTakenBack(by: string): boolean {
    return (
      this.halfTakenBack.size > 0 && this.start.engine >= 6 && [...this.halfTakenBack.values()].includes(by)
    );
  }

  /**
   * An undo that was sent may have taken hold, answered or not: its write sent once more under the key of before would be told that it is
   * done. So what was begun to be taken back is brought to its end first, and what follows is a new write.
   */
  async finishTakingBack(by: string, port: Port): Promise<void> {
    const scopes = [...this.halfTakenBack].filter(([, each]) => each === by).map(([scope]) => scope);
    await this.takeBack(scopes.reverse(), port, by);
  }

  takeBackLater(scope: UndoScope): void {
    this.later.push(scope);
  }

  /** Of a part of a run: what was done for items that failed, which the run takes back at once. */
  undosOfFailed(): PendingUndo[] {
    return this.later.flatMap((scope) => {
      const calls = this.undoLog.calls(scope);
      while (this.undoLog.takeLast(scope));
      return calls;
    });
  }

  /** How often the work of this occasion was taken back. */
  timesUndone(occasion: string): number {
    return this.undone.get(occasion) ?? 0;
  }

  undoneSoFar(): [occasion: string, times: number][] {
    return [...this.undone];
  }

  /** As the run counted it that this one does a part of. */
  knowUndone(counted: readonly [occasion: string, times: number][]): void {
    for (const [occasion, times] of counted) this.undone.set(occasion, times);
  }

  countUndone(occasion: string): void {
    this.undone.set(occasion, this.timesUndone(occasion) + 1);
  }

  private async runFinally(variables: Variables, status: EndRun['status']): Promise<void> {
    const steps = this.start.plan.finally;
    if (steps.length === 0) return;
    this.state.closing = true;
    const run = { ...(variables.run as object), status };
    await this.port.nonCancellable(async (port) => {
      // What is proposed from here on concerns a closing step, and is settled though the run was called off.
      const before = this.owing.length;
      if (this.start.engine >= 4) this.mainPort = port;
      try {
        await runSteps(steps, { ...this.occasion(port, { ...variables, run }), undoScope: new UndoScope() });
      } catch (error) {
        // How the run ends is settled by now: what its closing steps say to that changes nothing.
        if (!(error instanceof EndRun || error instanceof FailedOnPurpose) && !failureOf(error)) throw error;
        this.state.record('finally.stopped', undefined, { reason: (error as Error).message });
      }
      if (this.start.engine < 4) return;
      this.dropProposals('every step was done before it was signed');
      await Promise.all([...this.telling, ...this.owing.slice(before)]);
    });
  }

  private async finish(variables: Variables, end: EndRun | undefined): Promise<RunResult> {
    const status = end?.status ?? 'succeeded';
    if (status === 'succeeded') await this.giveOutputs(variables);
    this.state.nameUnanswered();
    // An ended run waits for nobody.
    for (const gate of this.state.gates.values()) gate.outcome ??= 'expired';
    if (status === 'succeeded') this.nameUnfinished();
    const reason = end?.message;
    const left = [...this.state.left.values()];
    this.state.status = status;
    this.state.reason = reason || undefined;
    this.state.endedAt = this.port.now();
    const { partOf } = this.start;
    this.state.record('run.ended', undefined, {
      status,
      ...defined({
        reason: reason || undefined,
        partOf,
        left: left.length > 0 ? (left as unknown as Json) : undefined,
      }),
    });
    return {
      status,
      ...defined({ reason: reason || undefined, outputs: this.state.outputs }),
      ...this.forCaller(status),
      ...defined({
        left: left.length > 0 ? left : undefined,
        refused: this.refused,
        onPurpose: this.onPurpose,
      }),
    };
  }

  private nameUnfinished(): void {
    for (const { step, occasion, single, calls } of this.undoLog.unfinished()) {
      const key = stepKey(step, occasion);
      const { title } = this.state.step(step, key);
      const what = single ? 'it' : namedUndos(calls);
      this.state.leave(
        key,
        title,
        `its window closed on it, and taking ${what} back was stopped before its end`,
      );
    }
  }

  /** Outputs that cannot be computed wait for the owner, who gives them or does without; the work is done. */
  private async giveOutputs(variables: Variables): Promise<void> {
    for (;;) {
      try {
        const outputs = evaluateTemplate(this.start.plan.outputs, variables) as JsonObject;
        if (isTooLarge(outputs)) this.state.record('outputs.dropped');
        else this.state.outputs = outputs;
        return;
      } catch (error) {
        const failure = failureOf(error);
        if (!failure) throw error;
        const decision = await this.port.nonCancellable((port) =>
          park(outputsStep, failure, this.occasion(port, variables)),
        );
        if (decision.type === 'retry') continue;
        const view = this.state.step(outputsStep, outputsStep.id);
        view.status = decision.type === 'skip' ? 'skipped' : 'succeeded';
        if (decision.type === 'complete') this.state.outputs = decision.output as JsonObject;
        return;
      }
    }
  }

  private forCaller(status: RunStatus): Pick<RunResult, 'undos' | 'byHand' | 'hands'> {
    if (!this.start.partOf || status !== 'succeeded') return {};
    const undos = this.pendingUndos();
    const byHand = unlessEmpty([...this.state.completedByHand]);
    const hands = this.start.engine < 4 ? undefined : unlessEmpty(this.state.hands);
    if (!isTooLarge({ undos, hands: hands ?? [] } as unknown as Json))
      return defined({ undos: unlessEmpty(undos), byHand, hands });
    if (undos.length > 0) this.state.record('undos.dropped', undefined, { undos: undos.length });
    return defined({ byHand, hands: hands?.map(({ path, by, at }) => ({ path, by, at })) });
  }

  /**
   * Remembers what would take a completed step back, as it stands now. Called in the order in which steps complete. One that was
   * completed by hand has no undo: nobody knows what was done.
   */
  onCompleted(step: Step, call: Undo, occasion: Occasion): void {
    const undone = this.timesUndone(occasionKey(step, occasion));
    const at = {
      key: stepKey(step, occasion),
      item: occasion.item,
      round: occasion.round + (undone > 0 ? `~${undone}` : ''),
      uses: call.uses,
      ...defined({ warrants: unlessEmpty(warrantsAt(occasion) ?? []) }),
    };
    let calls: PendingUndo[];
    try {
      if (call.if !== undefined && !evaluateCondition(call.if, occasion.variables)) return;
      calls = [{ ...at, input: evaluateTemplate(call.with, occasion.variables) ?? null }];
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      calls = [{ ...at, input: null, problem: failure.message }];
    }
    this.undoLog.add({ step, occasion, calls, single: true });
  }

  /** What others did for a step: the items of a forEach and the rounds of a repeat in batches, a called runbook. */
  onOthersDid(step: ForEachStep | RepeatStep | RunbookStep, undos: PendingUndo[], occasion: Occasion): void {
    const calls = undosOf(step, undos, stepKey(step, occasion));
    this.undoLog.add({ step, occasion, calls, single: false });
  }

  /** What would take back all that was done here, for the run that this is a part of. */
  pendingUndos(): PendingUndo[] {
    return this.undoLog.calls(this.wholeRun);
  }

  /** What a step that is tried again goes on from, such as the items a forEach has done. Gone once it was taken back. */
  progressOf<T>(key: string, { undoScope: scope }: Pick<Occasion, 'undoScope'>, make: () => T): T {
    const known = this.progress.get(key);
    // Tried again it stands in another window, which takes it back.
    if (known && this.start.engine >= 4) known.scope = scope;
    if (known) return known.value as T;
    const value = make();
    this.progress.set(key, { value, scope });
    return value;
  }

  /** As they are at this moment, whatever is amended later. */
  inputsNow(): Record<string, unknown> {
    return { ...this.boundInputs };
  }

  /** New values for some inputs. Expressions see them from now on; what was done stays done. */
  private amend(inputs: JsonObject): void {
    Object.assign(this.start.inputs, inputs);
    Object.assign(this.boundInputs, bind(inputs));
    this.state.amendments += 1;
    this.nameSubject();
  }

  private nameSubject(): void {
    const { plan } = this.start;
    if (plan.subject !== undefined) this.state.subject = subjectOf(plan, this.variables());
  }

  /** Makes a step's result visible to the expressions after it. */
  publish(
    occasion: Occasion,
    step: Step,
    result: { status: string; output?: Json; approvers?: string[] },
  ): void {
    const steps = occasion.variables.steps as Record<string, unknown>;
    steps[step.id] = bind(result as unknown as JsonObject);
  }

  /** What expressions can name before any step has run. */
  variables(): Variables {
    const { startedAt } = this.state;
    return runVariables({ ...this.start, id: this.id, startedAt, boundInputs: this.boundInputs });
  }
}
