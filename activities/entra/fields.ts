/** Inputs, outputs and a preview that several actions have. */
import { Type } from 'typebox';
import type { Preview } from '../kit/define-action.ts';

export const user = Type.String({
  minLength: 1,
  description: 'Sign-in name, e-mail address or object id of the person.',
});

/** Input of the actions that need to know nothing but the person. */
export const onlyUser = Type.Object({ user }, { additionalProperties: false });

export const groupAndReason = Type.Object({
  group: Type.String({ description: 'Name of the group.' }),
  reason: Type.String({ description: 'Why nothing was done.' }),
});

/** A preview for somebody whom the directory does not show: no reason to say that nothing is to be done. */
export function nobody(user: string): Preview {
  return {
    summary: `would look for ${user}`,
    problems: [
      `Entra ID shows no user ${user}. Check the spelling, unless an earlier step creates the account.`,
    ],
  };
}
