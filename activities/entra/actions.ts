/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { addGroupMember } from './add-group-member.ts';
import { addToGroups } from './add-to-groups.ts';
import { assignLicense } from './assign-license.ts';
import { createTemporaryAccessPass } from './create-temporary-access-pass.ts';
import { createUser } from './create-user.ts';
import { deleteTemporaryAccessPass } from './delete-temporary-access-pass.ts';
import { deleteUser } from './delete-user.ts';
import { disableUser } from './disable-user.ts';
import { enableUser } from './enable-user.ts';
import { findSyncedUser } from './find-synced-user.ts';
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

export const actions: Action[] = [
  addGroupMember,
  addToGroups,
  assignLicense,
  createTemporaryAccessPass,
  createUser,
  deleteTemporaryAccessPass,
  deleteUser,
  disableUser,
  enableUser,
  findSyncedUser,
  getLicense,
  getUser,
  removeAppRoleAssignments,
  removeAuthenticationMethods,
  removeDirectoryRoles,
  removeFromGroups,
  removeGroupMember,
  removeGroupOwnerships,
  removeLicenses,
  removeOAuthGrants,
  resetPassword,
  residualAccess,
  restoreUser,
  revokeSessions,
];
