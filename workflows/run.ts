/**
 * One run of one plan: carries out its steps, takes them back when it must, and ends with a status.
 *
 * Nothing here knows Temporal. Everything from outside comes through the port and the commands, so that a run behaves the
 * same under the virtual clock.
 */
import type { ActionCall, ForEachStep, Json, JsonObject, RepeatStep, Step, Undo } from '../plan/plan.ts';
import type { PendingUndo } from './batches/messages.ts';
import { Commands } from './commands.ts';
import { engineActivities } from './engine-activities.ts';
import { bind, evaluateCondition, evaluateTemplate, type Variables } from './expressions.ts';
import type { Failure, RunStart, RunStatus } from './messages.ts';
import { CallFailure, type Port, type Scope } from './port.ts';
import { type Decision, type ParkedStep, RunState } from './state.ts';
import { defaultRetry, defaultTimeoutMs } from './steps/action.ts';
import { isTooLarge } from './steps/size.ts';
import { runSteps } from './steps/step.ts';
import { runVariables } from './variables.ts';

export interface RunResult {
  status: RunStatus;
  reason?: string;
  outputs?: JsonObject;
}

/** Thrown by a step to end the run: a rejected gate, an `end` step, `onError: abort`. */
export class EndRun extends Error {
  override readonly name = 'EndRun';
  readonly status: 'succeeded' | 'failed' | 'rejected' | 'cancelled';
  constructor(status: EndRun['status'], reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Where a step runs: the port of its scope, the names its expressions can use, and which item it is for. */
export interface Frame {
  run: Run;
  port: Port;
  variables: Variables;
  /** Behind the ids of the steps here: empty, or `[3]` inside the fourth item of a forEach. */
  item: string;
  /** Which round of a repeat this is: empty, or `.2` in its second. A write of a later round is a new one. */
  round: string;
  /** Inside a forEach a step that fails fails its item, instead of parking by itself. */
  failFast?: true;
}

/** What a step is called in the run's state, its journal and its calls: unique in the run. */
export function keyOf(step: Step, frame: Pick<Frame, 'item'>): string {
  return step.id + frame.item;
}

type CompletedWithUndo =
  | { step: Step; call: Undo; frame: Frame }
  /** What the items of a forEach, or the rounds of a repeat, did in batches. */
  | { step: ForEachStep | RepeatStep; batch: PendingUndo[]; frame: Frame };

export class Run {
  readonly state: RunState;
  readonly commands: Commands;
  readonly start: RunStart;
  private readonly port: Port;
  readonly id: string;
  private readonly undos: CompletedWithUndo[] = [];
  private readonly progress = new Map<string, unknown>();
  private readonly boundInputs: Record<string, unknown>;
  private main: Scope<void> | undefined;
  private readonly owing: Promise<void>[] = [];
  private mainPort: Port | undefined;
  private ending: EndRun | undefined;

  constructor(start: RunStart, port: Port, id: string) {
    this.start = start;
    this.port = port;
    this.id = id;
    this.state = new RunState(start, port);
    this.boundInputs = bind(start.inputs) as Record<string, unknown>;
    this.commands = new Commands(start, this.state, port, {
      abort: (reason) => {
        this.ending = new EndRun('cancelled', reason);
        this.main?.cancel();
      },
      amend: (inputs) => this.amend(inputs),
    });
  }

  async execute(): Promise<RunResult> {
    const { plan } = this.start;
    const { requester, cause, partOf, ticket } = this.start;
    this.state.record('run.started', undefined, {
      requester: requester.id,
      cause: cause.type,
      planHash: plan.hash,
      // A run that another one or a schedule started is announced by nobody else.
      ...(partOf || cause.type === 'schedule'
        ? { title: plan.title, kind: plan.kind, owner: plan.owner }
        : {}),
      ...(partOf ? { partOf } : {}),
      ...(partOf && ticket ? { ticket: { ...ticket } } : {}),
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
      return undefined;
    } catch (error) {
      if (error instanceof EndRun) return error;
      if (this.port.isCancel(error)) return this.ending ?? new EndRun('cancelled', 'cancelled from outside');
      throw error;
    }
  }

  /** All steps, then what they left to be settled before the run ends. */
  private async runOwing(port: Port, variables: Variables): Promise<void> {
    this.mainPort = port;
    let early: EndRun | undefined;
    try {
      await runSteps(this.start.plan.steps, { run: this, port, variables, item: '', round: '' });
    } catch (error) {
      // Ended early and well, by an `end` step: what is owed is owed all the same.
      if (!(error instanceof EndRun) || error.status !== 'succeeded') {
        this.main?.cancel();
        throw error;
      }
      early = error;
    }
    await Promise.all(this.owing);
    if (early) throw early;
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

  /** Takes completed steps back, the last one first. An undo that fails parks, like any step. */
  private async undoAll(end: EndRun): Promise<void> {
    this.state.status = 'undoing';
    this.state.reason = end.message;
    this.state.record('run.undoing', undefined, { status: end.status, reason: end.message });
    await this.port.nonCancellable((port) => this.undoSince(0, port));
  }

  async resumed(port: Port): Promise<void> {
    await port.waitFor(() => !this.state.paused);
  }

  /** Where the list of undos stands now, to take back only what comes after. */
  undoMark(): number {
    return this.undos.length;
  }

  async undoSince(mark: number, port: Port): Promise<void> {
    while (this.undos.length > mark) {
      const undo = this.undos.pop();
      if (undo) await this.undo(undo, port);
    }
  }

  private async undo(undo: CompletedWithUndo, port: Port): Promise<void> {
    if ('batch' in undo) return this.undoBatch(undo.step, undo.batch, { ...undo.frame, port });
    const { step, call, frame } = undo;
    const key = keyOf(step, frame);
    const view = this.state.step(step, key);
    for (;;) {
      try {
        if (call.if !== undefined && !evaluateCondition(call.if, frame.variables)) return;
        const input = evaluateTemplate(call.with, frame.variables) ?? null;
        await port.call(call.uses, input, {
          step: `${key}.undo`,
          ...(frame.round ? { item: frame.round } : {}),
          summary: `Undo: ${view.title}`,
          timeoutMs: defaultTimeoutMs,
          retry: defaultRetry,
        });
        view.status = 'undone';
        this.state.record('step.undone', key, { uses: call.uses });
        return;
      } catch (error) {
        const failure = failureOf(error);
        if (!failure) throw error;
        const decision = await this.park(step, failure, { ...frame, port }, true);
        if (decision.type === 'skip') return;
      }
    }
  }

  /** In children too: taking 10,000 items back is as long as doing them. */
  private async undoBatch(step: ForEachStep | RepeatStep, undos: PendingUndo[], frame: Frame): Promise<void> {
    const key = keyOf(step, frame);
    const view = this.state.step(step, key);
    const progress = this.progressOf(`${key}.undo`, () => ({ batches: 0 }));
    for (let left = undos; left.length > 0; ) {
      progress.batches += 1;
      const work = {
        type: 'undo' as const,
        undos: left,
        concurrency: step.kind === 'forEach' ? step.concurrency : 1,
      };
      const name = `${key}.undo~${progress.batches}`;
      const { undos: kept, failed } = await frame.port.batch(this.start, { run: this.id, work }, name);
      left = kept;
      if (left.length === 0) break;
      const [first] = failed;
      const message = `${left.length} of ${undos.length} of its steps could not be taken back. ${first?.message ?? ''}`;
      const decision = await this.park(step, { type: 'PermanentFailure', message }, frame, true);
      if (decision.type === 'skip') return;
    }
    view.status = 'undone';
    this.state.record('step.undone', key, { items: undos.length });
  }

  private async runFinally(variables: Variables, status: EndRun['status']): Promise<void> {
    const steps = this.start.plan.finally;
    if (steps.length === 0) return;
    const run = { ...(variables.run as object), status };
    await this.port.nonCancellable((port) =>
      runSteps(steps, { run: this, port, variables: { ...variables, run }, item: '', round: '' }),
    );
  }

  private finish(variables: Variables, end: EndRun | undefined): RunResult {
    const status = end?.status ?? 'succeeded';
    if (status === 'succeeded') {
      const outputs = evaluateTemplate(this.start.plan.outputs, variables) as JsonObject;
      // Too late to park: the work is done, and what it gives is not worth losing that.
      if (isTooLarge(outputs)) this.state.record('outputs.dropped');
      else this.state.outputs = outputs;
    }
    const reason = end?.message;
    this.state.status = status;
    this.state.reason = reason || undefined;
    this.state.endedAt = this.port.now();
    const { partOf } = this.start;
    this.state.record('run.ended', undefined, {
      status,
      ...(reason ? { reason } : {}),
      ...(partOf ? { partOf } : {}),
    });
    return {
      status,
      ...(reason ? { reason } : {}),
      ...(this.state.outputs ? { outputs: this.state.outputs } : {}),
    };
  }

  /** Remembers what would take a completed step back. Called in the order in which steps complete. */
  onUndo(step: Step, call: Undo, frame: Frame): void {
    this.undos.push({ step, call, frame });
  }

  onBatchUndo(step: ForEachStep | RepeatStep, batch: PendingUndo[], frame: Frame): void {
    if (batch.length > 0) this.undos.push({ step, batch, frame });
  }

  /** What would take back all that was done here, computed now, for the run that this is a part of. */
  pendingUndos(): PendingUndo[] {
    return this.undos.flatMap((undo) => {
      if ('batch' in undo) return undo.batch;
      const { step, call, frame } = undo;
      if (isVain(call, frame)) return [];
      return [
        {
          key: keyOf(step, frame),
          item: frame.item,
          round: frame.round,
          uses: call.uses,
          input: inputOf(call, frame),
        },
      ];
    });
  }

  /** What a step that is tried again goes on from, such as the items a forEach has done. */
  progressOf<T>(key: string, make: () => T): T {
    const known = this.progress.get(key) as T | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.progress.set(key, made);
    return made;
  }

  /** New values for some inputs. Expressions see them from now on; what was done stays done. */
  private amend(inputs: JsonObject): void {
    Object.assign(this.start.inputs, inputs);
    Object.assign(this.boundInputs, bind(inputs));
    this.state.amendments += 1;
  }

  /** Makes a step's result visible to the expressions after it. */
  publish(frame: Frame, step: Step, result: { status: string; output?: Json; approvers?: string[] }): void {
    const steps = frame.variables.steps as Record<string, unknown>;
    steps[step.id] = bind(result as unknown as JsonObject);
  }

  /** Waits for an operator. The owner is told; that telling them fails never holds up the run. */
  async park(step: Step, failure: Failure, frame: Frame, undo = false): Promise<Decision> {
    const { port } = frame;
    const key = keyOf(step, frame);
    const view = this.state.step(step, key);
    view.status = 'parked';
    view.failure = failure;
    const parked: ParkedStep = {
      step,
      key,
      title: view.title,
      failure,
      since: this.port.now(),
      undo,
    };
    this.state.parked.set(key, parked);
    this.state.record('step.parked', key, { ...failure, ...(undo ? { undo: true } : {}) });
    this.tellOwner(key, view.title, failure, port);
    try {
      await port.waitFor(() => parked.decision !== undefined);
      if (!parked.decision) throw new Error('a parked step went on without a decision');
      return parked.decision;
    } finally {
      this.state.parked.delete(key);
    }
  }

  private tellOwner(step: string, title: string, failure: Failure, port: Port): void {
    const { plan } = this.start;
    const input: JsonObject = {
      owner: plan.owner,
      runbookTitle: plan.title,
      step,
      title,
      message: failure.message,
    };
    port
      .call(engineActivities.tellOwner, input, {
        step,
        summary: 'Tell the owner',
        timeoutMs: defaultTimeoutMs,
        retry: defaultRetry,
      })
      .catch(() => {
        // The parked step stands in the owner's inbox all the same.
      });
  }

  /** What expressions can name before any step has run. */
  variables(): Variables {
    const { startedAt } = this.state;
    return runVariables({ ...this.start, id: this.id, startedAt, boundInputs: this.boundInputs });
  }
}

/** Where that cannot be computed it is not: the undo is then told to people as one that failed. */
function isVain(call: Undo, frame: Frame): boolean {
  try {
    return call.if !== undefined && !evaluateCondition(call.if, frame.variables);
  } catch {
    return false;
  }
}

/** Null where it cannot be computed: the action refuses that, and the undo is told to people as one that failed. */
function inputOf(call: ActionCall, frame: Frame): Json {
  try {
    return evaluateTemplate(call.with, frame.variables) ?? null;
  } catch {
    return null;
  }
}

/** The failure that parks a step, or undefined when the error is not the step's but the engine's own. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof CallFailure) return error.failure;
  if (error instanceof Error && error.name === 'ExpressionFailure') {
    return { type: 'ExpressionFailure', message: error.message };
  }
  return undefined;
}
