/** Which actions this folder has: written by scripts/registries.mjs, and not by hand. */
import type { Action } from '../kit/define-action.ts';
import { assignAutopilotDevice } from './assign-autopilot-device.ts';
import { getDevice } from './get-device.ts';
import { listDevices } from './list-devices.ts';
import { rebootDevice } from './reboot-device.ts';
import { retireDevice } from './retire-device.ts';
import { syncDevice } from './sync-device.ts';
import { unassignAutopilotDevice } from './unassign-autopilot-device.ts';
import { wipeDevice } from './wipe-device.ts';

export const actions: Action[] = [
  assignAutopilotDevice,
  getDevice,
  listDevices,
  rebootDevice,
  retireDevice,
  syncDevice,
  unassignAutopilotDevice,
  wipeDevice,
];
