import { Type } from 'typebox';
import { defineConnector } from '../kit/define-connector.ts';
import { GraphClient } from '../kit/graph/client.ts';
import { graphSettings } from '../kit/graph/settings.ts';
import { assignAutopilotDevice } from './assign-autopilot-device.ts';
import { getDevice } from './get-device.ts';
import { listDevices } from './list-devices.ts';
import { rebootDevice } from './reboot-device.ts';
import { retireDevice } from './retire-device.ts';
import { syncDevice } from './sync-device.ts';
import { unassignAutopilotDevice } from './unassign-autopilot-device.ts';
import { wipeDevice } from './wipe-device.ts';

export const intune = defineConnector({
  name: 'intune',
  title: 'Microsoft Intune',
  settings: Type.Object(graphSettings, { additionalProperties: false }),
  settingsFrom: 'entra',
  connect: (settings) => new GraphClient('intune', settings),
  actions: [
    listDevices,
    getDevice,
    syncDevice,
    rebootDevice,
    retireDevice,
    wipeDevice,
    assignAutopilotDevice,
    unassignAutopilotDevice,
  ],
  // Intune lets an app make 1,000 calls in 20 seconds, of which others want their share.
  callsPerSecond: 20,
});
