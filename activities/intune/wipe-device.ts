import { Type } from 'typebox';
import { defined } from '../../plan/defined.ts';
import { type ActionContext, defineAction } from '../kit/define-action.ts';
import { PermanentFailure } from '../kit/failures.ts';
import type { GraphClient } from '../kit/graph/client.ts';
import { deviceInput, findDevice, isPersonal, type ManagedDevice, nameOf } from './devices.ts';
import { removalOutput, remove, stateOf } from './removal.ts';

const input = Type.Object(
  {
    ...deviceInput.properties,
    keepEnrollment: Type.Optional(
      Type.Boolean({
        description: 'Whether Intune goes on managing it afterwards. No, unless said otherwise.',
      }),
    ),
    keepUserData: Type.Optional(
      Type.Boolean({ description: 'Whether the files of its user stay on it. No, unless said otherwise.' }),
    ),
  },
  { additionalProperties: false },
);

type Context = ActionContext<GraphClient>;

export const wipeDevice = defineAction({
  name: 'intune.wipeDevice',
  title: 'Wipe a device',
  description:
    'Erases a device of the company and sets it back to how it left the factory. A personal device is refused. A device that is gone counts as done.',
  effect: 'destructive',
  source: 'Microsoft Graph: wipe action',
  input,
  output: removalOutput,
  examples: [
    { title: 'One of a list', with: { device: '${{ device.id }}' } },
    { title: 'For its next user', with: { device: '${{ device.id }}', keepEnrollment: true } },
  ],

  async run({ device, keepEnrollment = false, keepUserData = false }, { client }: Context) {
    const found = await findDevice(client, device);
    if (!found) return { state: 'gone' };
    if (isPersonal(found)) throw new PermanentFailure(notOurs(found));
    const state = stateOf(found, 'wipe');
    const body = { keepEnrollmentData: keepEnrollment, keepUserData };
    return state ? { state } : remove(client, found, 'wipe', body);
  },

  async preview({ device, keepUserData = false }, { client }: Context) {
    const found = await findDevice(client, device);
    if (!found) return { summary: `${device} is gone already`, nothingToDo: true };
    const state = stateOf(found, 'wipe');
    if (state) return { summary: `${nameOf(found)} is being wiped: ${state}`, nothingToDo: true };
    return {
      summary: `would wipe ${nameOf(found)}${keepUserData ? ', keeping the files of its user' : ''}`,
      ...defined({ problems: isPersonal(found) ? [notOurs(found)] : undefined }),
    };
  },
});

function notOurs(device: ManagedDevice): string {
  return `${nameOf(device)} is a personal device, or Intune does not know whose it is, and must not be wiped. Retire it with intune.retireDevice instead.`;
}
