import { defineAction } from '../kit/define-action.ts';
import { rolesOf } from './access.ts';
import { onlyUser } from './fields.ts';
import { output, takeAway } from './take-away.ts';

export const removeDirectoryRoles = defineAction({
  name: 'entra.removeDirectoryRoles',
  title: 'Remove directory roles',
  description:
    'Takes a person’s roles in the directory away, also those for a part of it. Roles that come with a group go with the group; roles that a person has only once they activate them stay.',
  effect: 'destructive',
  source: 'Microsoft Graph: Delete unifiedRoleAssignment',
  input: onlyUser,
  output,
  examples: [{ title: 'A leaver', with: { user: 'a.lee@example.com' } }],
  ...takeAway({
    plural: 'directory roles',
    list: rolesOf,
    path: (_, id) => `/roleManagement/directory/roleAssignments/${encodeURIComponent(id)}`,
  }),
});
