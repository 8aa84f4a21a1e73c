import { Type } from 'typebox';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { type GraphClient, successOf } from '../kit/graph/client.ts';
import { autopilotPath, findAutopilotDevice, serialField } from './autopilot.ts';

const input = Type.Object({ serialNumber: serialField }, { additionalProperties: false });

const output = Type.Object({
  unassigned: Type.Boolean({
    description: 'True when this step took it back, false when it was prepared for nobody.',
  }),
});

type Context = ActionContext<GraphClient>;

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

  async run({ serialNumber }, { client, rememberBeforeWrite }: Context) {
    const device = await findAutopilotDevice(client, serialNumber);
    const was = await rememberBeforeWrite(async () => Boolean(device?.userPrincipalName));
    if (!device?.userPrincipalName) return { unassigned: was };
    successOf(await client.ask('POST', `${autopilotPath(device.id)}/unassignUserFromDevice`));
    return { unassigned: was };
  },

  async preview({ serialNumber }, { client }: Context) {
    const device = await findAutopilotDevice(client, serialNumber);
    if (!device?.userPrincipalName)
      return { summary: `${serialNumber} is prepared for nobody`, nothingToDo: true };
    return { summary: `would no longer prepare ${serialNumber} for ${device.userPrincipalName}` };
  },

  async verify({ serialNumber }, { client }: Context) {
    return !(await findAutopilotDevice(client, serialNumber))?.userPrincipalName;
  },
});
