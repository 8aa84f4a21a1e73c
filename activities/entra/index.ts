import { defineConnector } from '../kit/define-connector.ts';
import { addGroupMember } from './add-group-member.ts';
import { assignLicense } from './assign-license.ts';
import { EntraClient } from './client.ts';
import { createUser } from './create-user.ts';
import { deleteUser } from './delete-user.ts';
import { getUser } from './get-user.ts';
import { EntraSettings } from './settings.ts';

export const entra = defineConnector({
  name: 'entra',
  title: 'Microsoft Entra ID',
  settings: EntraSettings,
  connect: (settings) => new EntraClient(settings),
  actions: [getUser, createUser, assignLicense, addGroupMember, deleteUser],
  callsPerSecond: 20,
});
