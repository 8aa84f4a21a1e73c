import { Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensureAccount } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the account is called.' }),
  enabled: Type.Boolean({
    description: 'True when this step enabled the account, false when it was enabled already.',
  }),
});

export const enableUser = defineAction({
  name: 'ad.enableUser',
  title: 'Enable an account',
  description:
    'Lets a person sign in to the domain. All other properties of the account stay. Windows refuses it for an account without a password.',
  effect: 'write',
  source: 'MS-ADTS: userAccountControl',
  input: fields.onlyUser,
  output,

  examples: [{ title: 'On the first day', with: { user: 'a.lee@corp.example.com' } }],

  ...ensureAccount('user', ({ user }: { user: string }) => user, 'enabled'),
});
