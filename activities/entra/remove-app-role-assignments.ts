import { defineAction } from '../kit/define-action.ts';
import { appRolesOf } from './access.ts';
import { onlyUser } from './fields.ts';
import { output, takeAway } from './take-away.ts';

export const removeAppRoleAssignments = defineAction({
  name: 'entra.removeAppRoleAssignments',
  title: 'Remove app roles',
  description:
    'Takes away the apps and roles in apps that were given to a person. Those that come with a group go with the group.',
  effect: 'destructive',
  source: 'Microsoft Graph: Delete appRoleAssignment',
  input: onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],
  ...takeAway({
    plural: 'app roles',
    list: appRolesOf,
    path: (userId, id) => `/users/${userId}/appRoleAssignments/${encodeURIComponent(id)}`,
  }),
});
