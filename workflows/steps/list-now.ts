/** The list of a forEach as it is at this moment: it may be amended, or be asked to be changed, while its items are done. */
import { canonicalJson } from '../../plan/canonical-json.ts';
import { type ListReference, listReference } from '../../plan/kept-list.ts';
import type { ForEachStep, Json, JsonObject } from '../../plan/plan.ts';
import { bind, evaluate, type Variables } from '../expressions.ts';
import { failureOf } from '../failures.ts';
import type { Occasion } from '../occasion.ts';
import { CallFailure } from '../port.ts';

export interface Item {
  /** From 0; its place in the list as it was first seen. */
  index: number;
  /** Absent where the list is kept beside the run, until it is read. */
  value?: Json;
}

interface Known {
  /** By its content each item has a number of its own, which it keeps when the list changes. */
  numbers: Map<string, number>;
  begun: ReadonlySet<number>;
  /** Where the list is kept beside the run: which one it is. */
  kept?: ListReference | undefined;
}

export class ListNow {
  items: readonly Item[] = [];
  private readonly step: ForEachStep;
  private readonly occasion: Occasion;
  private readonly known: Known;
  private open = new Set<number>();
  private asOf = '';

  constructor(step: ForEachStep, occasion: Occasion, known: Known) {
    this.step = step;
    this.occasion = occasion;
    this.known = known;
  }

  mayBegin(index: number): boolean {
    if (this.isLive) this.look();
    return this.open.has(index);
  }

  /** Every item of the list was begun, and nobody is asked whether it should be another. */
  isDone(): boolean {
    if (!this.isLive) return true;
    this.look();
    return (
      this.occasion.run.proposals.ofList(this.step.id).length === 0 &&
      this.items.every(({ index }) => this.known.begun.has(index))
    );
  }

  hasNext(): boolean {
    return [...this.open].some((index) => !this.known.begun.has(index));
  }

  /** Computed anew only where something was amended, proposed or settled since. */
  look(): void {
    const { run, variables } = this.occasion;
    const asOf = `${run.state.amendments} ${run.proposals.revision}`;
    if (asOf === this.asOf) return;
    this.asOf = asOf;
    const values = this.valuesWith(variables);
    const { upTo } = this.step;
    const count = isKept(values) ? values.count : values.length;
    if (upTo !== undefined && count > upTo) throw moreThanAllowed(count, upTo, this.known.begun.size);
    this.items = this.itemsOf(values);
    const kept = this.keptByAll();
    this.open = new Set(
      this.items.map(({ index }) => index).filter((index) => kept.every((each) => each.has(index))),
    );
  }

  private get isLive(): boolean {
    return this.occasion.run.start.engine >= 4;
  }

  private itemsOf(values: readonly Json[] | ListReference): Item[] {
    const { known } = this;
    if (isKept(values)) {
      if (known.numbers.size > 0 || (known.kept && known.kept.id !== values.id)) throw anotherList();
      known.kept = values;
      return Array.from({ length: values.count }, (_, index) => ({ index }));
    }
    if (known.kept) throw anotherList();
    if (this.occasion.run.start.engine < 3) return values.map((value, index) => ({ index, value }));
    return this.numbered(values);
  }

  private valuesWith(variables: Variables): readonly Json[] | ListReference {
    const values = evaluate(this.step.items, variables);
    if (Array.isArray(values)) return values;
    const kept = listReference(values);
    if (kept) return kept;
    throw new CallFailure({ type: 'ExpressionFailure', message: `\${{ ${this.step.items} }} is no list.` });
  }

  /** For each proposal the items that it leaves as they are. */
  private keptByAll(): ReadonlySet<number>[] {
    const { run, variables } = this.occasion;
    return run.proposals.ofList(this.step.id).map((inputs) => {
      const proposed = {
        ...variables,
        inputs: { ...(variables.inputs as object), ...(bind(inputs) as JsonObject) },
      };
      try {
        const values = this.valuesWith(proposed);
        if (isKept(values))
          return new Set(values.id === this.known.kept?.id ? this.items.map(({ index }) => index) : []);
        return new Set(keysOf(values).map((key) => this.known.numbers.get(key) ?? -1));
      } catch (error) {
        // What cannot be computed leaves nothing as it is.
        if (!failureOf(error)) throw error;
        return new Set();
      }
    });
  }

  private numbered(values: readonly Json[]): Item[] {
    const { numbers } = this.known;
    return keysOf(values).map((key, place) => {
      const index = numbers.get(key) ?? numbers.size;
      numbers.set(key, index);
      return { index, value: values[place] ?? null };
    });
  }
}

function isKept(values: readonly Json[] | ListReference): values is ListReference {
  return !Array.isArray(values);
}

/** Which items of the one are in the other nobody can tell without reading both. */
function anotherList(): CallFailure {
  return new CallFailure({
    type: 'PermanentFailure',
    message:
      'The list became another one while its items were done, and it is too large for the history of the run to compare the two. Change it back, or call the run off.',
  });
}

/** Equal items are told apart by how many of them came before. */
function keysOf(values: readonly Json[]): string[] {
  const seen = new Map<string, number>();
  return values.map((value) => {
    const content = canonicalJson(value);
    const before = seen.get(content) ?? 0;
    seen.set(content, before + 1);
    return `${before}:${content}`;
  });
}

/** Nobody who signed has seen the list, so that its length is all that bounds what is done. */
function moreThanAllowed(total: number, upTo: number, begun: number): CallFailure {
  return new CallFailure({
    type: 'TooMany',
    message: `There are ${total} items, and the runbook allows ${upTo} (\`upTo\`). ${begun === 0 ? 'None was' : 'No more were'} begun. Try again once there are fewer, leave the step out, or call the run off.`,
  });
}
