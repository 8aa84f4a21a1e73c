import { type Static, Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { defineAction } from '../kit/define-action.ts';
import { ensure } from '../kit/ensure.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { type AutopilotDevice, autopilotPath, findAutopilotDevice, serialField } from './autopilot.ts';

const input = Type.Object({ serialNumber: serialField }, { additionalProperties: false });

const output = Type.Object({
  unassigned: Type.Boolean({
    description: 'True when this step took it back, false when it was prepared for nobody.',
  }),
});

export const unassignAutopilotDevice = defineAction({
  name: 'intune.unassignAutopilotDevice',
  title: 'Take back the preparation of a device',
  description:
    'Ends the assignment of a device in Windows Autopilot to a person. The device stays registered.',
  effect: 'write',
  source: 'Microsoft Graph: unassignUserFromDevice action',
  input,
  output,
  examples: [{ title: 'A laptop that goes to somebody else', with: { serialNumber: 'SN-1234' } }],

  ...ensure<Static<typeof input>, GraphClient, { device?: AutopilotDevice }, Static<typeof output>>({
    look: async ({ serialNumber }, { client }) =>
      defined({ device: await findAutopilotDevice(client, serialNumber) }),
    isDone: ({ device }) => !device?.userPrincipalName,
    change: async ({ device }, _, { client }) => {
      if (device) successOf(await client.ask('POST', `${autopilotPath(device.id)}/unassignUserFromDevice`));
    },
    output: ({ did }) => ({ unassigned: did }),
    words: {
      done: (_, { serialNumber }) => `${serialNumber} is prepared for nobody`,
      would: (state, { serialNumber }) =>
        `would no longer prepare ${serialNumber} for ${state?.device?.userPrincipalName}`,
    },
  }),
});
