/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { addGroupMember } from './add-group-member.ts';
import { addUserToGroups } from './add-user-to-groups.ts';
import { createGroup } from './create-group.ts';
import { createUser } from './create-user.ts';
import { deleteGroup } from './delete-group.ts';
import { deleteUser } from './delete-user.ts';
import { disableComputer } from './disable-computer.ts';
import { disableUser } from './disable-user.ts';
import { enableComputer } from './enable-computer.ts';
import { enableUser } from './enable-user.ts';
import { findComputer } from './find-computer.ts';
import { findUser } from './find-user.ts';
import { groupsOfUser } from './groups-of-user.ts';
import { linkPolicy } from './link-policy.ts';
import { listGroupMembers } from './list-group-members.ts';
import { listPolicyLinks } from './list-policy-links.ts';
import { moveComputer } from './move-computer.ts';
import { moveUser } from './move-user.ts';
import { readLapsPassword } from './read-laps-password.ts';
import { removeGroupMember } from './remove-group-member.ts';
import { removeUserFromGroups } from './remove-user-from-groups.ts';
import { resetPassword } from './reset-password.ts';
import { residualAccess } from './residual-access.ts';
import { restoreUser } from './restore-user.ts';
import { setAccountExpiry } from './set-account-expiry.ts';
import { setPolicyLink } from './set-policy-link.ts';
import { unlinkPolicy } from './unlink-policy.ts';
import { unlockUser } from './unlock-user.ts';
import { updateUser } from './update-user.ts';

export const actions: Action[] = [
  addGroupMember,
  addUserToGroups,
  createGroup,
  createUser,
  deleteGroup,
  deleteUser,
  disableComputer,
  disableUser,
  enableComputer,
  enableUser,
  findComputer,
  findUser,
  groupsOfUser,
  linkPolicy,
  listGroupMembers,
  listPolicyLinks,
  moveComputer,
  moveUser,
  readLapsPassword,
  removeGroupMember,
  removeUserFromGroups,
  resetPassword,
  residualAccess,
  restoreUser,
  setAccountExpiry,
  setPolicyLink,
  unlinkPolicy,
  unlockUser,
  updateUser,
];
