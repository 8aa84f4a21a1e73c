/**
 * An action that brings about a state: one look and one change make what it does, what it would do, whether it took hold, and whether
 * this step did it, over all its attempts.
 */
import { defined, unlessEmpty } from '../../plan/defined.ts';
import { lineDifference } from '../../plan/line-difference.ts';
import type { ActionContext, Preview } from './define-action.ts';
import { PermanentFailure } from './failures.ts';
import { lookingFirst } from './looks-first.ts';

/** `State` is what is found there, before and after: plain JSON, nothing secret. `Changed` is what the change tells of itself. */
export interface Ensured<Input, Client, State, Output extends object, Changed = void> {
  /** Looks, by reading alone. Undefined while what it is about is not there yet. */
  look(input: Input, context: ActionContext<Client>): Promise<State | undefined>;
  /** The same where it must be there: rejects, saying what is missing. Unless given, `look` always finds a state. */
  need?(input: Input, context: ActionContext<Client>): Promise<State>;
  /** Whether it is as wanted, so that there is nothing to do. */
  isDone(state: State, input: Input): boolean;
  /** Why it cannot be done as things are, if so: what the step fails with, and a preview shows. */
  problem?(state: State, input: Input): string | undefined;
  /** Does it. Gives what no look tells, such as an id or what the service refused. */
  change(state: State, input: Input, context: ActionContext<Client>): Promise<Changed>;
  /** Asked for also where it looks done: the look may be behind, or not show what is under way. */
  evenIfDone?: true;
  /** The change only begins something, which no look right after it could tell from nothing. */
  begins?: true;
  /** What else shows that it took hold, by what the step gave on: what it was refused is no failure to do it. */
  tookHold?(state: State, output: Output, input: Input): boolean;
  /** What the step gives on. */
  output(outcome: Outcome<State, Changed>, input: Input): Output;
  /** A clause each, as a preview says it. */
  words: {
    done(state: State, input: Input): string;
    would(state: State | undefined, input: Input): string;
    /** What is there and what would be, a line each, for the difference that a preview shows. */
    lines?(state: State, input: Input): { before: readonly string[]; after: readonly string[] };
    /** What a person should know before they sign, though it stops nothing. */
    warnings?(
      state: State | undefined,
      input: Input,
      context: ActionContext<Client>,
    ): readonly string[] | undefined;
  };
}

export interface Outcome<State, Changed> {
  /** Whether this step did it, by this attempt or one before. */
  did: boolean;
  /** What its first attempt found. */
  before: State;
  /** What this attempt found. */
  now: State;
  /** Absent where there was nothing to do any more. */
  changed?: Changed;
}

export interface Made<Input, Client, Output> {
  run(input: Input, context: ActionContext<Client>): Promise<Output>;
  preview(input: Input, context: ActionContext<Client>): Promise<Preview>;
  verify?(input: Input, context: ActionContext<Client>, output?: Output): Promise<boolean>;
}

export function ensure<Input, Client, State, Output extends object, Changed = void>(
  parts: Ensured<Input, Client, State, Output, Changed>,
): Made<Input, Client, Output> {
  const { look, isDone, problem, change, evenIfDone = false, begins, tookHold, output, words } = parts;
  const need = parts.need ?? (look as NonNullable<typeof parts.need>);

  const verify: NonNullable<Made<Input, Client, Output>['verify']> = async (input, context, given) => {
    const state = await look(input, context);
    if (state === undefined) return false;
    return isDone(state, input) || (given !== undefined && tookHold?.(state, given, input) === true);
  };

  const differenceOf = (state: State, input: Input): string | undefined => {
    const lines = words.lines?.(state, input);
    return lines && lineDifference(lines.before.join('\n'), lines.after.join('\n'));
  };

  return {
    run: lookingFirst(async (input: Input, context: ActionContext<Client>) => {
      const now = await need(input, context);
      const before = await context.rememberBeforeWrite(async () => now);
      const did = !isDone(before, input);
      if (isDone(now, input) && !evenIfDone) return output({ did, before, now }, input);
      const inTheWay = problem?.(now, input);
      if (inTheWay !== undefined) throw new PermanentFailure(inTheWay);
      const changed = await change(now, input, context);
      return output({ did, before, now, changed }, input);
    }),

    async preview(input, context) {
      const state = await look(input, context);
      const isSo = state !== undefined && isDone(state, input);
      const inTheWay = isSo || state === undefined ? undefined : problem?.(state, input);
      const problems = [
        ...(inTheWay === undefined ? [] : [inTheWay]),
        ...(words.warnings?.(state, input, context) ?? []),
      ];
      return {
        summary: isSo ? words.done(state, input) : words.would(state, input),
        ...defined({
          nothingToDo: isSo || undefined,
          problems: unlessEmpty(problems),
          difference: state === undefined || isSo ? undefined : differenceOf(state, input),
        }),
      };
    },

    ...defined({ verify: begins ? undefined : verify }),
  };
}

/** Of a list: what the first attempt found and what this one found besides, which is all that the attempts of a step did. */
export function foundByBoth<T>(before: readonly T[], now: readonly T[], idOf: (item: T) => string): T[] {
  return [...new Map([...before, ...now].map((item) => [idOf(item), item])).values()];
}
