import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { deviceFields, deviceInput, deviceOf, deviceThatMustExist } from './devices.ts';

const output = Type.Object({
  ...deviceFields,
  managementState: Type.String({
    description: 'What Intune is doing with it: `managed`, `retirePending`, `wipePending` and the like.',
  }),
});

export const getDevice = defineAction({
  name: 'intune.getDevice',
  title: 'Look up a device',
  description: 'Finds a device that Intune manages.',
  effect: 'read',
  source: 'Microsoft Graph: Get managedDevice',
  input: deviceInput,
  output,
  examples: [{ title: 'One of a list', with: { device: '${{ device.id }}' } }],

  async run({ device }, { client }: ActionContext<GraphClient>) {
    const found = await deviceThatMustExist(client, device);
    return { ...deviceOf(found), managementState: found.managementState ?? 'unknown' };
  },
});
