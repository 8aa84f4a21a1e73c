/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { cancelMeetings } from './cancel-meetings.ts';
import { clearAutoReply } from './clear-auto-reply.ts';
import { clearForwarding } from './clear-forwarding.ts';
import { convertToShared } from './convert-to-shared.ts';
import { convertToUser } from './convert-to-user.ts';
import { getMailbox } from './get-mailbox.ts';
import { grantMailboxAccess } from './grant-mailbox-access.ts';
import { hideFromAddressLists } from './hide-from-address-lists.ts';
import { removeInboxRules } from './remove-inbox-rules.ts';
import { removeMobileDevices } from './remove-mobile-devices.ts';
import { revokeMailboxAccess } from './revoke-mailbox-access.ts';
import { setAutoReply } from './set-auto-reply.ts';
import { setForwarding } from './set-forwarding.ts';
import { showInAddressLists } from './show-in-address-lists.ts';

export const actions: Action[] = [
  cancelMeetings,
  clearAutoReply,
  clearForwarding,
  convertToShared,
  convertToUser,
  getMailbox,
  grantMailboxAccess,
  hideFromAddressLists,
  removeInboxRules,
  removeMobileDevices,
  revokeMailboxAccess,
  setAutoReply,
  setForwarding,
  showInAddressLists,
];
