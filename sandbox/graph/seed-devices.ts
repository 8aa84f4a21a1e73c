/** The devices of the invented company. */
import { idOf, type SeedGroup, seedGroup, tenantId } from '../seed.ts';

export interface SeedDevice {
  [property: string]: unknown;
  id: string;
  deviceName: string;
  azureADDeviceId: string;
  operatingSystem: string;
  lastSyncDateTime: string;
  userId: string | null;
}

const enrolled = '2024-03-04T09:00:00Z';
const lastSync = '2026-01-05T07:30:00Z';

interface Kind {
  operatingSystem: string;
  osVersion: string;
  manufacturer: string;
  model: string;
  managedDeviceOwnerType: 'company' | 'personal';
}

const laptop: Kind = {
  operatingSystem: 'Windows',
  osVersion: '10.0.26100.2605',
  manufacturer: 'Contoso',
  model: 'Book 14',
  managedDeviceOwnerType: 'company',
};

const ownPhone: Kind = {
  operatingSystem: 'iOS',
  osVersion: '18.2',
  manufacturer: 'Apple',
  model: 'iPhone 15',
  managedDeviceOwnerType: 'personal',
};

/** `owner` is a sign-in name; the person need not be there yet. */
function device(deviceName: string, serialNumber: string, kind: Kind, owner?: string): SeedDevice {
  return {
    ...kind,
    id: idOf(`managed device ${deviceName}`),
    azureADDeviceId: idOf(`registered device ${deviceName}`),
    azureADRegistered: true,
    deviceName,
    serialNumber,
    complianceState: 'compliant',
    enrolledDateTime: enrolled,
    lastSyncDateTime: lastSync,
    userId: owner ? idOf(owner) : null,
    userPrincipalName: owner ?? null,
    emailAddress: owner ?? null,
  };
}

const leaver = 'lou.maier@example.com';
const pilots = ['kim.okafor', 'robin.sato', 'morgan.weiss', 'alex.duarte', 'dana.reyes'];

const padded = (index: number) => String(index + 1).padStart(2, '0');
const pilotRing = () =>
  pilots.map((name, index) =>
    device(`WIN-PILOT-${padded(index)}`, `SN-PILOT-${padded(index)}`, laptop, `${name}@example.com`),
  );
const broadRing = () =>
  Array.from({ length: 60 }, (_, index) =>
    device(`WIN-BROAD-${padded(index)}`, `SN-BROAD-${padded(index)}`, laptop),
  );

export function seedDevices(): SeedDevice[] {
  return [
    device('WIN-LOU-1', 'SN-LOU-1', laptop, leaver),
    device('Lou’s iPhone', 'SN-LOU-2', ownPhone, leaver),
    device('PC-77', 'SN-77', laptop, 'noor.haddad@example.com'),
    device('PHONE-77', 'SN-78', ownPhone, 'noor.haddad@example.com'),
    // Which the asset register has on the shelf.
    {
      ...device('WIN-JO-1', 'SN-8003', laptop, 'jo.nakamura@example.com'),
      lastSyncDateTime: new Date().toISOString(),
    },
    ...pilotRing(),
    ...broadRing(),
  ];
}

/** Their members are the directory's own objects for the devices. */
export function seedDeviceGroups(): SeedGroup[] {
  return [deviceGroup('Patch ring pilot', pilotRing()), deviceGroup('Patch ring broad', broadRing())];
}

/** Id of the directory's object for a device. */
export function directoryIdOf({ azureADDeviceId }: SeedDevice): string {
  return idOf(`directory object ${azureADDeviceId}`);
}

function deviceGroup(displayName: string, devices: SeedDevice[]): SeedGroup {
  return seedGroup(displayName, { members: devices.map(directoryIdOf) });
}

export interface SeedAutopilotDevice {
  [property: string]: unknown;
  id: string;
  serialNumber: string;
  userPrincipalName: string;
  addressableUserName: string;
}

/** Registered by the vendor, and prepared for nobody yet. */
export function seedAutopilotDevices(): SeedAutopilotDevice[] {
  return Array.from({ length: 20 }, (_, index) => {
    const serialNumber = `SN-${9_001 + index}`;
    return {
      id: idOf(`autopilot device ${serialNumber} of ${tenantId}`),
      serialNumber,
      groupTag: '',
      purchaseOrderIdentifier: '',
      productKey: '',
      manufacturer: laptop.manufacturer,
      model: laptop.model,
      enrollmentState: 'notContacted',
      lastContactedDateTime: '0001-01-01T00:00:00Z',
      addressableUserName: '',
      userPrincipalName: '',
      displayName: '',
      managedDeviceId: '00000000-0000-0000-0000-000000000000',
    };
  });
}
