/**
 * What can be seen from one place of a runbook: which steps have run there, which only perhaps, and what conditions
 * around it have shown. It follows the runbook from top to bottom.
 */
import { defined } from '../../plan/defined.ts';
import type { FoundStep, LetEntry, Scope, StepInfo } from '../expressions/scope.ts';
import type { Type } from '../expressions/types.ts';

/** Where a step stands, known of all steps before the first is read. */
export interface StepPosition {
  id: string;
  /** False when its author gave it none. */
  named: boolean;
  line: number;
  /** Steps are counted in the order of the text. */
  order: number;
  /** Ids of the steps around it, outermost first; `desk:mail` for a branch, `big:else` for the other half. */
  path: readonly string[];
  part: 'steps' | 'finally';
}

/** What one compilation of a runbook shares. */
export interface SharedScope {
  places: ReadonlyMap<string, StepPosition>;
  lets: ReadonlyMap<string, LetEntry>;
  /** Where names under `let` are looked at by themselves. */
  atLets?: Scope;
  /** What a guard means, in words. */
  guardWords: Map<string, string>;
  forEachIds: Set<string>;
  /** Of the repeats that remember something from round to round. */
  statefulIds: Set<string>;
  /** Of a connector, which has no steps. */
  stepless?: true;
  needed: Set<string>;
  usedInputs: Set<string>;
  /** Its steps read the ticket. */
  ticketUsed: boolean;
  /** Guards of steps after an `end` that may stop the run as succeeded. */
  earlyEnds: string[];
}

export interface ScopeState {
  visible: Map<string, StepInfo>;
  names: ReadonlyMap<string, Type>;
  guards: ReadonlySet<string>;
  facts: ReadonlySet<string>;
  path: readonly string[];
  order: number;
  /** The step being read. */
  self?: string | undefined;
  /**
   * `finally` sees that any step may not have run; outputs see that the run may have ended early; a name under `let` is
   * looked at from nowhere in particular, and checked again where it is used. A trigger always has its ticket.
   */
  view: 'steps' | 'finally' | 'outputs' | 'let' | 'trigger';
}

const noNames: ReadonlySet<string> = new Set();

export class ScopeAt implements Scope {
  private readonly shared: SharedScope;
  private readonly state: ScopeState;

  private constructor(shared: SharedScope, state: ScopeState) {
    this.shared = shared;
    this.state = state;
  }

  static start(shared: SharedScope, names: ReadonlyMap<string, Type>): ScopeAt {
    const state: ScopeState = {
      visible: new Map(),
      names,
      guards: noNames,
      facts: noNames,
      path: [],
      order: 0,
      view: 'steps',
    };
    return new ScopeAt(shared, state);
  }

  get names(): ReadonlyMap<string, Type> {
    return this.state.names;
  }

  get lets(): ReadonlyMap<string, LetEntry> {
    return this.shared.lets;
  }

  get stepless(): boolean {
    return this.shared.stepless ?? false;
  }

  get atLets(): Scope | undefined {
    return this.shared.atLets;
  }

  get facts(): ReadonlySet<string> {
    return this.state.facts;
  }

  get guards(): ReadonlySet<string> {
    return this.state.guards;
  }

  get path(): readonly string[] {
    return this.state.path;
  }

  /** Where it stands to the repeat whose state can be seen: one step after the other within it, or not so. */
  get placeInRepeat(): 'here' | 'outside' | 'in a list' | 'in a branch' {
    const { path } = this.state;
    const at = path.findLastIndex((token) => this.shared.statefulIds.has(token));
    if (at === -1) return 'outside';
    const within = path.slice(at + 1);
    if (within.some((token) => this.shared.forEachIds.has(token))) return 'in a list';
    return within.some((token) => token.includes(':') && !token.endsWith(':else')) ? 'in a branch' : 'here';
  }

  /** What stands here is done item by item. */
  get isInList(): boolean {
    return this.state.path.some((token) => this.shared.forEachIds.has(token));
  }

  with(change: Partial<ScopeState>): ScopeAt {
    return new ScopeAt(this.shared, { ...this.state, ...change });
  }

  /** The same place inside a condition. */
  guarded(guards: readonly string[], facts: readonly string[]): ScopeAt {
    if (guards.length === 0 && facts.length === 0) return this;
    return this.with({
      guards: new Set([...this.state.guards, ...guards]),
      facts: new Set([...this.state.facts, ...facts]),
    });
  }

  /** Inside a container; steps read there become visible outside only by {@link adopt}. */
  inside(token: string): ScopeAt {
    return this.with({ path: [...this.state.path, token], visible: new Map(this.state.visible) });
  }

  withName(name: string, type: Type): ScopeAt {
    return this.with({ names: new Map([...this.state.names, [name, type]]) });
  }

  /** A step has been read: those after it see it. */
  add(info: StepInfo): void {
    this.state.visible.set(info.id, info);
  }

  /** What became visible inside is visible here too. */
  adopt(inner: ScopeAt): void {
    for (const [id, info] of inner.state.visible) this.state.visible.set(id, info);
  }

  findStep(id: string): FoundStep {
    const { visible, self, view } = this.state;
    const info = visible.get(id);
    if (info && view === 'let') return { info };
    if (info) {
      const maybe =
        view === 'finally' && this.shared.places.get(id)?.part === 'steps'
          ? 'the run may have ended before it'
          : this.missingGuard(info);
      return { info, ...defined({ maybe }) };
    }
    if (id === self) return { problem: { kind: 'self' } };
    const place = this.shared.places.get(id);
    if (!place) return { problem: { kind: 'unknown', known: this.stepNames() } };
    if (!place.named) return { problem: { kind: 'unnamed', line: place.line } };
    return { problem: this.problemOf(place) };
  }

  private problemOf(place: StepPosition): Extract<FoundStep, { problem: unknown }>['problem'] {
    const { line } = place;
    const depth = place.path.findIndex((token, index) => token !== this.state.path[index]);
    const theirs = depth === -1 ? undefined : place.path[depth];
    const ours = depth === -1 ? undefined : this.state.path[depth];
    if (theirs && ours && containerOf(theirs) === containerOf(ours))
      return { kind: theirs.endsWith(':else') || ours.endsWith(':else') ? 'else' : 'branch', line };
    const loop = place.path.slice(Math.max(0, depth)).find((token) => this.shared.forEachIds.has(token));
    if (place.order < this.state.order && loop) return { kind: 'inner', line, container: `\`${loop}\`` };
    return { kind: 'later', line };
  }

  private missingGuard(info: StepInfo): string | undefined {
    const missing = info.guards.find(
      (guard) =>
        !this.state.guards.has(guard) && (this.state.view === 'outputs' || !guard.startsWith('early ')),
    );
    if (missing === undefined) return undefined;
    return this.shared.guardWords.get(missing) ?? `the step \`${info.id}\` runs only if \`${missing}\``;
  }

  stepNames(): string[] {
    return [...this.state.visible.keys()].filter((id) => this.shared.places.get(id)?.named !== false);
  }

  need(info: StepInfo): void {
    if (this.state.view === 'let') return;
    const around = new Set(this.state.path.map(containerOf));
    // Its own undo is no later use: where a step is skipped there is nothing to take back.
    if (around.has(info.id)) return;
    this.shared.needed.add(info.id);
    // A container that is skipped by hand takes its steps with it.
    for (const token of info.containers)
      if (!around.has(containerOf(token))) this.shared.needed.add(containerOf(token));
  }

  useTicket(): void {
    if (this.state.view !== 'let' && this.state.view !== 'trigger') this.shared.ticketUsed = true;
  }

  useInput(name: string): void {
    this.shared.usedInputs.add(name);
  }
}

export function containerOf(token: string): string {
  const colon = token.indexOf(':');
  return colon === -1 ? token : token.slice(0, colon);
}
