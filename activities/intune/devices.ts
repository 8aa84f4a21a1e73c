/** Devices that Intune manages (managedDevice resource type). */
import { type Static, Type } from 'typebox';
import { PermanentFailure } from '../kit/failures.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';

/** The part of Graph's managedDevice that the actions read. */
export interface ManagedDevice {
  id: string;
  deviceName?: string | null;
  serialNumber?: string | null;
  operatingSystem?: string | null;
  managedDeviceOwnerType?: string;
  complianceState?: string;
  lastSyncDateTime: string;
  managementState?: string;
  deviceActionResults?: DeviceAction[];
}

/** Graph's deviceActionResult: what the device was asked to do, and what became of it. */
export interface DeviceAction {
  actionName?: string | null;
  actionState?: string;
  startDateTime: string;
  lastUpdatedDateTime: string;
}

export const listed = [
  'id',
  'deviceName',
  'serialNumber',
  'operatingSystem',
  'managedDeviceOwnerType',
  'complianceState',
  'lastSyncDateTime',
] as const;

export const systems = ['windows', 'macos', 'ios', 'android'] as const;
export type System = (typeof systems)[number];

export const deviceFields = {
  id: Type.String({ description: 'Id of the device in Intune.' }),
  name: Type.String({ description: 'Name of the device.' }),
  serialNumber: Type.String({ description: 'Serial number; empty when the device does not tell it.' }),
  system: Type.Enum([...systems, 'other'], { description: 'Operating system.' }),
  owner: Type.Enum(['company', 'personal'], {
    description: 'Whose it is: personal, unless Intune says that it belongs to the company.',
  }),
  compliant: Type.Boolean({ description: 'Whether it meets the rules of the organisation.' }),
  lastSync: Type.String({ description: 'When it last reported to Intune.' }),
};

export type Device = { [Field in keyof typeof deviceFields]: Static<(typeof deviceFields)[Field]> };

export const deviceInput = Type.Object(
  {
    device: Type.String({
      minLength: 1,
      description: 'Id of the device in Intune, as intune.listDevices tells.',
    }),
  },
  { additionalProperties: false },
);

export function deviceOf(device: ManagedDevice): Device {
  return {
    id: device.id,
    name: device.deviceName ?? '',
    serialNumber: device.serialNumber ?? '',
    system: systemOf(device.operatingSystem ?? ''),
    owner: isPersonal(device) ? 'personal' : 'company',
    compliant: ['compliant', 'inGracePeriod'].includes(device.complianceState ?? ''),
    lastSync: device.lastSyncDateTime,
  };
}

/** When Intune does not know, somebody's own: what is wrongly taken for the company's might be erased. */
export function isPersonal({ managedDeviceOwnerType }: ManagedDevice): boolean {
  return managedDeviceOwnerType !== 'company';
}

function systemOf(text: string): System | 'other' {
  const name = text.toLowerCase();
  if (name.startsWith('windows')) return 'windows';
  if (name.startsWith('mac')) return 'macos';
  if (name.startsWith('ios') || name.startsWith('ipad')) return 'ios';
  return name.startsWith('android') ? 'android' : 'other';
}

/** How messages name a device. */
export function nameOf({ deviceName, id }: ManagedDevice): string {
  return deviceName ? `${deviceName} (${id})` : id;
}

export function pathOf(device: string): string {
  return `/deviceManagement/managedDevices/${encodeURIComponent(device)}`;
}

/** Undefined for one that Intune does not manage, or no longer. */
export function findDevice(client: GraphClient, device: string): Promise<ManagedDevice | undefined> {
  const $select = [...listed, 'managementState', 'deviceActionResults'].join(',');
  return client.find<ManagedDevice>(pathOf(device), { query: { $select } });
}

export async function deviceThatMustExist(client: GraphClient, device: string): Promise<ManagedDevice> {
  const found = await findDevice(client, device);
  if (found) return found;
  throw new PermanentFailure(noDevice(device), { status: 404 });
}

export function noDevice(device: string): string {
  return `Intune manages no device with the id ${device}. It may have been retired; else look it up with intune.listDevices.`;
}

/** Asks a device to do something. False when it is gone. */
export async function ask(
  client: GraphClient,
  { id }: ManagedDevice,
  action: 'syncDevice' | 'rebootNow' | 'retire' | 'wipe',
  body: object | undefined,
): Promise<boolean> {
  const answer = await client.ask('POST', `${pathOf(id)}/${action}`, { body });
  if (answer.status === 404) return false;
  successOf(answer);
  return true;
}

const minuteMs = 60_000;

/**
 * What a device was last asked to do under this name, if it has yet to do it, or has done it within these minutes: then
 * this step's own first try is likely to have asked for it.
 */
export function latest(
  { deviceActionResults = [] }: ManagedDevice,
  action: string,
  minutes: number,
): DeviceAction | undefined {
  return deviceActionResults.find(({ actionName, actionState = '', startDateTime, lastUpdatedDateTime }) => {
    if (actionName !== action) return false;
    if (actionState === 'pending' || actionState === 'active') return true;
    const since = Date.now() - Date.parse(lastUpdatedDateTime || startDateTime);
    return actionState === 'done' && since < minutes * minuteMs;
  });
}
