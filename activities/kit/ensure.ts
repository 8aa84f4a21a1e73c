/**
 * An action that brings about a state: one look and one change make what it does, what it would do, whether it took hold, and whether
 * this step did it, over all its attempts.
 */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import type { ActionContext, Preview } from './define-action.ts';
import { PermanentFailure } from './failures.ts';

/** What is found there, before and after: plain JSON, nothing secret. */
export interface Ensured<Input, Client, State, Output> {
  /** Looks, by reading alone. Undefined while what it is about is not there yet. */
  look(input: Input, context: ActionContext<Client>): Promise<State | undefined>;
  /** The same where it must be there: rejects, saying what is missing. */
  need(input: Input, context: ActionContext<Client>): Promise<State>;
  /** Whether it is as wanted, so that there is nothing to do. */
  isDone(state: State, input: Input): boolean;
  /** Why it cannot be done as things are, if so: what the step fails with, and a preview shows. */
  problem?(state: State, input: Input): string | undefined;
  change(state: State, input: Input, context: ActionContext<Client>): Promise<void>;
  /** What the step gives on. `did` is whether this step did it; `before` is what its first attempt found. */
  output(outcome: { did: boolean; before: State; now: State }, input: Input): Output;
  /** A clause each, as a preview says it. */
  words: {
    done(state: State, input: Input): string;
    would(state: State | undefined, input: Input): string;
    /** What a person should know before they sign, though it stops nothing. */
    warnings?(state: State | undefined, input: Input): readonly string[] | undefined;
  };
}

export interface Made<Input, Client, Output> {
  run(input: Input, context: ActionContext<Client>): Promise<Output>;
  preview(input: Input, context: ActionContext<Client>): Promise<Preview>;
  verify(input: Input, context: ActionContext<Client>): Promise<boolean>;
}

export function ensure<Input, Client, State, Output>(
  parts: Ensured<Input, Client, State, Output>,
): Made<Input, Client, Output> {
  const { look, need, isDone, problem, change, output, words } = parts;
  return {
    async run(input, context) {
      const now = await need(input, context);
      const before = await context.rememberBeforeWrite(async () => now);
      if (!isDone(now, input)) {
        const inTheWay = problem?.(now, input);
        if (inTheWay !== undefined) throw new PermanentFailure(inTheWay);
        await change(now, input, context);
      }
      return output({ did: !isDone(before, input), before, now }, input);
    },

    async preview(input, context) {
      const state = await look(input, context);
      if (state !== undefined && isDone(state, input))
        return { summary: words.done(state, input), nothingToDo: true };
      const inTheWay = state === undefined ? undefined : problem?.(state, input);
      const problems = [
        ...(inTheWay === undefined ? [] : [inTheWay]),
        ...(words.warnings?.(state, input) ?? []),
      ];
      return { summary: words.would(state, input), ...defined({ problems: unlessEmpty(problems) }) };
    },

    async verify(input, context) {
      return isDone(await need(input, context), input);
    },
  };
}
