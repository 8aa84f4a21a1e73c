/** Actions that bring a mailbox into a state: nothing to do where there is none, worth a retry where one is on its way. */
import { defined } from '../../plan/defined.ts';
import { ensure, type Made } from '../kit/ensure.ts';
import { findUser, type GraphUser, nameOf, userThatMustExist } from '../kit/graph/users.ts';
import type { ExchangeClient } from './client.ts';
import {
  type Mailbox,
  mailboxOfPerson,
  mailboxSigns,
  noMailbox,
  noMailboxYet,
  nothingThere,
} from './mailbox.ts';

interface Parts<Input, Found, Also, Output> {
  /** What must be known besides, also before there is a mailbox. */
  also(input: Input, found: Found | undefined, client: ExchangeClient): Promise<Also>;
  isDone(found: Found, also: Also, input: Input): boolean;
  /** Whether it is so, too, while a mailbox is still on its way. */
  isDoneBefore?: boolean;
  problem?(found: Found, also: Also): string | undefined;
  change(found: Found, also: Also, input: Input, client: ExchangeClient): Promise<void>;
  /** As of {@link ensure}. */
  evenIfDone?: true;
  begins?: true;
  tookHold?(found: Found, also: Also, input: Input): boolean;
  output(outcome: { did: boolean; before: State<Found, Also>; now: State<Found, Also> }): Output;
  /** `name` is whose mailbox it is. */
  done(name: string, also: Also): string;
  would(name: string, also: Also, input: Input, found: Found | undefined): string;
  warnings?(also: Also): readonly string[] | undefined;
}

interface State<Found, Also> {
  name: string;
  /** Absent where there is no mailbox, or not yet. */
  found?: Found;
  /** Why there is none, and none will come. */
  none?: string;
  also: Also;
}

type Find<Found, Input> = (
  client: ExchangeClient,
  person: GraphUser,
  input: Input,
) => Promise<Found | undefined>;

/** An action that changes a mailbox itself. */
export function ensureMailbox<Input extends { user: string }, Also, Output extends object>(
  parts: Parts<Input, Mailbox, Also, Output>,
): Made<Input, ExchangeClient, Output & { skipped?: string }> {
  return ensureInMailbox<Input, Mailbox, Also, Output>(mailboxOfPerson, parts);
}

/** An action that changes something of a mailbox, found by `find`: undefined where there is no mailbox. */
export function ensureInMailbox<Input extends { user: string }, Found, Also, Output extends object>(
  find: Find<Found, Input>,
  parts: Parts<Input, Found, Also, Output>,
): Made<Input, ExchangeClient, Output & { skipped?: string }> {
  const { also, isDone, isDoneBefore = false, problem, change, tookHold, output, done, would } = parts;
  const stateOf = async (
    { name, found, none }: Omit<State<Found, Also>, 'also'>,
    input: Input,
    client: ExchangeClient,
  ) => ({ name, ...defined({ found, none }), also: await also(input, found, client) }) as State<Found, Also>;
  return ensure<Input, ExchangeClient, State<Found, Also>, Output & { skipped?: string }>({
    ...defined({ evenIfDone: parts.evenIfDone, begins: parts.begins }),
    look: async (input, { client }) => {
      const person = await findUser(client, input.user, mailboxSigns);
      if (!person) return stateOf({ name: input.user }, input, client);
      const found = await find(client, person, input);
      const none = found === undefined ? noMailboxYet(person)?.none : undefined;
      return stateOf({ name: nameOf(person), ...defined({ found, none }) }, input, client);
    },
    need: async (input, { client }) => {
      const person = await userThatMustExist(client, input.user, mailboxSigns);
      const found = await find(client, person, input);
      const known = found === undefined ? noMailbox(person) : { found };
      return stateOf({ name: nameOf(person), ...known }, input, client);
    },
    isDone: ({ found, none, also: known }, input) =>
      none !== undefined || (found === undefined ? isDoneBefore : isDone(found, known, input)),
    problem: ({ found, also: known }) => (found === undefined ? undefined : problem?.(found, known)),
    change: async ({ found, also: known }, input, { client }) => {
      if (found !== undefined) await change(found, known, input, client);
    },
    tookHold: ({ found, also: known }, _, input) =>
      found !== undefined && tookHold?.(found, known, input) === true,
    output: (outcome) => ({ ...output(outcome), ...defined({ skipped: outcome.now.none }) }),
    words: {
      done: ({ name, none, also: known }) =>
        none === undefined ? done(name, known) : nothingThere({ none }).summary,
      would: (state, input) => would(state?.name ?? input.user, state?.also as Also, input, state?.found),
      warnings: (state) => state && parts.warnings?.(state.also),
    },
  });
}

/** For actions that need to know of nothing besides. */
export const nothingElse = async (): Promise<undefined> => undefined;
