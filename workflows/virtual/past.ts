/**
 * All that came to a run from outside, in its order, so that it can be begun anew from that, as on a worker that was lost. What it does
 * then must be what it did before: the same calls, timers and entries.
 */
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json } from '../../plan/plan.ts';
import type { JournalEntry } from '../journal.ts';
import { type CancelSource, cancel, newSource } from './cancel-source.ts';
import type { VirtualClock } from './clock.ts';

type Outcome = { value: unknown } | { error: unknown };

/** One call, timer, child: begun once, whatever becomes of whoever waits for it. */
interface Operation extends What {
  stop(): void;
  outcome?: Outcome;
}

/** What the run does, and with what: the second is looked at only when it is done once more. */
export interface What {
  name: string;
  details?: Json;
}

interface Happened {
  at: number;
  /** What has the same number happened in one moment, before the run did anything about it. */
  turn: number;
  act(): void;
}

export interface Work<T> {
  result: Promise<T>;
  stop?(): void;
}

export class Past {
  root: CancelSource = newSource();
  private readonly clock: VirtualClock;
  private readonly operations: Operation[] = [];
  private readonly happened: Happened[] = [];
  private readonly entries: JournalEntry[] = [];
  private readonly looks: boolean[] = [];
  private readonly begunAt: number;
  private waiters = new Set<() => boolean>();
  private waiting = new Map<number, (outcome: Outcome) => void>();
  private next = { operation: 0, entry: 0, look: 0 };
  private time: number | undefined;
  private differences: string[] = [];
  private isCancelling = false;

  constructor(clock: VirtualClock) {
    this.clock = clock;
    this.begunAt = clock.now();
    clock.wait({ check: () => this.look(), stays: true });
  }

  get isReplaying(): boolean {
    return this.time !== undefined;
  }

  now(): number {
    return this.time ?? this.clock.now();
  }

  /** What comes of something outside is told in a moment of its own, as a server does. */
  outcome<T>(what: What, begin: () => Work<T>): { result: Promise<T>; stop(): void } {
    const number = this.next.operation;
    this.next.operation += 1;
    const operation = this.operations[number] ?? this.began(number, what, begin);
    if (this.isReplaying && textOf(operation) !== textOf(what))
      this.differ(`it does ${textOf(what)}, and did ${textOf(operation)}`);
    const result = new Promise<T>((resolve, reject) => {
      this.waiting.set(number, (outcome) => {
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value as T);
      });
    });
    return { result, stop: () => operation.stop() };
  }

  private began<T>(number: number, what: What, begin: () => Work<T>): Operation {
    if (this.isReplaying) {
      this.differ(`it does ${textOf(what)}, which it did not`);
      return { ...what, stop: () => {} };
    }
    const operation: Operation = { ...what, stop: () => {} };
    this.operations[number] = operation;
    const { result, stop } = begin();
    if (stop) operation.stop = stop;
    const settle = (outcome: Outcome) =>
      this.clock.deliver(() =>
        this.happens(() => {
          this.waiting.get(number)?.(outcome);
          this.waiting.delete(number);
        }),
      );
    result.then(
      (value) => settle({ value }),
      (error) => settle({ error }),
    );
    return operation;
  }

  /** Something from outside: a result, a message, a cancellation. */
  happens(act: () => void): void {
    this.happened.push({ at: this.clock.now(), turn: this.clock.turn, act });
    act();
  }

  waitFor(check: () => boolean): () => void {
    const { waiters } = this;
    waiters.add(check);
    return () => waiters.delete(check);
  }

  /** True when somebody waits no more. That is part of the past: what it was that made it so may be another run's doing. */
  private look(): boolean {
    if (this.isReplaying) return false;
    const { waiters } = this;
    const over = [...waiters].filter((check) => check());
    if (over.length === 0) return false;
    const places = over.map((check) => [...waiters].indexOf(check));
    for (const check of over) waiters.delete(check);
    this.happened.push({
      at: this.clock.now(),
      turn: this.clock.turn,
      act: () => this.lookAgain(places),
    });
    return true;
  }

  private lookAgain(places: readonly number[]): void {
    const { waiters } = this;
    const over = [...waiters].filter((check) => check());
    const found = over.map((check) => [...waiters].indexOf(check));
    if (canonicalJson(found) !== canonicalJson([...places]))
      this.differ(`it waits no more for ${found.join(', ')}, and did not for ${places.join(', ')}`);
    for (const check of over) waiters.delete(check);
  }

  isFull(isFull: () => boolean): boolean {
    if (!this.isReplaying) this.looks.push(isFull());
    const full = this.looks[this.next.look] ?? false;
    this.next.look += 1;
    return full;
  }

  /** False for an entry that was told before. */
  isNew(entry: JournalEntry): boolean {
    const known = this.entries[this.next.entry];
    this.next.entry += 1;
    if (!this.isReplaying) {
      this.entries.push(entry);
      return true;
    }
    const text = (each: JournalEntry | undefined) => canonicalJson((each ?? null) as unknown as Json);
    if (text(known) !== text(entry)) this.differ(`it tells ${text(entry)}, and told ${text(known)}`);
    return false;
  }

  private differ(how: string): void {
    this.differences.push(how);
  }

  /** Begins anew, and comes to where it was. Gives in what it was not the same. Nothing else may be under way meanwhile. */
  async replay(begin: () => void): Promise<string[]> {
    const { happened } = this;
    this.differences = [];
    this.root = newSource();
    this.waiters = new Set();
    this.waiting = new Map();
    this.next = { operation: 0, entry: 0, look: 0 };
    this.time = this.begunAt;
    begin();
    let turn: number | undefined;
    for (const each of happened) {
      if (each.turn !== turn) await nextTurn();
      turn = each.turn;
      this.time = each.at;
      each.act();
    }
    await nextTurn();
    if (this.next.operation !== this.operations.length)
      this.differ(`it did ${this.operations.length} things, and now ${this.next.operation}`);
    if (this.next.entry !== this.entries.length)
      this.differ(`it told ${this.entries.length} entries, and now ${this.next.entry}`);
    this.time = undefined;
    return this.differences;
  }

  /** From outside, once, and in a moment of its own: what the run was doing before it hears of it is done. */
  cancel(): void {
    if (this.isCancelling) return;
    this.isCancelling = true;
    this.clock.deliver(() => this.happens(() => cancel(this.root)));
  }
}

function textOf({ name, details = null }: What): string {
  return `${name} ${JSON.stringify(details)}`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
