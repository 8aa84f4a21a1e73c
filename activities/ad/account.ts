/** Accounts of people and computers: the flags that say what they may, and what all actions about one look at. */
import type { ActionContext } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import type { AdClient } from './client.ts';
import type { Directory } from './directory.ts';
import type { Entry } from './entry.ts';
import { find, findSurely, type Kind, nameOf } from './find.ts';

/** Bits of userAccountControl. */
export const flags = { disabled: 0x2, locked: 0x10, normal: 0x200, neverExpires: 0x10000 } as const;

/** Plain, as a step remembers it. */
export interface Account {
  id: string;
  dn: string;
  name: string;
  accountName: string;
  control: number;
}

export const accountAttributes = ['userAccountControl', 'objectSid', 'primaryGroupID'];

export function accountOf(entry: Entry): Account {
  return {
    id: entry.id,
    dn: entry.dn,
    name: nameOf(entry),
    accountName: entry.text('sAMAccountName') ?? '',
    control: entry.number('userAccountControl') ?? 0,
  };
}

export const isDisabled = ({ control }: Pick<Account, 'control'>) => (control & flags.disabled) !== 0;

/** How an action about one entry looks: by reading alone, and where it must be there. */
export function looksAt<Input, State>(
  kind: Kind,
  named: (input: Input) => string,
  attributes: readonly string[],
  stateOf: (entry: Entry, input: Input, directory: Directory) => State | Promise<State>,
) {
  return {
    look: (input: Input, { client }: ActionContext<AdClient>): Promise<State | undefined> =>
      client.session(async (directory) => {
        const entry = await find(directory, kind, named(input), attributes);
        return entry && stateOf(entry, input, directory);
      }),
    need: (input: Input, { client }: ActionContext<AdClient>): Promise<State> =>
      client.session(async (directory) =>
        stateOf(await findSurely(directory, kind, named(input), attributes), input, directory),
      ),
  };
}

/** Changes the one bit and leaves the others as they were. Rejects, to be tried again, when somebody changed them meanwhile. */
export async function setDisabled(
  directory: Directory,
  { dn, control }: Account,
  disabled: boolean,
): Promise<void> {
  const wanted = disabled ? control | flags.disabled : control & ~flags.disabled;
  await directory.exchange(dn, 'userAccountControl', [String(control)], [String(wanted)]);
}

type Did = 'enabled' | 'disabled';
type Output<Done extends Did> = { id: string; name: string } & Record<Done, boolean>;

/** Letting a person or a computer sign in, or not. */
export function ensureAccount<Input, Done extends Did>(
  kind: 'user' | 'computer',
  named: (input: Input) => string,
  done: Done,
) {
  const disabled = done === 'disabled';
  return ensure<Input, AdClient, Account, Output<Done>>({
    ...looksAt(kind, named, accountAttributes, accountOf),
    isDone: (account) => isDisabled(account) === disabled,
    change: (account, _, { client }) =>
      client.session((directory) => setDisabled(directory, account, disabled)),
    output: ({ did, now: { id, name } }) => ({ id, name, [done]: did }) as Output<Done>,
    words: {
      done: ({ name }) => `${name} is ${done} already`,
      would: (account, input) =>
        `would ${disabled ? 'disable' : 'enable'} ${account?.name ?? `${named(input)} once the account is there`}`,
    },
  });
}
