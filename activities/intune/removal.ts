/** What retiring and wiping a device have in common: both take their time, and in the end the device is gone. */
import { Type } from 'typebox';
import type { GraphClient } from '../kit/graph/client.ts';
import { ask, findDevice, latest, type ManagedDevice } from './devices.ts';

export const removalOutput = Type.Object({
  state: Type.String({
    description:
      'How far it is: `gone` when Intune no longer has the device, else what it says, such as `retirePending` or `wipePending`.',
  }),
});

export type Removal = 'retire' | 'wipe';

/** Within these, one that was done counts as this step's own: after a wipe a device may stay enrolled. */
const ownMinutes = 10;

/** States in which a device is on its way out of the organisation's hands. */
const underWay: Record<Removal, readonly string[]> = {
  // What is being wiped or deleted need not be retired as well.
  retire: ['retirePending', 'retireIssued', 'wipePending', 'wipeIssued', 'deletePending'],
  wipe: ['wipePending', 'wipeIssued'],
};

/** How far the removal of a device is, or undefined when it has not been asked for. */
export function stateOf(device: ManagedDevice, removal: Removal): string | undefined {
  const { managementState = '' } = device;
  if (underWay[removal].includes(managementState)) return managementState;
  // The state may lag behind what was asked for.
  const asked = latest(device, removal, ownMinutes);
  return asked && (asked.actionState === 'done' ? managementState : `${removal}Pending`);
}

/** Asks for it, and says how far it is then. */
export async function remove(
  client: GraphClient,
  device: ManagedDevice,
  removal: Removal,
  body: object | undefined,
): Promise<{ state: string }> {
  if (!(await ask(client, device, removal, body))) return { state: 'gone' };
  const after = await findDevice(client, device.id);
  return { state: after ? (stateOf(after, removal) ?? `${removal}Pending`) : 'gone' };
}
