import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { AdClient } from './client.ts';
import * as fields from './fields.ts';
import { find, findSurely, nameOf } from './find.ts';
import { passwordFor, passwordValue } from './passwords.ts';

const input = Type.Object(
  {
    user: fields.user,
    mustChange: Type.Optional(
      Type.Boolean({
        description: 'Whether the person must change it at the next sign-in. Yes, unless said otherwise.',
      }),
    ),
  },
  { additionalProperties: false },
);

const output = Type.Object({
  password: Type.String({ description: 'New password. Sealed.' }),
});

type Context = ActionContext<AdClient>;

export const resetPassword = defineAction({
  name: 'ad.resetPassword',
  title: 'Reset the password',
  description:
    'Gives a person a new password, which they must change at the next sign-in. Trying again sets the same one. A locked account stays locked until it is unlocked.',
  effect: 'write',
  source: 'MS-ADTS: unicodePwd',
  input,
  output,
  sensitive: ['password'],
  examples: [{ title: 'A leaver', with: { user: 'a.lee@corp.example.com' } }],

  run: ({ user, mustChange = true }, context: Context) =>
    context.client.session(async (directory) => {
      const person = await findSurely(directory, 'user', user, ['displayName']);
      const names = [person.text('sAMAccountName') ?? '', person.text('displayName') ?? ''];
      const password = passwordFor('new password of a user', names, context);
      await directory.modify(person.dn, [
        { operation: 'replace', attribute: 'unicodePwd', values: passwordValue(password) },
        // 0: it must be changed. -1: it was set now.
        { operation: 'replace', attribute: 'pwdLastSet', values: mustChange ? '0' : '-1' },
      ]);
      return { password };
    }),

  preview: ({ user }, { client }: Context) =>
    client.session(async (directory) => {
      const person = await find(directory, 'user', user);
      return {
        summary: `would reset the password of ${person ? nameOf(person) : `${user} once the account is there`}`,
      };
    }),
});
