import { defineAction } from '../kit/define-action.ts';
import { grantsOf } from './access.ts';
import { onlyUser } from './fields.ts';
import { output, takeAway } from './take-away.ts';

export const removeOAuthGrants = defineAction({
  name: 'entra.removeOAuthGrants',
  title: 'Remove app consents',
  description:
    'Withdraws what a person allowed apps to do in their name, such as reading their mail. What an administrator allowed for everybody stays.',
  effect: 'destructive',
  source: 'Microsoft Graph: Delete oAuth2PermissionGrant',
  input: onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],
  ...takeAway({
    plural: 'app consents',
    list: grantsOf,
    path: (_, id) => `/oauth2PermissionGrants/${encodeURIComponent(id)}`,
  }),
});
