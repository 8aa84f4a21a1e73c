import { Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensureAccount } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: Type.String({ description: 'Object id in the directory.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  disabled: Type.Boolean({
    description: 'True when this step disabled the account, false when it was disabled already.',
  }),
});

export const disableUser = defineAction({
  name: 'entra.disableUser',
  title: 'Disable an account',
  description:
    'Keeps a person from signing in. Sessions that are open go on until they are revoked. An account from on-premises Active Directory has to be disabled there. Its undo enables the account, also when it had been disabled before.',
  effect: 'write',
  source: 'Microsoft Graph: Update user',
  input: fields.onlyUser,
  output,
  undo: 'entra.enableUser',
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],

  ...ensureAccount('disabled'),
});
