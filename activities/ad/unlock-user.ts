import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Account, accountOf, flags, looksAt } from './account.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the person signs in with.' }),
  unlocked: Type.Boolean({
    description: 'True when this step unlocked the account, false when it was not locked.',
  }),
});

/** userAccountControl itself does not show that an account is locked. */
const computed = 'msDS-User-Account-Control-Computed';

type State = Account & { locked: boolean };

export const unlockUser = defineAction({
  name: 'ad.unlockUser',
  title: 'Unlock an account',
  description:
    'Lets a person try again who was locked out after too many wrong passwords. What signs in with an old password locks the account again.',
  effect: 'write',
  source: 'MS-ADTS: lockoutTime',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'After a holiday', with: { user: 'a.lee@corp.example.com' } }],

  ...ensure<Static<typeof fields.onlyUser>, AdClient, State, Static<typeof output>>({
    ...looksAt(
      'user',
      ({ user }) => user,
      ['userAccountControl', computed],
      (entry) => ({
        ...accountOf(entry),
        locked: ((entry.number(computed) ?? 0) & flags.locked) !== 0,
      }),
    ),
    isDone: ({ locked }) => !locked,
    change: ({ dn }, _, { client }) =>
      client.session((directory) =>
        directory.modify(dn, [{ operation: 'replace', attribute: 'lockoutTime', values: '0' }]),
      ),
    output: ({ did, now: { id, name } }) => ({ id, name, unlocked: did }),
    words: {
      done: ({ name }) => `${name} is not locked`,
      would: (state, { user }) => `would unlock ${state?.name ?? `${user} once the account is there`}`,
    },
  }),
});
