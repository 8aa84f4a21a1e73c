/** The port on a virtual clock. */
import type { Json } from '../../plan/plan.ts';
import type { Batch, BatchResult } from '../batches/messages.ts';
import { runBatch } from '../batches/run-batch.ts';
import type { JournalEntry, RunResult, RunSummary } from '../journal.ts';
import type { RunStart } from '../messages.ts';
import { type CallOptions, type ChildOptions, heldBack, type Port, type Scope } from '../port.ts';
import { Run } from '../run.ts';
import { charactersOf, tooLargeToAsk } from '../steps/size.ts';
import { type CancelSource, cancel, newSource } from './cancel-source.ts';
import type { VirtualClock } from './clock.ts';
import type { Past, What, Work } from './past.ts';

/** Plays the outside world: what a call answers, or throws {@link import('../port.ts').CallFailure}. */
export type Answer = (
  activity: string,
  input: Json,
  options: CallOptions,
  now: number,
  /** Which run calls: `ROOT`, or `ROOT/STEP` for the run that a step of it started. */
  run: string,
) => Promise<Json> | Json;

class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

export interface VirtualWorld {
  clock: VirtualClock;
  answer: Answer;
  onRecord?: (entry: JournalEntry, summary: () => RunSummary, run: string) => void;
  /** For tests: the history is long enough. */
  isFull?: () => boolean;
  /** Called with every child run, so that a test can act on it too. */
  onChild?: (run: Run) => void;
  /** Begins a child run, or a part of a run, in the place of doing it here: to remember it, say. */
  begin?: <T>(id: string, body: (port: VirtualPort) => Promise<T>) => Begun<T>;
}

/** Something of its own that was begun, and how to stop it. */
export interface Begun<T> {
  result: Promise<T>;
  cancel(): void;
}

interface Place {
  source?: CancelSource;
  /** Of a part of another run: its journal is that run's. */
  quiet?: boolean;
  /** What came to the run, where it is remembered. */
  past?: Past;
}

export class VirtualPort implements Port {
  private readonly world: VirtualWorld;
  private readonly run: string;
  private readonly source: CancelSource;
  private readonly quiet: boolean;
  private readonly past: Past | undefined;

  constructor(world: VirtualWorld, run: string, { source, quiet = false, past }: Place = {}) {
    this.world = world;
    this.run = run;
    this.source = source ?? past?.root ?? newSource();
    this.quiet = quiet;
    this.past = past;
  }

  /** As Temporal's own cancellation of the whole run would. */
  cancel(): void {
    cancel(this.source);
  }

  call(activity: string, input: Json, options: CallOptions): Promise<Json> {
    const tooLarge = tooLargeToAsk(activity, charactersOf(input));
    if (tooLarge) return Promise.reject(tooLarge);
    const answer = async () => this.world.answer(activity, input, options, this.now(), this.run);
    const what = { name: `call ${activity} ${options.step}${options.item ?? ''}`, details: input };
    const call = () => this.remembered(what, () => ({ result: answer() })).result;
    // As on Temporal: a write that has begun is finished when its run is cancelled, so that it can be taken back.
    if (options.read || this.source.cancelled) return this.cancellable(call);
    return call();
  }

  sleep(ms: number): Promise<void> {
    let stop = () => {};
    const sleeping = this.cancellable(() => {
      const timer = this.timer(ms);
      stop = timer.stop;
      return timer.result;
    });
    // A timer of somebody who no longer sleeps would let time pass for nothing.
    return sleeping.finally(() => stop());
  }

  private timer(ms: number): { result: Promise<void>; stop(): void } {
    return this.remembered({ name: 'timer', details: ms }, () => {
      let stop = () => {};
      const result = new Promise<void>((resolve) => {
        stop = this.world.clock.after(ms, resolve);
      });
      return { result, stop };
    });
  }

  waitFor(predicate: () => boolean, ms?: number): Promise<boolean> {
    let stop = () => {};
    const waiting = this.cancellable(
      () =>
        new Promise<boolean>((resolve) => {
          if (predicate()) return resolve(true);
          const check = () => {
            if (!predicate()) return false;
            resolve(true);
            return true;
          };
          const stopWaiter = this.past?.waitFor(check) ?? this.world.clock.wait({ check });
          const timer = ms === undefined ? undefined : this.timer(ms);
          timer?.result.then(() => resolve(predicate()));
          stop = () => {
            stopWaiter();
            timer?.stop();
          };
        }),
    );
    return waiting.finally(() => stop());
  }

  now(): number {
    return this.past?.now() ?? this.world.clock.now();
  }

  throwIfCancelled(): void {
    if (this.source.cancelled) throw new Cancelled('cancelled');
  }

  isCancel(error: unknown): boolean {
    return error instanceof Cancelled;
  }

  scope<T>(body: (child: Port) => Promise<T>): Scope<T> {
    const source: CancelSource = { cancelled: this.source.cancelled, listeners: new Set() };
    const follow = () => cancel(source);
    this.source.listeners.add(follow);
    const result = body(this.at(source)).finally(() => this.source.listeners.delete(follow));
    return { result, cancel: () => cancel(source) };
  }

  nonCancellable<T>(body: (child: Port) => Promise<T>): Promise<T> {
    return body(this.at(newSource()));
  }

  private at(source: CancelSource): VirtualPort {
    const { quiet, past } = this;
    return new VirtualPort(this.world, this.run, past ? { source, quiet, past } : { source, quiet });
  }

  child(start: RunStart, { step, item, alone }: ChildOptions): Promise<RunResult> {
    const id = `${this.run}/${step}${item ?? ''}`;
    const { begin } = this.world;
    const beginRun = () =>
      begin
        ? begin(id, (port) => this.begun(structuredClone(start), id, port).execute())
        : this.begunHere((source) =>
            this.begun(start, id, new VirtualPort(this.world, id, { source })).execute(),
          );
    return this.within({ name: `run ${id}`, details: start.inputs }, () =>
      alone ? this.begunAlone(alone, id, beginRun) : beginRun(),
    );
  }

  /** As Temporal, which lets one live run have an id. */
  private begunAlone<T>(
    alone: NonNullable<ChildOptions['alone']>,
    run: string,
    begin: () => Begun<T>,
  ): Begun<T> {
    const live = this.world.clock.alone;
    const holder = live.get(alone.workflowId);
    if (holder !== undefined)
      return { result: Promise.reject(heldBack({ ...alone, holder })), cancel: () => {} };
    live.set(alone.workflowId, run);
    const { result, cancel } = begin();
    return { result: result.finally(() => live.delete(alone.workflowId)), cancel };
  }

  private begun(start: RunStart, id: string, port: VirtualPort): Run {
    const run = new Run(start, port, id);
    this.world.onChild?.(run);
    return run;
  }

  batch(start: RunStart, batch: Batch, name: string): Promise<BatchResult> {
    // Its calls are the run's own; what it records is told by the run itself.
    return this.within({ name: `part ${name}` }, () =>
      this.begunHere((source) =>
        runBatch({ ...start, batch }, batch, new VirtualPort(this.world, this.run, { source, quiet: true })),
      ),
    );
  }

  /** Cancelled together with this. */
  private within<T>(what: What, begin: () => Begun<T>): Promise<T> {
    const { source } = this;
    const { result, stop } = this.remembered(what, () => {
      const begun = begin();
      return { result: begun.result, stop: begun.cancel };
    });
    if (source.cancelled) stop();
    source.listeners.add(stop);
    return result.finally(() => source.listeners.delete(stop));
  }

  private begunHere<T>(body: (source: CancelSource) => Promise<T>): Begun<T> {
    const source = newSource();
    // Called off before it began anything.
    if (this.source.cancelled) source.cancelled = true;
    return { result: body(source), cancel: () => cancel(source) };
  }

  isFull(): boolean {
    const isFull = () => this.world.isFull?.() ?? false;
    return this.past ? this.past.isFull(isFull) : isFull();
  }

  record(entry: JournalEntry, summary: () => RunSummary): void {
    if (this.past && !this.past.isNew(entry)) return;
    if (!this.quiet) this.world.onRecord?.(entry, summary, this.run);
  }

  private remembered<T>(what: What, begin: () => Work<T>): { result: Promise<T>; stop(): void } {
    if (this.past) return this.past.outcome(what, begin);
    const { result, stop = () => {} } = begin();
    return { result, stop };
  }

  private cancellable<T>(work: () => Promise<T>): Promise<T> {
    const { source } = this;
    if (source.cancelled) return Promise.reject(new Cancelled('cancelled'));
    return new Promise<T>((resolve, reject) => {
      const onCancel = () => reject(new Cancelled('cancelled'));
      source.listeners.add(onCancel);
      work()
        .then(resolve, reject)
        .finally(() => source.listeners.delete(onCancel));
    });
  }
}
