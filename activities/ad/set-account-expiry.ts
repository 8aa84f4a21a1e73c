import { type Static, Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type Account, accountOf, looksAt } from './account.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { fileTimeOf, fileTimeToIso } from './times.ts';

const input = Type.Object(
  {
    user: fields.user,
    expires: Type.String({
      pattern: '^(never|\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))$',
      description:
        'From when on the person cannot sign in any more, with its time zone, such as 2026-12-31T23:00:00Z; or never.',
    }),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the person signs in with.' }),
  expires: Type.String({ description: 'When the account ends now, or never.' }),
  before: Type.String({ description: 'When it ended before, or never: what its undo sets.' }),
  changed: Type.Boolean({ description: 'True when this step changed it, false when it was so already.' }),
});

type State = Account & { expires: string };

export const setAccountExpiry = defineAction({
  name: 'ad.setAccountExpiry',
  title: 'Set when an account ends',
  description:
    'Sets the moment from which a person cannot sign in any more, or that there is none. Whoever is signed in then stays so until their tickets end.',
  effect: 'write',
  source: 'MS-ADTS: accountExpires',
  input,
  output,
  undo: 'ad.setAccountExpiry',
  examples: [
    {
      title: 'A contract that ends',
      with: { user: 'a.lee@corp.example.com', expires: '2026-12-31T23:00:00Z' },
    },
  ],

  ...ensure<Static<typeof input>, AdClient, State, Static<typeof output>>({
    ...looksAt(
      'user',
      ({ user }) => user,
      ['userAccountControl', 'accountExpires'],
      (entry) => ({
        ...accountOf(entry),
        expires: fileTimeToIso(entry.text('accountExpires')) ?? 'never',
      }),
    ),
    isDone: ({ expires }, input) => expires === wanted(input),
    problem: (_, input) =>
      wanted(input) === undefined ? `There is no moment ${input.expires}. Correct \`expires\`.` : undefined,
    change: ({ dn }, { expires }, { client }) =>
      client.session((directory) =>
        directory.modify(dn, [
          {
            operation: 'replace',
            attribute: 'accountExpires',
            values: expires === 'never' ? '0' : fileTimeOf(new Date(expires)),
          },
        ]),
      ),
    output: ({ did, before, now: { id, name } }, input) => ({
      id,
      name,
      expires: wanted(input) ?? input.expires,
      before: before.expires,
      changed: did,
    }),
    words: {
      done: ({ name, expires }) => `${name} ends ${expires} already`,
      would: (state, { user, expires }) =>
        `would let ${state?.name ?? user} end ${expires}${state ? `, and not ${state.expires}` : ''}`,
    },
  }),
});

/** Undefined for a moment that no calendar has. */
function wanted({ expires }: Static<typeof input>): string | undefined {
  if (expires === 'never') return expires;
  const moment = new Date(expires);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
