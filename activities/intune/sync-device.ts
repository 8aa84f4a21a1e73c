import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { ask, deviceInput, deviceThatMustExist, findDevice, latest, nameOf, noDevice } from './devices.ts';

/** Within these, a sync that was asked for counts as this step's own. */
const ownMinutes = 1;

const output = Type.Object({
  requestedAt: Type.String({ description: 'When the device was asked. It answers once it is on.' }),
});

type Context = ActionContext<GraphClient>;

export const syncDevice = defineAction({
  name: 'intune.syncDevice',
  title: 'Sync a device',
  description:
    'Asks a device to fetch its settings and updates from Intune and to report back. ' +
    'A device may be asked twice when an answer was lost, which does no harm. See intune.getDevice for when it has synced.',
  effect: 'write',
  delivery: 'at least once',
  source: 'Microsoft Graph: syncDevice action',
  input: deviceInput,
  output,
  examples: [{ title: 'One of a list', with: { device: '${{ device.id }}' } }],

  async run({ device }, { client }: Context) {
    const found = await deviceThatMustExist(client, device);
    const asked = latest(found, 'syncDevice', ownMinutes);
    if (asked) return { requestedAt: asked.startDateTime };
    const requestedAt = new Date().toISOString();
    if (!(await ask(client, found, 'syncDevice', undefined)))
      throw new PermanentFailure(noDevice(device), { status: 404 });
    return { requestedAt };
  },

  async preview({ device }, { client }: Context) {
    const found = await findDevice(client, device);
    if (!found) return { summary: `would sync ${device}`, problems: [noDevice(device)] };
    return { summary: `would sync ${nameOf(found)}; it last did at ${found.lastSyncDateTime}` };
  },
});
