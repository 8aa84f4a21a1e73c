/** Devices known to Windows Autopilot before they are first switched on (windowsAutopilotDeviceIdentity resource type). */
import { Type } from 'typebox';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';

export interface AutopilotDevice {
  id: string;
  serialNumber?: string | null;
  /** Of the person for whom it is prepared; empty when for nobody. */
  userPrincipalName?: string | null;
}

export const serialField = Type.String({ minLength: 1, description: 'Serial number of the device.' });

export function autopilotPath(id: string): string {
  return `/deviceManagement/windowsAutopilotDeviceIdentities/${encodeURIComponent(id)}`;
}

/** Undefined while the vendor has not registered it. */
export async function findAutopilotDevice(
  client: GraphClient,
  serialNumber: string,
): Promise<AutopilotDevice | undefined> {
  // Graph knows no other comparison of serial numbers here, and takes none with `$select`.
  const query = { $filter: `contains(serialNumber,'${serialNumber.replaceAll("'", "''")}')` };
  const path = '/deviceManagement/windowsAutopilotDeviceIdentities';
  const similar = await client.list<AutopilotDevice>(path, { query });
  const found = similar.filter((device) => device.serialNumber?.toLowerCase() === serialNumber.toLowerCase());
  if (found.length > 1)
    throw new PermanentFailure(
      `Autopilot has ${found.length} devices with the serial number ${serialNumber}. Remove the wrong ones there first.`,
    );
  return found[0];
}
