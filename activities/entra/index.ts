import { defineConnector } from '../kit/define-connector.ts';
import { addGroupMember } from './add-group-member.ts';
import { addToGroups } from './add-to-groups.ts';
import { assignLicense } from './assign-license.ts';
import { EntraClient } from './client.ts';
import { createTemporaryAccessPass } from './create-temporary-access-pass.ts';
import { createUser } from './create-user.ts';
import { deleteTemporaryAccessPass } from './delete-temporary-access-pass.ts';
import { deleteUser } from './delete-user.ts';
import { disableUser } from './disable-user.ts';
import { enableUser } from './enable-user.ts';
import { getLicense } from './get-license.ts';
import { getUser } from './get-user.ts';
import { removeAppRoleAssignments } from './remove-app-role-assignments.ts';
import { removeAuthenticationMethods } from './remove-authentication-methods.ts';
import { removeDirectoryRoles } from './remove-directory-roles.ts';
import { removeFromGroups } from './remove-from-groups.ts';
import { removeGroupMember } from './remove-group-member.ts';
import { removeGroupOwnerships } from './remove-group-ownerships.ts';
import { removeLicenses } from './remove-licenses.ts';
import { removeOAuthGrants } from './remove-oauth-grants.ts';
import { resetPassword } from './reset-password.ts';
import { residualAccess } from './residual-access.ts';
import { restoreUser } from './restore-user.ts';
import { revokeSessions } from './revoke-sessions.ts';
import { EntraSettings } from './settings.ts';

export const entra = defineConnector({
  name: 'entra',
  title: 'Microsoft Entra ID',
  settings: EntraSettings,
  connect: (settings) => new EntraClient(settings),
  actions: [
    getUser,
    createUser,
    disableUser,
    enableUser,
    deleteUser,
    restoreUser,
    resetPassword,
    revokeSessions,
    removeAuthenticationMethods,
    createTemporaryAccessPass,
    deleteTemporaryAccessPass,
    getLicense,
    assignLicense,
    removeLicenses,
    addGroupMember,
    removeGroupMember,
    addToGroups,
    removeFromGroups,
    removeGroupOwnerships,
    removeDirectoryRoles,
    removeAppRoleAssignments,
    removeOAuthGrants,
    residualAccess,
  ],
  callsPerSecond: 20,
});
