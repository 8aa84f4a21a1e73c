import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { ask, deviceInput, deviceThatMustExist, findDevice, latest, nameOf, noDevice } from './devices.ts';

/** Within these, a restart counts as the one that this step asked for. */
const ownMinutes = 10;

const output = Type.Object({
  requestedAt: Type.String({ description: 'When the device was asked. It restarts once it is on.' }),
});

type Context = ActionContext<GraphClient>;

export const rebootDevice = defineAction({
  name: 'intune.rebootDevice',
  title: 'Restart a device',
  description:
    'Asks a device to restart. It is not asked again while it has yet to restart, or within ten minutes after.',
  effect: 'write',
  source: 'Microsoft Graph: rebootNow action',
  input: deviceInput,
  output,
  examples: [{ title: 'One of a list', with: { device: '${{ device.id }}' } }],

  async run({ device }, { client }: Context) {
    const found = await deviceThatMustExist(client, device);
    const asked = latest(found, 'rebootNow', ownMinutes);
    if (asked) return { requestedAt: asked.startDateTime };
    const requestedAt = new Date().toISOString();
    if (!(await ask(client, found, 'rebootNow', undefined)))
      throw new PermanentFailure(noDevice(device), { status: 404 });
    return { requestedAt };
  },

  async preview({ device }, { client }: Context) {
    const found = await findDevice(client, device);
    if (!found) return { summary: `would restart ${device}`, problems: [noDevice(device)] };
    const asked = latest(found, 'rebootNow', ownMinutes);
    if (asked)
      return {
        summary: `${nameOf(found)} was asked to restart at ${asked.startDateTime}`,
        nothingToDo: true,
      };
    return { summary: `would restart ${nameOf(found)}` };
  },
});
