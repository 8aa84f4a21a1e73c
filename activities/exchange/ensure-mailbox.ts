/** Actions that bring a mailbox into a state: nothing to do where there is none, worth a retry where one is on its way. */
import { defined } from '../../plan/defined.ts';
import { ensure, type Made } from '../kit/ensure.ts';
import type { ExchangeClient } from './client.ts';
import { findMailbox, isNone, type Mailbox, mailboxOf, type NoMailbox, nothingThere } from './mailbox.ts';

interface Parts<Input, Also, Did extends string> {
  /** The output that says whether this step did it. */
  did: Did;
  /** What must be known besides the mailbox, also before there is one. */
  also(input: Input, mailbox: Mailbox | undefined, client: ExchangeClient): Promise<Also>;
  isDone(mailbox: Mailbox, also: Also, input: Input): boolean;
  /** Whether it is so, too, while a mailbox is still on its way. */
  isDoneBefore?: boolean;
  change(mailbox: Mailbox, also: Also, input: Input, client: ExchangeClient): Promise<void>;
  /** Further outputs of a step that did it, by the mailbox as it was before. */
  more?(before: Mailbox): { before?: string };
  /** `name` is whose mailbox it is. */
  done(name: string, also: Also): string;
  would(name: string, also: Also, input: Input, mailbox: Mailbox | undefined): string;
  warnings?(also: Also): readonly string[] | undefined;
}

interface State<Also> {
  mailbox?: Mailbox | undefined;
  none?: string | undefined;
  also: Also;
}

type Output<Did extends string> = Record<Did, boolean> & { before?: string; skipped?: string };

export function ensureMailbox<Input extends { user: string }, Also, Did extends string>(
  parts: Parts<Input, Also, Did>,
): Made<Input, ExchangeClient, Output<Did>> {
  const { did: field, also, isDone, isDoneBefore = false, change, more, done, would, warnings } = parts;
  const stateOf = async (found: Mailbox | NoMailbox | undefined, input: Input, client: ExchangeClient) =>
    isNone(found)
      ? { none: found.none, also: await also(input, undefined, client) }
      : { mailbox: found, also: await also(input, found, client) };
  return ensure<Input, ExchangeClient, State<Also>, Output<Did>>({
    look: async (input, { client }) => stateOf(await findMailbox(client, input.user), input, client),
    need: async (input, { client }) => stateOf(await mailboxOf(client, input.user), input, client),
    isDone: ({ mailbox, none, also: known }, input) =>
      none !== undefined || (mailbox === undefined ? isDoneBefore : isDone(mailbox, known, input)),
    change: async ({ mailbox, also: known }, input, { client }) => {
      if (mailbox) await change(mailbox, known, input, client);
    },
    output: ({ did, before, now }) =>
      ({
        [field]: did,
        ...(did && before.mailbox ? more?.(before.mailbox) : {}),
        ...defined({ skipped: now.none }),
      }) as Output<Did>,
    words: {
      done: ({ mailbox, none, also: known }, { user }) =>
        none === undefined ? done(mailbox?.name ?? user, known) : nothingThere({ none }).summary,
      would: (state, input) =>
        would(state?.mailbox?.name ?? input.user, state?.also as Also, input, state?.mailbox),
      warnings: (state) => state && warnings?.(state.also),
    },
  });
}

/** For actions that need to know of nothing besides. */
export const nothingElse = async (): Promise<undefined> => undefined;
