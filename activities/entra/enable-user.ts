import { Type } from 'typebox';
import { defineAction } from '../kit/define-action.ts';
import { ensureAccount } from './account.ts';
import * as fields from './fields.ts';

const output = Type.Object({
  id: Type.String({ description: 'Object id in the directory.' }),
  userPrincipalName: Type.String({ description: 'Name with which the person signs in.' }),
  enabled: Type.Boolean({
    description: 'True when this step enabled the account, false when it was enabled already.',
  }),
});

export const enableUser = defineAction({
  name: 'entra.enableUser',
  title: 'Enable an account',
  description: 'Lets a person sign in. An account from on-premises Active Directory has to be enabled there.',
  effect: 'write',
  source: 'Microsoft Graph: Update user',
  input: fields.onlyUser,
  output,
  examples: [{ title: 'On the first day', with: { user: 'a.lee@example.com' } }],
  ...ensureAccount('enabled'),
});
