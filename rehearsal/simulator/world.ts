/** The world of a simulated history: slow, failing, losing answers; it counts what was done and what was taken back. */

import type { Roles } from '../../organisation/people.ts';
import { canonicalJson } from '../../plan/canonical-json.ts';
import type { Json, JsonObject } from '../../plan/plan.ts';
import {
  engineActivities,
  type OpenGateResult,
  type ReadListInput,
} from '../../workflows/engine-activities.ts';
import type { JournalEntry } from '../../workflows/journal.ts';
import { CallFailure, type CallOptions } from '../../workflows/port.ts';
import { VirtualClock } from '../../workflows/virtual/clock.ts';
import type { Dice } from './dice.ts';
import { minute } from './directory.ts';
import { EngineWorld } from './engine-world.ts';
import { keptField } from './plans.ts';

/** One write that took hold. Numbers are places in the one order of all that happened. */
export interface Effect {
  id: string;
  run: string;
  step: string;
  /** Behind the step's id in its key: item, round, how often it was undone. */
  item: string;
  input: Json;
  done: number;
  /** When the run first heard of it. */
  answered?: number;
  undone: { at: number; input: Json; run: string }[];
}

export interface Call {
  n: number;
  run: string;
  activity: string;
  step: string;
  item: string;
  input: Json;
  output?: Json;
}

export interface Noted extends JournalEntry {
  n: number;
  run: string;
}

/** What people were shown, by the hash that their votes name. */
export interface Asked {
  n: number;
  run: string;
  step: string;
  hash: string;
  shown: JsonObject;
}

/** A vote as its author gave it through the gateway, once the run has taken it. */
export interface GivenVote {
  n: number;
  run: string;
  step: string;
  /** Whose vote it is. */
  by: string;
  decision: 'approve' | 'reject';
  hash: string;
  /** When it was given, which may be before others that came first. */
  given: number;
  /** Who entered it from a meeting. */
  recordedBy?: string;
  /** What was filled in with it. */
  form?: JsonObject;
}

/** Knows which of its timers are the people's own. */
export class SimulatedClock extends VirtualClock {
  /** Timers of the engine and of the world. */
  pending = 0;

  override after(ms: number, fire: () => void): () => void {
    this.pending += 1;
    let over = false;
    const end = () => {
      if (!over) this.pending -= 1;
      over = true;
    };
    const stop = super.after(ms, () => {
      end();
      fire();
    });
    return () => {
      end();
      stop();
    };
  }

  /** A person's own time, which keeps nothing going. */
  personally(ms: number, act: () => void): void {
    super.after(ms, act);
  }
}

export interface Trouble {
  fails: number;
  loses: number;
  slow: number;
  /** The same of what takes back, where it is more. */
  undos: number;
}

export class SimulatedWorld {
  readonly effects: Effect[] = [];
  readonly calls: Call[] = [];
  readonly journal: Noted[] = [];
  readonly asked: Asked[] = [];
  readonly votes: GivenVote[] = [];
  /** From now on everything works: people are to bring each run to its end. */
  calm = false;
  private n = 0;
  private readonly begun = new Map<string, number>();
  private readonly names = new Map<string, string>();
  private readonly byKey = new Map<string, Effect>();
  private readonly outputs = new Map<string, Json>();
  private readonly turns = new Map<string, number>();
  private readonly takenBack = new Map<string, Json>();
  private readonly dice: Dice;
  readonly clock: SimulatedClock;
  private readonly trouble: Trouble;
  private readonly engine: EngineWorld;

  constructor(dice: Dice, clock: SimulatedClock, trouble: Trouble, roles: Roles) {
    this.dice = dice;
    this.clock = clock;
    this.trouble = trouble;
    this.engine = new EngineWorld(roles);
  }

  /** A called run that is called again by an operator's retry is another, as on Temporal, and so is all that it calls. */
  begin(run: string): string {
    const at = run.lastIndexOf('/');
    const name = this.nameOf(run.slice(0, at)) + run.slice(at);
    const begun = (this.begun.get(name) ?? 0) + 1;
    this.begun.set(name, begun);
    this.names.set(run, begun > 1 ? `${name}#${begun}` : name);
    return this.nameOf(run);
  }

  nameOf(run: string): string {
    return this.names.get(run) ?? run;
  }

  /** The next place in the order of all that happens. */
  tick(): number {
    this.n += 1;
    return this.n;
  }

  note(entry: JournalEntry, run: string): void {
    this.journal.push({ ...entry, n: this.tick(), run });
  }

  readonly answer = async (
    activity: string,
    input: Json,
    options: CallOptions,
    _now: number,
    run: string,
  ): Promise<Json> => {
    const call: Call = {
      n: this.tick(),
      run,
      activity,
      step: options.step,
      item: options.item ?? '',
      input: structuredClone(input),
    };
    this.calls.push(call);
    if (this.dice.chance(this.trouble.slow)) await this.pass(this.dice.whole(1, 30) * minute);
    if (activity.startsWith('countersign.')) {
      call.output = await this.ofTheEngine(activity, input, call);
      return call.output;
    }
    const output = activity.startsWith('undo.') ? this.takeBack(call) : this.carryOut(call, options);
    // The answer is on its way for a moment: meanwhile other things happen.
    if (this.dice.chance(this.trouble.slow)) await this.pass(this.dice.whole(1, 30) * minute);
    call.output = output;
    return output;
  };

  private pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }

  private troubled(share: number): boolean {
    return !this.calm && this.dice.chance(share);
  }

  private carryOut(call: Call, { read }: CallOptions): Json {
    const key = `${call.run}|${call.step}|${call.item}`;
    const known = this.byKey.get(key);
    if (known) {
      known.answered ??= this.tick();
      return this.outputs.get(key) ?? null;
    }
    if (this.troubled(this.trouble.fails)) throw failure('PermanentFailure', 'it says no');
    const turn = (this.turns.get(call.step + call.run) ?? 0) + 1;
    this.turns.set(call.step + call.run, turn);
    const id = `${read ? 'read' : 'done'}${this.tick()}`;
    const output: Json = { id, value: `v${id}`, turn };
    if (read) return { ...output, [keptField]: keptList(id, call.step) };
    const effect: Effect = {
      id,
      run: call.run,
      step: call.step,
      item: call.item,
      input: call.input,
      done: this.tick(),
      undone: [],
    };
    this.effects.push(effect);
    this.byKey.set(key, effect);
    this.outputs.set(key, output);
    if (this.troubled(this.trouble.loses)) throw failure('Timeout', 'no answer came');
    effect.answered = this.tick();
    return output;
  }

  private takeBack(call: Call): Json {
    const { id } = call.input as { id: string };
    const key = `${call.run}|${call.step}|${call.item}|${id}`;
    const known = this.takenBack.get(key);
    if (known !== undefined) {
      // Asked again after a lost answer: done once all the same.
      this.takenBack.delete(key);
      return known;
    }
    const { fails, loses, undos } = this.trouble;
    if (this.troubled(Math.max(fails, undos / 2))) throw failure('PermanentFailure', 'it says no');
    const undo = { at: this.tick(), input: call.input, run: call.run };
    this.effects.find((effect) => effect.id === id)?.undone.push(undo);
    if (!this.troubled(Math.max(loses, undos))) return {};
    this.takenBack.set(key, {});
    throw failure('Timeout', 'no answer came');
  }

  private async ofTheEngine(activity: string, input: Json, call: Call): Promise<Json> {
    if (this.troubled(this.trouble.fails / 3)) throw failure('PermanentFailure', 'the directory says no');
    const now = this.clock.now();
    if (activity === engineActivities.window) return this.window(now);
    if (activity === engineActivities.readList) return readList(input);
    if (activity === engineActivities.wasTold) return { told: !this.troubled(this.trouble.fails) };
    const output = await this.engine.answer(activity, input, call.run, call.step);
    if (activity === engineActivities.openGate) {
      const { shown, step } = input as { shown: JsonObject; step: string };
      const { hash } = output as unknown as OpenGateResult;
      this.asked.push({ n: this.tick(), run: call.run, step, hash, shown: structuredClone(shown) });
    }
    return output;
  }

  private window(now: number): Json {
    if (this.calm) return { opensAt: now, closesAt: now + 60 * 24 * 60 * minute, name: 'night' };
    const opensAt = this.dice.chance(0.6) ? now : now + this.dice.whole(1, 60) * minute;
    const frozen = opensAt > now && this.dice.chance(0.5);
    const closesAt = opensAt + this.dice.whole(5, 90) * minute;
    return { opensAt, closesAt, name: 'night', ...(frozen ? { frozenBy: 'year-end' } : null) } as JsonObject;
  }
}

/** As long as its step's number makes it, so that a history told again has the same. */
function keptList(id: string, step: string): Json {
  return { $list: { id, count: 1 + (Number(step.replace(/\D/g, '')) % 4), sha256: id } };
}

/** Two at a time: a list is read in several pieces. */
function readList(input: Json): Json {
  const { items } = input as unknown as ReadListInput;
  return { items: items.slice(0, 2).map(keptItem) };
}

/** What stands at a place of each list that is kept beside a run. */
export function keptItem(place: number): string {
  return `i${place}`;
}

function failure(type: string, message: string): CallFailure {
  return new CallFailure({ type, message });
}

export function same(a: Json | undefined, b: Json | undefined): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
