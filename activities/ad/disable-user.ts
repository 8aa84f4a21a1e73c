import { Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensureAccount } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: fields.id,
  name: Type.String({ description: 'What the account is called.' }),
  disabled: Type.Boolean({
    description: 'True when this step disabled the account, false when it was disabled already.',
  }),
});

export const disableUser = defineAction({
  name: 'ad.disableUser',
  title: 'Disable an account',
  description:
    'Keeps a person from signing in to the domain. Whoever is signed in stays so until their tickets end, within some hours. All other properties of the account stay. Its undo enables the account, also when it had been disabled before.',
  effect: 'write',
  source: 'MS-ADTS: userAccountControl',
  input: fields.onlyUser,
  output,
  undo: 'ad.enableUser',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@corp.example.com' } }],

  ...ensureAccount('user', ({ user }: { user: string }) => user, 'disabled'),
});
