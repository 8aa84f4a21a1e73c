/** Moving an entry to another organisational unit, and renaming it. */
import { type Static, Type } from 'typebox';
import { ensure } from '../kit/ensure.ts';
import { type Account, accountOf, looksAt } from './account.ts';
import { problemOf } from './checks.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import type { Kind } from './find.ts';
import { isSameDn, parentOf, plainName } from './names.ts';

export const to = Type.Optional(
  fields.container('Organisational unit to move it to; unsaid, it stays where it is'),
);

export const output = Type.Object({
  id: fields.id,
  distinguishedName: fields.distinguishedName,
  moved: Type.Boolean({
    description: 'True when this step moved or renamed it, false when it was there already.',
  }),
  from: Type.String({ description: 'Organisational unit that it stood in before.' }),
  nameBefore: Type.String({ description: 'Name that the entry had before.' }),
});

interface Wanted {
  to?: string;
  name?: string;
}

type State = Account & { hasTarget: boolean };

export function ensureMoved<Input extends Wanted>(kind: Kind, named: (input: Input) => string) {
  return ensure<Input, AdClient, State, Static<typeof output>, string>({
    ...looksAt<Input, State>(kind, named, ['userAccountControl'], async (entry, input, directory) => ({
      ...accountOf(entry),
      hasTarget: input.to === undefined || (await directory.read(input.to, ['objectGUID'])) !== undefined,
    })),
    isDone: ({ dn }, input) =>
      (input.to === undefined || isSameDn(parentOf(dn), input.to)) &&
      (input.name === undefined || plainName(dn) === input.name),
    problem: ({ hasTarget }, input) =>
      hasTarget
        ? input.name === undefined
          ? undefined
          : problemOf('cn', input.name)
        : `Active Directory has no ${input.to}. Correct \`to\`.`,
    change: ({ dn }, input, { client }) =>
      client.session((directory) =>
        directory.move(dn, input.to ?? parentOf(dn), input.name ?? plainName(dn)),
      ),
    output: ({ did, before, now, changed }) => ({
      id: now.id,
      distinguishedName: changed ?? now.dn,
      moved: did,
      from: parentOf(before.dn),
      nameBefore: plainName(before.dn),
    }),
    words: {
      done: ({ name, dn }) => `${name} is in ${parentOf(dn)} already`,
      would: (state, input) =>
        `would move ${state?.name ?? named(input)} to ${input.to ?? (state ? parentOf(state.dn) : 'where it is')}${input.name === undefined ? '' : ` as ${input.name}`}`,
    },
  });
}
