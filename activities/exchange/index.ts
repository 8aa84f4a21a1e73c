import { defineConnector } from '../kit/define-connector.ts';
import { cancelMeetings } from './cancel-meetings.ts';
import { clearAutoReply } from './clear-auto-reply.ts';
import { clearForwarding } from './clear-forwarding.ts';
import { ExchangeClient, ExchangeSettings } from './client.ts';
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

export const exchange = defineConnector({
  name: 'exchange',
  title: 'Microsoft Exchange Online',
  settings: ExchangeSettings,
  settingsFrom: 'entra',
  connect: (settings) => new ExchangeClient(settings),
  actions: [
    getMailbox,
    setAutoReply,
    clearAutoReply,
    hideFromAddressLists,
    showInAddressLists,
    setForwarding,
    clearForwarding,
    convertToShared,
    convertToUser,
    removeInboxRules,
    removeMobileDevices,
    cancelMeetings,
    grantMailboxAccess,
    revokeMailboxAccess,
  ],
  // Exchange holds one app to few commands at a time.
  callsPerSecond: 10,
});
