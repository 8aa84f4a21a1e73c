import { type ActionContext, defineAction } from '../kit/define-action.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { deviceInput, findDevice, nameOf } from './devices.ts';
import { removalOutput, remove, stateOf } from './removal.ts';

type Context = ActionContext<GraphClient>;

export const retireDevice = defineAction({
  name: 'intune.retireDevice',
  title: 'Retire a device',
  description:
    'Takes what belongs to the organisation off a device and lets go of it. What is personal stays. A device that is gone counts as done.',
  effect: 'destructive',
  source: 'Microsoft Graph: retire action',
  input: deviceInput,
  output: removalOutput,
  examples: [{ title: 'One of a list', with: { device: '${{ device.id }}' } }],

  async run({ device }, { client }: Context) {
    const found = await findDevice(client, device);
    if (!found) return { state: 'gone' };
    const state = stateOf(found, 'retire');
    return state ? { state } : remove(client, found, 'retire', undefined);
  },

  async preview({ device }, { client }: Context) {
    const found = await findDevice(client, device);
    if (!found) return { summary: `${device} is gone already`, nothingToDo: true };
    const state = stateOf(found, 'retire');
    if (state) return { summary: `${nameOf(found)} is on its way out: ${state}`, nothingToDo: true };
    return { summary: `would retire ${nameOf(found)}` };
  },
});
